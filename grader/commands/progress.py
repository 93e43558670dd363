"""Progress of long work on stderr: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Any

import click

EVERY = 100  # submissions between two plain lines


class Progress:
    """To be called with how many are done, how many there are, and the names of what is under way."""

    def __init__(self) -> None:
        self.bar: Any = None
        self.task: Any = None
        self.began = time.monotonic()
        self.told = 0

    def __call__(self, done: int, total: int, name: str) -> None:
        if sys.stderr.isatty():
            self._drawn(done, total, name)
        elif name and done // EVERY > self.told // EVERY:
            self.told = done
            rate = done / max(time.monotonic() - self.began, 1e-9)
            click.echo(
                f"{done} of {total} graded, {rate:.1f} a second, about {(total - done) / rate:.0f} s to go", err=True
            )

    def _drawn(self, done: int, total: int, name: str) -> None:
        from rich.markup import escape

        if self.bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            self.bar = Bar(
                BarColumn(),
                MofNCompleteColumn(),
                TaskProgressColumn("{task.speed:>5.1f}/s", show_speed=True),
                TimeRemainingColumn(),
                TextColumn("{task.description}"),
                console=Console(stderr=True),
                transient=True,
            )
            self.bar.start()
            self.task = self.bar.add_task("", total=total)
        self.bar.update(self.task, completed=done, description=escape(name))
        if not name:
            self.bar.stop()
