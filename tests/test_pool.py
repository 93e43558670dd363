"""Many submissions at once: the same results from one process, from several and from a cluster, also if some die."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

from grader import classroom, fingerprint
from grader.gradebook import Result
from grader.kit import Kit, KitError
from grader.marker import hidden_marker
from grader.pool import Processes, pool
from grader.submission import Submission
from grader.work import Fault, Grader, Marked, Pool, Setup

CLASS = ROOT / "data" / "sample_class"
ONLY = ("relu_forward", "svm_loss_vectorized")
WAIT = 60.0  # seconds


@pytest.fixture
def grader(kit: Kit) -> Iterator[Grader]:
    made = Grader(kit, Setup(kit.root, 5, ONLY, None, kit.config.limits))
    yield made
    made.close()


@pytest.fixture(scope="module")
def handed_in(kit: Kit) -> list[list[Submission]]:
    marker = hidden_marker(kit, 5, ONLY)
    files = [p for p in sorted(CLASS.iterdir()) if p.suffix in (".py", ".ipynb")][:6]
    return [fingerprint.anonymous(marker.read(p))[0] for p in files]


def through(workers: Pool, handed_in: list[list[Submission]]) -> dict[int, Marked]:
    """Hand in all, and wait for all."""
    found: dict[int, Marked] = {}
    for number, units in enumerate(handed_in):
        while not workers.room:
            found.update(workers.done(patiently=True))
        workers.start(number, units)
    until = time.monotonic() + WAIT
    while len(found) < len(handed_in):
        assert time.monotonic() < until
        found.update(workers.done(patiently=True))
    return found


def rows(found: dict[int, Marked]) -> dict[int, str]:
    assert all(isinstance(m.outcome, Result) for m in found.values())
    return {n: m.outcome.row for n, m in found.items() if isinstance(m.outcome, Result)}


def test_processes_find_what_one_process_finds(grader: Grader, handed_in: list[list[Submission]]) -> None:
    alone = rows(through(pool(grader), handed_in))
    workers = Processes(grader, 2)
    try:
        assert rows(through(workers, handed_in)) == alone
    finally:
        workers.close()


def test_a_run_has_the_same_bytes_whoever_works_for_it(kit: Kit, tmp_path: Path) -> None:
    for jobs in (1, 3):
        classroom.grade(kit, CLASS, tmp_path / str(jobs), seed=5, only=ONLY, jobs=jobs)
    for name in ("results.jsonl", "grades.csv", "expected.jsonl"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "3" / name).read_bytes()
    pages = {p.name: p.read_bytes() for p in (tmp_path / "1" / "students").iterdir()}
    assert pages == {p.name: p.read_bytes() for p in (tmp_path / "3" / "students").iterdir()}


def test_the_same_functions_are_run_once_even_at_the_same_time(kit: Kit, tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()
    for name in ("ada", "ben", "cleo"):
        (tmp_path / "class" / f"{name}.py").write_text((CLASS / "ben.py").read_text())
    run = classroom.grade(kit, tmp_path / "class", tmp_path / "out", seed=5, only=ONLY, jobs=2)
    assert run.reused == 2
    assert len({row["points"] for row in run.rows}) == 1
    assert [row["submission"] for row in run.rows] == ["ada", "ben", "cleo"]


def test_a_worker_that_is_killed_costs_time_only(grader: Grader, handed_in: list[list[Submission]]) -> None:
    alone = rows(through(pool(grader), handed_in))
    workers = Processes(grader, 2)
    try:
        for number in (0, 1):
            workers.start(number, handed_in[number])
        os.kill(workers.workers[0].process.pid, signal.SIGKILL)
        found: dict[int, Marked] = {}
        until = time.monotonic() + WAIT
        while len(found) < 2:
            assert time.monotonic() < until
            found.update(workers.done(patiently=True))
        assert rows(found) == {n: alone[n] for n in (0, 1)}
        assert len(workers.workers) == 2
        assert rows(through(workers, handed_in)) == alone
    finally:
        workers.close()


def test_a_submission_on_which_two_workers_die_is_a_fault_of_ours(
    grader: Grader, handed_in: list[list[Submission]]
) -> None:
    workers = Processes(grader, 1)
    try:
        workers.start(0, handed_in[0])
        found: dict[int, Marked] = {}
        until = time.monotonic() + WAIT
        while not found:
            assert time.monotonic() < until
            for worker in workers.workers:
                if worker.task is not None:
                    os.kill(worker.process.pid, signal.SIGKILL)
            found.update(workers.done(patiently=True))
        assert isinstance(found[0].outcome, Fault)
        assert "not the student" in found[0].outcome.told
    finally:
        workers.close()


def test_workers_end_when_their_line_is_closed(grader: Grader) -> None:
    workers = Processes(grader, 2)
    processes = [w.process for w in workers.workers]
    workers.close()
    assert all(not p.is_alive() for p in processes)


def test_an_exception_of_ours_in_a_worker_is_a_fault(grader: Grader) -> None:
    workers = Processes(grader, 1)
    try:
        workers.start(0, [None])  # type: ignore[list-item]
        found: dict[int, Marked] = {}
        while not found:
            found.update(workers.done(patiently=True))
        outcome = found[0].outcome
        assert isinstance(outcome, Fault)
        assert outcome.kind == "AttributeError"
        assert "work.py" in outcome.places
    finally:
        workers.close()


# -- a cluster


@contextlib.contextmanager
def dask(workers: int) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A real scheduler (its address and process) with workers, each a process of its own."""
    pytest.importorskip("distributed", reason="needs Dask (the extra [cluster])")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    leading = ["distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    working = ["distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for command in (leading, *[working] * workers)
    ]
    try:
        yield address, processes[0]
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    with dask(workers=3) as (address, _):
        yield address


