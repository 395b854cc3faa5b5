"""The page of a brief in a real browser: it runs nothing, fetches nothing, fits a phone, and its labels keep apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from softpower.brief.html import write_html
from tests.brief.demo import demo, hostile

if TYPE_CHECKING:
    from playwright.sync_api import Dialog

DESKTOP, PHONE, SMALL = (1280, 900), (390, 844), (320, 640)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("brief")
    for name, brief in (("demo", demo()), ("hostile", hostile())):
        (folder / f"{name}.html").write_bytes(write_html(brief))
    return folder


@pytest.fixture
def visit(browser, files):
    """A function that opens a page and gives it with the list of what it asked for and of what it said."""
    contexts = []

    def opened(name, size, *, scheme="light"):
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        asked: list[str] = []
        said: list[str] = []

        def refuse(dialog: Dialog) -> None:
            said.append(dialog.message)
            dialog.dismiss()

        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", refuse)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto((files / f"{name}.html").as_uri())
        page.evaluate("document.fonts.ready")
        return page, asked, said

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("name", ["demo", "hostile"])
def test_page_runs_nothing_and_asks_for_nothing(visit, name, size):
    page, asked, said = visit(name, size)
    outside = [address for address in asked if not address.startswith("data:font/")]
    assert outside == [page.url]
    assert said == []
    assert page.evaluate("typeof window.PWNED") == "undefined"
    assert page.evaluate("document.scripts.length") == 0


@pytest.mark.parametrize("size", [DESKTOP, (860, 1100), (740, 1100), PHONE, SMALL])
@pytest.mark.parametrize("name", ["demo", "hostile"])
def test_page_never_scrolls_sideways(visit, name, size):
    page, _, _ = visit(name, size)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


# Visible text boxes of one drawing; a halo is part of the letters, so the box is that of the text itself.
TOUCHING = """() => {
  const found = [];
  for (const svg of document.querySelectorAll('svg')) {
    const boxes = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()])
      .filter(([, b]) => b.width > 0)
      .map(([t, b]) => [t, {l: b.left, r: b.right, t: b.top + b.height * .16, b: b.bottom - b.height * .16}]);
    for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length; j++) {
      const [s, a] = boxes[i], [u, c] = boxes[j];
      if (a.l < c.r && c.l < a.r && a.t < c.b && c.t < a.b) found.push(s + ' | ' + u);
    }
  }
  return found;
}"""


@pytest.mark.parametrize("size", [DESKTOP, (860, 900), PHONE])
def test_no_label_of_a_drawing_touches_another(visit, size):
    page, _, _ = visit("demo", size)
    assert page.evaluate("[...document.querySelectorAll('svg text')].some(t => t.getBoundingClientRect().width > 0)")
    assert page.evaluate(TOUCHING) == []


# For each visible text: its colour against the nearest background behind it.
CONTRAST = """() => {
  const parse = c => c.match(/[\\d.]+/g).map(Number);
  const lum = c => { const f = v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
                     return .2126 * f(c[0]) + .7152 * f(c[1]) + .0722 * f(c[2]); };
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !e.getClientRects().length) continue;
    let b = e; while (b && parse(getComputedStyle(b).backgroundColor)[3] === 0) b = b.parentElement;
    const style = getComputedStyle(e);
    const ink = lum(parse(e.namespaceURI.endsWith('svg') ? style.fill : style.color));
    const paper = lum(parse(getComputedStyle(b || document.body).backgroundColor));
    const ratio = (Math.max(ink, paper) + .05) / (Math.min(ink, paper) + .05);
    if (ratio < 4.5) found.push([walk.currentNode.textContent.trim(), ratio]);
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_what_lies_behind_it(visit, scheme):
    page, _, _ = visit("demo", DESKTOP, scheme=scheme)
    assert page.evaluate(CONTRAST) == []


def test_dark_page_recolours_its_drawings(visit):
    fills = {}
    for scheme in ("light", "dark"):
        page, _, _ = visit("demo", DESKTOP, scheme=scheme)
        fills[scheme] = page.evaluate("getComputedStyle(document.querySelector('.result svg circle')).fill")
    assert fills == {"light": "rgb(18, 78, 140)", "dark": "rgb(134, 185, 238)"}


def test_page_uses_the_fonts_it_carries(visit):
    page, _, _ = visit("demo", DESKTOP)
    loaded = set(
        page.evaluate("[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family.replaceAll('\"', ''))")
    )
    assert loaded == {"Literata", "Noto Sans", "Noto Sans Narrow90"}


def test_a_value_leads_to_its_row_of_evidence(visit):
    page, _, _ = visit("demo", DESKTOP)
    page.locator(".finding .value").first.click()
    assert page.evaluate("location.hash") == "#e-1"
    row = page.locator("#e-1").bounding_box()
    assert row is not None
    assert 0 <= row["y"] < DESKTOP[1]


def test_keyboard_reaches_the_brief_first(visit):
    page, _, _ = visit("demo", DESKTOP)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#brief"
    focused = page.locator(".skip").bounding_box()
    assert focused is not None
    assert focused["y"] >= 0


def test_phone_shows_the_narrow_drawings_and_a_desktop_the_wide_ones(visit):
    for size, shown, other in ((DESKTOP, "wide", "narrow"), (PHONE, "narrow", "wide")):
        page, _, _ = visit("demo", size)
        assert page.locator(f"figure .{shown}").first.is_visible()
        assert not page.locator(f"figure .{other}").first.is_visible()


def test_printed_page_hides_the_navigation_and_breaks_no_figure(visit, tmp_path):
    from pypdf import PdfReader

    page, _, _ = visit("demo", DESKTOP)
    page.pdf(path=str(tmp_path / "print.pdf"), prefer_css_page_size=True)
    pages = PdfReader(tmp_path / "print.pdf").pages
    assert 4 <= len(pages) <= 9
    texts = [" ".join(p.extract_text().split()) for p in pages]
    assert "Score and peers Strengths" not in texts[0]
    for one, last in (("Among five peers", "exceeds the peer"), ("The rank has hardly", "2013 is not measured")):
        first = next(number for number, text in enumerate(texts) if one in text)
        assert last in texts[first]
    assert f"1 / {len(pages)}" in texts[0]
