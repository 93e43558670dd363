"""`grader report` and `grader compare`: what can be made of runs that are done."""

from __future__ import annotations

from pathlib import Path

import click

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
