"""The command `grader`. stdout is the result, stderr is progress.

Exit codes: 0 done, 1 something asked about failed, 2 wrong use.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader import __version__
from grader.commands import runs
from grader.commands import similar as similarity
from grader.commands.asked import all_known, exercises, kit_of, notebook_names, seed_of
from grader.commands.doctor import doctor
from grader.commands.export import export
from grader.commands.gradebook import gradebook
from grader.commands.gradescope import gradescope
from grader.commands.init import init
from grader.commands.inspect import delivery, delivery_options, inspect, show_delivery
from grader.commands.progress import Progress

if TYPE_CHECKING:
    from grader.classroom import Run
    from grader.confine import Confinement

WIDEST_NAME = 40  # characters of a submission's name in the summary
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
ENTRY = click.Path(exists=True, path_type=Path)
REQUIRE = click.option(
    "--require-sandbox",
    "require",
    is_flag=True,
    help="Refuse to start unless file access and system calls of student code are confined here (grader doctor).",
)
LAYOUT = click.option(
    "--layout",
    metavar="NAME",
    help="The submissions are in another form than the kit's: layouts/NAME.toml says which (cs231n: filled-in "
    "assignments of CS231n, as they are). Default: [kit] layout in grader.toml.",
)


class _Group(click.Group):
    """Turns our errors into a sentence and an exit code; a traceback is only ever our own fault."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            goes_on = "; give the command again to go on where it stood" if ctx.invoked_subcommand == "grade" else ""
            click.echo(f"\nended by Ctrl-C{goes_on}", err=True)
            ctx.exit(130)
        except Exception as error:
            kind = type(error).__name__
            if kind == "AnnotationError":
                click.echo(f"a reference breaks the grammar\n{error}", err=True)
                ctx.exit(1)
            if kind in ("KitError", "StaleData", "SandboxError"):
                click.echo(f"Error: {error}", err=True)
                ctx.exit(2)
            if kind == "CannotWrite":
                click.echo(f"Error: {error}", err=True)
                ctx.exit(1)
            raise


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="grader")
@click.option(
    "--kit",
    "kit_folder",
    type=FOLDER,
    help="The kit: a folder with grader.toml. Default: this folder or the nearest above it that has one.",
)
@click.pass_context
def main(ctx: click.Context, kit_folder: Path | None) -> None:
    """Mark backpropagation stage by stage.

    \b
    A student:     grader check my_notebook.ipynb
    An instructor: grader grade submissions/ --out report/
                   grader release --out for_students/
    An author:     grader build; grader validate
    Just looking:  grader demo
    """
    ctx.obj = kit_folder


@main.command()
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

        marker = public_marker(kit, layout or kit.config.layout)
        known = [e.name for e in marker.exercises]
        all_known(only, known)
        _told_what_is_open(sandbox.confinement)
        for path in files:
            units = marker.read(path)
            names = only or marker.found(units) or known
            mark = marker.narrowed(names).mark(path.stem, units, sandbox, explain_all=not as_json, only=names)
            right = right and mark.status == "graded" and mark.points == mark.max_points
            if as_json:
                from grader.reports import machine

                click.echo(json.dumps(machine.submission(mark, public=True)))
            else:
                click.echo(text.submission(mark, public=True, hints=hint or kit.config.hint), nl=False)
    ctx.exit(0 if right else 1)


@main.command()
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

    kit = kit_of(ctx)
    layout = layout or kit.config.layout
    with delivery(folder, roster, lms) as found:
        chosen = exercises(kit, only, notebooks)
        show_delivery(found, kit.config.late is not None)
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
            )
    _told_what_is_open(run.confinement)
    similarity.keep(out, pairs)
    _summary(run)
    ctx.exit(1 if run.faults else 0)


@main.command()
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


@main.command()
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the folder for students goes.",
)
@click.option("--notebook", "notebooks", multiple=True, help="Only this notebook (may be repeated).")
@click.option("--force", is_flag=True, help="Empty the output folder first.")
@click.pass_context
def release(ctx: click.Context, out: Path, notebooks: tuple[str, ...], force: bool) -> None:
    """Make the folder that students get: stubs, notebooks, public data, instructions. No solutions.

    \b
    grader release --out for_students/
    grader release --out week2/ --notebook 02_linear_classifiers     # then grade with the same --notebook
    """
    from grader import release as releasing

    kit = kit_of(ctx)
    chosen = notebook_names(kit, notebooks) if notebooks else None
    kit.hidden(0)  # fails before anything is removed
    _make_room(out, force)
    if out.is_dir():
        releasing.clear(out)
    written = releasing.release(kit, out, chosen)
    click.echo(f"{len(written)} files for students in {out}")


@main.command()
@click.pass_context
def build(ctx: click.Context) -> None:
    """Renew what is derived from the references: assignment/, exercise cells of notebooks/, data/public/."""
    from grader import release as releasing

    kit = kit_of(ctx)
    changed = releasing.build(kit)
    for path in changed:
        click.echo(path.relative_to(kit.root))
    click.echo(f"{len(changed)} files renewed" if changed else "everything fits the references", err=True)


