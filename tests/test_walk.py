"""The walk where a function raises on some inputs only, and where an early stage leaves nothing to go on."""

from __future__ import annotations

import re

import pytest

from grader import messages
from grader.exercise import FULL_MARKS, Outcome
from grader.grading import Bench
from grader.hypotheses import Cause
from grader.kit import Kit
from grader.sandbox import Sandbox
from grader.scoring import ExerciseMark
from grader.submission import from_sources


def handed_in(bench: Bench, sandbox: Sandbox, name: str, source: str) -> ExerciseMark:
    """The mark of a source of an exercise."""
    submission = from_sources("s", [("cell 1", "import numpy as np\n" + source)], bench.stubs)
    return bench.mark(submission, sandbox, only=[name]).exercises[0]


def marked(bench: Bench, sandbox: Sandbox, name: str, *changes: tuple[str, str]) -> ExerciseMark:
    """The mark of a reference with some of its text replaced."""
    source = bench.oracles[name].reference.source  # type: ignore[attr-defined]
    for old, new in changes:
        assert old in source
        source = source.replace(old, new)
    return handed_in(bench, sandbox, name, source)


def ending(source: str, end: str) -> str:
    """A source with another last line."""
    made, number = re.subn(r"^    return .*$", f"    {end}", source, flags=re.MULTILINE)
    assert number
    return made


def lost(mark: ExerciseMark) -> dict[str, Cause | None]:
    """Why, for each stage without points."""
    return {s.verdict.stage.name: s.verdict.cause for s in mark.stages if s.points == 0}


def outcomes(bench: Bench, sandbox: Sandbox, name: str, old: str, new: str) -> dict[str, str]:
    """The outcome of each stage of a reference with some of its text replaced."""
    mark = marked(bench, sandbox, name, (old, new))
    return {s.verdict.stage.name: str(s.verdict.outcome) for s in mark.stages}


def test_what_was_right_before_an_error_on_some_inputs_keeps_its_marks(bench: Bench, sandbox: Sandbox) -> None:
    """reg is 0 on one case only, so the function returns on all others."""
    found = outcomes(bench, sandbox, "l2_regularization", "dW = 2 * reg * W", "dW = 2 * (reg / reg) * reg * W")
    assert found["reg_loss"] == "passed"
    assert found["dW"] not in ("passed", "follows", "implied")


NOT_RETURNED, RAISED = Cause("not returned"), Cause("not returned", "raised")


@pytest.mark.parametrize(
    ("end", "causes"),
    [
        ("", {"dW": NOT_RETURNED}),  # one slip, which costs the last of them
        ("    return None\n", {"dW": NOT_RETURNED}),
        ("    return loss\n", {"dW": NOT_RETURNED}),
        ("    if N > 1:\n        return loss, dW\n", {"dW": Cause("not returned", "not always")}),
        ("    return loss, dw\n", {"dW": RAISED}),  # an exception costs the last one at least
        ("    return loss, dW, 1 / (N - 1)\n", {"dW": RAISED}),  # on the case of one example only
    ],
)
def test_what_is_computed_but_not_returned_is_one_slip_that_costs_the_last_of_it(
    bench: Bench, sandbox: Sandbox, end: str, causes: dict[str, Cause]
) -> None:
    one = marked(bench, sandbox, "svm_loss_vectorized", ("    return loss, dW\n", end))
    failed = {s.verdict.stage.name: s.verdict.cause for s in one.stages if s.verdict.outcome not in FULL_MARKS}
    assert failed == causes
    assert one.outcome is (Outcome.CRASHED if RAISED in causes.values() else Outcome.FAILED)


