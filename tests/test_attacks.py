"""Every file of `attacks/` is a submission that means harm. None gains a mark, reads a secret or touches what is not its
own; each ends as its first line says, within its deadline, and the next submission is graded right.

`# expect:` names the outcomes an attack may end with. `# open:` names the harm it does where files and system calls are
not confined: a second test runs those unconfined and sees the harm, so that the first is known to be able to fail.
Words between @ are filled in with places and processes that the test watches.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT

from grader.calls import Answer, Session
from grader.confinement import Part
from grader.grading import Bench
from grader.kit import Kit
from grader.limits import Limits
from grader.reports import machine, text
from grader.reports.cell import Card
from grader.sandbox import Sandbox
from grader.scoring import ExerciseMark, SubmissionMark
from grader.submission import from_sources

ATTACKS = sorted((Path(__file__).parent / "attacks").glob("*.py"))
OWN = 200 + os.getpid() % 100  # MB; by this number a process of this run is known from those of another
LIMITS = Limits(seconds=0.3, total_seconds=2.0, cpu=2, memory_mb=OWN, output_mb=8)
AMPLE = replace(LIMITS, seconds=10.0, total_seconds=30.0)  # for who is honest, on a machine that is busy
LONGEST = 3 * (LIMITS.total_seconds + 2)  # three runs at most: plain, observed, gradients
EXERCISES = ("relu_forward", "sigmoid_forward", "sigmoid_backward", "svm_loss_vectorized")
GOOD = ("relu.py", "sigmoid.py", "svm.py")  # of solutions/
HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]")


def said(attack: Path, key: str) -> list[str]:
    found = re.search(rf"^# {key}: (.*)$", attack.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1].split("|") if found else []


@dataclass
class Canary:
    """What an attack is told of, and must not reach."""

    folder: Path
    secret: str
    process: subprocess.Popen[bytes]
    server: socket.socket

    def fill(self, attack: str) -> str:
        places = {
            "SECRET": self.folder / "secret.txt",
            "NAME": "kept",
            "FOLDER": self.folder,
            "PID": self.process.pid,
            "PORT": self.server.getsockname()[1],
            "KIT": ROOT,
        }
        return re.sub("@([A-Z]+)@", lambda found: str(places[found[1]]), attack)

    def state(self) -> dict[str, Any]:
        """All that could have been touched."""
        files = {}
        for path in sorted(self.folder.iterdir()):
            there = path.lstat()
            content = path.read_bytes() if path.is_file() else b""
            files[path.name] = (there.st_mode, there.st_size, there.st_mtime_ns, there.st_nlink, content)
        try:
            self.server.accept()[0].close()
            visited = True
        except BlockingIOError:
            visited = False
        alive = self.process.poll() is None
        return {
            "written": files,
            "killed": alive and Path(f"/proc/{self.process.pid}/stat").read_text().split()[2] in "SR",
            "priority": os.getpriority(os.PRIO_PROCESS, self.process.pid) if alive else None,
            "connected": visited,
            "shared": os.path.exists("/dev/shm/kept"),
            "process": sandboxed(),
        }


def sandboxed() -> list[int]:
    """Every process of a sandbox of this run, and no zombie."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            command = (entry / "cmdline").read_bytes() if entry.name.isdigit() else b""
            if b"grader.zygote" in command and b'"memory": %d,' % (OWN << 20) in command:
                found.append(int(entry.name))
    return sorted(found)


