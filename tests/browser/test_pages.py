"""The pages of the sample class in a real browser: what is there, sorting, filtering, keyboard, a phone, dark, paper.

Needs Chromium (Debian's `chromium`, Chrome, or `playwright install chromium`) and the extra [browser]; CHROMIUM names
one that is elsewhere.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from grader import classroom
from grader.commands import similar
from grader.intake import opened
from grader.kit import Kit
from grader.reports import pages as written
from grader.reports.stored import read

pytestmark = pytest.mark.browser

CLASS = ROOT / "data" / "sample_class"
ONLY = (ROOT / "data" / "sample_class.txt").read_text().split()
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")  # fmt: skip
PHONE = {"width": 375, "height": 667}
DESK = {"width": 1100, "height": 800}
PAGES = ("index.html", "students/ines.html", "students/hugo.html", "students/noah.html", "students/olga.html", "students/chloe.html", "similar.html")  # fmt: skip
SERIOUS = ("serious", "critical")


@dataclass
class Seen:
    """What a browser did: console messages, requests, errors of scripts."""

    told: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


Opened = Callable[..., Any]


@pytest.fixture(scope="module")
def folder(kit: Kit, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample class, graded, with the table of similar ones, and with what an instructor decided."""
    out = tmp_path_factory.mktemp("browser") / "report"
    classroom.grade(kit, CLASS, out, seed=1, only=ONLY)
    with opened(CLASS) as delivery:
        similar.keep(out, similar.pairs_of(kit, delivery, ONLY, None))
    run = read(out)
    for row in run.rows:
        if row["submission"] == "ines":
            row["note"] = "Well argued in person."
            row["override"] = [{"points": 2, "exercise": "svm_loss", "stage": "margins", "reason": "Agreed."}]
    written.write(run)
    return out


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        pytest.skip('no playwright: pip install -e ".[browser]"')
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
        path = found or (own if Path(own).exists() else None)
        if path is None:
            pytest.skip("no Chromium: apt-get install chromium, or playwright install chromium")
        chromium = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield chromium
        chromium.close()


