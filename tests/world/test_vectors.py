"""Vectors of every state, vectors of a user's file, and everything that can be wrong with such a file."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from softpower.errors import BadModel, BadRequest, UnknownCountry, UnknownGroup
from softpower.storage import bundled
from softpower.world import Vector, country, members, overlap, vector_members, vectors_of

DOCS = Path(__file__).parents[2] / "docs"
YEAR = 2024


def by_id(iso3: str) -> dict[str, Vector]:
    return {vector.id: vector for vector in vectors_of(iso3)}


def test_kazakhstans_vectors_are_the_named_six_and_five_more_at_hand() -> None:
    vectors = vectors_of("KAZ")
    assert [v.name for v in vectors if v.default] == [
        "Russia", "China", "West", "Islamic world", "Turkic world", "Central Asia",
    ]  # fmt: skip
    assert [v.default for v in vectors] == [True] * 6 + [False] * 5
    assert {v.id for v in vectors if not v.default} == {"turkiye", "neighbours", "east_asia", "europe", "hosts_of_born"}


def test_kazakhstans_vectors_hold_whom_they_name() -> None:
    at = {id: vector_members(vector, year=YEAR) for id, vector in by_id("KAZ").items()}
    assert at["russia"] == ("RUS",)
    assert at["china"] == ("CHN",)
    assert at["turkiye"] == ("TUR",)
    assert at["central_asia"] == ("KGZ", "TJK", "TKM", "UZB")
    assert at["turkic_world"] == ("AZE", "KGZ", "TKM", "TUR", "UZB")
    assert at["neighbours"] == ("CHN", "KGZ", "RUS", "TKM", "UZB")
    assert len(at["islamic_world"]) == 56
    assert "KAZ" not in at["islamic_world"]
    assert {"USA", "GBR", "DEU", "FRA"} < set(at["west"])
    assert "TUR" not in at["west"]
    assert {"CHN", "JPN", "KOR", "MNG"} < set(at["east_asia"])
    assert "RUS" not in at["europe"]
    assert {"DEU", "UKR", "CHE"} < set(at["europe"])


def test_vectors_overlap_on_purpose_and_say_by_whom() -> None:
    kaz = by_id("KAZ")
    assert "TUR" in overlap(kaz["islamic_world"], kaz["turkic_world"], year=YEAR)
    assert overlap(kaz["russia"], kaz["neighbours"], year=YEAR) == ("RUS",)
    assert overlap(kaz["russia"], kaz["china"], year=YEAR) == ()
    assert overlap(kaz["west"], kaz["west"], year=YEAR) == vector_members(kaz["west"], year=YEAR)


def test_a_vector_follows_its_blocs_through_the_years(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[vector.eu]\nname = "EU"\nblocs = ["EU"]\n', encoding="utf-8")
    (eu,) = vectors_of("KAZ", file=file)
    assert "GBR" in vector_members(eu, year=2019)
    assert "GBR" not in vector_members(eu, year=2020)
    assert vector_members(eu, year=1950) == ()


def test_hosts_of_the_kazakhstan_born_are_the_fewest_that_hold_95_percent_of_them() -> None:
    """UN DESA, International Migrant Stock 2020; birthplace, not ethnicity."""
    stock = bundled("ties").filter(measure="migrant_stock", origin="KAZ", year=2020).sort("value", descending=True)
    hosts = stock.with_columns(share=pl.col("value").cum_sum() / pl.col("value").sum())
    needed = hosts.filter(pl.col("share").shift(1, fill_value=0.0) < 0.95)
    vector = by_id("KAZ")["hosts_of_born"]
    assert sorted(needed["partner"]) == list(vector.countries)
    assert f"{needed['share'][-1]:.1%}" == "95.6%"
    assert "95.6 %" in vector.note
    assert "not ethnicity" in vector.note
    assert "not measured" in vector.note


@pytest.mark.parametrize("iso3", [each.iso3 for each in members()])
def test_every_state_has_vectors_and_none_of_them_holds_the_state_itself(iso3: str) -> None:
    vectors = vectors_of(iso3)
    assert len({vector.id for vector in vectors}) == len(vectors)
    assert sum(vector.default for vector in vectors) >= 4
    for vector in vectors:
        held = vector_members(vector, year=YEAR)
        assert held, vector.id
        assert iso3 not in held, vector.id
        assert iso3 in vector.without
        assert "{" not in vector.name
        assert not vector.name.endswith((" ", ":"))


def test_a_vector_that_would_hold_only_the_state_itself_is_left_out() -> None:
    assert "russia" not in by_id("RUS")
    assert "russia" in by_id("FRA")
    assert "china" not in by_id("CHN")
    assert "turkiye" not in by_id("TUR")
    assert "neighbours" not in by_id("JPN")


def test_a_vector_that_repeats_an_earlier_one_is_left_out() -> None:
    uzbekistan = by_id("UZB")
    assert uzbekistan["own_region"].name == "Own region: Central Asia"
    assert "central_asia" not in uzbekistan


def test_two_vectors_of_a_users_file_may_hold_the_same_and_differ_only_in_what_they_leave_out(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        """
        [vector.islamic]
        name = "Islamic world"
        blocs = ["OIC"]
        [vector.same]
        name = "The same"
        blocs = ["OIC"]
        [vector.but_turkiye]
        name = "Islamic world but Türkiye"
        blocs = ["OIC"]
        without = ["Turkey"]
        """,
        encoding="utf-8",
    )
    islamic, same, but_turkiye = vectors_of("KAZ", file=str(file))
    assert vector_members(islamic, year=YEAR) == vector_members(same, year=YEAR)
    assert set(vector_members(islamic, year=YEAR)) - set(vector_members(but_turkiye, year=YEAR)) == {"TUR"}


def test_a_users_vector_of_the_state_itself_alone_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        '[vector.home]\nname = "Home"\ncountries = ["KAZ"]\n[vector.all]\nname = "All"\ncountries = ["KAZ", "UZB"]\n',
        encoding="utf-8",
    )
    with pytest.raises(BadRequest, match=r"mine.toml: no members of vector home \('Home'\) for Kazakhstan"):
        vectors_of("KAZ", file=file)
    home, both = vectors_of("UZB", file=file)
    assert (home.countries, both.countries) == (("KAZ",), ("KAZ",))


def test_what_a_users_file_says_on_a_page_has_one_line_and_no_codes(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    said = r"a\u001b[31mred\u202e\u009b\n\n b"
    file.write_text(
        f'[vector.x]\nname = "{said}"\nsaid = "{said}"\nnote = "{said}"\ncountries = ["RUS"]', encoding="utf-8"
    )
    (vector,) = vectors_of("KAZ", file=file)
    assert (vector.name, vector.said, vector.note) == ("a[31mred b",) * 3
    file.write_text('[vector.x]\nname = "\\u001b"\ncountries = ["RUS"]', encoding="utf-8")
    with pytest.raises(BadModel, match=r"vector.x.name: .* at least 1 character"):
        vectors_of("KAZ", file=file)


def test_own_region_is_the_smallest_of_m49() -> None:
    assert by_id("SEN")["own_region"].name == "Own region: Western Africa"
    assert by_id("DEU")["own_region"].name == "Own region: Western Europe"
    assert set(by_id("SEN")["own_region"].countries) < set(by_id("SEN")["africa"].countries)


def test_neighbours_are_the_borders_of_the_table() -> None:
    for each in members():
        if each.borders:
            assert vector_members(by_id(each.iso3)["neighbours"], year=YEAR) == each.borders


def test_the_example_in_the_documentation_works_and_its_faults_read_as_shown(tmp_path: Path) -> None:
    text = (DOCS / "vectors.md").read_text(encoding="utf-8")
    example = re.search(r"```toml\n(.*?)```", text, re.DOTALL)
    assert example
    file = tmp_path / "my-vectors.toml"
    file.write_text(example[1], encoding="utf-8")
    gulf, others, south = vectors_of("KAZ", file=file)
    assert vector_members(gulf, year=YEAR) == ("ARE", "BHR", "IRN", "IRQ", "KWT", "OMN", "QAT", "SAU")
    assert vector_members(others, year=YEAR) == ("KGZ", "TKM", "UZB")
    assert "IND" in vector_members(south, year=YEAR)
    assert not south.default
    file.write_text(example[1].replace('"GCC"', '"GGC"').replace('"Iraq"', '"Iraqq"'), encoding="utf-8")
    with pytest.raises(BadModel) as caught:
        vectors_of("KAZ", file=file)
    assert str(caught.value).removeprefix(str(tmp_path) + "/") in text


FAULTY = """\
tilte = "typing error"

