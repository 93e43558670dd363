"""What a process gives up before it runs student code, and how much of that this platform can enforce.

The rules are made once, in the warm parent (`Rules`), proved in a child that tries to break them (`prove`), and
applied in every child (`Rules.apply`): a part that was proved must hold again, or no student code is run. What a
platform lacks is a fact with a reason (`Confinement`), never an error.
"""

from __future__ import annotations

import contextlib
import errno
import importlib.util
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from grader.confinement import BY_CALLS, Confinement, Fact, Part, Why
from grader.reachable import packages, readable

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

JOB, RESULTS = 3, 4  # the two descriptors a child keeps
READY = b"+"  # the first byte of results: confined, and nothing of the student's has run yet
SIZES = 3  # operation of the call `seccomp` that only tells how large its structures are
HIGH = 60  # above every descriptor the warm parent has open, below the usual limit of 256
DESCRIPTORS = 16  # open files a child may have; imports need a few
RECURSION = 1000

# What Python and numpy need; everything else is refused. Not here: fork, exec, sockets, signals to others, ptrace,
# rlimits, namespaces, keys, mounts, io_uring, anything that changes a file's mode, owner, times or name.
CALLS = (
    "read", "write", "pread64", "readv", "writev", "close", "lseek", "fstat", "stat", "lstat", "newfstatat", "statx",
    "fstatfs", "open", "openat", "access", "faccessat", "faccessat2", "getdents64", "dup", "dup2", "dup3", "mmap",
    "munmap", "mprotect", "mremap", "madvise", "brk", "futex", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
    "sigaltstack", "setitimer", "getitimer", "sched_yield", "sched_getaffinity", "getpid", "gettid", "getppid",
    "getuid", "geteuid", "getgid", "getegid", "getcwd", "uname", "sysinfo", "clock_gettime", "clock_getres",
    "clock_nanosleep", "gettimeofday", "time", "nanosleep", "getrandom", "getrusage", "times", "poll", "ppoll",
    "select", "pselect6", "restart_syscall", "rseq", "set_robust_list", "exit", "exit_group",
)  # fmt: skip
TERMINAL, CLOSE_ON_EXEC, KEEP_ON_EXEC = 0x5401, 0x5451, 0x5450  # ioctl: isatty, FIOCLEX, FIONCLEX
FCNTL = (0, 1, 2, 3, 4, 1030)  # duplicate and flags; not F_SETOWN, which makes the kernel signal other processes


@dataclass(frozen=True)
class Settings:
    """What the grader asks for. `without` leaves parts out: to measure their cost, to show what they prevent."""

    cpu: int = 20  # seconds
    memory: int = 768 << 20  # bytes of address space beyond the process's own
    allow: tuple[str, ...] = ()  # modules beside numpy and the standard library
    without: tuple[str, ...] = ()
    watch: bool = False  # report refused system calls by number; only for code that is trusted
    held: tuple[str, ...] | None = None  # parts that were proved before, elsewhere

    def packed(self) -> str:
        return json.dumps(vars(self))

    @staticmethod
    def unpacked(text: str) -> Settings:
        made = Settings(**json.loads(text))
        held = None if made.held is None else tuple(made.held)
        return replace(made, allow=tuple(made.allow), without=tuple(made.without), held=held)


