"""Plots of an index: results in, an Altair chart out, with title, units and source.

Importing one of the modules here loads Altair, so whoever only builds an index imports none of them.
"""
