"""Pages for people: one a student, one for the class. Every value is escaped; nothing is loaded from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from grader import messages
from grader.exercise import FULL_MARKS
from grader.scoring import SubmissionMark


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("grader.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["say"] = messages
    made.globals["FULL_MARKS"] = FULL_MARKS
    return made


def render(template: str, **values: Any) -> str:
    """A template of this package, filled in; every value is escaped."""
    return _environment().get_template(template).render(**values)


def student(mark: SubmissionMark, title: str, hints: int = 3) -> str:
    """The page of one student. Inputs are hidden ones, so no expected number is shown."""
    return render("student.html", mark=mark, title=title, public=False, hints=hints)


def index(rows: Sequence[dict[str, Any]], title: str, notes: Sequence[str]) -> str:
    """The page of the class. A row has name, file (of its page), status, points, max_points, told."""
    return render("index.html", rows=rows, title=title, notes=notes)
