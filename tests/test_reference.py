"""The annotation grammar: what a reference becomes, and what an author is told who breaks it."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

from grader.annotations import load
from grader.exercise import AnnotationError
from grader.notation import parse_dims
from grader.reference import bind_shape
from grader.replay import oracle_for

GOOD = '''
"""A family."""
import numpy as np
from grader.exercise import Check, Mistake, Variant


def scale(x, k):
    """Scale and sum.

    x: (N, D) input
    k: () factor
    """
    N = x.shape[0]

    # forward pass
    double = k * x             # (N, D) scaled input [1]
    shift = double.mean()
    centred = double - shift   # (N, D) centred [2]
    centred[0] += 1
    total = centred.sum()      # () sum [1]

    # backward pass
    dcentred, dk = np.ones_like(centred), 1.0  # (N, D), () gradients [1, 3]
    cache = x, N
    return total, dk, cache


def cases(rng):
    for n in (3, 4, 1):
        yield f"n={n}", {"x": rng.standard_normal((n, 2)), "k": 2.0}


MISTAKES = [Mistake("tripled", of="scale", stage="double", code="double = 3 * x", hint="Which factor?")]
'''


@pytest.fixture
def write(tmp_path: Path):
    def writer(source: str) -> Path:
        path = tmp_path / "family.py"
        path.write_text(dedent(source), encoding="utf-8")
        return path

    return writer


def test_a_stage_has_its_shape_points_words_and_part(write) -> None:
    exercise = load(write(GOOD))[0].exercise
    assert [(s.name, s.shape, s.points, s.part) for s in exercise.stages] == [
        ("double", "(N, D)", 1, "forward"),
        ("centred", "(N, D)", 2, "forward"),
        ("total", "()", 1, "forward"),
        ("dcentred", "(N, D)", 1, "backward"),
        ("dk", "()", 3, "backward"),
    ]
    assert exercise.stage("centred").what == "centred"
    assert exercise.points == 8


def test_a_temporary_belongs_to_the_next_stage_and_carries_its_dependence(write) -> None:
    exercise = load(write(GOOD))[0].exercise
    assert exercise.uses[1] == {"double"}
    assert exercise.descendants("double") == ("centred", "total")  # of centred, dcentred takes only the shape


def test_later_statements_on_a_stage_belong_to_it(write) -> None:
    oracle = oracle_for(load(write(GOOD))[0], 0)
    right = oracle.right[0]
    assert right["centred"][0, 0] == pytest.approx((right["double"] - right["double"].mean())[0, 0] + 1)


def test_packaging_is_not_marked_and_outputs_are_the_returned_stages(write) -> None:
    exercise = load(write(GOOD))[0].exercise
    assert exercise.outputs == ("total", "dk")
    assert [leaf.stage for leaf in exercise.returns] == ["total", "dk", None]


def test_the_stub_keeps_what_is_given_and_nothing_of_the_stages(write) -> None:
    stub = load(write(GOOD))[0].exercise.stub
    assert "    N = x.shape[0]\n" in stub
    assert "    cache = x, N\n    return total, dk, cache\n" in stub
    assert "dcentred, dk = ..., ...  # (N, D), () gradients [1, 3]" in stub
    for hidden in ("k * x", "mean", "centred[0]", "sum()", "ones_like"):
        assert hidden not in stub


def test_a_loop_that_fills_two_stages_joins_them(write) -> None:
    source = GOOD.replace(
        "    total = centred.sum()      # () sum [1]\n",
        "    total = 0.0  # () sum [1]\n    top = 0.0  # () largest [1]\n"
        "    for v in centred.ravel():\n        total += v\n        top = max(top, v)\n",
    )
    exercise = load(write(source))[0].exercise
    assert exercise.stage("total").block == exercise.stage("top").block


def test_a_mutant_is_the_function_with_one_block_replaced(write) -> None:
    reference = load(write(GOOD))[0]
    mutant = reference.function_with(reference.mistakes[0])
    assert "double = 3 * x" in mutant
    assert "k * x" not in mutant
    assert "centred[0] += 1" in mutant


@pytest.mark.parametrize(
    ("old", "new", "at", "told"),
    [
        ("# (N, D) scaled input [1]", "# (N, D) scaled input", "double =", "half an annotation"),
        ("# (N, D) scaled input [1]", "# scaled input [1]", "double =", "half an annotation"),
        (
            "(N, D), () gradients [1, 3]",
            "(N, D), () gradients [1]",
            "dcentred, dk =",
            "2 name(s), 2 shape(s), 1 number(s)",
        ),
        ("(N, D), () gradients [1, 3]", "(N, D) gradients [1, 3]", "dcentred, dk =", "2 name(s), 1 shape(s)"),
        ("# (N, D) scaled input [1]", "# (N, E) scaled input [1]", "double =", "no size E"),
        ("# () sum [1]", "# () sum [0]", "total =", "worth 0 points"),
        ("centred[0] += 1", "double[0] += 1", "double[0] += 1", "double is changed after centred"),
        (
            "total = centred.sum()      # () sum [1]",
            "double = centred.sum()  # () sum [1]",
            "double = centred",
            "a second time",
        ),
        ("double = k * x  ", "double[0] = k * x", "double[0] =", "not `name = expr`"),
        ("return total, dk, cache", "return total, dk + 1, cache", "return", "an expression is returned"),
        ("return total, dk, cache", "return total, unknown", "return", "unknown is returned"),
        ("    return total, dk, cache", "    pass", "def scale", "does not end in a return"),
        ("return total, dk, cache", "return x", "return x", "no stage is returned"),
        ("    cache = x, N\n", "    if N: return 0\n", "if N", "a second return"),
        ("def cases(rng)", "def other(rng)", "", "no cases(rng)"),
        ('stage="double", code', 'stage="nowhere", code', "", "no stage of scale"),
        ('of="scale"', 'of="nothing"', "Mistake(", "no exercise of this file"),
        ('code="double = 3 * x"', 'code="double = = 3"', "", "not valid Python"),
        ('code="double = 3 * x"', 'code="other = 3"', "", "does not assign double"),
        ("MISTAKES = [Mistake", "MISTAKES = [1, Mistake", "MISTAKES =", "no Mistake"),
        ("import numpy as np", "import numpy as np\nx = 1 / 0", "x = 1 / 0", "ZeroDivisionError"),
        ("import numpy as np", "import numpy as np\nx = (", "x = (", "not valid Python"),
        ("    centred[0] += 1\n", "    x[0] += 1\n    centred[0] += 1\n", "x[0] += 1", "x is changed in place"),
        (
            "    centred[0] += 1\n",
            "    for i in range(2):\n        dz = 1  # () inner [1]\n    centred[0] += 1\n",
            "dz = 1",
            "inside a loop",
        ),
    ],
)
def test_a_broken_annotation_is_told_with_file_line_and_remedy(write, old: str, new: str, at: str, told: str) -> None:
    assert GOOD.count(old) == 1
    path = write(GOOD.replace(old, new))
    with pytest.raises(AnnotationError) as caught:
        load(path)
    assert told in str(caught.value)
    assert str(caught.value).startswith(f"{path}:")
    assert caught.value.remedy
    assert at in path.read_text().splitlines()[caught.value.line - 1]


def test_two_mistakes_of_one_name_are_told(write) -> None:
    entry = GOOD[GOOD.index('Mistake("tripled"') : GOOD.rindex("]")]
    with pytest.raises(AnnotationError, match="two entries named 'tripled'"):
        load(write(GOOD.replace(entry, f"{entry}, {entry}")))


def test_a_missing_docstring_is_told(write) -> None:
    start = GOOD.index('    """Scale')
    end = GOOD.index("    N = x")
    with pytest.raises(AnnotationError, match="no docstring"):
        load(write(GOOD[:start] + GOOD[end:]))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"k": 2.0', '"q": 2.0', "has no k"),
        ("(3, 4, 1)", "(3, 4)", "2 case"),
        ("rng.standard_normal((n, 2))", "rng.nothing()", "raised AttributeError"),
        ('"x": rng.standard_normal((n, 2))', '"x": None', "raised AttributeError on the case"),
        ('yield f"n={n}", {', "yield {", "raised"),
    ],
)
def test_cases_that_do_not_fit_are_told(write, old: str, new: str, told: str) -> None:
    assert GOOD.count(old) == 1
    reference = load(write(GOOD.replace(old, new)))[0]
    with pytest.raises(AnnotationError, match=told.replace("(", r"\(")):
        oracle_for(reference, 0)


