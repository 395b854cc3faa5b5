"""Refuse parts whose licence would bind the users of softpower: GPL, LGPL, AGPL, and whatever nobody has judged yet.

    python -m tools.licences                  # every distribution of this environment and of the lock
    python -m tools.licences --path FOLDER    # every distribution installed in FOLDER

Of each distribution the licence it declares is read: ``License-Expression``, else the classifiers, else the field
``License``. The texts it ships are read too: the full text of a GPL in a wheel means that some part of it is under that
licence. Where such a text does not bind, `JUDGED` says why.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]

# SPDX identifiers, and the words older metadata use, that ask no more than a notice or that stay with the file (MPL).
ACCEPTED = {
    "0BSD",
    "Apache 2.0",
    "Apache Software License",
    "Apache-2.0",
    "BSD 2-Clause License",
    "BSD License",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "ISC License (ISCL)",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MIT License",
    "MPL-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)",
    "PSF-2.0",
    "Python Software Foundation License",
    "Zlib",
}

# Ship a text of the GPL that does not bind users; their declared licence is checked all the same.
JUDGED = {
    "matplotlib": "its wheel carries FreeType, which may be had under its own licence, the FTL, in place of the GPL",
    "numpy": "its wheel carries run-time libraries of GCC: GPL-3.0 with the exception that programs linked to them may "
    "be under any licence, and libquadmath under LGPL-2.1, a separate file that may be replaced",
    "scipy": "its wheel carries the same run-time libraries of GCC as numpy's",
}

# In the lock for other systems or interpreters, so that there is no metadata here to read.
ELSEWHERE = {
    "brotlicffi": "MIT; PyPy only",
    "cffi": "MIT-0; PyPy only",
    "colorama": "BSD-3-Clause; Windows only",
    "pycparser": "BSD-3-Clause; PyPy only",
    "uv": "MIT OR Apache-2.0; outside the environment, see dev.py",
}

COPYLEFT = re.compile(r"\b[AL]?GPL|GNU (?:\w+ )?General Public", re.IGNORECASE)
FULL_TEXT = re.compile(r"GNU (?:AFFERO |LESSER |LIBRARY )?GENERAL PUBLIC LICENSE\s+Version \d")
LONGEST_NAME = 100  # characters; a longer field holds the text of a licence, not its name


def refusals(found: Iterable[Distribution]) -> list[str]:
    """One line for each distribution that may not be part of softpower, with the reason; sorted by name."""
    return sorted(f"{normal(each.name)}: {reason}" for each in found if (reason := refusal(each)))


def refusal(distribution: Distribution) -> str:
    """Why this distribution may not be part of softpower; empty if it may."""
    declared = declared_licences(distribution)
    if not declared:
        return "it declares no licence that can be read"
    for licence in declared:
        if not accepts(licence):
            return f"its licence is {licence!r}"
    if normal(distribution.name) in JUDGED:
        return ""
    if COPYLEFT.search(field(distribution, "License")):
        return "its field License speaks of a GPL"
    for file in licence_files(distribution):
        if FULL_TEXT.search(file.read_text(encoding="utf-8", errors="replace")):
            return f"its file {file.name} holds the text of a GPL"
    return ""


def declared_licences(distribution: Distribution) -> list[str]:
    """The licence expression, else the classifiers, else the field ``License`` if it is a name and not a text."""
    if expression := field(distribution, "License-Expression"):
        return [expression]
    classifiers = [
        classifier.rsplit(" :: ", 1)[1]
        for classifier in distribution.metadata.get_all("Classifier") or ()
        if classifier.startswith("License :: ") and classifier != "License :: OSI Approved"
    ]
    if classifiers:
        return classifiers
    name = field(distribution, "License")
    return [name] if 0 < len(name) <= LONGEST_NAME else []


def field(distribution: Distribution, name: str) -> str:
    """A field of the metadata; empty where there is none."""
    return str((distribution.metadata.get_all(name) or [""])[0]).strip()


def licence_files(distribution: Distribution) -> list[Path]:
    """The files beside the metadata that hold licences."""
    return [
        file
        for entry in distribution.files or ()
        if ".dist-info" in str(entry) and re.search("licen[cs]e|copying|notice", str(entry), re.IGNORECASE)
        if (file := Path(str(entry.locate()))).is_file()
    ]


def accepts(expression: str) -> bool:
    """Whether a user can choose to take the part under an accepted licence.

    >>> accepts("MIT AND (Apache-2.0 OR GPL-3.0-only)")
    True
    >>> accepts("MIT AND LGPL-2.1-or-later")
    False
    """
    if expression in ACCEPTED:
        return True
    # Innermost parentheses first; OR binds less than AND. "X WITH exception" is nobody's to accept unseen.
    while inner := re.search(r"\(([^()]*)\)", expression):
        verdict = "MIT" if accepts(inner.group(1)) else "refused"
        expression = expression[: inner.start()] + verdict + expression[inner.end() :]
    return any(all(part.strip() in ACCEPTED for part in choice.split(" AND ")) for choice in expression.split(" OR "))


def unread(found: Iterable[Distribution], parts: set[str]) -> list[str]:
    """One line for each of the ``parts`` whose metadata is not at hand and that nobody has judged."""
    known = {normal(distribution.name) for distribution in found} | set(ELSEWHERE)
    return [f"{name}: in the lock, but not installed here" for name in sorted(parts - known)]


def locked_parts() -> tuple[set[str], set[str]]:
    """The packages of the lock: what softpower and its developers need, and what only the peers of benchmarks need.

    Peers are measured, not built on: nothing of softpower imports them, and no user or developer is given them. Their
    licences stand beside the group in pyproject.toml.
    """
    packages = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
    needs: dict[str, set[str]] = {}
    for package in packages:
        optional = package.get("optional-dependencies", {}).values()
        lists = [package.get("dependencies", []), *optional]
        needs.setdefault(package["name"], set()).update(each["name"] for one in lists for each in one)
    groups = next(package["dev-dependencies"] for package in packages if package["name"] == "softpower")
    parts = reach(needs, {"softpower", *(each["name"] for name in groups if name != "peers" for each in groups[name])})
    return parts, set(needs) - parts


def reach(needs: Mapping[str, set[str]], start: set[str]) -> set[str]:
    """``start`` and all that it needs, directly or not.

    >>> sorted(reach({"a": {"b"}, "b": {"a", "c"}, "c": set(), "d": {"a"}}, {"a"}))
    ['a', 'b', 'c']
    """
    found: set[str] = set()
    ahead = set(start)
    while ahead:
        name = ahead.pop()
        found.add(name)
        ahead |= needs.get(name, set()) - found
    return found


def normal(name: str) -> str:
    """The one spelling under which a distribution is known."""
    return re.sub(r"[-_.]+", "-", name).lower()


def main(arguments: list[str] | None = None) -> int:
    """Print what is refused; the exit code is 1 if anything is."""
    parser = argparse.ArgumentParser(prog="python -m tools.licences", description="Refuse copyleft parts.")
    parser.add_argument("--path", help="look at the distributions in this folder only")
    chosen = parser.parse_args(arguments).path
    if chosen:
        found = list(distributions(path=[chosen]))
        bad = refusals(found)
    else:
        parts, peers = locked_parts()
        found = [each for each in distributions() if normal(each.name) not in peers]
        bad = refusals(found) + unread(found, parts)
    for line in bad:
        print(line)
    print(f"licences: {len(found)} distributions, {len(bad)} refused", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
