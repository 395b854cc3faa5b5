"""Vectors: with whom a country's ties are, and how far they exceed what size, distance and language predict."""