@pytest.fixture(name="opened")
def opened_page(browser: Any, folder: Path) -> Iterator[Opened]:
    """Opens a page of the report. At the end: nothing was told on the console, nothing asked for but the pages."""
    contexts: list[Any] = []
    seen = Seen()

    def open_page(name: str, viewport: dict[str, int] = DESK, **options: Any) -> Any:
        context = browser.new_context(viewport=viewport, **options)
        contexts.append(context)
        context.on("request", lambda request: seen.requests.append(request.url))
        page = context.new_page()
        page.on("console", lambda message: seen.told.append(message.text))
        page.on("pageerror", lambda error: seen.told.append(str(error)))
        page.goto((folder / name).as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert seen.told == []
    assert all(url.startswith(folder.as_uri()) and url.split("#")[0].endswith(".html") for url in seen.requests)


def shown(page: Any) -> list[str]:
    """Names in the table of submissions, as they stand."""
    return page.locator("#students tbody tr:visible th").all_inner_texts()


# -- content


def test_the_class_s_page_shows_everybody_with_a_link_that_works(opened: Opened, folder: Path) -> None:
    page = opened("index.html")
    names = shown(page)
    assert sorted(names) == sorted(p.stem for p in CLASS.iterdir())
    for link in page.locator("a").all():
        target = link.get_attribute("href").split("#")[0]
        assert not target or (folder / target).is_file(), target
    page.get_by_role("link", name="farid").first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "farid"
    assert "relu forgotten" in page.inner_text("main")


def test_the_distribution_is_a_picture_with_words(opened: Opened) -> None:
    page = opened("index.html")
    picture = page.get_by_role("img", name="Submissions by points, of 75")
    assert "from 67.5 to 75" in picture.get_attribute("aria-label")
    bars = [b.bounding_box()["height"] for b in picture.locator("rect.bar").all()]
    assert bars[-1] == max(bars) > 50


def test_a_failed_stage_shows_line_values_finding_hint_and_what_was_carried(opened: Opened) -> None:
    page = opened("students/ines.html")
    section = page.get_by_role("region", name="svm_loss_vectorized", exact=False).first
    text = section.inner_text()
    for words in ("correct class kept", "line 23", "Which class does the sum over j leave out?", "Carried forward"):
        assert words in text
    assert "margins = np.maximum(0, scores - correct + 1)" in section.locator(".hit").inner_text()
    heat = section.locator("table.heat")
    assert heat.locator("tbody tr").count() == 5
    assert heat.locator("td.off").count() == 5
    assert set(heat.locator("td.off").all_inner_texts()) == {"≠ 1"}


def test_decisions_of_the_instructor_are_on_both_pages(opened: Opened) -> None:
    assert "Well argued in person." in opened("students/ines.html").inner_text("main")
    page = opened("index.html")
    page.get_by_label("Show").select_option("changed")
    assert shown(page) == ["ines"]
    page.get_by_label("Show").select_option("noted")
    assert shown(page) == ["ines"]
    assert "Agreed." in page.locator("#students").inner_text()


# -- sorting and filtering


def test_the_table_sorts_by_points_as_numbers_and_back(opened: Opened) -> None:
    page = opened("index.html")
    head = page.get_by_role("columnheader", name="points").first
    head.get_by_role("button").click()
    points = [float(v.split("/")[0]) for v in page.locator("#students tbody td.n").all_inner_texts()]
    assert points == sorted(points)
    assert head.get_attribute("aria-sort") == "ascending"
    head.get_by_role("button").click()
    points = [float(v.split("/")[0]) for v in page.locator("#students tbody td.n").all_inner_texts()]
    assert points == sorted(points, reverse=True)
    assert head.get_attribute("aria-sort") == "descending"
    name = page.get_by_role("columnheader", name="submission").first
    name.get_by_role("button").click()
    assert shown(page) == sorted(shown(page))
    assert head.get_attribute("aria-sort") is None


def test_the_table_filters_by_words_and_by_state(opened: Opened) -> None:
    page = opened("index.html")
    page.get_by_label("Search").fill("Mean forgotten softmax_loss")
    assert shown(page) == ["hugo", "yara"]
    assert page.get_by_role("status").inner_text() == "2 of 25 submissions shown"
    page.get_by_label("Search").fill("")
    page.get_by_label("Show").select_option("unreadable")
    assert shown(page) == ["olga", "pablo", "quinn"]
    page.get_by_label("Show").select_option("broken")
    assert shown(page) == ["lars", "mina", "noah", "tove"]
    page.get_by_label("Search").fill("nobody at all")
    assert shown(page) == []
    page.get_by_label("Search").fill("")
    page.get_by_label("Show").select_option("")
    assert len(shown(page)) == 25


def test_without_scripts_it_is_a_plain_table(opened: Opened) -> None:
    page = opened("index.html", java_script_enabled=False)
    assert page.locator("#students tbody tr").count() == 25
    assert not page.locator("#tools").is_visible()
    assert page.locator("#students th button").count() == 0
    assert page.get_by_role("columnheader", name="points").first.inner_text() == "points"


# -- keyboard


def test_everything_can_be_done_with_the_keyboard(opened: Opened) -> None:
    page = opened("index.html")
    page.get_by_label("Search").focus()
    page.keyboard.type("olga")
    assert shown(page) == ["olga"]
    page.keyboard.press("Tab")  # state
    page.keyboard.press("Tab")  # first header
    page.keyboard.press("Enter")
    assert page.get_by_role("columnheader", name="submission").first.get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.get_by_role("columnheader", name="points").first.get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # the one row that is left
    page.keyboard.press("Enter")
    page.wait_for_url("**/olga.html")


def test_what_has_the_focus_is_seen_and_details_open_with_a_key(opened: Opened) -> None:
    page = opened("index.html")
    summary = page.locator("details summary").first
    page.keyboard.press("Tab")
    summary.focus()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"
    page.keyboard.press("Enter")
    assert page.locator("details[open] table").first.is_visible()


def test_the_order_of_the_keyboard_is_that_of_the_page(opened: Opened) -> None:
    page = opened("students/ines.html")
    tops = []
    for _ in range(12):
        page.keyboard.press("Tab")
        tops.append(page.evaluate("document.activeElement.getBoundingClientRect().top + scrollY"))
    assert tops == sorted(tops)


# -- phone, dark, paper


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_needs_no_sideways_scrolling(opened: Opened, name: str) -> None:
    page = opened(name, viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    sizes = page.evaluate(
        "[...document.querySelectorAll('td, th, p, summary')].filter(e => e.innerText.trim())"
        ".map(e => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 12


def _luminance(colour: str) -> float:
    red, green, blue = (int(v) for v in re.findall(r"\d+", colour)[:3])
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


@pytest.mark.parametrize("name", ["index.html", "students/ines.html"])
def test_dark_and_light_follow_the_reader(opened: Opened, name: str) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    assert _luminance(opened(name, color_scheme="light").evaluate(ground)) > 0.9
    assert _luminance(opened(name, color_scheme="dark").evaluate(ground)) < 0.15


def test_on_paper_controls_are_gone_colours_are_light_and_folded_parts_are_there(opened: Opened) -> None:
    page = opened("index.html", color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert not page.locator("#tools").is_visible()
    assert _luminance(page.evaluate("getComputedStyle(document.body).color")) < 0.3
    folded = page.locator("details:not([open]) table").first
    assert folded.bounding_box()["height"] > 20
    assert page.pdf()[:4] == b"%PDF"


# -- people who do not see as others do


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious(opened: Opened, name: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for viewport in (DESK, PHONE):
        page = opened(name, color_scheme=scheme, viewport=viewport)
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        found = Axe().run(page).response
        serious = [(v["id"], v["nodes"][0]["html"][:120]) for v in found["violations"] if v["impact"] in SERIOUS]
        assert serious == []
        assert len(found["passes"]) > 10


def test_axe_would_find_something(opened: Opened) -> None:
    """The same, on a page that was spoilt."""
    from axe_playwright_python.sync_playwright import Axe

    page = opened("index.html")
    page.evaluate(
        "document.getElementById('word').parentElement.replaceWith(document.getElementById('word'));"
        "document.querySelector('.dim').style.color = '#ddd'"
    )
    found = {v["id"] for v in Axe().run(page).response["violations"]}
    assert {"label", "color-contrast"} <= found


def test_tables_have_headers_for_rows_and_columns(opened: Opened) -> None:
    for name in PAGES:
        page = opened(name)
        for table in page.locator("table").all():
            assert table.locator("thead th[scope=col]").count() > 0
            assert table.locator("caption").count() == 1 or table.get_attribute("aria-label")