@pytest.mark.parametrize(
    ("name", "end", "stages"),
    [
        ("multiply_add", "return dz, dy, dx, f", ["dz"]),  # of which two are equal
        ("multiply_add", "return f, dz, dx, dy", ["dz"]),
        ("add_gate", "return dx, dy, out", ["dy"]),
        ("affine_backward", "return dx, db, dw", ["db"]),
        ("affine_backward", "dx = 3 * dx\n    return dx, db, dw", ["dx", "db"]),
        ("affine_backward", "return dx, db", ["db"]),
        ("softmax_loss_vectorized", "return dW", ["dW"]),
    ],
)
def test_places_are_told_whatever_else_is_wrong_or_equal(
    bench: Bench, sandbox: Sandbox, name: str, end: str, stages: list[str]
) -> None:
    source = bench.oracles[name].reference.source  # type: ignore[attr-defined]
    mark = handed_in(bench, sandbox, name, ending(source, end))
    assert list(lost(mark)) == stages
    assert all(c.points == c.max_points for c in mark.checks)


@pytest.mark.parametrize("change", ["dx = dx * 3\n    dw = dw + 1", "dw = dw.T.copy()", "dx[...] = 0\n    dw[...] = 0"])
def test_raising_after_values_were_spoilt_is_no_better_than_returning_them(
    bench: Bench, sandbox: Sandbox, change: str
) -> None:
    def points(end: str) -> float:
        return marked(bench, sandbox, "affine_backward", ("    return dx, dw, db", f"    {change}\n    {end}")).points

    assert points("raise ValueError") <= points("return dx, dw, db")


def test_a_wrong_value_that_is_not_returned_is_told_to_be_wrong(bench: Bench, sandbox: Sandbox) -> None:
    changes = (("    return loss, dW\n", ""), ("2 * reg * W ", "reg * W "))
    assert lost(marked(bench, sandbox, "svm_loss_vectorized", *changes)) == {
        "loss": NOT_RETURNED,
        "dW": Cause("mistake", "regularization-gradient-without-factor-2"),
    }


@pytest.mark.parametrize(
    "name", ["svm_loss_vectorized", "two_layer_loss", "affine_backward", "maxout_backward", "multiply_add"]
)
def test_one_more_mistake_never_raises_the_mark_of_what_ends_in_an_exception(
    bench: Bench, sandbox: Sandbox, name: str
) -> None:
    reference = bench.oracles[name].reference  # type: ignore[attr-defined]

    def points(source: str) -> float:
        return handed_in(bench, sandbox, name, ending(source, "raise ValueError")).points

    alone = points(reference.source)
    assert 0 < alone < reference.exercise.points
    assert reference.mistakes
    for mistake in reference.mistakes:
        assert points(reference.function_with(mistake)) <= alone, mistake.name


@pytest.mark.parametrize("end", ["return (out,)", "return [out]", "return out"])
def test_one_value_in_a_tuple_or_a_list_is_that_value(bench: Bench, sandbox: Sandbox, end: str) -> None:
    source = bench.oracles["linear_scores"].reference.source  # type: ignore[attr-defined]
    returned = re.search(r"^    return (\w+)$", source, re.MULTILINE)
    assert returned
    found = outcomes(bench, sandbox, "linear_scores", returned[0], f"    {end.replace('out', returned[1])}")
    assert set(found.values()) == {"passed"}


def test_values_that_come_back_in_another_order_cost_only_the_outputs(bench: Bench, sandbox: Sandbox) -> None:
    mark = marked(bench, sandbox, "svm_loss_vectorized", ("return loss, dW", "return dW, loss"))
    assert lost(mark) == {"dW": Cause("not returned", "elsewhere")}


def test_an_exception_on_some_inputs_names_one_and_a_value_it_left_unfinished_is_told_as_such(
    bench: Bench, sandbox: Sandbox
) -> None:
    one = marked(bench, sandbox, "svm_loss_vectorized", ("-= dscores.sum(axis=1)", "-= dscores.sum(axis=0)"))
    assert {s.verdict.stage.name: s.verdict.how for s in one.stages if s.points == 0} == {
        "dscores": "half made",
        "dW": "unreached",
    }
    assert messages.first_to_mend(one)[0] == "First to mend: what stops it"
    one = marked(bench, sandbox, "svm_loss_vectorized", ("    return loss, dW", "    margins[1]\n    return loss, dW"))
    assert dict(one.facts)["raised on"] == "one example"


