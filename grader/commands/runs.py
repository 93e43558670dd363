"""`grader report` and `grader compare`: what can be made of runs that are done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from grader.reports.changes import Change, Comparison

RUN = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("folder", metavar="DIR", type=RUN)
@click.option(
    "--show-expected",
    is_flag=True,
    help="Put the values that should have come on students' pages too. They are answers on hidden inputs: do it when "
    "nobody is to be graded on these inputs any more.",
)
def report(folder: Path, show_expected: bool) -> None:
    """Make the pages of DIR again, from what grading left in it: the class's and every student's.

    DIR is the --out of `grader grade`. Nothing is graded and no submission is needed.

    \b
    grader report report/
    grader report report/ --show-expected
    """
    from grader.reports import pages, stored

    run = stored.read(folder)
    if show_expected and not run.answers:
        raise click.UsageError(
            f"{folder} has no {stored.EXPECTED}, so there is nothing to show: grade again with the seed of run.json"
        )
    count = pages.write(run, show_expected)
    click.echo(f"{count} pages of students, and {folder / stored.INDEX}")


@click.command()
@click.argument("before", metavar="RUN1", type=RUN)
@click.argument("after", metavar="RUN2", type=RUN)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def compare(before: Path, after: Path, as_json: bool) -> None:
    """Compare two runs of a class: who moved, by how much, and why.

    RUN1 and RUN2 are folders that `grader grade` made, say before and after a change of points or of a reference.
    Grade both on the same hidden inputs (--seed, or $GRADER_SEED), so that only the change shows. Exits with 0 whether
    or not somebody moved.

    \b
    grader grade submissions/ --out before/ --seed 7
    grader grade submissions/ --out after/ --seed 7
    grader compare before/ after/
    """
    import json

    from grader.reports import changes, stored

    runs = [stored.read(folder) for folder in (before, after)]
    found = changes.compare(runs[0].rows, runs[1].rows)
    if as_json:
        click.echo(json.dumps(_as_dict(found)))
        return
    for line in _as_text(found, (str(before), str(after))):
        click.echo(line)
    marked = [{e["name"] for e in run.outline} for run in runs]
    if not marked[0] & marked[1]:
        click.echo("the runs have no exercise in common: these are two assignments", err=True)
    seeds = [run.about.get("seed") for run in runs]
    if seeds[0] != seeds[1]:
        click.echo("the runs have different seeds: some moves may come from other hidden inputs", err=True)


def _as_text(found: Comparison, names: tuple[str, str]) -> list[str]:
    from grader import messages

    lines = []
    for move in found.moves:
        lines.append(messages.moved(move.name, move.points, move.most))
        if move.by_hand:
            lines.append("    " + messages.BY_HAND)
        if move.late[0] != move.late[1]:
            lines.append("    " + messages.late_changed(*move.late))
        if move.status[0] != move.status[1]:  # it says it all
            lines.append("    " + messages.status_changed(*move.status))
        else:
            lines += ["    " + _why(change) for change in move.changes]
    common = [(change, count) for change, count in found.reasons if count > 1]
    if common:
        lines += ["", "what several have in common:"]
        lines += [f"    {messages.shared(count)}: {_why(change)}" for change, count in common]
    up, down = sum(m.by > 0 for m in found.moves), sum(m.by < 0 for m in found.moves)
    lines += [""] if lines else []
    lines.append(messages.compared(up, down, len(found.moves) - up - down, found.same))
    lines += [messages.only_in(run, who) for run, who in zip(names, (found.left, found.came), strict=True) if who]
    return lines


def _why(change: Change) -> str:
    from grader import messages

    place = f"{change.exercise} {change.stage}".strip()
    return messages.why(place, change.points, change.outcome, change.cause, change.weight)


def _as_dict(found: Comparison) -> dict[str, Any]:
    return {
        "moves": [
            {
                "submission": move.name,
                "points": list(move.points),
                "max_points": list(move.most),
                "by": move.by,
                "status": list(move.status),
                "by_hand": move.by_hand,
                "late": list(move.late),
                "changes": [
                    {
                        "exercise": change.exercise,
                        **({"stage": change.stage} if change.stage else {}),
                        "points": list(change.points),
                        "max_points": list(change.weight),
                        "outcome": list(change.outcome),
                        **({"cause": list(change.cause)} if any(change.cause) else {}),
                    }
                    for change in move.changes
                ],
            }
            for move in found.moves
        ],
        "same": found.same,
        "only_before": list(found.left),
        "only_after": list(found.came),
    }
