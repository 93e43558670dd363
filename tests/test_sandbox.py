"""Running student code: what comes back, and what is stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader import wire
from grader.calls import Answer, Run, Task
from grader.limits import Limits
from grader.sandbox import Sandbox


def run(sandbox: Sandbox, source: str, *calls: Sequence[Any], name: str = "f", observe: bool = False) -> Answer:
    arrays: list[Any] = []
    cases = [[wire.encode(v, arrays) for v in call] for call in calls]
    statements = [("cell 1", 1, source)]
    return sandbox.run(statements, [Task(name, cases, arrays, observe)])[0]


def one(sandbox: Sandbox, source: str, *call: Any, **more: Any) -> Run:
    return run(sandbox, source, call, **more).runs[0]


def test_values_of_every_kind_go_in_and_come_back(sandbox: Sandbox) -> None:
    x = np.arange(6.0).reshape(2, 3)
    out = one(sandbox, "def f(x, n):\n    return {'a': x * n, 'b': (n, [None, True, x[0]])}, 1.5", x, 2).output
    assert np.array_equal(out[0]["a"], 2 * x)
    assert out[0]["b"][0] == 2
    assert out[0]["b"][1][:2] == [None, True]
    assert out[1] == 1.5


@pytest.mark.parametrize(
    ("expression", "kind"),
    [("print", "builtin_function_or_method"), ("np.array([object()])", "array of object"), ("10**40", "int too large")],
)
def test_what_cannot_travel_is_named_by_its_type(sandbox: Sandbox, expression: str, kind: str) -> None:
    assert one(sandbox, f"def f():\n    return {expression}").output.kind == kind


def test_subclasses_of_arrays_come_back_as_plain_arrays(sandbox: Sandbox) -> None:
    out = one(sandbox, "def f(x):\n    return np.matrix(x)", np.ones((2, 2))).output
    assert type(out) is np.ndarray


def test_an_exception_comes_back_with_its_line(sandbox: Sandbox) -> None:
    error = one(sandbox, "def g(x):\n    return x[5]\n\ndef f(x):\n    return g(x)", np.ones(2)).error
    assert (error.kind, error.line, error.label) == ("IndexError", 2, "cell 1")


def test_inputs_are_fresh_for_every_call_and_a_change_is_told(sandbox: Sandbox) -> None:
    x = np.ones(3)
    answer = run(sandbox, "def f(x, y):\n    x += 1\n    return x", (x, x), (x, x))
    assert [r.output.tolist() for r in answer.runs] == [[2, 2, 2], [2, 2, 2]]
    assert answer.runs[0].changed == (0,)


def test_every_value_a_name_took_is_observed_in_order(sandbox: Sandbox) -> None:
    source = "def f(x):\n    m = x + 1\n    m[0] = 0\n    for i in range(3):\n        m[1] += i\n    a, b = m, m * 2\n    return b\n"
    seen = one(sandbox, source, np.zeros(2), observe=True).observed
    assert [(o.name, o.line, np.asarray(o.value).tolist()) for o in seen] == [
        ("m", 2, [1, 1]),
        ("m", 3, [0, 1]),
        ("i", 5, 2),
        ("m", 5, [0, 4]),
        ("a", 6, [0, 4]),
        ("b", 6, [0, 8]),
    ]


def test_values_in_helpers_attributes_and_dicts_are_observed(sandbox: Sandbox) -> None:
    source = (
        "class Net:\n    pass\n\ndef h(net, x):\n    net.hidden = x * 3\n\n"
        "def f(x):\n    net, grads = Net(), {}\n    h(net, x)\n    grads['W'] = x * 5\n    return x\n"
    )
    seen = {o.name: np.asarray(o.value).tolist() for o in one(sandbox, source, np.ones(1), observe=True).observed}
    assert seen["hidden"] == [3]
    assert seen["W"] == [5]


def test_values_are_observed_in_methods_returns_and_branches(sandbox: Sandbox) -> None:
    source = (
        "class Net:\n    def __init__(self, x):\n        self.inner = x * 2\n\n"
        "    def out(self):\n        return (a := self.inner + 1) * 0\n\n"
        "def f(x):\n    if (s := x.sum() * 7) > 0:\n        return Net(x).out() + (b := 5 * x)\n    return x\n\n"
        "def g(x):\n    match x.ndim:\n        case 1:\n            c = 9 * x\n            return f(x)\n"
    )
    got = one(sandbox, source, np.ones(1), name="g", observe=True)
    assert got.output.tolist() == [5]
    seen = [(o.name, o.line, np.ravel(o.value).tolist()) for o in got.observed]
    assert seen == [("c", 16, [9]), ("s", 9, [7]), ("inner", 3, [2]), ("a", 6, [3]), ("b", 10, [5])]


def test_objects_are_observed_as_the_numbers_they_hold(sandbox: Sandbox) -> None:
    source = "def f(x):\n    a = x.astype(object)\n    b = np.array([x, None], dtype=object)\n    return x\n"
    seen = one(sandbox, source, np.array([1.5, 2.0]), observe=True).observed
    assert [(o.name, o.value.tolist()) for o in seen] == [("a", [1.5, 2.0])]


def test_values_seen_before_a_crash_are_kept(sandbox: Sandbox) -> None:
    got = one(sandbox, "def f(x):\n    y = x + 1\n    return y.nothing", np.ones(1), observe=True)
    assert got.error.kind == "AttributeError"
    assert [o.name for o in got.observed] == ["y"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("while True:\n        pass", "OutOfTime"),
        ("import time\n    time.sleep(60)", "OutOfTime"),
        ("while True:\n        try:\n            while True: pass\n        except BaseException: pass", "OutOfTime"),
        ("x = [0] * 10**10", "MemoryError"),
        ("import os\n    os._exit(0)", "ProcessEnded"),
        ("import sys\n    sys.exit(0)", "SystemExit"),
        ("import ctypes\n    ctypes.string_at(0)", "ProcessEnded"),
        ("return f()", "RecursionError"),
        ("import os\n    os.write(4, b'x' * 100)", "ProtocolError"),
        ("import os\n    os.close(4)", "ProcessEnded"),
        ("raise KeyboardInterrupt", "ProcessEnded"),
    ],
)
def test_code_that_does_not_end_well_is_told_and_the_rest_goes_on(sandbox: Sandbox, body: str, kind: str) -> None:
    statements = [("cell 1", 1, f"def f():\n    {body}"), ("cell 2", 1, "def g():\n    return 7")]
    bad, good = sandbox.run(statements, [Task("f", [[]]), Task("g", [[]])])
    assert bad.runs[-1].error.kind == kind
    assert good.runs[0].output == 7


def test_a_loop_is_told_with_its_line(sandbox: Sandbox) -> None:
    assert one(sandbox, "def f():\n    x = 1\n    while True:\n        x += 1").error.line in (3, 4)


def test_prints_go_nowhere(sandbox: Sandbox, capfd: pytest.CaptureFixture[str]) -> None:
    assert one(sandbox, "def f():\n    print('x' * 10**6)\n    return 1").output == 1
    assert capfd.readouterr() == ("", "")


def test_a_flood_of_results_is_cut_off() -> None:
    with Sandbox(Limits(seconds=2, output_mb=1)) as small:
        assert one(small, "def f():\n    return np.zeros(10**6)").error.kind == "ProtocolError"


def test_a_lost_import_of_numpy_costs_nothing(sandbox: Sandbox) -> None:
    assert one(sandbox, "def f(x):\n    return np.sum(x)", np.ones(3)).output == 3


def test_a_statement_that_fails_spoils_no_other(sandbox: Sandbox) -> None:
    statements = [
        ("cell 1", 1, "import nothing_of_this_name as nn"),
        ("cell 2", 1, "def f():\n    return 1"),
        ("cell 2", 4, "def g():\n    return nn.x"),
    ]
    good, bad = sandbox.run(statements, [Task("f", [[]]), Task("g", [[]])])
    assert good.runs[0].output == 1
    assert "ModuleNotFoundError" in bad.runs[0].error.text


def test_no_descriptor_is_left_behind(sandbox: Sandbox) -> None:
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    for _ in range(20):
        one(sandbox, "def f():\n    return 1")
    after = len(os.listdir("/proc/self/fd")) if before else 0
    assert after == before


def test_the_environment_and_solutions_are_not_there(sandbox: Sandbox) -> None:
    assert one(sandbox, "def f():\n    import os\n    return dict(os.environ)").output == {}
    assert one(sandbox, "def f():\n    import solutions.svm").error.kind == "ModuleNotFoundError"


ASLEEP = """
import sys
from grader.calls import Task
from grader.limits import Limits
from grader.sandbox import Sandbox

