"""What commands are asked for, checked: the kit, exercises, a seed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from grader.confinement import Confinement
    from grader.kit import Kit


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


def kit_of(ctx: click.Context, near: Path | None = None) -> Kit:
    from grader.kit import find

    chosen: Path | None = ctx.obj
    return find(chosen, near)


def all_known(names: Iterable[str], known: list[str]) -> None:
    for name in names:
        if name not in known:
            raise click.BadParameter(f"{name} is no exercise; known: {', '.join(known)}", param_hint="--exercise")


def exercises(kit: Kit, only: tuple[str, ...], notebooks: tuple[str, ...]) -> list[str]:
    """Names of the exercises that are asked for, [] for all."""
    from grader.release import notebook_exercises, notebook_paths, read_notebook

    if not only and not notebooks:
        return []
    if len(kit.some(only)) < len(set(only)):
        all_known(only, [r.name for r in kit.references])
    paths = {p.stem: p for p in notebook_paths(kit)}
    there = [e for stem in notebook_names(kit, notebooks) for e in notebook_exercises(read_notebook(paths[stem]))]
    known = {r.name for r in kit.some(there)}
    found = [*only, *(e for e in there if e in known)]
    if not found:
        raise click.BadParameter(f"there is no exercise in {', '.join(notebooks)}", param_hint="--notebook")
    return found


def notebook_names(kit: Kit, notebooks: tuple[str, ...]) -> list[str]:
    """Notebooks by their stems, however they were named."""
    from grader.release import notebook_paths

    known, found = [p.stem for p in notebook_paths(kit)], [Path(name).stem for name in notebooks]
    for name, stem in zip(notebooks, found, strict=True):
        if stem not in known:
            raise click.BadParameter(f"no notebook {name}; known: {', '.join(known)}", param_hint="--notebook")
    return found


def seed_of(seed: int | None) -> int | None:
    if seed is not None and seed < 0:
        raise click.BadParameter("a seed is not negative", param_hint="--seed")
    return seed


def told_what_is_open(confinement: Confinement | None) -> None:
    """One line on stderr, if there is anything to tell."""
    from grader import messages

    told = messages.confinement(confinement) if confinement is not None else ""
    if told:
        click.echo(f"note: {told}", err=True)
