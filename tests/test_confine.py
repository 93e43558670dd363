"""What is enforced is found by trying; what is missing is told; what was proved is applied or nothing runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection

import numpy as np
import pytest
from test_sandbox import one, run

from grader.calls import Task
from grader.confine import Rules, Settings
from grader.confinement import Confinement, Part, Why
from grader.grading import Bench
from grader.kit import Kit
from grader.limits import Limits
from grader.sandbox import Sandbox, SandboxError
from grader.submission import from_sources

LINUX = sys.platform.startswith("linux")
NO_KERNEL = (Part.FILES, Part.CALLS)
LIKE_MACOS = (*NO_KERNEL, Part.MEMORY)
LIKE_WINDOWS = (*LIKE_MACOS, Part.FORK, Part.CPU, Part.DISK, Part.SESSION)
SHORT = Limits(seconds=1.0, total_seconds=10.0)

# what is missing where there is no POSIX: a child that looks for any of it fails
WITHOUT_POSIX = """
import os, signal, sys
for module, names in ((os, "fork forkpty setsid getsid killpg wait4 waitpid sysconf set_blocking"), (signal, "setitimer getitimer alarm SIGALRM SIGKILL SIGXCPU pthread_sigmask")):
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
sys.modules["resource"] = sys.modules["fcntl"] = None
"""


def kinds(sandbox: Sandbox, *bodies: str) -> list[str]:
    statements = [("cell 1", 1, f"def f{i}():\n    {body}") for i, body in enumerate(bodies)]
    answers = sandbox.run(statements, [Task(f"f{i}", [[]]) for i in range(len(bodies))])
    return [a.runs[-1].error.kind if a.runs[-1].error else "" for a in answers]


@pytest.mark.skipif(not LINUX, reason="Linux has all of it")
def test_on_this_linux_everything_is_enforced(sandbox: Sandbox) -> None:
    assert sandbox.confinement.missing == ()
    assert sandbox.confinement.strict


@pytest.mark.parametrize("without", [LIKE_MACOS, LIKE_WINDOWS], ids=["like macOS", "like Windows"])
def test_what_a_platform_lacks_is_told_and_the_rest_is_there(without: Collection[Part]) -> None:
    with Sandbox(SHORT, without=without) as lesser:
        missing = {f.part: f.why for f in lesser.confinement.missing}
        assert set(without) <= missing.keys()
        assert set(missing.values()) <= {Why.LEFT_OUT, Why.PARTLY}
        assert not lesser.confinement.strict
        assert one(lesser, "def f(x):\n    return x * 2", np.ones(2)).output.tolist() == [2, 2]
        assert one(lesser, "def f():\n    import os\n    return dict(os.environ)").output == {}
        assert kinds(lesser, "while True: pass", "import os; os._exit(0)", "return 1") == [
            "OutOfTime",
            "ProcessEnded",
            "",
        ]


def test_a_fresh_process_for_each_job_manages_without_posix(monkeypatch: pytest.MonkeyPatch) -> None:
    from grader import launch

    monkeypatch.setattr(launch, "START", WITHOUT_POSIX + launch.START)
    with Sandbox(Limits(seconds=0.5), without=(*NO_KERNEL, Part.FORK)) as windows:
        missing = {f.part: f.why for f in windows.confinement.missing}
        assert missing[Part.MEMORY] is missing[Part.CPU] is missing[Part.SESSION] is Why.PLATFORM
        assert one(windows, "def f(x):\n    return x * 2", np.ones(2)).output.tolist() == [2, 2]
        assert kinds(windows, "while True: pass", "import os; os._exit(0)", "return 1") == [
            "OutOfTime",
            "ProcessEnded",
            "",
        ]


def test_a_large_job_and_a_large_answer_pass_through_either_way() -> None:
    x = np.arange(3e6)
    for without in ((), (Part.FORK,)):
        with Sandbox(SHORT, without=without) as sandbox:
            assert np.array_equal(one(sandbox, "def f(x):\n    return x + 1", x).output, x + 1)


def test_insisting_on_the_sandbox_refuses_where_it_is_not_whole() -> None:
    with pytest.raises(SandboxError, match="files and system calls would be open"):
        Sandbox(SHORT, require=True, without=NO_KERNEL)
    with Sandbox(SHORT, require=True) as whole:
        assert whole.confinement.strict


def test_facts_survive_the_way_to_the_grader(sandbox: Sandbox) -> None:
    assert Confinement.from_plain(sandbox.confinement.plain()) == sandbox.confinement


def test_a_child_that_cannot_be_confined_as_proved_runs_nothing() -> None:
    rules = Rules(Settings(held=("files",)))
    rules.ruleset.close()  # as if the kernel refused it now
    rules.held = frozenset({Part.FILES})
    pid = os.fork()
    if pid == 0:
        try:
            rules.apply(os.open(os.devnull, os.O_RDONLY), os.open(os.devnull, os.O_WRONLY))
        except RuntimeError:
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
    os.close(rules.null)


@pytest.mark.parametrize(
    "module",
    [
        "random",
        "math",
        "decimal",
        "fractions",
        "statistics",
        "datetime",
        "json",
        "csv",
        "copy",
        "pickle",
        "logging",
        "unittest",
        "timeit",
        "typing",
        "hashlib",
        "zlib",
        "pathlib",
        "doctest",
        "warnings",
        "numpy.testing",
        "numpy.random",
        "numpy.ma",
    ],
)
def test_the_harmless_standard_library_can_be_imported(sandbox: Sandbox, module: str) -> None:
    assert one(sandbox, f"def f():\n    import {module}\n    return 1").output == 1


def test_an_allowed_package_can_be_imported_and_others_cannot() -> None:
    source = "def f():\n    import rich.text\n    return len(str(rich.text.Text('four')))"
    with Sandbox(SHORT, allow=["rich"]) as allowing:
        assert one(allowing, source).output == 4
        assert one(allowing, "def f():\n    import click").error.kind == "ModuleNotFoundError"
        assert allowing.confinement.strict


def test_an_allowed_package_that_is_not_installed_is_told() -> None:
    with (
        pytest.raises(SandboxError, match="pip install no_such_package"),
        Sandbox(SHORT, allow=["no_such_package"]) as sandbox,
    ):
        one(sandbox, "def f():\n    return 1")


def test_refused_system_calls_are_reported_by_number() -> None:
    with Sandbox(SHORT, watch=True) as watched:
        assert one(watched, "def f():\n    import os\n    os.getpgid(0)").error.kind == "PermissionError"
        import seccompy

        assert watched.refused == {seccompy.syscall_nr("getpgid")}


def test_the_references_get_full_marks_and_need_no_other_system_call(kit: Kit, bench: Bench) -> None:
    texts = [(p.name, p.read_text(encoding="utf-8")) for p in sorted(kit.solutions.glob("*.py"))]
    submission = from_sources("references", texts, bench.stubs)
    with Sandbox(Limits(total_seconds=120.0), require=True, watch=True) as watched:
        mark = bench.mark(submission, watched, explain_all=True)
        assert mark.points == sum(e.points for e in bench.exercises) > 0
        assert watched.refused == set()


def test_confinement_costs_a_submission_less_than_three_milliseconds_of_processor_time() -> None:
    with Sandbox(SHORT) as whole, Sandbox(SHORT, without=(*LIKE_MACOS, Part.CPU, Part.DISK)) as bare:
        costs: list[float] = []
        for _ in range(30):
            spent = []
            for sandbox in (whole, bare):
                before = sandbox.cpu
                one(sandbox, "def f():\n    return 1")
                spent.append(sandbox.cpu - before)
            costs.append(spent[0] - spent[1])
        assert sorted(costs)[len(costs) // 2] < 0.003


def test_observed_values_come_back_from_a_confined_child(sandbox: Sandbox) -> None:
    answer = run(sandbox, "def f(x):\n    y = x + 1\n    return y", (np.zeros(2),), observe=True)
    assert [o.name for o in answer.runs[0].observed] == ["y"]
