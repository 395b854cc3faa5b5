"""The register: entries of one's own, stored in a file or on a server, with the history of every change."""

from softpower.activities.register.address import default_address
from softpower.activities.register.errors import (
    BadEntry,
    Busy,
    Conflict,
    DamagedRegister,
    DuplicateId,
    NewerRegister,
    NoDriver,
    NoServer,
    NotARegister,
    RetiredEntry,
    UnknownActivity,
)
from softpower.activities.register.records import Change, Stored
from softpower.activities.register.selection import Selection, selection
from softpower.activities.register.store import Register, open_register

__all__ = [
    "BadEntry",
    "Busy",
    "Change",
    "Conflict",
    "DamagedRegister",
    "DuplicateId",
    "NewerRegister",
    "NoDriver",
    "NoServer",
    "NotARegister",
    "Register",
    "RetiredEntry",
    "Selection",
    "Stored",
    "UnknownActivity",
    "default_address",
    "open_register",
    "selection",
]
