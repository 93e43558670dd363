"""The workers of a Dask cluster as a pool. Needs the extra `[cluster]`.

Workers need this grader installed and nothing else of this machine: the kit travels to each of them once, also to those
that come later, in a plugin that the scheduler keeps.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from distributed import Client, Security, WorkerPlugin, get_worker
from distributed.comm import connect

from grader.fingerprint import grader_version
from grader.kit import Kit, KitError, find
from grader.work import Fault, Grader, Marked, Setup, Units

LOOKED_AFTER = 1.0  # seconds between two looks whether the scheduler is still there
PATIENCE = 20.0  # seconds until a scheduler or its first worker must have answered


@dataclass(frozen=True)
class Parcel:
    """A kit that travels: the files that marking depends on, by path."""

    files: tuple[tuple[str, bytes], ...]

    @classmethod
    def of(cls, kit: Kit) -> Parcel:
        paths = [kit.root / "grader.toml", *sorted(kit.solutions.glob("*.py")), *sorted(kit.root.glob("layouts/*"))]
        return cls(tuple((p.relative_to(kit.root).as_posix(), p.read_bytes()) for p in paths if p.is_file()))

    def unpacked(self, root: Path) -> Kit:
        for name, data in self.files:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(data)
        return find(root)


class Marking(WorkerPlugin):  # type: ignore[misc]
    """In a worker: the kit, unpacked, and a grader for each of its threads, which stays from one submission to the
    next."""

    def __init__(self, parcel: Parcel, setup: Setup) -> None:
        self.name = f"grader-{uuid4().hex}"
        self.parcel, self.setting, self.version = parcel, setup, grader_version()

    def setup(self, worker: Any) -> None:
        if grader_version() != self.version:  # a worker that came later: it does not get to work
            raise RuntimeError(f"this worker has {grader_version()}, the grader that asks is {self.version}")
        self.folder = TemporaryDirectory(prefix="grader-kit-")
        self.kit = self.parcel.unpacked(Path(self.folder.name))
        self.graders: dict[int, Grader] = {}

    def teardown(self, worker: Any) -> None:
        for grader in self.graders.values():
            grader.close()
        self.folder.cleanup()

    def mark(self, units: Units) -> Marked:
        thread = threading.get_ident()  # a grader does one thing at a time
        if thread not in self.graders:
            self.graders[thread] = Grader(self.kit, replace(self.setting, kit=self.kit.root))
        return self.graders[thread].mark(units)


def mark_on_worker(plugin: str, units: Units) -> Marked:
    """One submission, by the plugin of that name."""
    found: Marking = get_worker().plugins[plugin]
    return found.mark(units)


async def _greeted(address: str) -> None:
    """Is a scheduler there? A client would wait without end for the greeting of anything else, say a web server."""
    options = Security().get_connection_args("client")
    async with asyncio.timeout(PATIENCE):
        comm = await connect(address, timeout=PATIENCE, **options)
    await comm.close()


class Cluster:
    """The workers of a Dask scheduler.

    Two submissions a worker thread are under way, so that nobody waits for the network. A worker that dies costs
    time only: the scheduler gives its submissions to others. Raises KitError where there is no scheduler or no worker,
    and when the scheduler is gone.
    """

    def __init__(self, grader: Grader, address: str) -> None:
        try:
            with ThreadPoolExecutor(1) as elsewhere:  # a notebook has a loop of its own in this thread
                elsewhere.submit(asyncio.run, _greeted(address)).result()
            self.client: Any = Client(address, timeout=PATIENCE, set_as_default=False)
        except Exception as error:  # whatever answers there may answer anything
            said = str(error) if isinstance(error, OSError | ValueError | TypeError) else ""
            said = said or "what is there does not answer as one"
            raise KitError(
                f"there is no Dask scheduler at {address} ({said}): start one (dask scheduler) and name its address"
            ) from error
        try:
            self.client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            self.client.close()
            raise KitError(f"the scheduler at {address} has no workers: start some (dask worker {address})") from error
        strange = {v for v in self.client.run(grader_version).values() if v != grader_version()}
        if strange:
            self.client.close()
            raise KitError(
                f"workers at {address} have another grader, numpy or Python ({', '.join(sorted(strange))}; here: "
                f"{grader_version()}): install the same, or results would differ from worker to worker"
            )
        plugin = Marking(Parcel.of(grader.kit), grader.setup)
        self.client.register_plugin(plugin)
        self.plugin, self.address, self.gone = plugin.name, address, False
        self.tasks: dict[Any, int] = {}
        self.finished: SimpleQueue[Any] = SimpleQueue()

    @property
    def room(self) -> bool:
        if len(self.tasks) < 2:
            return True
        return bool(len(self.tasks) < 2 * sum(self.client.nthreads().values()))

    def start(self, number: int, units: Units) -> None:
        future = self.client.submit(mark_on_worker, self.plugin, list(units), pure=False)
        self.tasks[future] = number
        future.add_done_callback(self.finished.put)

    def done(self, patiently: bool) -> Iterator[tuple[int, Marked]]:
        if not self.tasks:
            return
        while patiently or not self.finished.empty():
            try:
                future = self.finished.get(timeout=LOOKED_AFTER)
            except Empty:
                if self.client.status != "running":
                    raise self._gone() from None
                continue
            if future.cancelled():
                raise self._gone()
            error = future.exception()
            yield self.tasks.pop(future), Marked(Fault.of(error)) if error is not None else future.result()
            patiently = False

    def _gone(self) -> KitError:
        self.gone = True
        return KitError(
            f"the Dask scheduler at {self.address} is gone. What was graded is kept: start it again, and give the same "
            "command again"
        )

    def close(self) -> None:
        if self.gone:
            with contextlib.suppress(TimeoutError):  # it would wait for the scheduler
                self.client.close(timeout=LOOKED_AFTER)
            return
        for future in self.tasks:
            future.cancel()
        self.client.unregister_worker_plugin(self.plugin)
        self.client.close()
