"""`grader grade` and `grader demo`: a whole class."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.commands import similar as similarity
from grader.commands.asked import ENTRY, LAYOUT, REQUIRE, exercises, kit_of, seed_of, told_what_is_open
from grader.commands.inspect import delivery, delivery_options, show_delivery
from grader.commands.progress import Progress

if TYPE_CHECKING:
    from grader.classroom import Run

WIDEST_NAME = 40  # characters of a submission's name in the summary


def _time(_: click.Context, __: click.Parameter, text: str | None) -> datetime | None:
    """A time with its zone."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        found = found if found.tzinfo is not None else found.astimezone()
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(f"{text} is no time: write it as in 2026-11-20T23:59:00+01:00") from error
    if len(text) <= len("2026-11-20"):
        raise click.BadParameter(f"{text} is a day: write at what time, as in {text}T23:59:00")
    return found


@click.command()
@click.argument("folder", type=ENTRY)
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where results, grades and pages go.",
)
@delivery_options
@click.option(
    "--seed",
    type=int,
    envvar="GRADER_SEED",
    help="Seed of the hidden inputs. Default: $GRADER_SEED, else that of the run in the output, else a new one.",
)
@click.option(
    "--fresh",
    is_flag=True,
    help="Run every submission again. Default: what has not changed since it was last graded into --out is not run.",
)
@click.option(
    "--force",
    is_flag=True,
    help="Use an output folder that holds something else than a run of this class and kit, replacing what is there.",
)
@click.option(
    "--exercise", "only", multiple=True, help="Grade only this exercise (may be repeated). Default: all of the kit."
)
@click.option(
    "--notebook",
    "notebooks",
    multiple=True,
    help="Grade only the exercises of this notebook of the kit (may be repeated).",
)
@LAYOUT
@click.option(
    "--show-expected",
    is_flag=True,
    help="Show students the values that should have come, too: answers on the hidden inputs. Default: only their own "
    "values, and which entries differ.",
)
@click.option(
    "--deadline",
    metavar="TIME",
    callback=_time,
    help="Count as late from this time on, in this run and later ones into --out: 2026-11-20T23:59:00+01:00 (without a "
    "zone: this machine's). What it costs says [late] in grader.toml (without: 10 % a day begun). Default: that of the "
    "last run into --out if it was said there, else the one in grader.toml.",
)
@REQUIRE
@click.option(
    "--jobs",
    type=click.IntRange(1),
    help="How many submissions are marked at once. Default: one for each core.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Let the workers of a Dask scheduler mark, e.g. tcp://10.0.0.5:8786 (docs/cluster.md); same results.",
)
@click.option(
    "--similar",
    is_flag=True,
    help="Add a table of submissions whose code is built alike (similar.csv, similar.html), for a person to judge.",
)
@click.pass_context
def grade(
    ctx: click.Context,
    folder: Path,
    out: Path,
    roster: Path | None,
    lms: str | None,
    seed: int | None,
    fresh: bool,
    force: bool,
    only: tuple[str, ...],
    notebooks: tuple[str, ...],
    layout: str | None,
    show_expected: bool,
    require: bool,
    jobs: int | None,
    scheduler: str | None,
    similar: bool,
    deadline: datetime | None,
) -> None:
    """Grade a class: FOLDER is what the LMS delivered (a folder or a zip), or a plain folder with an entry a student.

    Writes results.jsonl, grades.csv, index.html and a page a student. Every submission gets a row, whatever is
    in it. What was recognised is shown first; "grader inspect FOLDER" shows it without grading. Exits with 1 only if
    the grader itself failed on a submission, or the output could not be written.

    Each result is kept in report/gradebook.sqlite as soon as it is there. A run that was ended (Ctrl-C, a full disk, a
    power cut) goes on where it stood when the same command is given again; so does one after which submissions were
    added or changed.

    \b
    grader grade submissions/ --out report/
    grader grade --layout cs231n assignment1_submissions/ --out report/
    grader grade submissions.zip --roster gradebook.csv --out report/
    """
    from grader import classroom
    from grader.claim import about
    from grader.visible import visible

    kit = kit_of(ctx)
    layout = layout or kit.config.layout
    with delivery(folder, roster, lms) as found:
        chosen = exercises(kit, only, notebooks)
        kept = about(out).get("late")
        show_delivery(found, deadline is not None or kit.config.late is not None or kept is not None)
        pairs = similarity.pairs_of(kit, found, chosen, layout) if similar else None
        with Progress() as told:
            run = classroom.grade(
                kit,
                found,
                out,
                seed_of(seed),
                told,
                only=chosen,
                layout=layout,
                show_expected=show_expected,
                fresh=fresh,
                force=force,
                require=require,
                jobs=jobs,
                scheduler=scheduler,
                deadline=deadline,
                part=", ".join(notebooks),
                note=lambda line: told.note(visible(line)),
            )
    told_what_is_open(run.confinement)
    similarity.keep(out, pairs)
    _summary(run)
    ctx.exit(1 if run.faults else 0)


@click.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the report goes. Default: a new temporary folder.",
)
@click.pass_context
def demo(ctx: click.Context, out: Path | None) -> None:
    """Grade the sample class that comes with the kit and say where the report is."""
    import tempfile

    from grader import classroom

    kit = kit_of(ctx)
    folder = kit.root / "data" / "sample_class"
    if not folder.is_dir():
        raise click.UsageError(f"this kit has no sample class ({folder} does not exist)")
    if out is None:
        out = Path(tempfile.mkdtemp(prefix="grader-demo-"))
    listing = kit.root / "data" / "sample_class.txt"
    only = listing.read_text(encoding="utf-8").split() if listing.is_file() else []
    with Progress() as told:
        run = classroom.grade(kit, folder, out, seed=1, told=told, only=only)
    _summary(run)
    ctx.exit(1 if run.faults else 0)


def _summary(run: Run) -> None:
    from grader import messages
    from grader.reports import rows, tables
    from grader.visible import visible

    width = min(WIDEST_NAME, max([10, *(len(row["submission"]) for row in run.rows)]))
    room = max(20, shutil.get_terminal_size((120, 24)).columns - width - 14)
    for row in run.rows:
        told = visible(tables.losses(row))
        name = row["submission"] if len(row["submission"]) <= width else row["submission"][: width - 3] + "..."
        if row["status"] != "graded":
            told = f"{row['status']}: {told}"
        told = "; ".join(part for part in (tables.remark(row), told) if part)
        told = told if len(told) <= room else told[: room - 3] + "..."
        click.echo(f"{name:<{width}}  {rows.points(row):>3g} /{row['max_points']:>4}  {told}".rstrip())
    unchanged = f" ({run.reused} not run again: unchanged, or the same as another)" if run.reused else ""
    click.echo(f"\n{messages.shared(len(run.rows))}{unchanged}; report: {run.out / 'index.html'}")
    for name in run.faults:
        click.echo(f"grader fault on {name}: not the student's fault", err=True)
    if run.faults:
        click.echo(
            f"{len(run.faults)} of {len(run.rows)} submissions could not be graded, the rest is; please send us what "
            f"is in {run.out / 'faults'} (nothing of what students wrote is in it)",
            err=True,
        )
