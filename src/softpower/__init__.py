"""Measure soft power."""
