"""IATI 2.03: what we write is valid by the standard's own schema, what others write is read, what is wrong is named."""

from __future__ import annotations

import io
import time
import tracemalloc
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree  # type: ignore[import-untyped]

from softpower.activities.activity import Activity
from softpower.activities.exchange import BadEntries, read_file
from softpower.activities.exchange.iati import iati_bytes
from softpower.activities.exchange.iatifile import read_iati
from softpower.activities.exchange.iatishape import CHILDREN, REQUIRED
from softpower.activities.exchange.xmltree import MOST_NODES
from softpower.errors import BadRequest
from tests.activities.exchange.made import activity, registers

SCHEMA = Path(__file__).parents[2] / "reference" / "iati" / "iati-activities-schema.xsd"
XSD = "{http://www.w3.org/2001/XMLSchema}"

OTHERS = """<?xml version="1.0" encoding="UTF-8"?>
<iati-activities version="2.03">
  <iati-activity default-currency="GBP" xml:lang="en">
    <iati-identifier>GB-GOV-3-PF-1</iati-identifier>
    <reporting-org ref="GB-GOV-3" type="10"><narrative>Foreign Office</narrative></reporting-org>
    <title><narrative>Chevening</narrative><narrative xml:lang="FR">Bourses</narrative></title>
    <description type="2"><narrative>Aims</narrative></description>
    <description type="1"><narrative>Scholarships</narrative></description>
    <participating-org ref="GB-GOV-3" role="1" type="10"/>
    <participating-org role="4" type="80"><narrative>University of Oxford</narrative></participating-org>
    <activity-status code="4"/>
    <activity-date type="1" iso-date="2015-01-01"/>
    <activity-date type="2" iso-date="2015-04-01"/>
    <activity-date type="3" iso-date="2015-03-01"/>
    <recipient-country code="KZ" percentage="60"/>
    <recipient-country code="UZ" percentage="20"/>
    <recipient-region code="298" vocabulary="1" percentage="20"><narrative>Africa</narrative></recipient-region>
    <location><name><narrative>Astana</narrative></name></location>
    <sector code="11420"/>
    <default-aid-type code="E01"/>
    <budget><period-start iso-date="2015-04-01"/><period-end iso-date="2016-03-31"/>
      <value value-date="2015-04-01">1500000.50</value></budget>
    <transaction><transaction-type code="2"/><transaction-date iso-date="2015-05-01"/>
      <value value-date="2015-05-01">7</value></transaction>
    <transaction><transaction-type code="3"/><transaction-date iso-date="2016-05-01"/>
      <value currency="USD" value-date="2016-05-01">-0</value></transaction>
    <document-link url="https://example.org/a.pdf" format="application/pdf">
      <title><narrative>Review</narrative></title><category code="A07"/><document-date iso-date="2016-06-01"/>
    </document-link>
    <related-activity ref="GB-GOV-3-PF" type="1"/>
    <result type="1"><title><narrative>Awards</narrative></title>
      <indicator measure="1"><title><narrative>Scholars</narrative></title>
        <period><period-start iso-date="2015-01-01"/><period-end iso-date="2015-12-31"/>
          <target value="30"/><actual value="28"/></period>
        <period><period-start iso-date="2016-01-01"/><period-end iso-date="2016-12-31"/>
          <target value="40"/><actual value="11"><dimension name="sex" value="female"/></actual></period>
      </indicator>
      <indicator measure="5"><title><narrative>Quality</narrative></title>
        <period><period-start iso-date="2015-01-01"/><period-end iso-date="2015-12-31"/><target value="good"/></period>
      </indicator>
    </result>
  </iati-activity>
</iati-activities>
"""


@cache
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(SCHEMA)))


def problems(content: bytes) -> list[str]:
    """What the standard's schema finds wrong."""
    schema().validate(etree.fromstring(content))
    return [str(each.message) for each in schema().error_log]


def read(text: str) -> list[Activity]:
    return read_iati("a.xml", io.BytesIO(text.encode()))


def refused(text: str | bytes) -> BadEntries:
    with pytest.raises(BadEntries) as caught:
        read_iati("a.xml", io.BytesIO(text.encode() if isinstance(text, str) else text))
    return caught.value


def changed(old: str, new: str) -> str:
    assert OTHERS.count(old) == 1, old
    return OTHERS.replace(old, new)


@given(registers())
@settings(max_examples=40, deadline=None)
def test_whatever_is_written_is_valid_by_the_schema_of_the_standard(made):
    assert not problems(iati_bytes(made))


def test_the_bundled_example_is_valid_and_the_schema_refuses_what_is_not():
    assert not problems(OTHERS.encode())
    assert problems(changed('<activity-status code="4"/>', "").encode())