source = (
    "def f():\\n    import signal, time\\n    signal.setitimer(signal.ITIMER_REAL, 0)\\n"
    "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\\n    time.sleep(600)\\n"
)
with Sandbox(Limits(seconds=300, total_seconds=300, memory_mb=767)) as sandbox:
    print(sandbox.confinement is not None, flush=True)
    sandbox.run([("cell 1", 1, source)], [Task("f", [[]])])
"""


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="no /proc")
def test_a_grader_that_is_killed_leaves_no_child_behind() -> None:
    """Not even one that sleeps, so that no limit of processor time ends it."""

    def there() -> list[str]:
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if str(767 << 20).encode() in (process / "cmdline").read_bytes():
                    found.append(process.name)
        return found

    def wait_for(count: int) -> list[str]:
        deadline = time.monotonic() + 20
        while len(there()) != count and time.monotonic() < deadline:
            time.sleep(0.05)
        return there()

    grader = subprocess.Popen([sys.executable, "-c", ASLEEP], stdout=subprocess.PIPE)
    assert grader.stdout is not None
    grader.stdout.readline()
    assert len(wait_for(2)) == 2  # the warm parent and its child
    time.sleep(0.5)  # asleep by now
    grader.kill()
    grader.communicate()
    left = wait_for(0)
    for process in left:
        os.kill(int(process), signal.SIGKILL)
    assert left == []


def test_more_open_files_than_select_knows_are_no_matter() -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 1400:
        pytest.skip("so many files cannot be opened here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 1400), hard))
    held = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    try:
        with Sandbox() as sandbox:
            assert one(sandbox, "def f(x):\n    return x + 1", 1).output == 2
    finally:
        for descriptor in held:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_another_one_for_another_process_has_the_same_confinement_and_a_life_of_its_own() -> None:
    with Sandbox(Limits(memory_mb=766)) as first:
        other, third = first.another(), first.another()
        assert other is not None
        assert third is not None
        third.let_go()  # nobody has it: it ends
        assert other.confinement == first.confinement
        for sandbox in (first, other, first):
            assert one(sandbox, "def f(x):\n    return x + 1", 1).output == 2
            assert one(sandbox, "def f(x):\n    return open('/etc/hostname').read()", 1).error is not None
        assert first.cpu > other.cpu > 0
        other.close()
        assert one(first, "def f(x):\n    return x + 1", 1).output == 2
    assert first._launcher._process.returncode == 0  # it waited for the others, so that their time is counted


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_another_one_is_not_to_be_had_of_one_that_has_ended() -> None:
    with Sandbox() as sandbox:
        assert sandbox.confinement
        sandbox._launcher._process.kill()
        sandbox._launcher._process.wait()
        assert sandbox.another() is None


def test_where_there_is_no_warm_start_every_process_has_its_own() -> None:
    with Sandbox(without=["warm start"]) as sandbox:
        assert sandbox.another() is None


@pytest.fixture(params=[(), ("warm start",)], ids=["warm", "fresh"])
def either(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(without=request.param) as sandbox:
        yield sandbox


CALLS = [("cell 1", 1, "import os\ncalls = []\ndef f():\n    calls.append(1)\n    return os.getpid(), len(calls)")]


def test_what_is_asked_later_goes_to_the_same_child_with_code_of_its_own(either: Sandbox) -> None:
    with either.session() as session:
        first, other, again = (session.run(CALLS, [Task("f", [[]])], group)[0].runs[0].output for group in (0, 1, 0))
    assert first == again
    assert first[1] == other[1] == 1
    assert first[0] != other[0]


def test_later_calls_draw_the_same_numbers(either: Sandbox) -> None:
    code = [("cell 1", 1, "def f():\n    return np.random.rand(3)")]
    with either.session() as session:
        first, again = (session.run(code, [Task("f", [[]])])[0].runs[0].output for _ in range(2))
    assert np.array_equal(first, again)


@pytest.mark.parametrize("end", ["os._exit(1)", "os.write(4, b'junk' * 99)", "os.close(4)"])
def test_a_child_that_earlier_calls_have_spoilt_is_no_fault_of_later_ones(either: Sandbox, end: str) -> None:
    body = f"def f():\n    if hasattr(np, 'mine'):\n        {end}\n    np.mine = 1\n    return os.getpid()"
    code = [("cell 1", 1, f"import os\n{body}")]
    with either.session() as session:
        first, again = (session.run(code, [Task("f", [[]])])[0].runs[0].output for _ in range(2))
    assert isinstance(again, int)
    assert first != again


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="no /proc")
def test_a_session_leaves_no_child_behind(either: Sandbox) -> None:
    with either.session() as session:
        pids = [session.run(CALLS, [Task("f", [[]])], group)[0].runs[0].output[0] for group in (0, 1)]
        assert all(Path(f"/proc/{pid}").exists() for pid in pids)
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    assert either.cpu > 0


def test_a_session_that_is_broken_off_leaves_no_child_behind(either: Sandbox) -> None:
    with contextlib.suppress(KeyboardInterrupt), either.session() as session:
        pid = session.run(CALLS, [Task("f", [[]])])[0].runs[0].output[0]
        raise KeyboardInterrupt
    assert not Path(f"/proc/{pid}").exists()
