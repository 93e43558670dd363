"""References are mutated line by line; what survives is equivalent, or a blind spot that is reported."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from grader import mutants
from grader.annotations import load
from grader.cli import main
from grader.equivalence import Proof, same
from grader.kit import Kit
from grader.mutants import every_mutant
from grader.mutation import Scope, mutations
from grader.reference import Reference
from grader.replay import oracle_for
from grader.sandbox import Sandbox
from grader.tally import Fate, tally

SCOPE = Scope(
    {"x": (5, 7), "w": (7, 4), "v": (7, 4), "b": (4,), "N": "int", "D": "int", "reg": "float"},
    {5: "x.shape[0]", 7: "x.shape[1]"},
    ["m", "v"],
)


def changed(source: str) -> dict[str, set[str]]:
    """By kind: what a statement (or several) may become."""
    nodes = ast.parse(source).body
    found: dict[str, set[str]] = {}
    for one in mutations(nodes, [SCOPE] * len(nodes)):
        text = ast.unparse(ast.Module(body=one.applied(nodes), type_ignores=[]))
        found.setdefault(one.kind, set()).add(text)
    return found


@pytest.mark.parametrize(
    ("source", "kind", "wrong"),
    [
        ("y = x + b", "operator", "y = x - b"),
        ("y = x * b", "operator", "y = x / b"),
        ("y = x @ w", "operator", "y = x * w"),
        ("y = x @ w", "order", "y = w @ x"),
        ("y = x @ w", "transpose", "y = x @ w.T"),
        ("y = x.T", "transpose", "y = x"),
        ("y = w", "transpose", "y = w.T"),
        ("y = x > 0", "comparison", "y = x >= 0"),
        ("y = x > 0", "comparison", "y = x < 0"),
        ("y = 0 + x", "constant", "y = 1 + x"),
        ("y = 1 + x", "constant", "y = 2 + x"),
        ("y = 2 * reg * w", "constant", "y = -2 * reg * w"),
        ("y = c['m']", "constant", "y = c['v']"),
        ("y = x.sum(axis=1)", "axis", "y = x.sum(axis=0)"),
        ("y = x.sum(axis=0)", "axis", "y = x.sum()"),
        ("y = x.max(axis=1, keepdims=True)", "keepdims", "y = x.max(axis=1)"),
        ("y = x.sum(axis=1)", "function", "y = x.mean(axis=1)"),
        ("y = np.maximum(0, x)", "function", "y = np.minimum(0, x)"),
        ("y = np.maximum(0, x)", "call dropped", "y = x"),
        ("y = np.exp(x)", "function", "y = np.expm1(x)"),
        ("y = np.zeros_like(x)", "function", "y = np.ones_like(x)"),
        ("y = x.argmax(axis=1)", "function", "y = x.argmin(axis=1)"),
        ("y = x - b + 1", "term dropped", "y = x - b"),
        ("y = x + b", "term dropped", "y = b"),
        ("y = -x", "sign", "y = x"),
        ("y = x", "sign", "y = -x"),
        ("y = x / N", "size", "y = x / x.shape[1]"),
        ("y = x / N", "name", "y = x / D"),
        ("y = w * 2", "name", "y = v * 2"),
        ("y = b[:, None]", "index", "y = b[None, :]"),
        ("y = b[:, None]", "index dropped", "y = b"),
        ("y = x[:-1]", "index", "y = x[:]"),
        ("y[N, D] = 1", "index", "y[D, N] = 1"),
        ("y += x", "operator", "y -= x"),
        ("y += x", "assigned, not added", "y = x"),
        ("dw, dv = w, v", "order", "dw, dv = (v, w)"),
        ("y = (x - b) / reg", "parentheses", "y = x - b / reg"),
        ("y = x\ny /= N", "statement dropped", "y = x\n"),
        ("for i in x:\n    y = i\n    y += 1", "statement dropped", "for i in x:\n    y = i\n"),
        ("if x > 0 and b > 0:\n    y = 1", "operator", "if x > 0 or b > 0:\n    y = 1\n"),
        ("if x > 0:\n    y = 1", "condition dropped", "if True:\n    y = 1\n"),
    ],
)
def test_a_line_is_changed_as_a_pen_slips(source: str, kind: str, wrong: str) -> None:
    assert wrong.strip() in {text.strip() for text in changed(source)[kind]}


def test_names_of_another_shape_are_not_swapped() -> None:
    assert changed("y = 1 * w")["name"] == {"y = 1 * v"}
    assert "name" not in changed("y = 1 * x")


def test_the_only_statement_of_a_stage_is_not_dropped() -> None:
    assert "statement dropped" not in changed("y = x")


def test_no_two_mutants_compile_to_the_same_and_none_to_the_reference(kit: Kit) -> None:
    reference = next(r for r in kit.references if r.name == "svm_loss_vectorized")
    every = every_mutant(oracle_for(reference, 4))
    sources = [m.source for m in every]
    right = ast.unparse(ast.parse(reference.source))
    assert len(set(sources)) == len(sources) > 200
    assert right not in sources
    for source in sources:
        compile(source, "mutant", "exec")


def test_every_staged_exercise_has_twenty_mutants_and_every_stage_two(kit: Kit) -> None:
    for reference in kit.references:
        oracle = oracle_for(reference, 4)
        every = every_mutant(oracle)
        chosen = mutants.choice(every, mutants.NUMBER, np.random.default_rng(1))
        assert len(chosen) >= mutants.LEAST, reference.name
        assert chosen == mutants.choice(every, mutants.NUMBER, np.random.default_rng(1))
        if reference.class_node is None:
            for block in range(len(reference.blocks)):
                assert sum(m.block == block for m in chosen) >= mutants.EACH, (reference.name, block)


def test_mutants_of_a_class_change_only_what_students_write(kit: Kit) -> None:
    reference = next(r for r in kit.references if r.name == "TwoLayerNet")
    for mutant in every_mutant(oracle_for(reference, 4)):
        assert "self.params = {name: value.copy() for name, value in params.items()}" in mutant.source
        assert "losses = []" in mutant.source


REFERENCE = '''
import numpy as np


def scaled(x, k, s):
    """A scaled and shifted.

    x: (N, D) input
    k: () factor
    s: () shift
    """
    # forward pass
    inner = k * x               # ({dims}) scaled [1]
    out = np.abs(inner) + s     # ({dims}) shifted [1]
    return out


def cases(rng):
    for n, d in ((3, 4), (1, 5), (6, 2)):
        yield f"{n} rows", {"x": rng.standard_normal((n, d)), "k": {k}, "s": 0.3}
'''


def reference(folder: Path, k: str) -> Reference:
    path = folder / "scaled.py"
    path.write_text(REFERENCE.replace("{dims}", "N, D").replace("{k}", k))
    return load(path)[0]


def test_a_mutant_that_returns_the_same_is_found_equivalent_and_one_that_does_not_is_not(tmp_path: Path) -> None:
    one = reference(tmp_path, "rng.uniform(1, 2)")
    proof = Proof(one, 4, seeds=5)
    shown = {m.mutation.after: proof.of(m) for m in every_mutant(oracle_for(one, 4))}
    assert shown["inner = -(k * x)"] == "results"
    assert shown["out = np.abs(-inner) + s"] == "value"
    assert shown["inner = x"] is None
    assert shown["out = np.abs(inner) - s"] is None
    assert shown["out = 1.0001 * (np.abs(inner) + s)"] is None


def test_every_mutant_of_a_well_chosen_exercise_is_caught_where_it_was_made(tmp_path: Path, sandbox: Sandbox) -> None:
    one = reference(tmp_path, "rng.uniform(1, 2)")
    found = tally(one, [], sandbox)
    assert len(found.results) == mutants.NUMBER
    assert found.count(Fate.SURVIVED) == 0
    assert found.count(Fate.CAUGHT) == found.judged
    assert all(r.localised for r in found.results if r.fate is Fate.CAUGHT)


def test_a_blind_spot_of_the_cases_is_a_survivor(tmp_path: Path, sandbox: Sandbox) -> None:
    """k is 1 on every case, so nothing shows whether it is used; moved a little, it does."""
    one = reference(tmp_path, "1.0")
    found = tally(one, [], sandbox, number=None)
    survived = {r.after for r in found.results if r.fate is Fate.SURVIVED}
    assert {"inner = x", "out = np.abs(x) + s"} <= survived


def test_a_mutant_that_changes_an_array_in_place_spoils_no_later_proof(kit: Kit) -> None:
    """`dscores = probs`, without the copy, changes probs in place."""
    one = next(r for r in kit.references if r.name == "softmax_loss")
    oracle = oracle_for(one, 4)
    before = [{k: np.copy(v) for k, v in env.items() if isinstance(v, np.ndarray)} for env in oracle.right]
    mutant = next(m for m in every_mutant(oracle) if m.mutation.after == "dx = probs")
    assert Proof(one, 4, seeds=3).of(mutant) is not None
    for old, env in zip(before, oracle.right, strict=True):
        assert all(np.array_equal(v, env[k], equal_nan=True) for k, v in old.items())


@pytest.mark.parametrize(
    ("got", "want", "equal"),
    [
        (1.0, 1.0 + 1e-14, True),
        (1.0, 1.0 + 1e-10, False),
        ([1.0, 2.0], np.array([1.0, 2.0]), True),
        (np.array([1.0]), np.array([[1.0]]), False),
        (np.array([np.nan, 1.0]), np.array([np.nan, 1.0]), True),
        (np.array([np.inf, 1.0]), np.array([1.0, 1.0]), False),
        (None, 1.0, False),
    ],
)
def test_equivalent_means_equal_but_for_rounding(got: object, want: object, equal: bool) -> None:
    assert same(got, want) is equal


def validated(kit: Path, *more: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(
        main, ["--kit", str(kit), "validate", "--mutants", "--jobs", "1", *more], catch_exceptions=False
    )
    return done.exit_code, done.stdout, done.stderr


def test_the_command_prints_a_table_a_file_and_its_progress_on_stderr(kit_copy: Path) -> None:
    code, output, progress = validated(kit_copy, "--exercise", "relu_forward", "--exercise", "add_gate")
    assert code == 0, output
    rows = {line.split()[0]: line.split() for line in output.splitlines() if line.split()}
    assert rows["gates"][1:3] == ["1", "24"]
    assert rows["relu"][4:6] == ["100.0%", "100.0%"]
    assert (
        "relu_forward: out: order: out = np.maximum(0, x)  ->  out = np.maximum(x, 0); computes the same (200 seeds)"
        in output
    )
    assert "1 of 2: add_gate, 24 mutants" in progress


def test_the_command_fails_on_a_blind_spot_and_shows_the_line(kit_copy: Path) -> None:
    path = kit_copy / "solutions" / "linear.py"
    text = path.read_text()
    assert '"reg": reg' in text
    path.write_text(text.replace('"reg": reg', '"reg": 1.0'))
    code, output, _ = validated(kit_copy, "--all", "--exercise", "l2_regularization")
    assert code == 1
    assert "not caught" in output
    assert "reg_loss = np.sum(W * W)" in output.split("not caught")[1]


def test_exercise_without_mutants_is_wrong_use(kit_copy: Path) -> None:
    done = CliRunner().invoke(main, ["--kit", str(kit_copy), "validate", "--exercise", "relu_forward"])
    assert done.exit_code == 2
    assert "--mutants" in done.stderr