@main.command()
@click.option("--seed", type=int, default=4, show_default=True, help="Seed of the inputs that are used.")
@click.option(
    "--mutants",
    "mutated",
    is_flag=True,
    help="Instead: change every reference line by line, hand each of these mutants in, and count how many are caught, "
    "and how many at the stage that was changed.",
)
@click.option("--exercise", "only", multiple=True, help="Mutants of this exercise only (may be repeated).")
@click.option(
    "--number",
    type=click.IntRange(1),
    default=24,
    show_default=True,
    help="Mutants of an exercise; at least two of every stage.",
)
@click.option("--all", "every", is_flag=True, help="All mutants there are, some thousands: minutes.")
@click.option(
    "--jobs", type=click.IntRange(1), help="Processes that mark mutants. Default: one a processor, 4 at most."
)
@click.pass_context
def validate(
    ctx: click.Context, seed: int, mutated: bool, only: tuple[str, ...], number: int, every: bool, jobs: int | None
) -> None:
    """Prove the references right and the grader able to catch mistakes.

    For every exercise: the reference gets full marks and its gradients agree with numerical ones, the stub gets
    none, every named mistake is caught at its own stage and nowhere else, shapes are as documented. Exits with 1
    and names the place where something is wrong.

    \b
    grader validate
    grader validate --mutants
    grader validate --mutants --all --exercise svm_loss_vectorized
    """
    from grader import validate as validating
    from grader.commands import mutants

    kit = kit_of(ctx)
    problems: list[str] = []
    if not kit.references:
        raise click.UsageError(f"{kit.solutions} holds no exercises")
    if mutated:
        all_known(only, [r.name for r in kit.references])
        ctx.exit(0 if mutants.show(kit, only, None if every else number, seed, jobs) else 1)
    if only or every:
        raise click.UsageError("--exercise and --all go with --mutants: grader validate --mutants --exercise NAME")
    click.echo(f"{'exercise':<28} {'stages':>6} {'points':>6} {'mistakes caught':>16}")
    for report in validating.validate(kit, seed):
        e = report.exercise
        mark = "" if not report.problems else "  <--"
        click.echo(f"{e.name:<28} {len(e.stages):>6} {e.points:>6} {report.caught:>9} of {report.mistakes:>3}{mark}")
        problems += report.problems
    problems += validating.leftovers(kit)
    for problem in problems:
        click.echo(problem)
    click.echo("everything holds" if not problems else f"{len(problems)} problem(s)")
    ctx.exit(1 if problems else 0)


@main.command()
@click.argument("exercise", required=False)
@click.pass_context
def explain(ctx: click.Context, exercise: str | None) -> None:
    """Show the stages of EXERCISE with shapes and points; without it, list all exercises."""
    kit = kit_of(ctx)
    from grader.release import notebook_exercises, notebook_paths, read_notebook

    exercises = {o.exercise.name: o.exercise for o in kit.public()}
    if exercise is None:
        groups = {p.stem: notebook_exercises(read_notebook(p)) for p in notebook_paths(kit)}
        placed = {name for names in groups.values() for name in names}
        groups["in no notebook"] = [name for name in exercises if name not in placed]
        for group, names in groups.items():
            known = [exercises[name] for name in names if name in exercises]
            if known:
                click.echo(f"{group}  ({sum(e.points for e in known)} points in all)")
            for e in known:
                click.echo(f"  {e.name:<26} {e.points:>3} points  {', '.join(s.name for s in e.stages)}")
        return
    if exercise not in exercises:
        raise click.BadParameter(f"no exercise {exercise}; known: {', '.join(exercises)}", param_hint="EXERCISE")
    e = exercises[exercise]
    of = "" if e.worth is None else f" (for {e.stage_points} stage points)"
    click.echo(f"{e.name}({', '.join(e.parameters)})   {e.points} points{of}\n\n{e.docstring}\n")
    part = ""
    for s in e.stages:
        click.echo(f"  {s.part if s.part != part else '':<9} {s.name:<12} {s.shape:<20} {s.points}  {s.what}")
        part = s.part
    for name, points, what, _ in e.checks:
        click.echo(f"  {'check':<9} {name}   {points}  {what}")


def _make_room(out: Path, force: bool) -> None:
    """Refuse to write over anything unasked."""
    if out.exists() and any(out.iterdir()) and not force:
        raise click.UsageError(f"{out} is not empty: name another folder, or add --force to replace what is in it")


def _told_what_is_open(confinement: Confinement | None) -> None:
    """One line on stderr, if there is anything to tell."""
    from grader import messages

    told = messages.confinement(confinement) if confinement is not None else ""
    if told:
        click.echo(f"note: {told}", err=True)


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


main.add_command(init)
main.add_command(inspect)
main.add_command(export)
main.add_command(gradescope)
main.add_command(runs.report)
main.add_command(doctor)
main.add_command(runs.compare)
main.add_command(similarity.similar)
main.add_command(gradebook)

if __name__ == "__main__":
    main()
