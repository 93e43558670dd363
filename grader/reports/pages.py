"""Every page of a run, from what its folder keeps: written while grading, and again whenever that is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from grader import atomic, messages
from grader.reports import klass, likeness, student
from grader.reports.rows import Row
from grader.reports.stored import INDEX, PAGES, SIMILAR, SIMILAR_PAGE, Answers, Stored, page_names

BATCH = 1000  # pieces of a page that are written at once


def student_page(run: Stored, row: Row, answers: Answers | None = None) -> str:
    """The text of one student's page. `answers` are shown beside the student's values."""
    return student.page(row, run.title, run.outline, answers, run.names(row["submission"]))


def write_student(run: Stored, file: str, text: str) -> None:
    """Keep the page of one student, in a folder that is there."""
    atomic.write(run.folder / PAGES / file, text.encode("utf-8", "replace"))


def index_page(run: Stored) -> Iterator[bytes]:
    """The page of the class, in pieces."""
    extra = [(SIMILAR_PAGE, messages.SIMILAR_LINK)] if (run.folder / SIMILAR).is_file() else []
    parts = klass.parts(run, extra)
    while batch := "".join(islice(parts, BATCH)):
        yield batch.encode("utf-8", "replace")


def write_index(run: Stored) -> None:
    """The page of the class, and that of similar submissions where their table was asked for."""
    if (run.folder / SIMILAR).is_file():
        text = likeness.page(run, likeness.read(run.folder / SIMILAR))
        atomic.write(run.folder / SIMILAR_PAGE, text.encode("utf-8", "replace"))
    atomic.write(run.folder / INDEX, index_page(run))


def write(run: Stored, show_expected: bool = False) -> int:
    """All pages; returns how many students have one. `show_expected` puts answers on hidden inputs on them."""
    with atomic.told(run.folder / PAGES):
        (run.folder / PAGES).mkdir(exist_ok=True)
    for row, file in zip(run.rows, page_names([row["submission"] for row in run.rows]), strict=True):
        write_student(run, file, student_page(run, row, run.answers.get(row["submission"]) if show_expected else None))
    write_index(run)
    return len(run.rows)
