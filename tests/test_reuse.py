"""A function that is right is run once however often it is handed in, and nobody can tell from the results."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from grader import classroom, reuse
from grader.calls import Answer, Session, Task
from grader.grading import Bench
from grader.kit import Kit, find
from grader.marker import Marker
from grader.mutants import every_mutant
from grader.plain import is_closed, is_plain, is_quiet
from grader.replay import oracle_for
from grader.reports import machine
from grader.sandbox import Sandbox
from grader.scoring import SubmissionMark
from grader.submission import Submission, from_sources

NUMPY = "import numpy as np"
RELU = "def relu_forward(x):\n    out = np.maximum(0, x)\n    cache = x\n    return out, cache\n"
BACK = "def relu_backward(dout, cache):\n    x = cache\n    dx = dout * (x > 0)\n    return dx\n"
TANH = "def tanh_forward(x):\n    out = np.tanh(x)\n    cache = out\n    return out, cache\n"


@dataclass
class Spy:
    """A sandbox that notes which functions it is given, in order."""

    sandbox: Sandbox
    ran: list[str] = field(default_factory=list)

    @contextmanager
    def session(self) -> Iterator[Session]:
        with self.sandbox.session() as self.inner:
            yield self

    def run(self, statements: Sequence[Sequence[Any]], tasks: Sequence[Task], group: int = 0) -> list[Answer]:
        self.ran += [t.function for t in tasks]
        return self.inner.run(statements, tasks, group)


@pytest.fixture
def remembering(kit: Kit) -> Bench:
    bench = Bench(kit.hidden(7))
    Marker([bench]).remembering()
    return bench


@pytest.fixture
def spy(sandbox: Sandbox) -> Spy:
    return Spy(sandbox)


def handed_in(bench: Bench, *sources: str, name: str = "a") -> Submission:
    return from_sources(name, [(f"cell {i}", text) for i, text in enumerate((NUMPY, *sources), 1)], bench.stubs)


def marked(bench: Bench, spy: Spy, *sources: str) -> SubmissionMark:
    submission = handed_in(bench, *sources)
    spy.ran.clear()
    return bench.mark(submission, spy, only=list(submission.functions))


def as_told(mark: SubmissionMark) -> dict[str, Any]:
    return machine.submission(mark, timed=False, exhibits=True)


def forgetful(bench: Bench) -> Bench:
    """The same exercises without a memory."""
    return Bench(list(bench.oracles.values()))


def run_though_it_is_known(bench: Bench, spy: Spy, *sources: str) -> None:
    """RELU, one of the sources, is run again beside the others, and all is told as without a memory."""
    marked(bench, spy, RELU)
    beside = marked(bench, spy, *sources)
    assert "relu_forward" in spy.ran
    assert as_told(beside) == as_told(marked(forgetful(bench), spy, *sources))


def definition(source: str) -> ast.stmt:
    return ast.parse(source).body[0]


def test_a_right_function_is_run_once_however_it_is_laid_out(remembering: Bench, spy: Spy) -> None:
    other = "\n\n\ndef relu_forward(x):\n    # what is negative goes\n\n    out = np.maximum( 0,x )  # (N, D)\n" + (
        "    cache=x\n    return out,cache"
    )
    first = marked(remembering, spy, RELU)
    assert spy.ran == ["relu_forward"]
    second = marked(remembering, spy, other)
    assert spy.ran == []
    assert second.points == second.max_points == first.points
    assert second.exercises[0].place == ("cell 2", 4)
    assert as_told(second) == as_told(marked(forgetful(remembering), spy, other))


def test_only_what_is_new_in_a_submission_is_run(remembering: Bench, spy: Spy) -> None:
    marked(remembering, spy, RELU, TANH)
    mark = marked(remembering, spy, RELU, BACK, TANH)
    assert spy.ran == ["relu_backward"]
    assert [e.exercise.name for e in mark.exercises if e.points == e.exercise.points] == [
        e.exercise.name for e in mark.exercises
    ]


@pytest.mark.parametrize(
    "source",
    [
        RELU.replace("np.maximum(0, x)", "np.abs(x)"),
        RELU.replace("return out, cache", "return out"),
        RELU.replace("    cache = x", "    cache = x.copy()\n    x[x < 0] = 0"),
    ],
    ids=["wrong", "another result", "changes its input"],
)
def test_what_is_not_right_throughout_is_run_each_time(remembering: Bench, spy: Spy, source: str) -> None:
    first, second = marked(remembering, spy, source), marked(remembering, spy, source)
    assert "relu_forward" in spy.ran
    assert as_told(first) == as_told(second)


def test_a_helper_counts_as_part_of_the_function(remembering: Bench, spy: Spy) -> None:
    source = RELU.replace("np.maximum(0, x)", "positive(x)")
    helper = "def positive(x):\n    return np.maximum({}, x)\n"
    assert marked(remembering, spy, helper.format("0"), source).points > 0
    assert marked(remembering, spy, helper.format("0"), source).points > 0
    assert spy.ran == []
    wrong = marked(remembering, spy, helper.format("1"), source)
    assert spy.ran[0] == "relu_forward"
    assert wrong.points < wrong.max_points


SPOILS = {
    "in a function": "def tanh_forward(x):\n    np.maximum = np.minimum\n    return np.tanh(x), np.tanh(x)\n",
    "by a builtin": (
        "def tanh_forward(x):\n    setattr(np, 'maximum', np.minimum)\n    return np.tanh(x), np.tanh(x)\n"
    ),
    "in a method": (
        "class Own:\n    def __init__(self):\n        np.maximum = np.minimum\n\n\n"
        "def tanh_forward(x):\n    Own()\n    return np.tanh(x), np.tanh(x)\n"
    ),
}


@pytest.mark.parametrize("spoiling", SPOILS.values(), ids=SPOILS)
def test_what_spoils_numpy_costs_others_nothing_whoever_comes_first(
    kit: Kit, spy: Spy, spoiling: str, remembering: Bench
) -> None:
    """A right function beside it is run before it, so that its mark is the same with and without a memory."""
    alone = marked(remembering, spy, RELU).exercises[0]
    beside = marked(remembering, spy, spoiling, RELU)
    fresh = Bench(kit.hidden(7))
    Marker([fresh]).remembering()
    first = marked(fresh, spy, spoiling, RELU)
    assert spy.ran.index("relu_forward") < spy.ran.index("tanh_forward")
    found = [next(e for e in m.exercises if e.exercise.name == "relu_forward") for m in (beside, first)]
    assert [e.points for e in found] == [alone.points, alone.points]
    assert as_told(beside) == as_told(first)


LOADED = [
    "np.maximum = np.minimum\n\n\ndef tanh_forward(x):\n    return np.tanh(x), np.tanh(x)\n",
    "class Own:\n    np.maximum = np.minimum\n\n\ndef tanh_forward(x):\n    Own\n    return np.tanh(x), np.tanh(x)\n",
    "def tanh_forward(x, kept=np.random.seed(0)):\n    return np.tanh(x), np.tanh(x)\n",
    "import random\n\n\ndef tanh_forward(x):\n    random.random()\n    return np.tanh(x), np.tanh(x)\n",
]


@pytest.mark.parametrize("source", LOADED)
def test_beside_a_statement_that_does_something_when_it_is_loaded_all_is_run(
    remembering: Bench, spy: Spy, source: str
) -> None:
    assert not handed_in(remembering, source, RELU).company.quiet
    run_though_it_is_known(remembering, spy, source, RELU)


def test_code_that_takes_what_comes_with_the_assignment_is_run_each_time(kit: Kit) -> None:
    bench = Bench(kit.hidden(7))
    for call, alike in (("np.exp(x)", True), ("Context()", False), ("helper(x)", False)):
        submission = handed_in(bench, f"def relu_forward(x):\n    return {call}, x\n")
        assert ("relu_forward" in reuse.alike(submission, bench.exercises)) == alike
    everything = handed_in(bench, *(r.source for r in kit.references))
    classes = {r.name for r in kit.references if r.class_node is not None}
    assert classes
    assert classes.isdisjoint(reuse.alike(everything, bench.exercises))
    assert len(reuse.alike(everything, bench.exercises)) > 40


def test_no_mutant_of_a_reference_is_taken_for_the_reference(kit: Kit) -> None:
    compared = 0
    for reference in kit.references:
        right = reuse.Code(b"", (ast.unparse(definition(reference.source)),))
        assert right.same(reuse.Code(b"", (reference.source,)))
        for mutant in every_mutant(oracle_for(reference, 7)):
            assert not right.same(reuse.Code(b"", (mutant.source,)))
            compared += 1
    assert compared > 1000


AGAINST = {
    "a constant": "relu_forward = k = 1\n\n\ndef tanh_forward(x):\n    return np.tanh(x) + k - 1, np.tanh(x)\n",
    "an import": (
        "from math import exp as relu_forward, log1p\n\n\ndef tanh_forward(x):\n    log1p(0)\n"
        "    return np.tanh(x), np.tanh(x)\n"
    ),
}


@pytest.mark.parametrize("source", AGAINST.values(), ids=AGAINST)
def test_beside_what_takes_the_name_of_an_exercise_all_is_run(remembering: Bench, spy: Spy, source: str) -> None:
    run_though_it_is_known(remembering, spy, RELU, source)


def test_beside_what_spoils_numpy_marks_are_the_same_with_and_without_a_memory(remembering: Bench, spy: Spy) -> None:
    spoiling = "def affine_forward(X, W, b):\n    np.maximum = np.minimum\n    return X @ W - b, (X, W, b)\n"
    with_memory = marked(remembering, spy, spoiling, RELU)
    without = marked(forgetful(remembering), spy, spoiling, RELU)
    assert as_told(with_memory) == as_told(without)
    assert next(e for e in without.exercises if e.exercise.name == "relu_forward").points > 0


PLAIN = [
    RELU,
    BACK,
    "def f(x):\n    total = 0\n    for i in range(len(x)):\n        total += x[i] ** 2\n    return total\n",
    "def f(x, h=1e-5, axis=(0, 1)):\n    g = lambda t: t * h\n    return {'a': [g(v) for v in x]}\n",
    "def f(x):\n    def inner(t):\n        return t @ t.T\n    return inner(x)\n",
    "def f(x):\n    '''Of several\n    lines.'''\n    np.add.at(x, 0, 1)\n    return np.linalg.norm(x)\n",
    "def f(x):\n    if x.get('mode') == 'train':\n        assert len(x) > 1, 'more'\n        raise ValueError('not ' + 'now')\n    return {'a': np.einsum('ij->ji', x['b'])}\n",
    "h = -1e-5",
    "import numpy as np",
]
NOT_PLAIN = [
    "def f(x):\n    global total\n    total = 1\n    return x\n",
    "def f(x):\n    np.exp = np.log\n    return x\n",
    "def f(x):\n    f.calls = 1\n    return x\n",
    "def f(x):\n    f.__globals__['np'] = None\n    return x\n",
    "def f(x):\n    library = np\n    return x\n",
    "def f(x):\n    setattr(np, 'exp', np.log)\n    return getattr(x, 'T')\n".replace("setattr", "x.setattr"),
    "def f(x, kept=[]):\n    kept.append(x)\n    return kept\n",
    "def f(x, kept=np.zeros(3)):\n    return kept\n",
    "@cache\ndef f(x):\n    return x\n",
    "def f(x):\n    import numpy\n    return x\n",
    "def f(x):\n    yield x\n",
    "def f(x):\n    np.random.seed(0)\n    return x\n",
    "def f(x):\n    return np.empty(3)\n",
    "def f(x):\n    return np.pad(x, (0, 500), mode='empty')\n",
    "def f(x):\n    return np.log(x, where=x > 0)\n",
    "def f(x):\n    return np.log(x, **{'where': x > 0})\n",
    "def f(x):\n    with np.errstate(all='raise'):\n        return x\n",
    "def f(x):\n    np.seterr(all='ignore')\n    return x\n",
    "def f(x):\n    try:\n        return x\n    except BaseException:\n        return 0\n",
    "def f(x):\n    return {1, 2}\n",
    "def f(x):\n    del x\n",
    "def f(x):\n    return int(('%s' % f)[-2])\n",
    "def f(x):\n    return int(f'{f}'[-2])\n",
    "def f(x):\n    return np.array([f]).astype('U99')\n",
    "def f(x, form='%s'):\n    return form % f\n",
    "form = '%s'",
    "def f(x):\n    assert ('%s' % f)[-2] == '0', 'so'\n    return x\n",
    "def f(x):\n    @wraps\n    def g(y):\n        return y\n    return g(x)\n",
    "__builtins__ = 1",
    "def __getattr__(x):\n    return x\n",
    "def np(x):\n    return x\n",
    "class A:\n    pass\n",
    "h = [1]",
    "h = np.zeros(3)",
    "np = 1",
    "import os",
    "import math as np",
    "from numpy import *",
]


@pytest.mark.parametrize("source", PLAIN)
def test_code_that_reaches_nothing_but_its_arguments_is_plain(source: str) -> None:
    assert is_plain(definition(source))
    assert is_quiet(definition(source))


@pytest.mark.parametrize("source", NOT_PLAIN)
def test_code_that_could_reach_more_is_not_plain(source: str) -> None:
    assert not is_plain(definition(source))


LOOKING = [
    "np.empty(500)",
    "np.pad(x, (0, 500), mode='empty')",
    "globals()['relu_forward'](x)",
    "eval('relu_forward(x)')",
    "getattr(tanh_forward, '__glo' + 'bals__')['relu_forward'](x)",
    "tanh_forward.__globals__['relu_forward'](x)",
    "(lambda: (yield))().gi_frame.f_globals['relu_forward'](x)",
    "__import__('sys').modules",
]


@pytest.mark.parametrize("expression", LOOKING)
def test_code_that_finds_others_without_naming_them_finds_them_also_if_these_are_known(
    remembering: Bench, spy: Spy, expression: str
) -> None:
    source = f"def tanh_forward(x):\n    {expression}\n    return np.tanh(x), np.tanh(x)\n"
    assert not is_closed(definition(source))
    run_though_it_is_known(remembering, spy, source, RELU)


@pytest.mark.parametrize("module", ["sys", "inspect", "__main__", "os.path"])
def test_an_import_of_a_module_that_knows_others_is_not_closed(module: str) -> None:
    assert not is_closed(definition(f"def f(x):\n    import {module}\n    return x\n"))
    assert not is_closed(definition(f"def f(x):\n    from {module} import path\n    return x\n"))
    assert is_closed(definition("def f(x):\n    import random\n    from numpy import exp\n    return x\n"))


def test_classes_of_the_references_look_for_nothing_that_they_do_not_name(kit: Kit) -> None:
    assert all(is_closed(definition(r.source)) and is_quiet(definition(r.source)) for r in kit.references)


def test_names_of_builtins_that_reach_more_must_come_from_somewhere(remembering: Bench) -> None:
    for call in ("setattr(np.exp, 'a', 1)", "exec('x = 1')", "open('a')", "globals()", "unknown(x)"):
        submission = handed_in(remembering, RELU.replace("    cache", f"    {call}\n    cache"))
        assert "relu_forward" not in reuse.alike(submission, remembering.exercises), call
    fine = handed_in(remembering, RELU)
    assert "relu_forward" in reuse.alike(fine, remembering.exercises)


LOUD = [
    "class A(metaclass=B):\n    pass\n",
    "class A:\n    x = print()\n",
    "class A:\n    def __init_subclass__(cls):\n        pass\n",
    "@wraps\nclass A:\n    pass\n",
    "class A:\n    @wraps\n    def f(self):\n        pass\n",
    "def f(x: print()):\n    return x\n",
    "def f(x: (np := 1)):\n    return x\n",
    "def f(x) -> [y for y in (1,)]:\n    return x\n",
    "def f(x=print()):\n    return x\n",
    "x = [print()]",
    "x = lambda y=print(): y",
    "A.b = 1",
    "from numpy import exp as np",
    "np = [1]",
    "class A:\n    __init_subclass__ = lambda cls, **k: k\n",
    "__builtins__ = k = {'abs': lambda x: x}",
    "from math import exp as __name__",
    "class __A:\n    pass\n",
]


@pytest.mark.parametrize("source", LOUD)
def test_a_statement_that_may_call_something_is_not_quiet(source: str) -> None:
    assert not is_quiet(definition(source))


@pytest.mark.parametrize(
    "source",
    ["class A(B):\n    '''Text.'''\n    x = 1\n\n    @staticmethod\n    def f(y):\n        np.exp = y\n", "x = {'a': [1, -2]}",
     "def f(x):\n    np.exp = x\n", "def f(x: np.ndarray | list[int]) -> 'text':\n    np.exp = x\n", "from math import exp", "f = lambda x: x", "'text'"],
)  # fmt: skip
def test_a_statement_that_only_defines_something_is_quiet(source: str) -> None:
    assert is_quiet(definition(source))


HARDLY_DIFFERENT = [  # wrong, and nearly right
    ("np.maximum(0, x) \\\n\n    + 1", "np.maximum(0, x) \\\n    + 1"),
    ("np.maximum(0, x) + 1.e-50", "np.maximum(0, x) + 1 .e-50"),
    ("np.maximum(0, x) + len(b'''\n''') - 1", "np.maximum(0, x) + len(b'''\n\n''') - 1"),
    ("np.maximum(0, x) + (['a\\\n#\\\nb'] == ['a#c'])", "np.maximum(0, x) + (['a\\\n#\\\nb'] == ['a#b'])"),
    ("np.maximum(0, x) * (not \u2118)", "np.maximum(0, x) * (not\u2118)"),
    ("np.maximum(0, x) - 1 + 1.0", "np.maximum(0, x) - 1 + True * 0"),
]


@pytest.mark.parametrize(("right", "wrong"), HARDLY_DIFFERENT)
def test_what_is_hardly_different_is_different(remembering: Bench, spy: Spy, right: str, wrong: str) -> None:
    sources = [
        f"def relu_forward(x):\n    \u2118, not\u2118 = 0, 3\n    return {text}, x\n" if "return" not in text else text
        for text in (right, wrong)
    ]
    first = marked(remembering, spy, sources[0])
    assert first.points == first.max_points or "\\\n\n" in right
    second = marked(remembering, spy, sources[1])
    assert second.points < second.max_points


def test_docstrings_comments_and_layout_make_no_difference() -> None:
    one = 'def f(x):\n    """One.\n\n    More."""\n    a = ( x + 1 )  # \'that\'\n\n    return {\'a\' : a}\n'
    other = "def f(x):\n    'Another.'\n    a = (x+1)\n    return {\"a\": a}"
    assert reuse.Code(b"", (one,)).same(reuse.Code(b"", (other,)))
    assert not reuse.Code(b"", (one,)).same(reuse.Code(b"", (other.replace("1", "1.0"),)))


def test_only_so_many_functions_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reuse, "MOST", 2)
    known = reuse.Known()
    one, two, three = (reuse.Code(shelf, (f"x = {shelf[0]}",)) for shelf in (b"a", b"b", b"c"))
    known.add(one)
    known.add(two)
    assert one in known  # and is the latest now
    known.add(three)
    assert two not in known
    assert one in known
    assert reuse.Code(b"a", ("x = 0",)) not in known  # on the same shelf, but something else


def test_what_took_long_is_run_each_time(remembering: Bench, spy: Spy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reuse, "QUICK", 0.0)
    marked(remembering, spy, RELU)
    marked(remembering, spy, RELU)
    assert spy.ran == ["relu_forward"]


def test_a_class_has_the_same_files_with_and_without_a_memory(
    kit: Kit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    sample = sorted((ROOT / "data" / "sample_class").glob("*.ipynb"))[:6]
    for number, path in enumerate([*sample, *sample]):
        notebook = json.loads(path.read_text())
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code" and number >= len(sample):
                text = "".join(cell["source"])
                cell["source"] = text + f"\n# {number}\n\n\ndef own_{number}(x):\n    return x\n"
        (folder / f"s{number:02d}.ipynb").write_text(json.dumps(notebook))
    only = (ROOT / "data" / "sample_class.txt").read_text().split()

    def files(out: Path) -> dict[str, bytes]:
        classroom.grade(find(ROOT), folder, out, seed=1, only=only, jobs=1)
        return {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.suffix in (".jsonl", ".csv")}

    with_memory = files(tmp_path / "with")
    monkeypatch.setattr(Marker, "remembering", lambda marker: marker)
    assert files(tmp_path / "without") == with_memory
    assert len(with_memory["results.jsonl"].splitlines()) == 2 * len(sample)
