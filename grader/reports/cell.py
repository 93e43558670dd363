"""What `check` shows below a notebook cell: HTML for notebooks, and the text of the terminal beside it.

Everything is in the one fragment: inline styles, no script, nothing loaded. The colours are custom properties with a
fallback, so that the card is light where a front end strips its style sheet (an untrusted notebook, a web page) and
follows the theme of JupyterLab, Notebook, VS Code and Colab otherwise. Every value is escaped by the template.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from grader import messages
from grader.compare import close
from grader.diagnosis import Grid, grid
from grader.exercise import Outcome
from grader.gradients import variable_of
from grader.reports import html, text
from grader.scoring import CheckMark, ExerciseMark, StageMark

# ink on paper and on every tint: at least 4.5 to 1 (WCAG AA), which a test computes
LIGHT = {
    "ink": "#1f2328", "paper": "#ffffff", "dim": "#59636e", "line": "#d1d9e0",
    "good": "#116329", "good-tint": "#dafbe1", "follow": "#6b4900", "follow-tint": "#fff8c5",
    "bad": "#a40e26", "bad-tint": "#ffebe9", "none": "#4d5660", "none-tint": "#f1f3f5",
    "off1": "#ffebe9", "off2": "#ffc1ba", "off3": "#ff9a92",
    "value": "#116329", "grad": "#a40e26",
}  # fmt: skip
DARK = {
    "ink": "#e6edf3", "paper": "#161b22", "dim": "#9198a1", "line": "#3d444d",
    "good": "#7ee787", "good-tint": "#12301e", "follow": "#f2cc60", "follow-tint": "#332a10",
    "bad": "#ffa198", "bad-tint": "#3d1a1d", "none": "#b7bfc8", "none-tint": "#22272e",
    "off1": "#3d1a1d", "off2": "#5c1f24", "off3": "#7d2128",
    "value": "#7ee787", "grad": "#ffa198",
}  # fmt: skip

TINTS = {
    Outcome.PASSED: "good",
    Outcome.IMPLIED: "good",
    Outcome.FOLLOWS: "follow",
    Outcome.WAITING: "follow",
    Outcome.INCONCLUSIVE: "follow",
    Outcome.FAILED: "bad",
    Outcome.MISSING: "none",
    Outcome.BLOCKED: "none",
}

SQUARE = 12  # pixels of a square of the picture of a large array


@dataclass(frozen=True)
class Place:
    """A stage, or a given input, in the picture: `row` counts from the top, column 1 is forward and 2 backward."""

    row: int
    column: int
    stage: StageMark | None
    name: str = ""  # of an input


@dataclass(frozen=True, repr=False)
class Card:
    """The result of one exercise, on public cases, as a notebook or a terminal shows it."""

    mark: ExerciseMark
    hint: int = 1

    def __repr__(self) -> str:
        return "\n".join(text.exercise(self.mark, public=True, hints=self.hint))

    def _repr_html_(self) -> str:
        heading, first = messages.first_to_mend(self.mark)
        return html.render(
            "cell.html",
            mark=self.mark,
            hint=self.hint,
            heading=heading,
            first=first if isinstance(first, StageMark) else None,
            first_check=first if isinstance(first, CheckMark) else None,
            told=messages.exercise(self.mark),
            places=() if self.mark.outcome is Outcome.MISSING else places(self.mark),
            grids={s.verdict.stage.name: made for s in self.mark.stages if (made := own_grid(s)) is not None},
            gradients=[c for c in self.mark.checks if c.name.startswith("gradient ")],
            properties=[c for c in self.mark.checks if not c.name.startswith("gradient ")],
            tints=TINTS,
            own=own_value,
            sample=sample,
            picture=picture,
            css=css,
            themes=themes(),
        )


def css(name: str) -> str:
    """A colour for an inline style: the theme's where the style sheet is there, else the light one."""
    return f"var(--fb-{name},{LIGHT[name]})"


