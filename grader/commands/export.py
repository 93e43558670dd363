"""`grader export`: a run for the LMS, for Gradescope, for CI."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.commands.asked import exercises, kit_of, seed_of

if TYPE_CHECKING:
    from grader.reports.gradebook_files import Filled
    from grader.reports.stored import Stored

FORMATS = ("csv", "canvas", "moodle", "gradescope", "junit", "feedback", "gradescope-autograder")
NAMED = 10  # names of those not graded yet that are told
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("run", required=False)
@click.option("--to", "form", type=click.Choice(FORMATS), help="What to make.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The file (or, for gradescope, folder).")
@click.option("--gradebook", type=FILE, help="canvas, moodle: the file that the LMS exported; a copy is filled in.")
@click.option("--column", help="canvas, moodle: the column of the grade, where there are several.")
@click.option("--scale/--raw", default=None, help="canvas, moodle: points as a part of the column's maximum, or as is.")
@click.option(
    "--zero",
    multiple=True,
    type=click.Choice(["missing", "unreadable"]),
    help="canvas, moodle: write 0 for these too (may be repeated). Default: their cells are left as they are.",
)
@click.option("--submission", help="gradescope: only this one, into the file OUT.")
@click.option("--seed", type=int, envvar="GRADER_SEED", help="gradescope-autograder: seed of the hidden inputs.")
@click.option("--exercise", "only", multiple=True, help="gradescope-autograder: only this exercise (may be repeated).")
@click.option("--notebook", "notebooks", multiple=True, help="gradescope-autograder: the exercises of this notebook.")
@click.option("--force", is_flag=True, help="Replace OUT if it is there.")
@click.pass_context
def export(
    ctx: click.Context,
    run: str | None,
    form: str | None,
    out: Path,
    gradebook: Path | None,
    column: str | None,
    scale: bool | None,
    zero: tuple[str, ...],
    submission: str | None,
    seed: int | None,
    only: tuple[str, ...],
    notebooks: tuple[str, ...],
    force: bool,
) -> None:
    """Turn RUN (the folder that "grader grade" wrote) into what an LMS, Gradescope or CI reads.

    canvas and moodle fill one column of the grade book that the LMS exported and change nothing else; whoever cannot
    be told for certain keeps the old cell and is named. Exits with 1 if points of a graded submission found no place.

    \b
    grader export report/ --to csv --out grades.csv
    grader export report/ --to canvas --gradebook from_canvas.csv --out to_canvas.csv
    grader export report/ --to moodle --gradebook worksheet.csv --out to_moodle.csv
    grader export report/ --to feedback --out feedback.zip
    grader export report/ --to gradescope --submission ada --out results.json
    grader export gradescope-autograder --out autograder.zip
    """
    if form is None and run == "gradescope-autograder":
        form, run = run, None
    if form is None:
        raise click.UsageError(f"say what to make: --to {', --to '.join(FORMATS)}")
    from grader import atomic

    with atomic.told(out):
        if out.exists() and not force:
            raise click.UsageError(f"{out} exists: name another file, or add --force to replace it")
        if form == "gradescope-autograder":
            _autograder(ctx, out, seed, only, notebooks)
            return
        if run is None:
            raise click.UsageError("name the folder of the run that is to be exported (the --out of grader grade)")
        from grader.reports import stored

        found = stored.read(Path(run))
        if submission is None:
            _whole(found)
        if form in ("canvas", "moodle"):
            ctx.exit(_gradebook(found, form, out, gradebook, column, scale, zero))
        writers: dict[str, Callable[[Stored, Path], str]] = {"csv": _csv, "junit": _junit, "feedback": _feedback}
        click.echo(_gradescope(found, out, submission) if form == "gradescope" else writers[form](found, out))


def _whole(run: Stored) -> None:
    """Refuse a run that was ended early: who has not been graded yet would look like who handed in nothing."""
    from grader.visible import visible

    ungraded = run.ungraded
    if ungraded:
        names = ", ".join(ungraded[:NAMED]) + (" ..." if len(ungraded) > NAMED else "")
        raise click.UsageError(
            f"{run.folder} is unfinished: {len(ungraded)} of {len(ungraded) + len(run.rows)} submissions are not "
            f"graded yet ({visible(names)}). Give the grader grade command with --out {run.folder} again, it goes on "
            "where it stood; then export"
        )


def _csv(run: Stored, out: Path) -> str:
    from grader.reports import exports

    out.write_text(exports.table(run), encoding="utf-8", newline="")
    return f"{len(run.rows)} submissions in {out}"


def _junit(run: Stored, out: Path) -> str:
    from grader.reports import exports

    out.write_bytes(exports.junit(run))
    return f"{len(run.rows)} submissions in {out}"


def _feedback(run: Stored, out: Path) -> str:
    from grader.reports import feedback
    from grader.reports.stored import page_names

    names = [row["submission"] for row in run.rows]
    return f"{feedback.write(run, dict(zip(names, page_names(names), strict=True)), out)} pages in {out}"


def _gradescope(run: Stored, out: Path, submission: str | None) -> str:
    import json

    from grader.reports import exports
    from grader.reports.stored import page_names

    chosen = [r for r in run.rows if submission is None or r["submission"] == submission]
    if not chosen:
        names = ", ".join(r["submission"] for r in run.rows[:20])
        raise click.BadParameter(f"no submission {submission}; there are {names}", param_hint="--submission")
    faults = [r["submission"] for r in chosen if r["status"] == "grader fault"]
    if faults:
        raise click.UsageError(f"the grader failed on {', '.join(faults)}: grade again before giving marks back")
    for row, page in zip(chosen, page_names([r["submission"] for r in chosen]), strict=True):
        path = out if submission is not None else out / page.removesuffix(".html") / "results.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(exports.gradescope(row), indent=1) + "\n", encoding="utf-8")
    return f"{len(chosen)} results in {out}"


def _gradebook(
    run: Stored,
    form: str,
    out: Path,
    gradebook: Path | None,
    column: str | None,
    scale: bool | None,
    zero: tuple[str, ...],
) -> int:
    from grader.intake.table import TableError, read
    from grader.reports.gradebook_files import ColumnError, canvas_column, fill, moodle_column

    if gradebook is None:
        where = {
            "canvas": "Grades > Export > Export Entire Gradebook",
            "moodle": "the assignment's Submissions > Download grading worksheet",
        }
        raise click.UsageError(f"--gradebook FILE is needed: the file that {form} exports ({where[form]})")
    try:
        table = read(gradebook)
        chosen = (canvas_column if form == "canvas" else moodle_column)(table, column)
        filled = fill(table, chosen, run, scale, zero)
    except (TableError, ColumnError) as error:
        raise click.UsageError(f"{gradebook}: {error}") from error
    out.write_bytes(filled.data)
    _told(filled, out)
    graded = {r["submission"] for r in run.rows if r["status"] == "graded"}
    lost = [s for s in filled.left if s.submission in graded and s.why in ("unknown", "namesakes", "taken", "short")]
    return 1 if lost else 0


def _told(filled: Filled, out: Path) -> None:
    from grader import messages
    from grader.visible import visible

    click.echo(f"{filled.cells} cells of column {visible(repr(filled.column))} written in {out}")
    for one in filled.left:
        click.echo(f"  left: {visible(one.submission)}: {visible(messages.left(one.why, one.detail))}", err=True)
    if filled.others:
        shown = ", ".join(filled.others[:10]) + (" ..." if len(filled.others) > 10 else "")
        click.echo(f"  left: {len(filled.others)} of the grade book without a submission: {visible(shown)}", err=True)


def _autograder(
    ctx: click.Context, out: Path, seed: int | None, only: tuple[str, ...], notebooks: tuple[str, ...]
) -> None:
    import secrets

    from grader import autograder

    kit = kit_of(ctx)
    drawn = secrets.randbits(62) if seed is None else seed_of(seed) or 0
    size = autograder.build(kit, out, drawn, exercises(kit, only, notebooks))
    click.echo(f"{out}: {size} files; upload it as the autograder of a Programming Assignment")
