"""The card that `check` shows in a notebook: order, colours with signs, heatmaps, numbers of gradients, escaping."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from conftest import student
from test_notebooks import HALF

from grader.calls import Observed
from grader.diagnosis import grid
from grader.exercise import Outcome
from grader.explain import Verdict
from grader.gradient_check import check_gradient
from grader.kit import Kit
from grader.messages import SIGNS
from grader.notebook import examine
from grader.reports.cell import DARK, LIGHT, TINTS, Card, places
from grader.scoring import CheckMark, ExerciseMark

RIGHT = """
def svm_loss_vectorized(W, X, y, reg):
    N = len(y)
    scores = X.dot(W)
    margins = np.clip(scores - scores[range(N), y].reshape(-1, 1) + 1, 0, None)
    margins[range(N), y] = 0
    data_loss = margins.mean(0).sum()
    reg_loss = reg * (W**2).sum()
    loss = data_loss + reg_loss
    dmargins = np.ones_like(margins) / N
    dscores = np.where(margins > 0, dmargins, 0)
    dscores[range(N), y] = -dscores.sum(1)
    dW = X.T.dot(dscores) + reg * (W + W)
    return loss, dW
"""


class Words(HTMLParser):
    """The text a person reads, and a check that every element that is opened is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.open, self.skipped = [], [], 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("rect", "path"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("rect", "path"):
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)


def words(html: str) -> str:
    parser = Words()
    parser.feed(html)
    assert parser.open == []
    return " ".join(" ".join(parser.text).split())


def marked(folder: Path, source: str, name: str = "svm_loss_vectorized") -> ExerciseMark:
    return examine(getattr(student(folder, source), name))


def test_the_first_thing_to_mend_stands_on_top_with_its_line_and_hint(in_release: Path) -> None:
    told = words(Card(marked(in_release, HALF))._repr_html_())
    assert told.startswith(
        "svm_loss_vectorized 1 of 11 points First to mend: margins, line 8 of mine.py 5 of 20 entries"
    )
    assert "yours at [0, 2] is 1, it should be 0" in told
    assert "hint 1 of 3 : Look at line 8" in told
    assert "check(svm_loss_vectorized, hint=2) tells more" in told


@pytest.mark.parametrize(
    ("hint", "there", "absent"),
    [
        (1, "Look at line", "correct class kept"),
        (2, "correct class kept", "leave out"),
        (3, "leave out?", "tells more"),
    ],
)
def test_each_level_of_hints_tells_no_more_than_its_own(
    in_release: Path,
    hint: int,
    there: str,
    absent: str,
) -> None:
    told = words(Card(marked(in_release, HALF), hint)._repr_html_())
    assert there in told
    assert absent not in told


def test_the_card_and_the_text_tell_the_same_outcomes(in_release: Path) -> None:
    card = Card(marked(in_release, RIGHT))
    assert "11 / 11" in " ".join(repr(card).split())
    told = words(card._repr_html_())
    assert "all 11 points Every stage is right" in told
    assert told.count("✓ right") >= 8
    assert "✗" not in told


def test_backward_stands_beside_forward_from_bottom_to_top(in_release: Path) -> None:
    at = {(p.name or p.stage.verdict.stage.name): (p.row, p.column) for p in places(marked(in_release, RIGHT))}  # type: ignore[union-attr]
    assert at["W"] == (1, 1) and at["dW"] == (1, 2)
    assert at["scores"] == (2, 1) and at["dscores"] == (2, 2)
    assert at["margins"] == (3, 1) and at["dmargins"] == (3, 2)
    assert at["loss"][1] == 1 and at["loss"][0] > at["data_loss"][0] > 3


def test_every_exercise_has_a_card_with_every_stage_once_in_computing_order(kit: Kit, in_release: Path) -> None:
    for reference in kit.references:
        family = [r.source for r in kit.references if r.exercise.family == reference.exercise.family]
        mark = marked(in_release, "\n\n".join([reference.exercise.given, *family]), reference.name)
        found = [p for p in places(mark) if p.stage is not None]
        assert [p.stage.verdict.stage.name for p in found] == [s.name for s in reference.exercise.stages]  # type: ignore[union-attr]
        assert len({(p.row, p.column) for p in places(mark)}) == len(places(mark))
        assert "Every stage is right" in words(Card(mark)._repr_html_()), reference.name


def test_the_heatmap_shows_own_numbers_and_marks_what_differs_with_a_sign(in_release: Path) -> None:
    html = Card(marked(in_release, HALF))._repr_html_()
    table = re.search(r'<table aria-label="margins.*?</table>', html, re.DOTALL)
    assert table is not None
    cells = re.findall(r"<td[^>]*>(.*?)</td>", table[0])
    assert len(cells) == 20
    assert sum("✗" in c for c in cells) == 5
    assert all(c.endswith(" 1") for c in cells if "✗" in c)