[vector.gulf]
name = "Gulf"
blocs = ["GGC", "OIC"]
regions = ["Central Asai"]

[vector.empty]
name = "Nobody"

[vector.friends]
countries = ["Uzbekstan", "Korea", "KAZ"]
without = ["Nowhereland"]
colour = "red"

[vector."Bad Id"]
name = ""
rules = ["neighbors"]
default = "yes"
"""


def test_all_faults_of_a_file_are_reported_at_once_with_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "faulty.toml"
    file.write_text(FAULTY, encoding="utf-8")
    with pytest.raises(BadModel) as caught:
        vectors_of("KAZ", file=file)
    found = {(fault.line, fault.where) for fault in caught.value.faults}
    assert found >= {
        (1, "tilte"),
        (5, "vector.gulf.blocs"),
        (6, "vector.gulf.regions"),
        (8, "vector.empty"),
        (11, "vector.friends.name"),
        (12, "vector.friends.countries"),
        (13, "vector.friends.without"),
        (14, "vector.friends.colour"),
        (17, "vector.Bad Id.name"),
        (18, "vector.Bad Id.rules.0"),
        (19, "vector.Bad Id.default"),
    }
    message = str(caught.value)
    assert "13 faults" in message
    assert "unknown bloc 'GGC'; nearest: GCC" in message
    assert "unknown region 'Central Asai'; nearest: Central Asia" in message
    assert "unknown country 'Uzbekstan'; nearest: Uzbekistan (UZB)" in message
    assert "'Korea' fits several countries: KOR, PRK" in message


@pytest.mark.parametrize(
    ("content", "line", "what"),
    [
        (b"[vector.a\nname = 1", 1, ""),
        (b'[vector.a]\nname = "A"\nname = "B"\ncountries = ["KAZ"]', 3, "overwrite"),
        (b"\xff\xfe\x00", 0, "UTF-8"),
        (b"", 0, "required"),
        (b"vector = 3", 1, "table of its own, [vector.name]"),
        (b"[vector]", 1, "at least 1"),
        (b"[[vector]]\nname = 'A'", 1, "table of its own, [vector.name]"),
        (b"vector = {a = 1}", 1, "table of its own, [vector.name]"),
        (b'[vector.a]\nname = "A"\ncountries = "KAZ"', 3, "list"),
        (b'[vector.a]\nname = "A"\ncountries = [1]', 3, "string"),
        (b'[vector.a]\nname = "A"\ncountries = ["' + b"x" * 10_000 + b'"]', 3, "200 characters"),
        (b"a = " + b"[" * 100_000, 0, ""),
    ],
)
def test_files_that_are_no_vectors_end_in_one_clear_error(tmp_path: Path, content: bytes, line: int, what: str) -> None:
    file = tmp_path / "broken.toml"
    file.write_bytes(content)
    with pytest.raises(BadModel) as caught:
        vectors_of("KAZ", file=file)
    assert any(fault.line == line and what in fault.what for fault in caught.value.faults), str(caught.value)
    assert len(str(caught.value)) < 2000


def test_a_file_that_cannot_be_read_is_an_error_that_says_why(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.toml", tmp_path, Path("a\0b")):
        with pytest.raises(BadModel, match="cannot be read"):
            vectors_of("KAZ", file=path)


def test_unknown_countries_and_blocs_are_errors() -> None:
    with pytest.raises(UnknownCountry):
        vectors_of("kaz")
    with pytest.raises(UnknownGroup):
        vector_members(Vector("x", "X", ("NOSUCH",), (), ()), year=YEAR)


def test_a_territory_has_vectors_too() -> None:
    assert "own_region" in by_id("XKX")
    assert "own_region" not in by_id("ATA")
    assert country("ATA").region == ""
