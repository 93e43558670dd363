"""`grader build`, `validate`, `release` and `explain`: what is made of the references, and what they hold."""

from __future__ import annotations

from pathlib import Path

import click

from grader.commands.asked import all_known, kit_of, notebook_names


@click.command()
@click.pass_context
def build(ctx: click.Context) -> None:
    """Renew what is derived from the references: assignment/, exercise cells of notebooks/, data/public/."""
    from grader import atomic
    from grader import release as releasing

    kit = kit_of(ctx)
    if not kit.references:
        raise click.UsageError(
            f"there are no references in {kit.solutions} to build from. In the folder that students get there is "
            "nothing to build: grader check FILE looks at what is filled in"
        )
    with atomic.told(kit.root):
        changed = releasing.build(kit)
    for path in changed:
        click.echo(f"{path.relative_to(kit.root)}{'' if path.exists() else '  removed: it has no reference'}")
    click.echo(
        f"{len(changed)} file{'s' if len(changed) > 1 else ''} changed"
        if changed
        else "everything fits the references",
        err=True,
    )


@click.command()
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


@click.command()
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the folder for students goes.",
)
@click.option("--notebook", "notebooks", multiple=True, help="Only this notebook (may be repeated).")
@click.option("--force", is_flag=True, help="Renew an earlier release there. What was not of it stays.")
@click.pass_context
def release(ctx: click.Context, out: Path, notebooks: tuple[str, ...], force: bool) -> None:
    """Make the folder that students get: stubs, notebooks, public data, instructions. No solutions.

    \b
    grader release --out for_students/
    grader release --out week2/ --notebook 02_linear_classifiers     # then grade with the same --notebook
    """
    from grader import atomic
    from grader import release as releasing

    kit = kit_of(ctx)
    chosen = notebook_names(kit, notebooks) if notebooks else None
    kit.hidden(0)  # fails before anything is written
    with atomic.told(out):
        make_room(out, force)
        written = releasing.release(kit, out, chosen)
    click.echo(f"{len(written)} files for students in {out}")


def make_room(out: Path, force: bool) -> None:
    """Refuse to write over anything unasked, or into what is no release."""
    from grader.release import is_release

    if not out.exists() or not any(out.iterdir()):
        return
    if not is_release(out):
        raise click.UsageError(f"{out} is not empty, and what is in it is no earlier release: name another folder")
    if not force:
        raise click.UsageError(f"{out} holds an earlier release: add --force to renew it, or name another folder")


@click.command()
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