@contextlib.contextmanager
def made_canary(folder: Path) -> Iterator[Canary]:
    secret = "canary" + secrets.token_hex(12)
    place, elsewhere = folder / "class", folder / secret
    for made in (place, elsewhere):
        made.mkdir(parents=True)
        made.chmod(0o777)
    (place / "secret.txt").write_text(secret)
    (place / "secret.txt.py").write_text(f"text = {secret!r}\n")
    (place / "kept").write_text("kept")
    (place / secret).write_text("another submission")
    for path in place.iterdir():
        path.chmod(0o666)
    process = subprocess.Popen(
        [sys.executable, "-S", "-c", "import time; print(flush=True); time.sleep(600)", secret],
        env={"CANARY": secret},
        cwd=elsewhere,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()
    server = socket.create_server(("127.0.0.1", 0))
    server.setblocking(False)
    try:
        yield Canary(place, secret, process, server)
    finally:
        server.close()
        process.kill()
        process.communicate()
        with contextlib.suppress(OSError):
            os.unlink("/dev/shm/kept")


class Recording:
    """A sandbox whose answers are kept as they came."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.answers: list[Answer] = []

    @contextlib.contextmanager
    def session(self) -> Iterator[Session]:
        with self.sandbox.session() as self.inner:
            yield self

    def run(self, *job: Any) -> list[Answer]:
        answers = self.inner.run(*job)
        self.answers += answers
        return answers


def everything(value: Any) -> bytes:
    """All text and numbers in a value, numbers read as bytes where they can be."""
    if isinstance(value, np.ndarray):
        small = value[(value >= 0) & (value < 256)] if value.dtype.kind in "iuf" else value
        return small.astype(np.uint8).tobytes() if value.dtype.kind in "iuf" else b""
    if isinstance(value, dict):
        return b" ".join(everything(v) for pair in value.items() for v in pair)
    if isinstance(value, list | tuple):
        return b" ".join(map(everything, value))
    if hasattr(value, "__dict__"):
        return everything(vars(value))
    return str(value).encode("utf-8", "replace")


@pytest.fixture(scope="module")
def small(kit: Kit) -> Bench:
    return Bench([o for o in kit.hidden(99) if o.exercise.name in EXERCISES])


@pytest.fixture(scope="module")
def good(kit: Kit) -> list[tuple[str, str]]:
    return [(name, (kit.solutions / name).read_text(encoding="utf-8")) for name in GOOD]


@pytest.fixture(scope="module")
def confined() -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CANARY", "canary of the environment")
        with Sandbox(LIMITS, require=True) as sandbox:
            assert sandbox.confinement
            yield sandbox


@pytest.fixture(scope="module")
def naked() -> Iterator[Sandbox]:
    with Sandbox(AMPLE, without=(Part.FILES, Part.CALLS, Part.DISK, Part.PROCESSES)) as sandbox:
        assert not sandbox.confinement.strict
        yield sandbox


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory, confined: Sandbox) -> Iterator[Canary]:
    with made_canary(tmp_path_factory.mktemp("canary")) as made:
        yield made


def grade(bench: Bench, sandbox: Any, attack: Path, canary: Canary) -> tuple[SubmissionMark, ExerciseMark]:
    name = (said(attack, "exercise") or ["relu_forward"])[0]
    submission = from_sources("mallory", [("attack.py", canary.fill(attack.read_text(encoding="utf-8")))], bench.stubs)
    only = [n for n in EXERCISES if n in submission.functions]
    mark = bench.mark(submission, sandbox, only=only)
    return mark, next(m for m in mark.exercises if m.exercise.name == name)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda path: path.stem)
def test_an_attack_gains_nothing(
    attack: Path, small: Bench, confined: Sandbox, canary: Canary, good: list[tuple[str, str]]
) -> None:
    before, descriptors, here = canary.state(), len(os.listdir("/proc/self/fd")), os.getcwd()
    recording = Recording(confined)
    began = time.monotonic()
    whole, mark = grade(small, recording, attack, canary)
    took = time.monotonic() - began
    rows = (
        json.dumps(machine.submission(whole))
        + text.submission(whole, public=False, hints=3)
        + Card(mark, 3)._repr_html_()
    )

    assert mark.points == 0
    assert str(mark.outcome) in said(attack, "expect"), (mark.error, rows)
    assert took < LONGEST
    leaked = everything(recording.answers)
    for secret in (canary.secret, "canary of the environment"):
        assert secret.encode() not in leaked
        assert secret not in rows
    assert not HIDDEN.search(rows)
    assert canary.state() == before
    assert (len(os.listdir("/proc/self/fd")), os.getcwd()) == (descriptors, here)

    confined.limits = AMPLE
    honest = small.mark(from_sources("ada", good, small.stubs), confined)
    confined.limits = LIMITS
    assert honest.points == honest.max_points > 0


@pytest.mark.parametrize("attack", [a for a in ATTACKS if said(a, "open")], ids=lambda path: path.stem)
def test_without_confinement_the_attack_does_its_harm(
    attack: Path, small: Bench, naked: Sandbox, tmp_path: Path
) -> None:
    (harm,) = said(attack, "open")
    with made_canary(tmp_path) as own:
        before = own.state()
        recording = Recording(naked)
        _, mark = grade(small, recording, attack, own)
        after = own.state()
    if harm == "secret":
        assert own.secret.encode() in everything(recording.answers)
    elif harm == "marks":
        assert mark.points > 0
    else:
        assert after[harm] != before[harm]


def test_there_are_attacks_of_every_kind() -> None:
    assert len(ATTACKS) >= 70
    assert all(said(a, "expect") and a.read_text(encoding="utf-8").count('"""') >= 2 for a in ATTACKS)
    assert {o for a in ATTACKS for o in said(a, "expect")} <= {"failed", "missing", "crashed", "stopped", "refused"}
    assert sum(bool(said(a, "open")) for a in ATTACKS) > 30
