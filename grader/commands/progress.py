"""Progress of long work on stderr: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections import deque
from datetime import timedelta
from typing import Any

import click

EVERY = 100  # submissions between two plain lines
QUIET = 30.0  # seconds after which there is one before that
LATEST = 50  # submissions that the rate is taken from: those that need not be run again go by much faster
PAUSE = 0.1  # seconds between two pictures of the bar


class Progress:
    """To be called with how many are done, how many there are, and the names of what is under way.

    Use as a context manager: a terminal gets its cursor back however the work ends. The bar is drawn when it is called
    and not by a thread of its own, as workers are forked while it is there.
    """

    def __init__(self) -> None:
        self.bar: Any = None
        self.task: Any = None
        now = time.monotonic()
        self.ends = deque([now], LATEST + 1)  # when the latest were done
        self.done = 0
        self.drawn = 0.0
        self.told, self.told_at = 0, now

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()
            self.bar = None

    def __call__(self, done: int, total: int, name: str) -> None:
        now = time.monotonic()
        self.ends.extend([now] * min(done - self.done, LATEST))
        self.done = done
        if sys.stderr.isatty():
            self._drawn(done, total, name)
        elif name and done and (done // EVERY > self.told // EVERY or now > self.told_at + QUIET):
            self.told, self.told_at = done, now
            left = f"about {(total - done) / self.rate:.0f} s to go"
            click.echo(f"{done} of {total} graded, {self.rate:.1f} a second, {left}; now {name}", err=True)

    @property
    def rate(self) -> float:
        """Submissions a second, of the latest."""
        return (len(self.ends) - 1) / max(self.ends[-1] - self.ends[0], 1e-9)

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
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
            from rich.progress import Progress as Bar

            self.bar = Bar(
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"),
                TextColumn("{task.description}"),
                console=Console(stderr=True),
                transient=True,
                auto_refresh=False,
            )
            self.task = self.bar.add_task("", total=total, rate="")
            self.bar.start()
        now = time.monotonic()
        rate = f"{self.rate:.1f}/s {timedelta(seconds=round((total - done) / self.rate))}" if done else ""
        draw = done == total or now > self.drawn + PAUSE
        self.bar.update(self.task, completed=done, description=escape(name), rate=rate, refresh=draw)
        if draw:
            self.drawn = now
