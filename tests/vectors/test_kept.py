"""What is kept in the cache: made once for the same parts, and given back as it was."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from softpower import storage
from softpower.evidence import kept as module
from softpower.vectors.kept import kept


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own."""
    monkeypatch.setenv("SOFTPOWER_CACHE", str(tmp_path))
    return tmp_path


class Maker:
    """Counts how often it is asked."""

    def __init__(self, result: object) -> None:
        self.result = result
        self.asked = 0

    def __call__(self) -> object:
        self.asked += 1
        return self.result


def test_the_same_parts_are_made_once() -> None:
    make = Maker({"one": [1, 2.5, "three", None]})
    assert kept(("a", 1, None), make) == kept(("a", 1, None), make) == {"one": [1, 2.5, "three", None]}
    assert make.asked == 1


@pytest.mark.parametrize("other", [("a", 2), ("b", 1), ("a", "1"), ("a",), ("a", 1, None), (("a", 1),)])
def test_other_parts_are_made_anew(other: tuple[object, ...]) -> None:
    make = Maker(1)
    kept(("a", 1), make)
    kept(other, make)
    assert make.asked == 2


def test_what_is_unknown_or_infinite_stays_so() -> None:
    for _ in range(2):
        found = kept(("a",), lambda: {"unknown": math.nan, "more": [math.inf, -math.inf], "exact": 0.1 + 0.2})
        assert math.isnan(found["unknown"])
        assert found["more"] == [math.inf, -math.inf]
        assert found["exact"] == 0.1 + 0.2


def test_nothing_is_a_result_too() -> None:
    make = Maker(None)
    assert kept(("a",), make) is kept(("a",), make) is None
    assert make.asked == 1


@pytest.mark.parametrize("damage", [b"", b"{}", b"\x00" * 200])
def test_a_damaged_entry_is_made_again(folder: Path, damage: bytes) -> None:
    make = Maker({"a": 1})
    kept(("a",), make)
    (entry,) = folder.rglob("*.bin")
    entry.write_bytes(damage)
    assert kept(("a",), make) == {"a": 1}
    assert make.asked == 2
    assert kept(("a",), make) == {"a": 1}
    assert make.asked == 2


def test_other_data_or_code_make_it_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    make = Maker(1)
    kept(("a",), make)
    for name in ("data_version", "code_version"):
        monkeypatch.setattr(storage, name, lambda *_: "changed")
        module._made_of.cache_clear()
        kept(("a",), make)
    assert make.asked == 3
    monkeypatch.undo()
    module._made_of.cache_clear()


def test_a_cache_that_cannot_be_written_stops_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = folder / "file"
    file.write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("SOFTPOWER_CACHE", str(file))
    make = Maker([1])
    assert kept(("a",), make) == kept(("a",), make) == [1]
    assert make.asked == 2


def test_a_failure_is_not_kept() -> None:
    def fail() -> None:
        raise LookupError("none")

    with pytest.raises(LookupError):
        kept(("a",), fail)
    assert kept(("a",), lambda: 1) == 1