@pytest.mark.parametrize(
    ("old", "new", "shapes"),
    [
        (
            "correct = scores[np.arange(N), y][:, None]",
            "correct = scores[np.arange(N), y]",
            (("scores", (5, 4)), ("correct", (5,))),
        ),
        (
            "dW = X.T @ dscores + 2",
            "dW = (X @\n          dscores) + 2",
            (("X", (5, 7)), ("dscores", (5, 4)), ("W", (7, 4))),
        ),
        ("scores = X @ W", "for row in X @ X:\n        scores = W", (("X", (5, 7)),)),
    ],
)
def test_the_shapes_that_met_where_an_exception_came_are_told(
    bench: Bench, sandbox: Sandbox, old: str, new: str, shapes: tuple[tuple[str, tuple[int, ...]], ...]
) -> None:
    mark = marked(bench, sandbox, "svm_loss_vectorized", (old, new))
    assert dict(mark.facts)["shapes"] == shapes
    told = messages.exercise(mark)
    assert all(f"{name} ({', '.join(map(str, dims))}" in told for name, dims in shapes)


def test_the_maximum_of_a_whole_minibatch_is_not_stable_where_its_rows_are_far_apart(
    bench: Bench, sandbox: Sandbox
) -> None:
    one = marked(bench, sandbox, "softmax_loss_vectorized", ("scores.max(axis=1, keepdims=True)", "scores.max()"))
    assert all(s.verdict.outcome in FULL_MARKS for s in one.stages)
    assert {c.name: c.points for c in one.checks if c.max_points} == {"stable at large scores": 0}


def test_a_list_of_numbers_is_an_array_and_rows_of_rows_are_none(bench: Bench, sandbox: Sandbox) -> None:
    rows = outcomes(bench, sandbox, "svm_loss_vectorized", "return loss, dW", "return [loss, dW.tolist()]")
    assert [name for name, outcome in rows.items() if outcome == "failed"] == ["dW"]
    flat = outcomes(bench, sandbox, "gradient_descent", "return losses", "losses = losses.tolist()\n    return losses")
    assert set(flat.values()) == {"passed"}


def test_what_was_wrong_before_an_error_on_some_inputs_is_still_wrong(bench: Bench, sandbox: Sandbox) -> None:
    changes = (("dW = 2 * reg * W", "dW = 2 * (reg / reg) * reg * W"), ("reg * np.sum(W * W)", "reg * np.sum(W)"))
    mark = marked(bench, sandbox, "l2_regularization", *changes)
    assert mark.points == 0
    wrong = next(s.verdict for s in mark.stages if s.verdict.stage.name == "reg_loss")
    assert wrong.outcome == "failed" and wrong.cause is not None and wrong.cause.kind == "mistake"


@pytest.mark.parametrize(
    ("name", "old", "new", "first", "blocked"),
    [
        ("rmsprop", "cache = decay", "cache = -100 - decay", "cache", "next_w"),  # the root of a negative number
        ("l2_regularization", "reg * np.sum", "0 * reg * np.sum", "reg_loss", ""),
        ("collapse_linear", "hidden = X @ W1", "hidden = 0 * (X @ W1)", "hidden", "scores"),
    ],
)
def test_a_stage_that_nothing_is_left_to_compute_from_is_blocked_not_wrong(
    bench: Bench, sandbox: Sandbox, name: str, old: str, new: str, first: str, blocked: str
) -> None:
    found = outcomes(bench, sandbox, name, old, new)
    assert found[first] not in ("passed", "follows", "implied", "blocked")
    assert [stage for stage, outcome in found.items() if outcome == "blocked"] == ([blocked] if blocked else [])


