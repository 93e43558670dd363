"""`grader gradescope`: what `run_autograder` calls in Gradescope's container."""

from __future__ import annotations

from pathlib import Path

import click

from grader.commands.asked import kit_of


@click.command()
@click.option(
    "--root",
    default="/autograder",
    show_default=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder that holds submission/ and results/.",
)
@click.pass_context
def gradescope(ctx: click.Context, root: Path) -> None:
    """Grade the one submission of a Gradescope container and write results/results.json.

    "grader export gradescope-autograder" makes the zip in which this runs. To try it without Gradescope, unpack the
    zip into FOLDER/source, put files into FOLDER/submission, and

    \b
    grader --kit FOLDER/source/kit gradescope --root FOLDER
    """
    from grader import autograder

    click.echo(autograder.run(kit_of(ctx), root))
