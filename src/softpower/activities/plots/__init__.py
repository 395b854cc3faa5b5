"""Plots of activities: results in, an Altair chart out, with title, units and source.

Importing one of the modules here loads Altair, save those that pages draw from too: `lanes`, `pane`, `numbers`.
"""
