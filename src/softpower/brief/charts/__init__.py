"""The charts of a brief: each a pure function of plain numbers, drawn once for paper and once for a phone.

Nothing here knows an index, a country table or a page; a section passes numbers and words and gets two SVG texts.
"""
