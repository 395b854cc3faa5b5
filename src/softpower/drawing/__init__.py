"""What every picture is made of: colours, letters, marks, plots with fixed scales, and the renderer.

Nothing here knows an index, a country or a page: plain numbers and words go in, SVG text comes out.
"""