def test_a_cluster_finds_what_one_process_finds_also_if_a_worker_dies(
    scheduler: str, grader: Grader, handed_in: list[list[Submission]]
) -> None:
    alone = rows(through(pool(grader), handed_in))
    from grader.cluster import Cluster

    cluster = pool(grader, scheduler=scheduler)
    assert isinstance(cluster, Cluster)
    try:
        cluster.client.wait_for_workers(3, timeout=WAIT)
        assert rows(through(cluster, handed_in)) == alone
        for number, units in enumerate(handed_in[:4]):
            cluster.start(number, units)
        [victim, *_] = cluster.client.run(os.getpid).values()
        os.kill(victim, signal.SIGKILL)
        found: dict[int, Marked] = {}
        until = time.monotonic() + WAIT
        while len(found) < 4:
            assert time.monotonic() < until
            found.update(cluster.done(patiently=True))
        assert rows(found) == {n: alone[n] for n in range(4)}
    finally:
        cluster.close()


def test_where_there_is_no_scheduler_the_way_out_is_told(grader: Grader, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="needs Dask (the extra [cluster])")
    monkeypatch.setattr("grader.cluster.PATIENCE", 0.5)
    with pytest.raises(KitError, match=r"no Dask scheduler at tcp://127\.0\.0\.1:9"):
        pool(grader, scheduler="tcp://127.0.0.1:9")


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.0 400 Bad Request\r\n\r\n<html></html>", bytes(64), b"\1" + bytes(15)]
)
def test_what_is_no_scheduler_is_not_waited_for_without_end(
    answer: bytes, grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed", reason="needs Dask (the extra [cluster])")
    monkeypatch.setattr("grader.cluster.PATIENCE", 1.0)

    class Answers(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):
                self.request.sendall(answer)
                while self.request.recv(1024):  # the line stays open until the other end has had enough
                    pass

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            with pytest.raises(KitError, match=r"\(what is there does not answer as one\): start one"):
                pool(grader, scheduler=f"tcp://127.0.0.1:{server.server_address[1]}")
        finally:
            server.shutdown()


def test_a_worker_that_comes_later_has_the_kit_though_the_first_one_dies(
    grader: Grader, handed_in: list[list[Submission]]
) -> None:
    distributed = pytest.importorskip("distributed", reason="needs Dask (the extra [cluster])")
    alone = rows(through(pool(grader), handed_in[:3]))
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as local:
        cluster = pool(grader, scheduler=local.scheduler_address)
        try:
            [first] = cluster.client.run(os.getpid).values()  # type: ignore[attr-defined]
            local.scale(2)
            cluster.client.wait_for_workers(2, timeout=WAIT)  # type: ignore[attr-defined]
            os.kill(first, signal.SIGKILL)
            assert rows(through(cluster, handed_in[:3])) == alone
        finally:
            cluster.close()


def test_workers_with_another_grader_are_refused(
    scheduler: str, grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed", reason="needs Dask (the extra [cluster])")
    monkeypatch.setattr("grader.fingerprint.__version__", "0.0.0")
    fingerprint.grader_version.cache_clear()
    try:
        with pytest.raises(KitError, match=r"another grader, numpy or Python .*here: 0\.0\.0"):
            pool(grader, scheduler=scheduler)
    finally:
        monkeypatch.undo()
        fingerprint.grader_version.cache_clear()


def until_it_ends(cluster: Pool, units: list[Submission]) -> None:
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        list(cluster.done(patiently=True))
        cluster.start(1, units)


def test_a_scheduler_that_is_gone_ends_the_run_with_the_way_on(
    grader: Grader, handed_in: list[list[Submission]]
) -> None:
    with dask(workers=1) as (address, process):
        cluster = pool(grader, scheduler=address)
        cluster.start(0, handed_in[0])
        process.kill()
        with pytest.raises(KitError, match=r"is gone\. What was graded is kept"):
            until_it_ends(cluster, handed_in[1])
        cluster.close()


def test_a_kit_travels_with_what_marking_depends_on(kit: Kit, tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="needs Dask (the extra [cluster])")
    from grader.cluster import Parcel

    names = {name for name, _ in Parcel.of(kit).files}
    assert {"grader.toml", "solutions/svm.py", "layouts/cs231n.toml", "layouts/cs231n.py"} <= names
    made = Parcel.of(kit).unpacked(tmp_path)
    assert [r.name for r in made.references] == [r.name for r in kit.references]