def palette(colours: dict[str, str]) -> str:
    """The custom properties of a theme, for the style sheet."""
    return ";".join(f"--fb-{name}:{colour}" for name, colour in colours.items())


def themes() -> Markup:
    """The style sheet: dark colours where the front end is dark (JupyterLab and Notebook, VS Code, Colab), or where
    nothing but the browser says so."""
    dark = palette(DARK)
    hosts = ("body[data-jp-theme-light=false]", "body.vscode-dark", "body.vscode-high-contrast", "html[theme=dark]")
    plain = "body:not([data-jp-theme-light]):not(.vscode-light):not(.vscode-high-contrast-light)"
    return Markup(
        "".join(f"{host} .fb-card{{{dark}}}" for host in hosts)
        + f"@media (prefers-color-scheme:dark){{html:not([theme]) {plain} .fb-card{{{dark}}}}}"
    )


def own_grid(mark: StageMark) -> Grid | None:
    """Where the student's own value differs; None where what came is inferred."""
    return grid(mark.verdict) if mark.difference is not None and mark.difference.seen else None


def own_value(mark: StageMark) -> Any:
    """The student's own value of a stage on the first case (of a wrong one: on the case where it differs)."""
    verdict = mark.verdict
    if mark.difference is not None and not mark.difference.seen:
        return None
    if verdict.outcome is Outcome.FAILED and verdict.values is not None and mark.difference is not None:
        wrong = [v for v, e in zip(verdict.values, verdict.expected or [], strict=False) if not close(v, e)]
        return wrong[0] if wrong else verdict.values[0]
    if verdict.found is not None:
        return verdict.found.value
    return verdict.values[0] if verdict.values and verdict.outcome is Outcome.PASSED else None


def sample(mark: StageMark, squares: Grid) -> tuple[int, int] | None:
    """Row and column of the entry that the message speaks of, in a picture with numbers."""
    if mark.difference is None or mark.difference.sample is None or squares.numbers is None:
        return None
    index = mark.difference.sample[0]
    flat = 0
    for size, i in zip(squares.shape, index, strict=False):
        flat = flat * size + i
    return divmod(flat, len(squares.levels[0]))


def places(mark: ExerciseMark) -> list[Place]:
    """Where each stage stands: forward from top to bottom, backward beside it from bottom to top.

    `dscores` stands beside `scores`, and `dW` beside the input `W`. In the order of the list the stages come as they
    are computed, which is the order in which they are read aloud.
    """
    forward = [s for s in mark.stages if s.verdict.stage.part != "backward"]
    upwards = [s for s in reversed(mark.stages) if s.verdict.stage.part == "backward"]
    if not upwards:
        return [Place(row, 1, s) for row, s in enumerate(forward, 1)]
    names = [s.verdict.stage.name for s in forward]
    at: list[tuple[StageMark | str | None, StageMark | None]] = []
    done = 0
    for stage in upwards:
        of = variable_of(stage.verdict.stage.name, {*mark.exercise.parameters, *names})
        if of in names[done:]:
            i = names.index(of)
            at += [(one, None) for one in forward[done:i]]
            at.append((forward[i], stage))
            done = i + 1
        else:
            at.append((of if of in mark.exercise.parameters else None, stage))
    at += [(one, None) for one in forward[done:]]
    found = []
    for row, (one, _) in enumerate(at, 1):
        if one is not None:
            found.append(Place(row, 1, None, one) if isinstance(one, str) else Place(row, 1, one))
    beside = [Place(row, 2, stage) for row, (_, stage) in enumerate(at, 1) if stage is not None]
    found += reversed(beside)
    return found


@dataclass(frozen=True)
class Square:
    """One square of the picture of a large array, in pixels."""

    x: int
    y: int
    level: int


def picture(squares: Grid) -> Sequence[Square]:
    """The squares that differ."""
    return [
        Square(SQUARE * column, SQUARE * row, level)
        for row, levels in enumerate(squares.levels)
        for column, level in enumerate(levels)
        if level
    ]