class Rules:
    """The rules of one grading run, made where they will be inherited from."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.why: dict[Part, tuple[Why, str]] = {}  # of what is known to be impossible before anything is tried
        self.detail: dict[Part, str] = {}
        self.held: frozenset[Part] | None = None if settings.held is None else frozenset(map(Part, settings.held))
        self.listener: Any = None  # of refused calls, where they are watched: open as long as this is
        self.packages = packages(settings.allow)
        self.null = os.open(os.devnull, os.O_RDWR)
        self.own_size = address_space()
        self.ruleset = self._ruleset()
        self.filter = self._filter()
        for part, needs in ((Part.SESSION, hasattr(os, "setsid")), (Part.CPU, resource), (Part.DISK, resource)):
            if not needs:
                self.why[part] = (Why.PLATFORM, "")
        if not self.own_size or resource is None:
            self.why[Part.MEMORY] = (Why.PLATFORM, "")

    # -- making

    def _ruleset(self) -> Any:
        """What may be read; None where there is no Landlock. One rule an entry of the standard library: `site-packages`
        may lie beneath it, and with it the grader and its solutions."""
        if self._unavailable(Part.FILES, "landlockpy"):
            return None
        import landlockpy

        abi = landlockpy.abi_version()
        if not abi:
            self.why[Part.FILES] = (Why.KERNEL, "")
            return None
        scoped = landlockpy.Scope.SIGNAL | landlockpy.Scope.ABSTRACT_UNIX_SOCKET
        ruleset = landlockpy.Ruleset(scoped=scoped)
        folder = landlockpy.AccessFS.READ_FILE | landlockpy.AccessFS.READ_DIR
        for path in readable(self.packages):
            with contextlib.suppress(OSError):  # a broken link, a file that went away
                ruleset.allow_path(path, folder if os.path.isdir(path) else landlockpy.AccessFS.READ_FILE)
        self.detail[Part.FILES] = f"Landlock {abi}"
        return ruleset

    def _filter(self) -> Any:
        """The list of system calls; None where there is no seccomp."""
        if self._unavailable(Part.CALLS, "seccompy"):
            return None
        import seccompy

        if not seccompy.supported():
            self.why[Part.CALLS] = (Why.KERNEL, "")
            return None
        try:
            if self.settings.watch:
                made = seccompy.Filter(seccompy.Action.USER_NOTIF, flags=seccompy.FilterFlag.NEW_LISTENER)
                made.allow("seccomp", args={0: SIZES})
            else:
                made = seccompy.Filter(seccompy.Action.ERRNO | errno.EPERM)
            for name in CALLS:
                with contextlib.suppress(ValueError):  # not on this architecture
                    made.allow(name)
            for command in FCNTL:
                made.allow("fcntl", args={1: command})
            for request in (TERMINAL, CLOSE_ON_EXEC, KEEP_ON_EXEC):
                made.allow("ioctl", args={1: request})
            made.errno(
                "clone3", errno.ENOSYS
            )  # the C library then falls back to clone, and takes its EPERM for an answer
            assert made.program  # assembled here: the first use looks things up that a child may not
        except (seccompy.UnsupportedError, ValueError) as error:
            self.why[Part.CALLS] = (Why.PLATFORM, str(error)[:80])
            return None
        self.detail[Part.CALLS] = f"seccomp, {seccompy.arch()}"
        return made

    def _unavailable(self, part: Part, package: str) -> bool:
        if part in self.settings.without:
            self.why[part] = (Why.LEFT_OUT, "")
        elif not sys.platform.startswith("linux"):
            self.why[part] = (Why.PLATFORM, "")
        elif importlib.util.find_spec(package) is None:
            self.why[part] = (Why.PACKAGE, package)
        return part in self.why

    # -- applying

    def apply(self, job: int, results: int) -> dict[Part, str]:
        """Confine this process, in the one order that works. What is left of its descriptors is JOB and RESULTS.

        Returns what could not be applied, by part. Where a proof went before, a part that held then and cannot be
        applied now is a RuntimeError.
        """
        failed: dict[Part, str] = {}
        os.dup2(job, HIGH)
        os.dup2(results, HIGH + 1)
        for standard in (0, 1, 2):
            os.dup2(self.null, standard)
        if self.ruleset is not None:  # before descriptors are closed: it is one
            with self._step(Part.FILES, failed):
                self.ruleset.restrict(_quiet())
        os.dup2(HIGH, JOB)
        os.dup2(HIGH + 1, RESULTS)
        os.closerange(RESULTS + 1, 1024)
        if hasattr(os, "setsid") and os.getsid(0) != os.getpid():
            with self._step(Part.SESSION, failed):
                os.setsid()
        self._limit(failed)
        os.environ.clear()
        os.chdir(os.path.abspath(os.sep))
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        sys.setrecursionlimit(RECURSION)
        if self.filter is not None:  # last: it refuses what the steps above need
            with self._step(Part.CALLS, failed):
                self.listener = self.filter.load()
        return failed

    @contextlib.contextmanager
    def _step(self, part: Part, failed: dict[Part, str]) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as error:
            if self.held is not None and part in self.held:
                raise RuntimeError(f"{part}: {error}") from error
            failed[part] = str(error)[:80]

    def _limit(self, failed: dict[Part, str]) -> None:
        if resource is None:
            return
        cpu = self.settings.cpu
        wanted: list[tuple[Part, int, int, int]] = [
            (Part.DISK, resource.RLIMIT_CORE, 0, 0),
            (Part.DISK, resource.RLIMIT_FSIZE, 0, 0),
            (Part.EMPTY, resource.RLIMIT_NOFILE, DESCRIPTORS, DESCRIPTORS),
            (Part.CPU, resource.RLIMIT_CPU, cpu, cpu + 1),
        ]
        if self.filter is None:  # the next best thing; means nothing to root
            wanted.append((Part.PROCESSES, resource.RLIMIT_NPROC, 0, 0))
        if Part.MEMORY not in self.why:
            space = self.own_size + self.settings.memory
            wanted.append((Part.MEMORY, resource.RLIMIT_AS, space, space))
        for part, limit, soft, hard in wanted:
            if part not in self.settings.without:
                with self._step(part, failed):
                    most = resource.getrlimit(limit)[1]
                    if most != resource.RLIM_INFINITY:
                        soft, hard = min(soft, most), min(hard, most)
                    resource.setrlimit(limit, (soft, hard))

    # -- proving

    def prove(self, forked: bool, report: int) -> Confinement:
        """Confine this process, then try to break out of it; what did not come through is enforced. `forked` says
        how children will be started. Afterwards the descriptor `report` is RESULTS, and the process of no other use.
        """
        failed = self.apply(os.open(os.devnull, os.O_RDONLY), report)
        holds = {part: _refused(attempt) for part, attempt in self._attempts().items()}
        holds |= {part: part not in self.why for part in (Part.SESSION, Part.CPU, Part.DISK)}
        holds |= {Part.EMPTY: not os.environ, Part.FORK: forked}
        facts = []
        for part in Part:
            if holds[part] and part not in failed and part not in self.settings.without:
                facts.append(Fact(part, True, None, self.detail.get(part, "")))
                continue
            why, detail = self.why.get(part, (Why.PLATFORM if part is Part.FORK else Why.PARTLY, ""))
            if part in BY_CALLS:
                why, detail = self.why.get(Part.CALLS, (why, detail))
            if part in self.settings.without:
                why, detail = Why.LEFT_OUT, ""
            elif part in failed:
                why, detail = Why.FORBIDDEN, failed[part]
            facts.append(Fact(part, False, why, detail))
        return Confinement(tuple(facts))

    def _attempts(self) -> dict[Part, Callable[[], object]]:
        import mmap
        import socket

        parent = os.getppid()
        return {
            Part.FILES: lambda: _any(
                lambda: os.listdir(os.path.abspath(os.sep)),
                lambda: os.open(os.path.abspath(__file__), os.O_RDONLY),
                lambda: os.open(os.devnull, os.O_RDWR),
            ),
            Part.CALLS: lambda: _any(os.pipe, lambda: os.umask(0o77), lambda: os.kill(os.getpid(), 0)),
            Part.NETWORK: lambda: _any(
                lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
                lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
            ),
            Part.SIGNALS: lambda: _signal(parent),
            Part.PROCESSES: _new_process,
            Part.MEMORY: lambda: mmap.mmap(-1, self.settings.memory + (64 << 20)),
        }


def _any(*attempts: Callable[[], object]) -> None:
    """Raises what the last attempt raised if all are refused."""
    refusal: OSError | None = None
    for attempt in attempts:
        try:
            attempt()
        except (OSError, AttributeError) as error:
            refusal = error if isinstance(error, OSError) else refusal
        else:
            return
    if refusal is not None:
        raise refusal


def _signal(pid: int) -> None:
    if os.name == "posix":  # elsewhere 0 is not "is it there?" but Ctrl-C
        os.kill(pid, 0)


def _new_process() -> None:
    if not hasattr(os, "fork"):
        return  # there are other ways to start one, and nothing here refuses them
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def _refused(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return True
    return False


def _quiet() -> Any:
    """Refusals are no news for the kernel's log."""
    import landlockpy

    return landlockpy.RestrictFlag.LOG_SAME_EXEC_OFF


def address_space() -> int:
    """Bytes of address space of this process, 0 where the platform does not tell."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return 0
