"""Rebuild ``src/softpower/data/fonts`` from the two font packages on npm.

    uv run python tools/fonts.py                 # fetches the pinned packages with `npm pack`
    uv run python tools/fonts.py --packages DIR  # uses *.tgz already in DIR

The packages hold variable fonts, one file per script. Of each face this cuts the static instances that the pages
use, keeps the scripts named in ``WANTED``, joins the scripts into one TrueType file (for Typst and the chart
renderer) and writes two WOFF2 halves (for HTML: most pages need the first only). Same packages, same bytes.

Both faces are under the SIL Open Font License 1.1 without a reserved name; the licences are copied beside them.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fontTools.merge import Merger
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables.O_S_2f_2 import Panose
from fontTools.varLib.instancer import instantiateVariableFont

from softpower.evidence.build.digests import record

TARGET = Path(__file__).parents[1] / "src" / "softpower" / "data" / "fonts"
VERSION = "5.3.0"
EPOCH = 3_786_912_000  # 2024-01-01 in seconds since 1904, the clock of TrueType


def _span(*bounds: int | tuple[int, int]) -> set[int]:
    return {code for b in bounds for code in (range(b[0], b[1] + 1) if isinstance(b, tuple) else (b,))}


# The first half of each face: English and Western European text with the page's punctuation.
BASIC = (
    _span((0x20, 0x7E), (0xA0, 0xFF), 0x131, 0x152, 0x153, 0x2009, (0x2010, 0x2015), (0x2018, 0x201A), (0x201C, 0x201E))
    | _span(0x2020, 0x2022, 0x2026, 0x202F, 0x2032, 0x2033, 0x2039, 0x203A, 0x2044, 0x20AC, 0x2212)
    | _span(0x2248, 0x2260, 0x2264, 0x2265)
)
# The second: the rest of Latin as states spell their names (Turkish, Romanian, Azerbaijani, Uzbek, Polish, ...) and
# Cyrillic with the letters of Kazakh, Kyrgyz, Tajik, Mongolian, Ukrainian, Serbian.
FURTHER = (
    _span((0x100, 0x17E), 0x18F, 0x259, (0x218, 0x21B), 0x2BB, 0x2BC, 0x2BE, 0x2BF, 0x1E9E)
    | _span((0x400, 0x45F), (0x490, 0x493), (0x496, 0x497), (0x49A, 0x49B), (0x4A2, 0x4A3), (0x4AE, 0x4B3))
    | _span((0x4B6, 0x4B7), (0x4BA, 0x4BB), (0x4D8, 0x4D9), (0x4E2, 0x4E3), (0x4E8, 0x4E9), (0x4EE, 0x4EF))
    | _span(0x20B8, 0x20BA, 0x20BD, 0x2116, 0x2122)
) - BASIC
WANTED = BASIC | FURTHER
PARTS = ("latin", "latin-ext", "cyrillic", "cyrillic-ext")
FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "liga"]

# Characters that the packages lack and that can be had from the ones they hold.
SAME = {0x2010: 0x2D, 0x2011: 0x2D, 0x2012: 0x2013, 0x2015: 0x2014, 0x202F: 0x2009}
DRAWN = {0x2248: "almost equal", 0x2260: "not equal", 0x2264: "at most", 0x2265: "at least"}


@dataclass(frozen=True, slots=True)
class Instance:
    """One static font: where it comes from, where on the axes it lies, and what it is called."""

    file: str
    package: str
    stem: str
    axes: tuple[tuple[str, float], ...]
    family: str
    weight: int
    italic: bool = False


# Optical size 18 lies between the finding's 24 px on screen and its 12.5 pt on paper.
INSTANCES = (
    Instance("literata-400", "literata", "opsz-normal", (("opsz", 18), ("wght", 400)), "Literata", 400),
    Instance("literata-620", "literata", "opsz-normal", (("opsz", 18), ("wght", 620)), "Literata", 620),
    Instance("noto-sans-400", "noto-sans", "wdth-normal", (("wdth", 100), ("wght", 400)), "Noto Sans", 400),
    Instance("noto-sans-650", "noto-sans", "wdth-normal", (("wdth", 100), ("wght", 650)), "Noto Sans", 650),
    Instance("noto-sans-italic-400", "noto-sans", "wght-italic", (("wght", 400),), "Noto Sans", 400, italic=True),
    Instance(
        "noto-sans-narrow-400", "noto-sans", "wdth-normal", (("wdth", 90), ("wght", 400)), "Noto Sans Narrow90", 400
    ),
    Instance(
        "noto-sans-narrow-650", "noto-sans", "wdth-normal", (("wdth", 90), ("wght", 650)), "Noto Sans Narrow90", 650
    ),
)

CHART_FACES = tuple(i for i in INSTANCES if i.italic or i.family == "Noto Sans Narrow90")


def _subset(font: TTFont, codes: Iterable[int]) -> None:
    options = Options()
    options.layout_features = FEATURES
    options.hinting = False
    options.name_IDs = []
    options.notdef_outline = True
    options.drop_tables += ["STAT", "gasp", "prep", "MVAR", "meta", "vhea", "vmtx"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=sorted(codes))
    subsetter.subset(font)


def _compose(font: TTFont, name: str, *parts: tuple[str, float, float]) -> None:
    """Add glyph ``name`` made of existing glyphs moved by (dx, dy), as wide as the first."""
    glyphs = font.getGlyphSet()
    pen = TTGlyphPen(None)
    for part, dx, dy in parts:
        outline = DecomposingRecordingPen(glyphs)
        glyphs[part].draw(outline)
        outline.replay(TransformPen(pen, (1, 0, 0, 1, dx, dy)))
    font["glyf"][name] = pen.glyph()
    advance = font["hmtx"][parts[0][0]][0]
    font["glyf"][name].recalcBounds(font["glyf"])
    font["hmtx"][name] = (advance, font["glyf"][name].xMin)


def _complete(font: TTFont) -> None:
    """Give the font the few signs of ``SAME`` and ``DRAWN``; the originals serve as their parts."""
    cmap = font.getBestCmap()
    tilde, equal, minus, slash = (cmap[ord(c)] for c in "~=\u2212/")
    less, greater = cmap[ord("<")], cmap[ord(">")]
    middle = (font["hmtx"][equal][0] - font["hmtx"][slash][0]) / 2
    _compose(font, "uni2248", (tilde, 0, 105), (tilde, 0, -105))
    _compose(font, "uni2260", (equal, 0, 0), (slash, middle, 0))
    _compose(font, "uni2264", (less, 0, 70), (minus, 0, -300))
    _compose(font, "uni2265", (greater, 0, 70), (minus, 0, -300))
    new = {code: f"uni{code:04X}" for code in DRAWN} | {code: cmap[same] for code, same in SAME.items() if same in cmap}
    font.setGlyphOrder(list(dict.fromkeys([*font.getGlyphOrder(), *(f"uni{code:04X}" for code in DRAWN)])))
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap |= {code: name for code, name in new.items() if code not in table.cmap}
    font["maxp"].numGlyphs = len(font.getGlyphOrder())


def _rename(font: TTFont, instance: Instance) -> None:
    style = f"{instance.weight}{' Italic' if instance.italic else ''}"
    name = newTable("name")
    name.names = []
    postscript = f"{instance.family}-{style}".replace(" ", "")
    full = f"{instance.family} {style}"
    for name_id, text in {
        1: instance.family,
        2: style,
        3: f"softpower {postscript}",
        4: full,
        6: postscript,
        13: "SIL Open Font License, Version 1.1",
        14: "https://openfontlicense.org",
    }.items():
        name.setName(text, name_id, 3, 1, 0x409)
    font["name"] = name
    os2 = font["OS/2"]
    os2.usWeightClass = instance.weight
    os2.usWidthClass = 5  # the narrow cut is a family of its own, so that no engine has to choose by width
    os2.panose = Panose()
    for field in (
        "bFamilyType",
        "bSerifStyle",
        "bWeight",
        "bProportion",
        "bContrast",
        "bStrokeVariation",
        "bArmStyle",
        "bLetterForm",
        "bMidline",
        "bXHeight",
    ):
        setattr(os2.panose, field, 0)
    os2.fsSelection = 0x81 if instance.italic else (0xA0 if instance.weight >= 600 else 0xC0)
    font["head"].macStyle = (2 if instance.italic else 0) | (1 if instance.weight >= 600 else 0)
    font["head"].created = font["head"].modified = EPOCH
    font["post"].formatType = 3.0


def _bytes(font: TTFont, *, flavor: str | None = None) -> bytes:
    font.flavor = flavor
    buffer = io.BytesIO()
    font.save(buffer, reorderTables=True)
    return buffer.getvalue()


def _static(instance: Instance, folder: Path) -> TTFont:
    """The instance with all its scripts in one font."""
    pieces: list[str] = []
    left = set(WANTED) | set(SAME.values())
    with tempfile.TemporaryDirectory() as scratch:
        for part in PARTS:
            path = folder / f"{instance.package}-{part}-{instance.stem}.woff2"
            font = TTFont(path, recalcTimestamp=False)
            mine = left & set(font.getBestCmap())
            left -= mine
            _subset(font, mine)  # before the cut: a fifth of the glyphs, a fifth of the time
            font = instantiateVariableFont(font, dict(instance.axes), inplace=True)
            piece = Path(scratch) / f"{part}.ttf"
            font.flavor = None
            font.save(piece)
            pieces.append(str(piece))
        whole = Merger().merge(pieces)
    whole.recalcTimestamp = False
    _complete(whole)
    _rename(whole, instance)
    return whole


def _half(content: bytes, codes: set[int]) -> bytes:
    font = TTFont(io.BytesIO(content), recalcTimestamp=False)
    names = font["name"]
    _subset(font, codes)
    font["name"] = names
    return _bytes(font, flavor="woff2")


def _ranges(codes: Iterable[int]) -> str:
    """``U+20-7E,U+A0`` for CSS."""
    spans: list[list[int]] = []
    for code in sorted(codes):
        if spans and spans[-1][1] == code - 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    return ",".join(f"U+{a:X}" if a == b else f"U+{a:X}-{b:X}" for a, b in spans)


def build(folder: Path, licences: dict[str, str]) -> dict[str, bytes]:
    """Every file of the fonts folder by name.

    ``fonts.json`` says of each face its family, weight and style and which characters each half holds; of the
    faces used in charts also the advance of each character in thousandths of the type size, so that labels can be
    placed without a font engine.
    """
    files: dict[str, bytes] = {}
    faces = []
    for instance in INSTANCES:
        font = _static(instance, folder)
        cmap = font.getBestCmap()
        whole = _bytes(font)
        files[f"{instance.file}.ttf"] = whole
        held = set(cmap)
        for half, codes in (("a", BASIC & held), ("b", FURTHER & held)):
            files[f"{instance.file}-{half}.woff2"] = _half(whole, codes)
        scale = 1000 / font["head"].unitsPerEm
        faces.append(
            {
                "file": instance.file,
                "family": instance.family,
                "weight": instance.weight,
                "style": "italic" if instance.italic else "normal",
                "a": _ranges(BASIC & held),
                "b": _ranges(FURTHER & held),
                "advances": {f"{code:X}": round(font["hmtx"][name][0] * scale) for code, name in sorted(cmap.items())}
                if instance in CHART_FACES
                else {},
            }
        )
    files["fonts.json"] = (json.dumps({"faces": faces}, separators=(",", ":")) + "\n").encode()
    for package, text in licences.items():
        files[f"OFL-{package}.txt"] = text.encode()
    return files


def _fetch(folder: Path) -> None:
    for package in ("literata", "noto-sans"):
        subprocess.run(["npm", "pack", f"@fontsource-variable/{package}@{VERSION}"], cwd=folder, check=True)


def _unpack(packages: Path, folder: Path) -> dict[str, str]:
    """Extract the font files into ``folder``; give back the licence of each package."""
    licences: dict[str, str] = {}
    for package in ("literata", "noto-sans"):
        with tarfile.open(packages / f"fontsource-variable-{package}-{VERSION}.tgz") as archive:
            for member in archive.getmembers():
                content = archive.extractfile(member)
                if content is None:
                    continue
                if member.name.endswith(".woff2"):
                    (folder / Path(member.name).name).write_bytes(content.read())
                elif member.name == "package/LICENSE":
                    licences[package] = content.read().decode()
    return licences


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the fonts folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--packages", type=Path, help="folder with the two .tgz files; fetched if not given")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        packages = options.packages
        if packages is None:
            packages = Path(scratch) / "packages"
            packages.mkdir()
            _fetch(packages)
        loose = Path(scratch) / "files"
        loose.mkdir()
        files = build(loose, _unpack(packages, loose))
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (TARGET / name).write_bytes(content)
    record(TARGET.parent)
    print(f"{len(files)} files, {sum(map(len, files.values())) / 1000:.0f} kB in {TARGET}")


if __name__ == "__main__":
    main()
