"""Plots of vectors: results in, an Altair chart out, with title, units and source.

Importing one of the modules here loads Altair, so whoever only wants numbers imports none of them.
"""
