"""What a register refuses.

BadRequest
|-- DuplicateId          the id is taken, perhaps by an entry that was retired
|-- BadEntry             what an edit would leave is no entry; carries all faults
|-- Conflict             somebody else changed the entry in between
|-- RetiredEntry         it was retired and stays as it is
|-- NotARegister         the file or database holds something else
|-- NewerRegister        a later softpower made it
|-- NoServer             the server cannot be reached, or does not let one in
|-- NoDriver             the package that talks to servers is not installed
CannotWrite
|-- Busy                 another process writes, and did not finish in time
UnknownName
|-- UnknownActivity
DamagedRegister          the file is torn
"""

from __future__ import annotations

from collections.abc import Sequence

from softpower.errors import BadRequest, CannotWrite, Fault, SoftPowerError, UnknownName


class DuplicateId(BadRequest):
    """The id is taken; ids of retired entries stay taken.

    Parameters
    ----------
    ids : those that are taken, or given twice
    what : the message
    """

    def __init__(self, ids: Sequence[str], what: str) -> None:
        self.ids = tuple(ids)
        super().__init__(what)


class BadEntry(BadRequest):
    """A record that is no entry, with all that is wrong."""

    def __init__(self, what: str, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join([what, *(f"  {fault}" for fault in faults)]))


class Conflict(BadRequest):
    """The stored version is not the one that was to be changed.

    Parameters
    ----------
    id : of the entry
    expected, stored : versions
    what : the message
    """

    def __init__(self, id: str, *, expected: int, stored: int, what: str) -> None:
        self.id = id
        self.expected = expected
        self.stored = stored
        super().__init__(what)


class RetiredEntry(BadRequest):
    """The entry was retired or merged, and stays as it is."""


class NotARegister(BadRequest):
    """A file or database that holds something else."""


class NewerRegister(BadRequest):
    """A register of a version that this softpower does not know."""


class NoServer(BadRequest, OSError):
    """The server cannot be reached, has no such database, or does not let one in."""


class NoDriver(BadRequest, ImportError):
    """The package that talks to the server is not installed."""


class Busy(CannotWrite):
    """Another process writes, and did not finish in time; nothing was changed."""


class DamagedRegister(SoftPowerError, ValueError):
    """A file that is torn, or a disk that cannot be read."""


class UnknownActivity(UnknownName):
    """No entry has this id."""

    kind = "activity"
    hint = "List all: softpower activities list"
