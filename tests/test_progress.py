"""Grading on a terminal: a bar while it goes on, no trace of it afterwards, however it ends."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import RELU

from grader.commands.progress import Progress

pty = pytest.importorskip("pty")


def on_a_terminal(at: Path, *more: str, interrupted_at: bytes | None = None) -> tuple[int, str]:
    """Exit code and all that is on the screen; Ctrl-C once a text is there."""
    command = [sys.executable, "-m", "grader.cli", "--kit", at / "kit", "grade", at / "class", "--out", at / "out"]
    pid, screen = pty.fork()
    if pid == 0:
        os.execve(sys.executable, [*map(str, command), *more], {**os.environ, "TERM": "xterm", "COLUMNS": "120"})
    shown = b""
    try:
        while part := os.read(screen, 1 << 16):
            shown += part
            if interrupted_at is not None and interrupted_at in shown:
                os.kill(pid, signal.SIGINT)
                interrupted_at = None
    except OSError:  # how Linux says that the other side is closed
        pass
    os.close(screen)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_bar_counts_and_is_gone_when_all_is_done(small: Path, jobs: str) -> None:
    code, shown = on_a_terminal(small, "--jobs", jobs)
    assert code == 0, shown
    assert "3/3" in shown
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")  # the cursor is back
    assert shown.count("\x1b[?25l") == 1  # it was there from the first to the last
    assert shown.rindex("3/3") < shown.rindex("\x1b[?25h") < shown.index("3 submissions; report:")


def test_ctrl_c_gives_the_cursor_back(small: Path) -> None:
    slow = RELU.format("x").replace("out =", "while True: pass\n    out =")
    (small / "class" / "ada.py").write_text(slow)
    code, shown = on_a_terminal(small, "--jobs", "2", interrupted_at=b"ada")
    assert code == 130, shown
    assert "Traceback" not in shown
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")


def test_the_time_to_go_is_told_by_what_is_run_now(capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    now = [0.0]
    monkeypatch.setattr("grader.commands.progress.time.monotonic", lambda: now[0])
    progress = Progress()
    for done in range(1, 201):  # known from an earlier run
        now[0] += 0.001
        progress(done, 330, "ada")
    for done in range(201, 301):
        now[0] += 0.5
        progress(done, 330, f"s{done}, s{done + 1}")
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1] == "300 of 330 graded, 2.0 a second, about 15 s to go; now s300, s301"
    assert any(line.startswith("261 of 330") for line in lines)  # half a minute without a line
