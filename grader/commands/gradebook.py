"""`grader gradebook`: what a run keeps of everybody, and points that a person sets by hand."""

from __future__ import annotations

from math import inf, isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from grader.gradebook import Gradebook
    from grader.reports.stored import Stored

RUN = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def gradebook() -> None:
    """What grading kept: points, attempts, and points set by hand. DIR is the --out of `grader grade`.

    \b
    grader gradebook show report/
    grader gradebook override report/ ada 7 --exercise relu_forward --reason "our stub was wrong"
    grader gradebook history report/ ada
    """


@gradebook.command()
@click.argument("folder", metavar="DIR", type=RUN)
@click.argument("names", metavar="[NAME]...", nargs=-1)
def show(folder: Path, names: tuple[str, ...]) -> None:
    """Print what counts for everybody, or for some: points, how they came about, how many attempts there were.

    \b
    grader gradebook show report/
    grader gradebook show report/ ada ben
    """
    from collections import Counter

    from grader.reports import rows, stored, tables
    from grader.visible import visible

    run = stored.read(folder)
    names = tuple(_found(run, name, [row["submission"] for row in run.rows]) for name in names)
    with _book(folder) as book:
        attempts = Counter(a.submission for a in book.attempts())
    chosen = [row for row in run.rows if not names or row["submission"] in names]
    width = min(40, max([10, *(len(row["submission"]) for row in chosen)]))
    click.echo(f"{'submission':<{width}} {'points':>8} {'of':>6} {'marked':>8} {'attempts':>9}  remark")
    for row in chosen:
        told = tables.remark(row) or (row["status"] if row["status"] != "graded" else "")
        name = row["submission"] if len(row["submission"]) <= width else row["submission"][: width - 3] + "..."
        click.echo(
            f"{name:<{width}} {rows.points(row):>8g} {row['max_points']:>6g} {row['points']:>8g} "
            f"{attempts[row['submission']]:>9}  {visible(told)}".rstrip()
        )


@gradebook.command()
@click.argument("folder", metavar="DIR", type=RUN)
@click.argument("name")
@click.argument("points", type=click.FloatRange(min=0), required=False)
@click.option(
    "--exercise",
    help="Points of this exercise, final whatever its stages are set to. Default: of the whole submission, final "
    "whatever it is made of.",
)
@click.option("--stage", help="Points of this stage (or check) of the exercise.")
@click.option("--reason", help="Why; the student reads it on their page.")
@click.option("--who", help="Who decides. Default: your user name on this machine.")
@click.option("--withdraw", is_flag=True, help="Take back what was set; what the grader found counts again.")
def override(
    folder: Path,
    name: str,
    points: float | None,
    exercise: str | None,
    stage: str | None,
    reason: str | None,
    who: str | None,
    withdraw: bool,
) -> None:
    """Set the points of NAME by hand, with a reason. Grades and pages in DIR follow at once; later runs keep it.

    NAME is that of a submission, or its student's name, id, login or email.

    \b
    grader gradebook override report/ ada 12.5 --reason "talked it through in person"
    grader gradebook override report/ ada 2 --exercise relu_forward --stage out --reason "right, told otherwise"
    grader gradebook override report/ ada --withdraw
    """
    import getpass

    from grader import output
    from grader.gradebook import Override
    from grader.reports import rows, stored

    run = stored.read(folder)
    name = _found(run, name, [row["submission"] for row in run.rows])
    _place(run.outline, exercise, stage)
    if withdraw:
        if points is not None or reason:
            raise click.UsageError("--withdraw takes no points and no --reason: what was set is only taken back")
    elif points is None:
        raise click.UsageError("how many points? grader gradebook override DIR NAME POINTS --reason WHY")
    elif not isfinite(points):
        raise click.BadParameter(f"{points} is no number of points", param_hint="POINTS")
    elif not (reason or "").strip():
        raise click.UsageError("why? Add --reason: the student reads it, and so do you in a year")
    with _book(folder) as book:
        if not withdraw:
            book.override(
                Override(name, points or 0.0, (reason or "").strip(), who or getpass.getuser(), exercise, stage)
            )
        elif not book.withdraw(name, exercise, stage):
            raise click.UsageError(
                f"nothing was set by hand there (grader gradebook history {folder} {name} tells what was)"
            )
        changed = output.decide(folder, book, [name])
    row = changed[name]
    click.echo(f"{name}: {rows.points(row):g} of {row['max_points']:g} points (marked: {row['points']:g})")
    most = row["max_points"] if exercise is None else _most(row, exercise, stage)
    if points is not None and points > most:
        click.echo(f"note: {points:g} is more than there is ({most:g}); --withdraw takes it back", err=True)