def test_money_figures_dates_and_shares_stand_where_the_standard_wants_them():
    made = activity(
        host=["TUR", "KAZ", "UZB"], end="2024-03-23", status="held", nature="outcome",
        budget=[
            {"amount": 1e22, "currency": "KZT", "year": 2023},
            {"amount": 0.1, "currency": "USD", "spent": True},
        ],
        figures=[{"indicator": "visitors", "unit": "%", "planned": 10, "realised": 12.5}],
    )  # fmt: skip
    root = etree.fromstring(iati_bytes([made]))[0]

    def values(path: str) -> list[str]:
        return [str(each) for each in root.xpath(path)]

    assert values("activity-date/@type") == ["2", "4"]
    assert values("recipient-country/@code") == ["TR", "KZ", "UZ"]
    assert sum(Decimal(each) for each in values("recipient-country/@percentage")) == 100
    assert values("sector[@vocabulary='99']/@code") == ["cultural_days"]
    assert values("sector[@vocabulary='98']/@code") == ["cultural_diplomacy"]
    assert values("budget/value/text()") == ["10000000000000000000000"]
    assert values("budget/period-start/@iso-date") == ["2023-01-01"]
    assert values("transaction[transaction-type/@code='4']/value[@currency='USD']/text()") == ["0.1"]
    assert values("result[@type='2']/indicator[@measure='2']/period/target/@value") == ["10"]
    assert values("result/indicator/period/actual/@value") == ["12.5"]


@pytest.mark.parametrize(
    ("status", "code", "types"),
    [
        ("planned", "1", ["1", "3"]),
        ("ongoing", "2", ["2", "3"]),
        ("held", "3", ["2", "4"]),
        ("cancelled", "5", ["1", "3"]),
        ("postponed", "6", ["1", "3"]),
    ],
)
def test_each_status_has_its_code_and_says_what_happened_and_what_was_planned(status, code, types):
    root = etree.fromstring(iati_bytes([activity(status=status, end="2024-03-22")]))[0]
    assert root.xpath("activity-status/@code") == [code]
    assert root.xpath("activity-date/@type") == types


def test_an_organisation_that_reports_is_named_by_its_fields_and_comes_back():
    own = {"iati_reporting_org_ref": "KZ-GOV-MFA", "iati_reporting_org_type": "10", "iati_reporting_org": "MFA"}
    made = activity(extra=own)
    root = etree.fromstring(iati_bytes([made]))[0]
    assert root.xpath("reporting-org/@ref") == ["KZ-GOV-MFA"]
    assert read_iati("a.xml", io.BytesIO(iati_bytes([made]))) == [made]


def test_an_identifier_with_barred_signs_is_written_without_and_comes_back():
    made = activity(id="KAZ/2024:a")
    root = etree.fromstring(iati_bytes([made]))[0]
    assert root.xpath("iati-identifier/text()") == ["KAZ-2024:a"]
    assert read_iati("a.xml", io.BytesIO(iati_bytes([made]))) == [made]


