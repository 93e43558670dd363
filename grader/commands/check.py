"""`grader check`: how a student's own file fares on the public inputs."""

from __future__ import annotations

from pathlib import Path

import click

from grader.commands.asked import ENTRY, LAYOUT, REQUIRE, all_known, kit_of, told_what_is_open


@click.command()
@click.argument("files", nargs=-1, required=True, type=ENTRY)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file (schema 1) instead of text.")
@click.option(
    "--hint",
    type=click.IntRange(1, 3),
    help="How much to tell of the first thing to mend: 1 where, 2 what kind of slip, 3 what to think about. Default: "
    "[kit] hint in grader.toml, else 1.",
)
@click.option("--exercise", "only", multiple=True, help="Only this exercise (may be repeated).")
@LAYOUT
@REQUIRE
@click.pass_context
def check(
    ctx: click.Context,
    files: tuple[Path, ...],
    as_json: bool,
    hint: int | None,
    only: tuple[str, ...],
    layout: str | None,
    require: bool,
) -> None:
    """Check submissions on the public inputs: notebooks, .py files, folders or zips.

    Exits with 1 if any exercise in them has not full points.

    \b
    grader check notebooks/02_linear_classifiers.ipynb
    grader check assignment/svm.py --exercise svm_loss_vectorized --hint 3
    grader check --layout cs231n ~/cs231n/assignment1
    """
    import json

    kit = kit_of(ctx, near=files[0])
    right = True
    with kit.sandbox(require=require) as sandbox:  # while it starts, the rest is loaded
        from grader.marker import public_marker
        from grader.reports import text

        layout = layout or kit.config.layout
        near = () if only else files  # what stands in no file need not be read
        marker = public_marker(kit, layout, near)
        all_known(only, [e.name for e in marker.exercises])
        told_what_is_open(sandbox.confinement)
        for path in files:
            units = marker.read(path)
            names = only or marker.found(units)
            if not names and near:
                marker, near = public_marker(kit, layout), ()
            names = names or [e.name for e in marker.exercises]
            mark = marker.narrowed(names).mark(path.stem, units, sandbox, explain_all=not as_json, only=names)
            mark = mark.ordered([name for unit in units for name in unit.functions])
            right = right and mark.status == "graded" and mark.points == mark.max_points
            if as_json:
                from grader.reports import machine

                click.echo(json.dumps(machine.submission(mark, public=True)))
            else:
                click.echo(text.submission(mark, public=True, hints=hint or kit.config.hint), nl=False)
    ctx.exit(0 if right else 1)
