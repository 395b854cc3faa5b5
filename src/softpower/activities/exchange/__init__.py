"""Entries of a register in files: CSV, Excel, IATI, JSON-LD and iCalendar.

Nothing here touches a register: files become entries, and entries become files.
"""

from softpower.activities.exchange.faults import BadEntries
from softpower.activities.exchange.files import read_file, template, write_file

__all__ = ["BadEntries", "read_file", "template", "write_file"]