@gradebook.command()
@click.argument("folder", metavar="DIR", type=RUN)
@click.argument("names", metavar="[NAME]...", nargs=-1)
def history(folder: Path, names: tuple[str, ...]) -> None:
    """Print every attempt that was graded and everything that was set by hand, oldest first.

    \b
    grader gradebook history report/
    grader gradebook history report/ ada
    """
    from grader.reports import stored
    from grader.visible import visible

    with _book(folder) as book:
        attempts, decisions, runs = book.attempts(), book.overrides(all_of_them=True), book.runs()
    known = [a.submission for a in attempts]
    if not {*known}.issuperset(names):  # also of a run that was ended before it wrote anything else
        run = stored.read(folder)
        names = tuple(_found(run, name, known) for name in names)
    lines = [
        (started, f"run {number}, seed {seed}, {'finished ' + end if end else 'ended early'}")
        for number, started, end, seed, _ in runs
        if not names
    ]
    for a in attempts:
        if not names or a.submission in names:
            handed_in = f", handed in {a.handed_in}" if a.handed_in else ""
            lines.append(
                (a.at, f"{a.submission}: {a.status}, {a.points:g} of {a.max_points:g} (run {a.run}{handed_in})")
            )
    for o in decisions:
        if not names or o.submission in names:
            place = " ".join(p for p in (o.exercise, o.stage) if p) or "the whole"
            lines.append((o.at, f"{o.submission}: {o.who} set {place} to {o.points:g}: {o.reason}"))
            if o.withdrawn is not None:
                lines.append((o.withdrawn, f"{o.submission}: {place} = {o.points:g} was withdrawn or replaced"))
    for at, told in sorted(lines, key=lambda line: line[0]):
        click.echo(f"{at}  {visible(told)}")


def _book(folder: Path) -> Gradebook:
    from grader.gradebook import Gradebook
    from grader.kit import KitError
    from grader.tables import FILE, exists

    if not exists(folder):
        raise KitError(f"{folder} has no {FILE}: grade with --out {folder} first")
    return Gradebook(folder)


def _found(run: Stored, name: str, known: list[str]) -> str:
    """The submission of a name: its own, or one of its student's."""
    import difflib

    if name in known:
        return name
    wanted = name.casefold()
    theirs = [key for key in run.who if any(wanted in person.called for person in run.people(key))]
    if len(theirs) == 1:
        return theirs[0]
    if theirs:
        raise click.UsageError(f"{name} may be {' or '.join(sorted(theirs))}: name one of these")
    near = difflib.get_close_matches(name, known, 3, 0.5)
    told = f"; did you mean {' or '.join(near)}?" if near else f"; known: {', '.join(known[:10])} ..."
    raise click.UsageError(f"no submission {name} in this run{told}")


def _most(row: dict[str, Any], exercise: str, stage: str | None) -> float:
    """What an exercise or one of its stages is worth."""
    found = next((e for e in row["exercises"] if e["name"] == exercise), None)
    if found is not None and stage is not None:
        found = next((s for s in (*found["stages"], *found["checks"]) if s["name"] == stage), None)
    return inf if found is None else float(found["max_points"])


def _place(outline: list[dict[str, Any]], exercise: str | None, stage: str | None) -> None:
    """Is there such an exercise and stage?"""
    if stage is not None and exercise is None:
        raise click.UsageError("--stage needs --exercise: stages of one name are in several")
    exercises = {e["name"]: e for e in outline}
    if exercise is None:
        return
    if exercise not in exercises:
        raise click.BadParameter(f"{exercise} is not graded; known: {', '.join(exercises)}", param_hint="--exercise")
    stages = [s["name"] for s in exercises[exercise]["stages"]] + [c["name"] for c in exercises[exercise]["checks"]]
    if stage is not None and stage not in stages:
        raise click.BadParameter(f"{exercise} has no {stage}; it has {', '.join(stages)}", param_hint="--stage")