def test_a_file_by_others_is_read_as_far_as_a_register_has_places():
    (found,) = read(OTHERS)
    assert (found.id, found.sender, found.instrument) == ("GB-GOV-3-PF-1", ("GBR",), "scholarship_inbound")
    assert found.title == {"en": "Chevening", "fr": "Bourses"}
    assert found.description == {"en": "Scholarships"}
    assert (found.status, found.start.isoformat(), found.end) == ("held", "2015-04-01", None)
    assert (found.host, found.audience, found.place) == (("KAZ", "UZB"), ("region:Africa",), "Astana")
    assert [(each.name, each.type, each.role, each.country) for each in found.actors] == [
        ("GB-GOV-3", "state", "funder", "GBR"),
        ("University of Oxford", "university", "implementer", None),
    ]
    assert [(each.amount, each.currency, each.year, each.spent) for each in found.budget] == [
        (1500000.5, "GBP", 2015, False),
        (0, "USD", 2016, True),
    ]
    assert [(each.indicator, each.planned, each.realised) for each in found.figures] == [
        ("Scholars; 2015-01-01 to 2015-12-31", 30, 28),
        ("Scholars; 2016-01-01 to 2016-12-31", 40, None),
        ("Scholars; 2016-01-01 to 2016-12-31; sex: female", None, 11),
    ]
    assert [(each.title, each.url, each.year) for each in found.sources] == [
        ("Review", "https://example.org/a.pdf", "2016")
    ]
    assert found.parent == "GB-GOV-3-PF"
    assert found.extra == {
        "iati_sector": "1:11420", "iati_reporting_org_ref": "GB-GOV-3", "iati_reporting_org_type": "10",
        "iati_reporting_org": "Foreign Office",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "instrument"),
    [
        ('<default-aid-type code="E01"/>', "", "aid_programme"),
        ('default-currency="GBP"', 'default-currency="GBP" humanitarian="1"', "humanitarian_aid"),
        ('<sector code="11420"/>', '<sector code="72010"/>', "humanitarian_aid"),
        ('<sector code="11420"/>', '<sector vocabulary="99" code="forum"/>', "forum"),
    ],
)
def test_an_instrument_follows_from_what_a_file_says(old, new, instrument):
    assert read(changed(old, new))[0].instrument == instrument


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ('<activity-status code="4"/>', "", 3, "iati-activity: activity-status is missing"),
        ('<activity-status code="4"/>', '<activity-status code="9"/>', 0, "the code '9' is none of"),
        ('<activity-status code="4"/>', "<activity-status/>", 0, "the attribute code is missing"),
        ('<activity-date type="3" iso-date="2015-03-01"/>', '<activity-date type="4" iso-date="2015-03-01"/>', 3,
         "it ends on 2015-03-01, before it starts on 2015-04-01"),
        ('type="2" iso-date="2015-04-01"', 'type="2" iso-date="1 April"', 0, "'1 April' is no date"),
        ('code="KZ" percentage="60"', 'code="KZ" percentage="50"', 0, "add up to 90, not to 100"),
        ('code="KZ" percentage="60"', 'code="KZ"', 0, "not every country and region has a percentage"),
        ('code="UZ"', 'code="ZZ"', 0, "'ZZ' is no code of a country"),
        ('default-currency="GBP" ', "", 22, "no currency, and the activity has no default-currency"),
        ("1500000.50", "1,5 mln", 0, "'1,5 mln' is no number; give digits with a point"),
        ('<actual value="28"/>', '<actual value="many"/>', 0, "'many' is no number"),
        ('role="1"', 'role="7"', 0, "the role '7' is none of"),
        ("<related-activity", "<sector code='1'/><related-activity", 0, "stands after document-link"),
        ("<related-activity", "<surprise/><related-activity", 0, "is no element of IATI 2.03 in this place"),
        ("<narrative>Chevening</narrative>", "<narrative/>", 3, "a title is empty"),
        ("GB-GOV-3-PF-1", "GB GOV", 3, "give 1 to 120 letters"),
        ('type="10"><narrative>Foreign', '><narrative>Foreign', 0, "the attribute type is missing"),
        ('version="2.03"', 'version="1.05"', 0, "version 1.05; 2.01, 2.02, 2.03 of iati-activities is read"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line(old, new, line, told):
    error = refused(changed(old, new))
    assert error.faults[0].line == (line or OTHERS[: OTHERS.index(old)].count("\n") + 1)
    assert told in str(error)


def test_all_faults_of_a_file_are_told_at_once_and_nothing_is_read():
    body = OTHERS.partition('<iati-activities version="2.03">')[2].partition("</iati-activities>")[0]
    twice = OTHERS.replace(
        "</iati-activities>", body.replace("60", "50").replace("GB-GOV-3-PF-1", "B") + body + "</iati-activities>"
    )
    error = refused(twice)
    assert [fault.where for fault in error.faults] == ["recipient-country", "iati-identifier"]
    assert "'GB-GOV-3-PF-1' is the id of line 3 too" in str(error)
    assert "nothing was read" in str(error)


def test_a_file_that_does_not_say_who_acts_is_read_with_the_sender_that_is_named(tmp_path):
    text = OTHERS.replace('GB-GOV-3" type', 'XM-DAC-1" type')
    assert "sender" in str(refused(text))
    path = tmp_path / "a.xml"
    path.write_text(text, encoding="utf-8")
    assert read_file(path, sender="United Kingdom")[0].sender == ("GBR",)


def test_an_empty_register_makes_no_iati_file():
    with pytest.raises(BadRequest, match="one activity at least"):
        iati_bytes([])


def laughs(count: int = 12) -> str:
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, count))
    return f'<!DOCTYPE a [<!ENTITY l0 "lol">{lines}]>'


@pytest.mark.parametrize(
    "declared",
    [
        laughs(),
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
        f'<!DOCTYPE a [<!ENTITY x "{"a" * 100_000}">]>',
        "<!DOCTYPE iati-activities>",
    ],
    ids=["laughs", "file", "address", "outside definition", "parameter", "quadratic", "bare"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_before_they_are_defined(declared, encoding):
    text = OTHERS.replace('<?xml version="1.0" encoding="UTF-8"?>', declared)
    text = text.replace("Chevening", "&l11;&x;")
    tracemalloc.start()
    started = time.process_time()
    error = refused(text.encode(encoding))
    seconds, (_, peak) = time.process_time() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "declares a document type, which may define entities" in str(error)
    assert (seconds < 1, peak < 4 * 2**20) == (True, True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "not well-formed XML"),
        ("hello", "not well-formed XML"),
        (OTHERS[:900], "not well-formed XML"),
        ("<html/>", "no iati-activity in it"),
        ('<iati-activities version="2.03"/>', "no iati-activity in it"),
        ('<?xml version="1.0" encoding="no-such"?><a/>', "not readable XML (unknown encoding: no-such)"),
        (OTHERS.replace("Chevening", "\x00"), "not well-formed XML"),
        (OTHERS.replace("Chevening", "&lol;"), "not well-formed XML"),
        ("<a>" * 1000, "elements without end"),
        ("<iati-activities version='2.03'><iati-activity>" + "<a/>" * (MOST_NODES + 1), "elements without end"),
    ],
)
def test_what_is_no_iati_file_is_refused(text, told):
    assert told in str(refused(text))


