"""`softpower index audit`: what it prints, writes and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from softpower.cli import main
from tests.cli.runs import refused

REFERENCE = Path(__file__).parents[1] / "reference"
MODEL = str(REFERENCE / "asem.toml")
DATA = ("--data", str(REFERENCE / "coinr-asem" / "inputs" / "asem_idata.csv"))


def audit(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["index", "audit", *arguments])


def test_the_audit_is_printed_with_what_it_advises_first() -> None:
    done = audit(MODEL, *DATA)
    assert done.exit_code == 0, done.stderr
    titles = [line for line in done.stdout.splitlines() if line in ("Recommendations", "Framework", "Robustness")]
    assert titles == ["Recommendations", "Framework", "Robustness"]
    assert "Political: KMO 0.31" in done.stdout


def test_json_holds_all_figures_and_none_for_what_is_unknown() -> None:
    done = audit(MODEL, *DATA, "--json")
    document = json.loads(done.stdout, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert (document["model"], document["year"], document["ranked"]) == ("asem", 2018, 51)
    assert len(document["columns"]) == 49
    assert next(each["kmo"] for each in document["dimensions"] if each["node"] == "Index") is None
    assert {"topic", "what", "cases"} == set(document["advice"][0])


@pytest.mark.parametrize(("name", "sign"), [("a.md", "# Statistical audit"), ("a.txt", "=====")])
def test_a_file_is_written_in_the_form_its_ending_names(tmp_path: Path, name: str, sign: str) -> None:
    done = audit(MODEL, *DATA, "--out", str(tmp_path / name))
    assert done.exit_code == 0, done.stderr
    assert done.stdout == f"Wrote {tmp_path / name}\n"
    assert sign in (tmp_path / name).read_text(encoding="utf-8")


def test_a_page_needs_no_other_file_and_holds_titles_as_text(tmp_path: Path) -> None:
    text = Path(MODEL).read_text(encoding="utf-8").replace('title = "Physical"', 'title = "</style><script>x"')
    (tmp_path / "model.toml").write_text(text, encoding="utf-8")
    done = audit(str(tmp_path / "model.toml"), *DATA, "--out", str(tmp_path / "a.html"))
    assert done.exit_code == 0, done.stderr
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "&lt;/style&gt;&lt;script&gt;x" in page
    assert "<script" not in page
    assert "src=" not in page
    assert "href=" not in page
    assert page.count("<h2>") == 8
    assert page.count("<table>") >= 6


def test_an_unknown_ending_is_refused_before_anything_is_built() -> None:
    assert "give the file one of these endings" in refused(audit(MODEL, *DATA, "--out", "a.docx"))


def test_an_unknown_variant_is_refused() -> None:
    assert "nothing" in refused(audit(MODEL, *DATA, "--variant", "nothing"))


def test_a_year_the_table_does_not_have_is_refused() -> None:
    assert "1999" in refused(audit(MODEL, *DATA, "--year", "1999"))