@pytest.mark.parametrize(
    ("name", "changes", "wrong"),
    [
        ("multiply_add", [("dq = z ", "dq = f "), ("dz = q ", "dz = z ")], {"dq", "dz"}),
        ("maxout_backward", [("(z1 > z2)", "(z1 < z2)"), ("dout * (z1 <= z2)", "dout.copy()")], {"dz1", "dz2"}),
        ("sigmoid_circuit", [("grad_s1 = grad_s2", "grad_s1 = grad_s2 * s0")], {"grad_s1"}),
        (
            "svm_loss",
            [("    margins[np.arange(N), y] = 0\n", ""), ("margins.sum() / N", "margins.sum()")],
            {"margins", "loss"},
        ),
    ],
)
def test_two_slips_are_told_where_they_are_and_by_name(
    bench: Bench, sandbox: Sandbox, name: str, changes: list[tuple[str, str]], wrong: set[str]
) -> None:
    found = lost(marked(bench, sandbox, name, *changes))
    assert found.keys() == wrong
    assert all(cause is None or cause.kind == "mistake" for cause in found.values())


@pytest.mark.parametrize("seed", [200, 210])
def test_a_label_that_a_loss_equals_by_chance_changes_no_verdict(kit: Kit, sandbox: Sandbox, seed: int) -> None:
    bench = Bench(kit.hidden(seed, ["svm_loss_vectorized"]))
    changes = [("    margins[np.arange(N), y] = 0\n", ""), ("reg_loss = reg *", "reg_loss = 0.5 * reg *")]
    found = lost(marked(bench, sandbox, "svm_loss_vectorized", *changes))
    assert {stage: cause.name for stage, cause in found.items() if cause is not None} == {
        "margins": "correct-class-kept",
        "reg_loss": "regularization-halved",
    }
    assert len(found) == 2


def test_right_values_as_lists_are_one_slip(bench: Bench, sandbox: Sandbox) -> None:
    mark = marked(bench, sandbox, "add_gate", ("return out, dx, dy", "return out.tolist(), dx.tolist(), dy.tolist()"))
    assert lost(mark) == {"dy": Cause("not returned", "no array")}


@pytest.mark.parametrize("exercise", ["softmax_loss", "softmax_loss_vectorized", "two_layer_loss", "three_layer_loss"])
@pytest.mark.parametrize(
    ("largest", "total", "name"),
    [
        ("axis=1", "axis=0", "summed-over-the-minibatch"),
        ("axis=0", "axis=1", "maximum-of-each-class-subtracted"),
        ("axis=0", "axis=0", "normalized-over-the-minibatch"),
        ("axis=None", "axis=0", "normalized-over-the-minibatch"),
    ],
)
def test_a_softmax_along_the_wrong_axis_has_a_name(
    kit: Kit, bench: Bench, sandbox: Sandbox, exercise: str, largest: str, total: str, name: str
) -> None:
    reference = next(r for r in kit.references if r.name == exercise)
    lines = reference.source.splitlines()
    first = next(i for i, line in enumerate(lines) if "np.exp(" in line)
    scores = "x" if exercise == "softmax_loss" else "scores"
    last = next(i for i, line in enumerate(lines) if line.strip().startswith("probs = "))
    wrong = f"""
    shifted = {scores} - {scores}.max({largest}, keepdims=True)
    exps = np.exp(shifted)
    sums = np.broadcast_to(exps.sum({total}, keepdims=True), exps.shape)
    probs = exps / sums"""
    source = "\n".join(["import numpy as np", *lines[:first], wrong, *lines[last + 1 :]])
    submission = from_sources("ada", [("ada.py", source)], bench.stubs)
    mark = bench.mark(submission, sandbox, explain_all=True, only=[exercise]).exercises[0]
    verdict = next(s.verdict for s in mark.stages if s.verdict.outcome is Outcome.FAILED)
    assert (verdict.stage.name, verdict.cause) == ("probs", Cause("mistake", name))
