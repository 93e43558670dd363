"""The files of a run: for people and for programs, each there whole or not at all. What has not changed stays."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from grader import atomic
from grader.exercise import Outcome
from grader.gradebook import Gradebook, Page
from grader.intake import Intake
from grader.job import Done, Job, by_hand
from grader.reports import pages, tables
from grader.reports.stored import ABOUT, EXPECTED, FAULTS, GRADES, INDEX, PAGES, RESULTS, TIMES, WHO, Stored, page_names
from grader.reports.stored import read as read_run

FIRST = (ABOUT, WHO)  # files of the run as a whole, written before it
WHOLE = (*FIRST, RESULTS, GRADES, EXPECTED, TIMES, INDEX)  # and after it


def prepare(job: Job, stored: Stored, delivery: Intake) -> None:
    """What must be there before the first submission is graded: the seed, so that a run that is ended keeps it.

    From here on until `finish` nothing `stands`: pages of this run may lie beside files of an earlier one.
    """
    job.book.keep_pages({}, WHOLE)
    for folder in (stored.folder, stored.folder / PAGES):
        with atomic.told(folder, atomic.KEPT):
            folder.mkdir(exist_ok=True)
        atomic.clear(folder)
    atomic.write(stored.folder / ABOUT, (json.dumps(stored.about, indent=1) + "\n").encode(), lasting=True)
    atomic.write(stored.folder / WHO, (json.dumps(delivery.as_json(), indent=1) + "\n").encode())


def deliver(job: Job, stored: Stored, name: str, file: str, done: Done) -> None:
    """The page of a student, if it is not there already."""
    answers = done.answers if job.show_expected else None
    who = stored.names(name)
    made_of = sha256(json.dumps([job.look, done.row, answers, who], sort_keys=True).encode()).hexdigest()
    path = stored.folder / PAGES / file
    if not _there(path, job.pages.get(file), made_of):
        text = pages.student_page(stored, done.row, None if answers is None else json.loads(answers))
        status = atomic.write(path, text.encode("utf-8", "replace"))
        job.book.keep_pages({file: Page(made_of, status.st_size, status.st_mtime_ns)})
    if done.fault is not None:
        with atomic.told(stored.folder / FAULTS, atomic.KEPT):
            (stored.folder / FAULTS).mkdir(exist_ok=True)
        atomic.write(stored.folder / FAULTS / _report(file), done.fault.encode("utf-8", "replace"))


def finish(job: Job, stored: Stored, delivery: Intake) -> list[str]:
    """The files of the run as a whole; pages and reports of what is not in it any more are removed. Returns whose
    page it was, and who of the roster had one with marks."""
    out, rows = stored.folder, stored.rows
    told = [(row["submission"], row["status"] == str(Outcome.FAULT)) for row in rows]
    names, faults = [name for name, _ in told], [fault for _, fault in told]
    expected = ({"submission": name, "expected": stored.answers[name]} for name in names)
    written = {
        **{file: (out / file).stat() for file in FIRST if (out / file).exists()},
        **_write_rows(out, rows),
        EXPECTED: atomic.write(out / EXPECTED, _lines(expected)),
        TIMES: atomic.write(out / TIMES, _times(names, stored)),
        INDEX: atomic.write(out / INDEX, pages.index_page(stored)),
    }
    files = page_names(names)
    gone: list[str] = []
    if len(rows) == len(delivery.rows):
        gone = [file for file in job.book.pages() if file not in files and file not in written]
        for file in gone:
            (out / PAGES / file).unlink(missing_ok=True)
        made_of = None if any(faults) else job.made_of(delivery)
        whole = {f: Page(made_of, s.st_size, s.st_mtime_ns) for f, s in written.items()} if made_of else {}
        job.book.keep_pages(whole, gone)
    failed = {_report(file) for file, fault in zip(files, faults, strict=True) if fault}
    for report in (out / FAULTS).glob("*.txt"):
        if report.name not in failed:
            report.unlink()
    atomic.clear(out)
    atomic.clear(out / PAGES)
    if not gone and not any("before" in row for row in rows):
        return []
    known = {page_names([name])[0]: name for name in {a.submission for a in job.book.attempts()}}
    lost = [known.get(file, file.removesuffix(".html")) for file in gone]
    return sorted([*lost, *(row["submission"] for row in rows if "before" in row)])


def stands(job: Job, delivery: Intake, out: Path) -> bool:
    """Is all that this run would write there already, made of the same? Then nothing has to be done."""
    if any(file not in job.pages for file in WHOLE):
        return False
    made_of = job.made_of(delivery)
    if made_of is None or not all(_there(out / file, job.pages[file], made_of) for file in WHOLE):
        return False
    own = {file: job.pages.get(file) for file in page_names([handed.key for handed in delivery.rows])}
    return all(page is not None and _there(out / PAGES / file, page, page.made_of) for file, page in own.items())


def decide(out: Path, book: Gradebook, names: Collection[str]) -> dict[str, dict[str, Any]]:
    """Take what was set by hand for some submissions into the files and pages of a run; their rows.

    Nothing is graded. Raises KitError where there is no run, CannotWrite.
    """
    stored = read_run(out)
    changed = {}
    for row, file in zip(stored.rows, page_names([row["submission"] for row in stored.rows]), strict=True):
        name = row["submission"]
        if name not in names:
            continue
        decided = book.overrides(name)
        row.pop("override", None)
        if decided:
            row["override"] = [by_hand(one) for one in decided]
        answers = stored.answers.get(name) if stored.about.get("show_expected") else None
        pages.write_student(stored, file, pages.student_page(stored, row, answers))
        changed[name] = row
    _write_rows(out, stored.rows)
    pages.write_index(stored)
    return changed


def _write_rows(out: Path, rows: Sequence[Mapping[str, Any]]) -> dict[str, os.stat_result]:
    table = io.StringIO(newline="")
    tables.grades(table, rows)
    return {
        RESULTS: atomic.write(out / RESULTS, _lines(rows), lasting=True),
        GRADES: atomic.write(out / GRADES, table.getvalue().encode("utf-8"), lasting=True),
    }


def _times(names: Sequence[str], stored: Stored) -> Iterator[bytes]:
    """JSON, a line for each submission."""
    for at, name in enumerate(names):
        line = f"{json.dumps(name)}: {json.dumps(stored.times.get(name, {}))}"
        yield ("{\n" if at == 0 else ",\n").encode() + line.encode()
    yield b"\n}\n" if names else b"{}\n"


def _there(path: Path, page: Page | None, made_of: str) -> bool:
    if page is None or page.made_of != made_of:
        return False
    try:
        status = path.stat()
    except OSError:
        return False
    return (status.st_size, status.st_mtime_ns) == (page.size, page.time)


def _report(page: str) -> str:
    return page.removesuffix(".html") + ".txt"


def _lines(found: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    return ((json.dumps(one, ensure_ascii=True) + "\n").encode() for one in found)
