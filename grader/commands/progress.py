"""Progress of long work on stderr: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Any

import click

EVERY = 100  # submissions between two plain lines
PAUSE = 0.1  # seconds between two pictures of the bar


class Progress:
    """To be called with how many are done, how many there are, and the names of what is under way.

    Use as a context manager: a terminal gets its cursor back however the work ends. The bar is drawn when it is called
    and not by a thread of its own, as workers are forked while it is there.
    """

    def __init__(self) -> None:
        self.bar: Any = None
        self.task: Any = None
        self.began = time.monotonic()
        self.drawn = 0.0
        self.told = 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()
            self.bar = None

    def __call__(self, done: int, total: int, name: str) -> None:
        if sys.stderr.isatty():
            self._drawn(done, total, name)
        elif name and done // EVERY > self.told // EVERY:
            self.told = done
            rate = done / max(time.monotonic() - self.began, 1e-9)
            click.echo(
                f"{done} of {total} graded, {rate:.1f} a second, about {(total - done) / rate:.0f} s to go", err=True
            )

    def note(self, line: str) -> None:
        """One line that stays, beside the bar."""
        if self.bar is not None:
            self.bar.console.print(line, markup=False, highlight=False, soft_wrap=True)
        else:
            click.echo(line, err=True)

    def _drawn(self, done: int, total: int, name: str) -> None:
        from rich.markup import escape

        if self.bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            self.bar = Bar(
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                TextColumn("{task.description}"),
                console=Console(stderr=True),
                transient=True,
                auto_refresh=False,
            )
            self.task = self.bar.add_task("", total=total, rate="")
            self.bar.start()
        now = time.monotonic()
        rate = f"{done / max(now - self.began, 1e-9):.1f}/s" if done else ""
        draw = done == total or now > self.drawn + PAUSE
        self.bar.update(self.task, completed=done, description=escape(name), rate=rate, refresh=draw)
        if draw:
            self.drawn = now
