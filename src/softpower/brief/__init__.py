"""The country brief: one object of sections and records, written as HTML, PDF and JSON."""

from softpower.brief.compose import FORMATS, compose, write_brief
from softpower.brief.section import Brief, Record, Section

__all__ = ["FORMATS", "Brief", "Record", "Section", "compose", "write_brief"]