@pytest.mark.parametrize(
    ("swollen", "told"),
    [
        ("<!--" + "-> " * 10_000_000, "a tag or a comment without end"),
        ("<a b='" + ">" * 30_000_000, "a tag or a comment without end"),
        ("<iati-activity><note>" + "a " * 15_000_000, "text without end"),
        ("<iati-activity>" + "<a/>" * 5_000_000, "elements without end"),
        ("<a>" * 5_000_000, "elements without end"),
    ],
    ids=["comment", "attribute", "text", "beside", "nested"],
)
def test_files_that_go_on_without_end_are_refused_in_little_time_and_memory(swollen, told):
    source = io.BytesIO(f"<iati-activities version='2.03'>{swollen}".encode())
    tracemalloc.start()
    started = time.process_time()
    with pytest.raises(BadEntries, match=told):
        read_iati("a.xml", source)
    seconds, (_, peak) = time.process_time() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (seconds < 10, peak < 160 * 2**20) == (True, True)


def test_other_encodings_are_read_as_they_declare_themselves():
    text = OTHERS.replace("Chevening", "Стипендии")
    for name, encoding in (("windows-1251", "cp1251"), ("UTF-16", "utf-16")):
        content = text.replace("UTF-8", name).encode(encoding)
        assert read_iati("a.xml", io.BytesIO(content))[0].title["en"] == "Стипендии"


def test_the_order_we_check_is_that_of_the_schema():
    roots = [etree.parse(str(SCHEMA.with_name(name))).getroot() for name in (SCHEMA.name, "iati-common.xsd")]

    def sequences(element: str) -> list[list[tuple[str, int, int]]]:
        found = [each for root in roots for each in root.iter(f"{XSD}element") if each.get("name") == element]
        kinds = {
            each.get("name"): each for root in roots for each in root.iter(f"{XSD}complexType") if each.get("name")
        }
        bodies = [each.find(f"{XSD}complexType") for each in found]
        bodies += [kinds[each.get("type")] for each in found if each.get("type") in kinds]
        return [
            [
                (part.get("ref") or part.get("name"), int(part.get("minOccurs", "1")), often(part))
                for part in body.find(f"{XSD}sequence").findall(f"{XSD}element")
            ]
            for body in bodies
            if body is not None and body.find(f"{XSD}sequence") is not None
        ]

    def often(part: etree._Element) -> int:
        most = part.get("maxOccurs", "1")
        return 0 if most == "unbounded" else int(most)

    for element, known in CHILDREN.items():
        assert list(known) in sequences(element), element
    for element, names in REQUIRED.items():
        declared = [each for root in roots for each in root.iter(f"{XSD}element") if each.get("name") == element]
        required = [
            {a.get("name") for a in each.iter(f"{XSD}attribute") if a.get("use") == "required"} for each in declared
        ]
        # Declared by a type of their own: the value of money, and links to documents.
        assert element in ("value", "document-link") or any(set(names) <= each for each in required), element


@given(st.data())
@settings(max_examples=120, deadline=None)
def test_whatever_the_schema_refuses_in_what_we_read_is_refused_here(data):
    """Elements are taken out, doubled or moved, attributes taken out: never is an invalid file read as an entry."""
    root = etree.fromstring(OTHERS.encode())
    places = [each for each in root.iter() if isinstance(each.tag, str) and each.getparent() is not None]
    place = data.draw(st.sampled_from(places[1:]))
    parent = place.getparent()
    match data.draw(st.sampled_from(["drop", "double", "move", "strip"])):
        case "drop":
            parent.remove(place)
        case "double":
            parent.insert(parent.index(place), etree.fromstring(etree.tostring(place)))
        case "move":
            parent.remove(place)
            parent.insert(data.draw(st.integers(0, len(parent))), place)
        case _:
            for name in list(place.attrib):
                del place.attrib[name]
    content = etree.tostring(root)
    unread = {"dimension", "location", "name", "default-aid-type"}
    if problems(content) and not unread & {place.tag, parent.tag}:
        refused(content)