def test_a_large_array_is_a_picture_of_squares(kit: Kit) -> None:
    stage = next(r for r in kit.references if r.name == "svm_loss_vectorized").exercise.stage("margins")
    want = np.arange(100 * 30.0).reshape(100, 30)
    got = want.copy()
    got[60, 7] += 1e4
    made = grid(Verdict(stage, Outcome.FAILED, found=Observed("margins", 1, "", got), values=[got], expected=[want]))
    assert made is not None
    assert (made.numbers, made.block) == (None, (5, 2))
    assert (len(made.levels), len(made.levels[0])) == (20, 15)
    assert {(i, j) for i, row in enumerate(made.levels) for j, level in enumerate(row) if level} == {(12, 3)}
    assert made.levels[12][3] == 3


def test_a_value_of_another_shape_has_no_heatmap(in_release: Path) -> None:
    mark = marked(in_release, RIGHT.replace("reg * (W + W)\n", "reg * (W + W)\n    dW = dW[:2]\n"))
    assert "shape (2, 4) came, (D, C) = (7, 4) belongs here" in words(Card(mark)._repr_html_())


def test_gradients_are_shown_with_their_numbers_and_error(in_release: Path) -> None:
    mark = marked(in_release, RIGHT.replace("reg * (W + W)", "reg * W"))
    told = words(Card(mark)._repr_html_())
    assert "yours (analytic) numerical error estimate" in told
    report = next(c.report for c in mark.checks if c.report)
    entries = [j for j in report.judged if not isinstance(j.where, str)]
    assert len(entries) == 4
    for judged in entries:
        assert judged.outcome is Outcome.FAILED
        assert f"at {list(judged.where)} {judged.analytic:.9g} {judged.numerical:.9g}" in told


def test_a_kink_is_noted(in_release: Path) -> None:
    mark = marked(in_release, RIGHT)
    report = check_gradient(lambda x: np.maximum(0, x).sum(), np.array([0.0, 2.0]), np.array([0.25, 1.0]))
    kinked = replace(mark, checks=(CheckMark("gradient dW", Outcome.PASSED, report=report),))
    assert "at a kink: any slope between its two sides is right" not in words(Card(mark)._repr_html_())
    assert "✓ right at a kink: any slope between its two sides is right" in words(Card(kinked)._repr_html_())


def test_an_exercise_not_filled_in_says_only_that(kit: Kit, in_release: Path) -> None:
    stub = next(r for r in kit.references if r.name == "svm_loss_vectorized").exercise.stub
    assert (
        words(Card(marked(in_release, stub))._repr_html_())
        == "svm_loss_vectorized 0 of 11 points To do not filled in yet"
    )


def test_an_exception_comes_first_with_its_line(in_release: Path) -> None:
    told = words(Card(marked(in_release, RIGHT.replace("N = len(y)", "N = len(labels)")))._repr_html_())
    assert "NameError in mine.py, line 6: name 'labels' is not defined" in told
    assert told.index("NameError") < told.index("forward ↓")


def test_what_a_student_names_is_escaped(in_release: Path) -> None:
    html = Card(
        marked(in_release, RIGHT.replace("N = len(y)", "raise ValueError('<script>alert(1)</script>')"))
    )._repr_html_()
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_the_card_loads_nothing_and_runs_nothing(in_release: Path) -> None:
    html = Card(marked(in_release, HALF))._repr_html_()
    assert not re.search(r"https?:|<script|<link|<img|@import|url\(|\son\w+=", html)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a: str, b: str) -> float:
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_is_readable_on_every_tint(theme: dict[str, str]) -> None:
    papers = ["paper", *(f"{t}-tint" for t in set(TINTS.values())), "off1", "off2", "off3"]
    pairs = [("ink", paper) for paper in papers]
    pairs += [("none", paper) for paper in papers if not paper.startswith("off")] + [("dim", "paper")]
    pairs += [(t, f"{t}-tint") for t in set(TINTS.values())] + [(t, "paper") for t in set(TINTS.values())]
    pairs += [("value", "paper"), ("grad", "paper")]
    assert {
        pair: round(contrast(theme[pair[0]], theme[pair[1]]), 2)
        for pair in pairs
        if contrast(theme[pair[0]], theme[pair[1]]) < 4.5
    } == {}


def test_contrast_is_measured_as_wcag_does() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_every_outcome_of_a_stage_has_a_sign_and_a_word_besides_its_colour() -> None:
    assert set(SIGNS) == set(TINTS)
    assert all(sign and word for sign, word in SIGNS.values())
