"""Every exception of the library, one tree.

    SoftPowerError
    |-- UnknownName (LookupError)        a name nobody here bears; carries the nearest ones
    |   |-- UnknownCountry
    |   |-- UnknownIndicator
    |   |-- UnknownNode
    |   |-- UnknownSource
    |   |-- UnknownGroup                 a bloc or a vector
    |-- AmbiguousName (LookupError)      several countries fit: the candidates are listed
    |-- BadModel (ValueError)            a model file; carries all its faults at once
    |-- BadTable (ValueError)            rows that cannot be read as what they claim to be
    |-- DamagedSnapshot (ValueError)     a file whose bytes are not those that were recorded
    |-- NotEnoughData (ValueError)       a question the data at hand cannot answer
    |-- CannotWrite (OSError)            a folder or disk that refused; nothing half-written remains
    |-- BadRequest (ValueError)          arguments that contradict each other or lie out of range

Each message says what is wrong, where, with which value, and what to do now. The command line prints it
without a traceback and exits with 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class SoftPowerError(Exception):
    """Root of all errors a user can cause or mend."""


class UnknownName(SoftPowerError, LookupError):
    """Nothing here bears this name.

    Parameters
    ----------
    name : what was asked for, as given
    nearest : names that exist and look like it, best first; may be empty
    where : file and line or option in which the name stands, if known
    hint : where the full list can be seen
    """

    kind = "name"
    hint = ""

    def __init__(self, name: str, *, nearest: Sequence[str] = (), where: str = "") -> None:
        self.name = name
        self.nearest = tuple(nearest)
        self.where = where
        place = f" in {where}" if where else ""
        near = f"; nearest: {', '.join(self.nearest)}" if self.nearest else ""
        hint = f".  {self.hint}" if self.hint else ""
        super().__init__(f"unknown {self.kind} {name!r}{place}{near}{hint}")


class UnknownCountry(UnknownName):
    """No country or territory has this code or name."""

    kind = "country"
    hint = "Give an ISO code (KAZ, KZ, 398) or a name."


class UnknownIndicator(UnknownName):
    """No series of the snapshot or indicator of the model has this id."""

    kind = "indicator"
    hint = "List all: softpower sources list --indicators"


class UnknownNode(UnknownName):
    """The index has no node of this name."""

    kind = "node"


class UnknownSource(UnknownName):
    """The registry has no source of this id."""

    kind = "source"
    hint = "List all: softpower sources list"


class UnknownGroup(UnknownName):
    """No bloc or vector has this id."""

    kind = "bloc or vector"


class AmbiguousName(SoftPowerError, LookupError):
    """Several countries fit equally well.

    Parameters
    ----------
    name : what was asked for
    candidates : ISO3 codes that fit
    """

    def __init__(self, name: str, candidates: Sequence[str]) -> None:
        self.name = name
        self.candidates = tuple(candidates)
        super().__init__(f"{name!r} fits several countries: {', '.join(self.candidates)}. Give one of these codes.")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a file people write.

    ``line`` counts from 1; 0 where no line can be named.
    """

    line: int
    where: str
    what: str

    def __str__(self) -> str:
        place = f"line {self.line}, {self.where}" if self.line else self.where
        return f"{place}: {self.what}"


class BadModel(SoftPowerError, ValueError):
    """A model file with faults, all of them listed at once."""

    def __init__(self, file: str, faults: Sequence[Fault]) -> None:
        self.file = file
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line, fault.where, fault.what)))
        count = f"{len(self.faults)} fault{'s' if len(self.faults) != 1 else ''}"
        lines = "\n".join(f"  {fault}" for fault in self.faults)
        super().__init__(f"{file}: {count}\n{lines}")


class BadTable(SoftPowerError, ValueError):
    """Rows that cannot be read as what they claim to be; the first few are shown."""


class DamagedSnapshot(SoftPowerError, ValueError):
    """A file whose bytes are not those recorded in the registry.

    Parameters
    ----------
    file : name of the file in the data folder
    expected : recorded sha256; empty where the file could not even be read
    found : sha256 of the bytes at hand, or the reason why there are none
    remedy : what to do now
    """

    def __init__(self, file: str, *, expected: str, found: str, remedy: str) -> None:
        self.file = file
        self.expected = expected
        self.found = found
        what = f"sha256 should be {expected[:12]}..., is {found[:12]}..." if expected else found
        super().__init__(f"{file} is damaged: {what}.  {remedy}")


class NotEnoughData(SoftPowerError, ValueError):
    """A question the data at hand cannot answer."""


class CannotWrite(SoftPowerError, OSError):
    """A folder or disk that refused; the old content, if any, is still there."""


class BadRequest(SoftPowerError, ValueError):
    """Arguments that contradict each other or lie out of range."""
