"""A student's night: open the released notebook in JupyterLab, get a line wrong, see why, mend it, see green."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from lab import FLAGS, Lab

from grader.kit import find
from grader.release import notebook_text, read_notebook, renewed
from grader.reports.cell import DARK, LIGHT

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Chromium: the one that $CHROMIUM names, the machine's, or Playwright's own."""
    playwright = pytest.importorskip("playwright.sync_api", reason='no playwright: pip install -e ".[browser]"')
    pytest.importorskip("jupyterlab", reason='no JupyterLab: pip install -e ".[browser]"')
    with playwright.sync_playwright() as driver:
        own = driver.chromium.executable_path
        found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
        path = found or (own if Path(own).exists() else None)
        if path is None:
            pytest.skip("no Chromium: apt-get install chromium, or playwright install chromium")
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where screenshots go: $BROWSER_PICTURES, to look at them afterwards."""
    made = Path(os.environ.get("BROWSER_PICTURES", tmp_path / "pictures"))
    made.mkdir(parents=True, exist_ok=True)
    return made


@pytest.fixture
def open_lab(chromium: Any, released: Path, tmp_path: Path, pictures: Path) -> Iterator[Any]:
    """open_lab(notebook, theme) -> a page with the notebook of a fresh copy of the release in JupyterLab."""
    labs, contexts = [], []

    def opened(notebook: str, theme: str = "JupyterLab Light") -> Any:
        folder = tmp_path / "mine"
        if not folder.exists():
            shutil.copytree(released, folder)
        lab = Lab(folder, tmp_path, theme)
        labs.append(lab)
        lab.ready()
        context = chromium.new_context(viewport={"width": 1300, "height": 1100})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(lab.url(notebook))
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()  # before that, running asks for a kernel
        return page

    yield opened
    for context in contexts:
        context.pages[0].screenshot(path=pictures / "last.png")
        context.close()
    for lab in labs:
        lab.close()


# what the student writes, with names and ways of their own; the hinge forgets that the correct class is left out
LINES = {
    "scores": "scores = X.dot(W)",
    "margins": "margins = np.clip(scores - scores[range(N), y].reshape(-1, 1) + 1, 0, None)",
    "data_loss": "data_loss = margins.sum(axis=1).mean()",
    "reg_loss": "reg_loss = reg * (W**2).sum()",
    "loss": "loss = data_loss + reg_loss",
    "dmargins": "dmargins = np.ones_like(margins) / N",
    "dscores": "dscores = np.where(margins > 0, dmargins, 0); dscores[range(N), y] -= dscores.sum(1)",
    "dW": "dW = X.T.dot(dscores) + reg * (W + W)",
}
MENDED = LINES["margins"] + "; margins[range(N), y] = 0"


def run_all(page: Any) -> None:
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    idle(page)


def idle(page: Any) -> None:
    """Wait until every cell that was started has its number."""
    page.wait_for_function(
        "() => ![...document.querySelectorAll('.jp-CodeCell .jp-InputArea-prompt')].some(p => p.textContent.includes('*'))"
        " && document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status === 'idle'"
    )


def cell(page: Any, text: str) -> Any:
    return page.locator(".jp-CodeCell").filter(has=page.locator(".jp-InputArea-editor", has_text=text)).first


def write(page: Any, at: Any, name: str, line: str) -> None:
    """Put the cursor into the line that sets `name`, and write another one over it."""
    target = at.locator(".cm-line").filter(has_text=re.compile(rf"^\s*{name} = ")).first
    target.scroll_into_view_if_needed()
    target.click()
    page.keyboard.press("End")
    page.keyboard.press("Shift+Home")
    page.keyboard.press("Shift+Home")
    page.keyboard.insert_text(f"    {line}")


def run(page: Any, at: Any) -> None:
    at.locator(".cm-line").first.click()
    page.keyboard.press("Control+Enter")
    idle(page)


def show(page: Any, card: Any, path: Path) -> None:
    card.scroll_into_view_if_needed()
    card.screenshot(path=path.with_suffix(".card.png"))
    page.screenshot(path=path)


@pytest.mark.parametrize(("theme", "colours"), [("Light", LIGHT), ("Dark", DARK)], ids=["light", "dark"])
def test_a_wrong_line_is_red_with_its_hint_and_green_when_mended(
    open_lab: Any, pictures: Path, theme: str, colours: dict[str, str]
) -> None:
    page = open_lab("02_linear_classifiers.ipynb", f"JupyterLab {theme}")
    run_all(page)
    exercise, checked = cell(page, "def svm_loss_vectorized"), cell(page, "check(svm_loss_vectorized")
    card = checked.locator(".fb-card")
    assert "not filled in yet" in card.inner_text()
    assert background(card) == rgb(colours["paper"])

    for name, line in LINES.items():
        write(page, exercise, name, line)
    run(page, exercise)
    run(page, checked)
    show(page, card, pictures / f"wrong-{theme.lower()}.png")
    told = card.inner_text()
    assert "First to mend: margins, line " in told
    assert "5 of 20 entries differ, all at the correct class" in told
    assert "hint 1 of 3: Look at line" in told
    assert card.locator("td", has_text="✗").count() == 5
    top = card.get_by_text("First to mend").locator("..")
    assert background(top) == rgb(colours["bad-tint"])

    checked.locator(".cm-line").first.click()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.insert_text(", hint=3")
    run(page, checked)
    assert "Which class does the sum over j leave out?" in card.inner_text()

    write(page, exercise, "margins", MENDED)
    run(page, exercise)
    run(page, checked)
    show(page, card, pictures / f"mended-{theme.lower()}.png")
    told = card.inner_text()
    assert "all 11 points" in told
    assert "Every stage is right" in told
    assert "✗" not in told
    assert background(card.get_by_text("Every stage is right").locator("..")) == rgb(colours["good-tint"])


def test_trace_and_graph_are_shown(open_lab: Any, pictures: Path) -> None:
    page = open_lab("01_gates.ipynb")
    run_all(page)
    exercise, checked = cell(page, "def multiply_add"), cell(page, "check(multiply_add)")
    lines = {"q": "q = x + y", "f": "f = q * z", "dq": "dq = z", "dx": "dx = dq", "dy": "dy = dq", "dz": "dz = q"}
    for name, line in lines.items():
        write(page, exercise, name, line)
    run(page, exercise)
    checked.locator(".cm-line").first.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(
        "from grader import show_graph, trace\ncheck(multiply_add)\ndisplay(trace(multiply_add, -2.0, 5.0, -4.0))\n"
        "show_graph(multiply_add, -2.0, 5.0, -4.0)"
    )
    run(page, checked)
    cards = checked.locator(".fb-card")
    assert cards.count() == 3
    show(page, cards.nth(0), pictures / "gates.png")
    cards.nth(1).screenshot(path=pictures / "trace.png")
    cards.nth(2).screenshot(path=pictures / "graph.png")
    assert "Every stage is right" in cards.nth(0).inner_text()
    assert cards.nth(1).locator("tr").count() == 10
    texts = cards.nth(2).locator("svg text").all_text_contents()
    assert {"x -2", "q 3", "f -12", "×", "+"} <= {" ".join(t.split()) for t in texts}


def test_the_playground_trains_while_one_looks(open_lab: Any, released: Path, tmp_path: Path, pictures: Path) -> None:
    page = open_lab("playground.ipynb")
    nets = tmp_path / "mine" / "notebooks" / "04_neural_nets.ipynb"
    sources = {r.name: r.source for r in find(ROOT).references}
    nets.write_text(notebook_text(renewed(read_notebook(nets), sources)))
    run_all(page)
    page.get_by_role("button", name="train").click()
    page.locator(".widget-image[src]:not([src=''])").or_(page.locator("img.widget-image")).first.wait_for()
    page.get_by_text("after 1200 steps").first.wait_for()
    page.locator(".widget-image").first.scroll_into_view_if_needed()
    page.screenshot(path=pictures / "playground.png")


def background(element: Any) -> str:
    return str(element.evaluate("e => getComputedStyle(e).backgroundColor"))


def rgb(colour: str) -> str:
    return f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})"
