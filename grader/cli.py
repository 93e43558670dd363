"""The command `grader`. stdout is the result, stderr is progress.

Exit codes: 0 done, 1 something asked about failed, 2 wrong use.
"""

from __future__ import annotations

import gc
import os
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from grader import __version__
from grader.commands.asked import FOLDER
from grader.limits import THREADS

COMMANDS = {
    "build": "author",
    "check": "check",
    "compare": "runs",
    "demo": "grade",
    "doctor": "doctor",
    "explain": "author",
    "export": "export",
    "gradebook": "gradebook",
    "grade": "grade",
    "gradescope": "gradescope",
    "init": "init",
    "inspect": "inspect",
    "release": "author",
    "report": "runs",
    "similar": "similar",
    "validate": "author",
}  # the module of `grader.commands` that has it, loaded when it is asked for
SELDOM = 100_000  # objects between two looks for garbage: there is little, as most of what is made stays


class _Group(click.Group):
    """Loads a command when it is asked for, and turns our errors into a sentence and an exit code; a traceback is only
    ever our own fault."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        found: click.Command = getattr(import_module(f"grader.commands.{COMMANDS[name]}"), name)
        return found

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
    for name, count in THREADS.items():  # before numpy is loaded
        os.environ.setdefault(name, count)


def run() -> None:
    """The command itself, in a process of its own."""
    gc.set_threshold(SELDOM)
    try:
        main()
    finally:
        gc.freeze()  # what ends with the process need not be looked through once more


if __name__ == "__main__":
    run()
