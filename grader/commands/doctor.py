"""`grader doctor`: what is enforced on this machine, and whether everything that is needed is there."""

from __future__ import annotations

from pathlib import Path

import click

TRIAL = """
def trial():
    import random, json, decimal
    a = np.random.default_rng(1).normal(size=(200, 300))
    return np.linalg.norm(a @ a.T) + np.fft.fft(a).real.sum() + random.random()
"""


@click.command()
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Say what this machine can do: versions, the kit, and how far student code is confined.

    Exits with 1 if something that is needed is missing: without it, hostile submissions could read files.

    \b
    grader doctor
    grader --kit backprop_kit/ doctor
    """
    import platform

    import numpy

    from grader import __version__
    from grader.kit import Kit, KitError, find

    chosen: Path | None = ctx.obj
    kit: Kit | None = None
    try:
        kit = find(chosen)
        found = f"{kit.config.title}, in {kit.root}" + ("" if kit.has_solutions else " (a student's: no solutions)")
    except KitError as error:
        found = f"none: {error}"
    click.echo(f"grader  {__version__}")
    click.echo(f"Python  {platform.python_version()} on {platform.system()} {platform.release()} {platform.machine()}")
    click.echo(f"numpy   {numpy.__version__}")
    click.echo(f"kit     {found}\n")
    ctx.exit(0 if _confined(kit) and kit is not None else 1)


def _confined(kit: object) -> bool:
    """Print the table of parts; is everything needed there?"""
    from grader import messages
    from grader.calls import Task
    from grader.confinement import NEEDED, Part
    from grader.kit import Kit
    from grader.sandbox import Sandbox

    with kit.sandbox() if isinstance(kit, Kit) else Sandbox() as sandbox:
        facts = sandbox.confinement
    for fact in facts.facts:
        told = "yes" if fact.enforced else "NO " if fact.part in NEEDED else "no "
        click.echo(f"{told:<4}{fact.part:<32}{messages.part(fact)}")
    click.echo()
    if facts[Part.CALLS].enforced:
        from grader import watch

        with Sandbox(watch=True) as trial:
            trial.run([("trial", 1, TRIAL)], [Task("trial", [[]])])
            refused = ", ".join(watch.name(number) for number in sorted(trial.refused))
        click.echo(f"system calls refused in a trial run of numpy: {refused or 'none'}")
    click.echo("everything needed is enforced" if facts.strict else messages.confinement(facts))
    return facts.strict