def test_the_same_seed_gives_the_same_cases_and_another_seed_others(write) -> None:
    reference = load(write(GOOD))[0]
    first, again, other = (oracle_for(reference, seed) for seed in (5, 5, 6))
    assert np.array_equal(first.cases[0].inputs["x"], again.cases[0].inputs["x"])
    assert not np.array_equal(first.cases[0].inputs["x"], other.cases[0].inputs["x"])


@pytest.mark.parametrize(
    ("dims", "shape", "fits"),
    [
        ("(N, C)", (5, 3), True),
        ("(N, C)", (5,), False),
        ("(N,)", (5,), True),
        ("(N, N)", (5, 4), False),
        ("()", (), True),
        ("(N, d_1, ..., d_k)", (5, 2), True),
        ("(N, d_1, ..., d_k)", (5, 2, 3, 4), True),
        ("(N, d_1, ..., d_k)", (5,), False),
        ("(...)", (2, 3), True),
        ("(N, ..., 2)", (9, 2), True),
        ("(N, ..., 2)", (9, 3), False),
    ],
)
def test_a_shape_fits_its_letters(dims: str, shape: tuple[int, ...], fits: bool) -> None:
    assert bind_shape(parse_dims(dims), shape, {}) is fits


def test_a_letter_keeps_its_size() -> None:
    sizes: dict[str, int] = {}
    assert bind_shape(("N", "D"), (5, 7), sizes)
    assert not bind_shape(("D",), (5,), sizes)
    assert sizes == {"N": 5, "D": 7}
