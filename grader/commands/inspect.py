"""`grader inspect`: what a delivery of an LMS holds, before anything is graded."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from grader.intake import Handed, Intake

ENTRY = click.Path(exists=True, path_type=Path)
NAMES = ("canvas", "moodle", "gradescope", "blackboard", "brightspace", "github", "plain")
SHOWN = 20  # rows of a kind that are shown in a summary


def delivery_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that every command takes that reads a delivery."""
    for option in (
        click.option(
            "--from",
            "lms",
            type=click.Choice(NAMES),
            help="Whose layout FOLDER has. Default: told by the names in it.",
        ),
        click.option(
            "--roster",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="CSV of the class (Canvas's or Moodle's own export, or columns such as name, id, login, email): "
            "who handed in nothing gets a row.",
        ),
    ):
        command = option(command)
    return command


@contextlib.contextmanager
def delivery(folder: Path, roster: Path | None, lms: str | None) -> Iterator[Intake]:
    """A delivery, read. What cannot be read is wrong use, with the way out."""
    from grader.intake import Lms, opened
    from grader.intake.archive import ArchiveError
    from grader.intake.recognise import read_roster
    from grader.intake.table import TableError
    from grader.intake.walk import barred
    from grader.reading import KINDS

    if folder.is_file() and folder.suffix in KINDS:
        raise click.UsageError(
            f"{folder} is one file: name the folder of a class, or the zip of your LMS (grader check {folder} marks "
            "one file)"
        )
    if barred(folder):
        raise click.UsageError(f"{folder} cannot be looked into: let yourself read it (chmod u+rx)")
    if (folder / "gradebook.sqlite").is_file() and (folder / "results.jsonl").is_file():
        raise click.UsageError(
            f"{folder} is a report that grader grade made: name the folder of the submissions (grader report {folder} "
            "makes its pages again)"
        )
    try:
        people = read_roster(roster) if roster is not None else []
    except TableError as error:
        raise click.BadParameter(str(error), param_hint="--roster") from error
    try:
        with opened(folder, people, Lms(lms) if lms else None) as found:
            if not found.handed:
                told, way = "", "put a file or folder a student into it, or name the zip of your LMS"
                if lms:
                    told, way = f" as {lms} names them", "without --from it is read as what most names in it look like"
                raise click.UsageError(f"{folder} holds no submissions{told}: {way}")
            yield found
    except ArchiveError as error:
        raise click.BadParameter(str(error), param_hint="FOLDER") from error


def show_delivery(found: Intake, deadline: bool) -> None:
    """What was recognised, in short, on stderr: what a person may want to mend comes with its reason.

    `deadline`: does it matter when something was handed in?
    """
    from grader import messages
    from grader.visible import visible

    click.echo(messages.delivery(found), err=True)
    told = [messages.intake(n.kind, n.values) for n in found.notes]
    told += [f"{s.name}: {messages.skipped(s.why, s.detail)}" for s in found.skipped]
    untimed = sum(h.submitted is None for h in found.handed) if deadline and found.lms != "plain" else 0
    if untimed:
        told.insert(0, messages.untimed(untimed))
    elif deadline and found.lms == "plain":
        told.insert(0, messages.timed_by_files())
    for line in told[:SHOWN]:
        click.echo(f"  {visible(line)}", err=True)
    if len(told) > SHOWN:
        click.echo(f"  ... and {len(told) - SHOWN} more: grader inspect shows them", err=True)


@click.command()
@click.argument("folder", type=ENTRY)
@delivery_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object (grader/schema/intake-1.json) instead of text.")
def inspect(folder: Path, roster: Path | None, lms: str | None, as_json: bool) -> None:
    """Show what FOLDER holds (a folder or a zip, as the LMS delivered it) before grading it.

    Who handed in what, which attempt counts, who was late, who is missing, and what is nobody's, with why.
    Recognises Canvas, Moodle, Gradescope, Blackboard, Brightspace, clones of GitHub Classroom and plain folders.

    \b
    grader inspect submissions.zip
    grader inspect submissions/ --roster gradebook.csv
    """
    import json

    from grader import messages
    from grader.visible import visible

    with delivery(folder, roster, lms) as found:
        if as_json:
            click.echo(json.dumps(found.as_json(), indent=1))
            return
        click.echo(messages.delivery(found))
        width = max(len(visible(h.key)) for h in found.rows)
        for handed in found.rows:
            click.echo(f"  {visible(handed.key):<{width}}  {_row(handed)}".rstrip())
        for heading, lines in (
            ("left out", [f"{s.name}: {messages.skipped(s.why, s.detail)}" for s in found.skipped]),
            ("to know", [messages.intake(n.kind, n.values) for n in found.notes]),
        ):
            if lines:
                click.echo(f"\n{heading}")
                for line in lines:
                    click.echo(f"  {visible(line)}")


def _row(handed: Handed) -> str:
    from grader import messages
    from grader.visible import visible

    people = ", ".join(
        " ".join(v for v in (p.name, p.id or p.sid, p.email or p.login) if v and v != handed.key) for p in handed.people
    )
    return "  ".join(visible(part) for part in (people, messages.handed(handed)) if part)
