"""Similar submissions: a disguised copy stands out, independent work does not."""

from __future__ import annotations

import ast
import builtins
import csv
import re
import statistics
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import ROOT

from grader.cli import main
from grader.kit import Kit
from grader.reports.stored import read
from grader.similarity import GRAM, OTHER, WINDOW, Pair, Prints, given, pairs, prints, winnowed
from grader.submission import from_sources
from tests.variants import softmax, svm, two_layer

CLASS = ROOT / "data" / "sample_class"
FAMILIES = {"svm_loss_vectorized": svm, "softmax_loss_vectorized": softmax, "two_layer_loss": two_layer}
HANDS = 12  # each writes all three in a way of its own


def hand(number: int) -> dict[str, str]:
    return {name: list(family.RIGHT.values())[number] for name, family in FAMILIES.items()}


class Renamed(ast.NodeTransformer):
    """Every variable and helper under another name, every number another; nothing is left of comments and layout."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = node.name if node.name in FAMILIES else "q_" + node.name
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return node if node.id in ("np", *dir(builtins)) else ast.Name("q_" + node.id, node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg("q_" + node.arg)

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant(node.value * 1.5 + 1) if isinstance(node.value, float) else node


def disguised(source: str) -> str:
    return ast.unparse(ast.fix_missing_locations(Renamed().visit(ast.parse(source))))


@pytest.fixture(scope="module")
def stubs(kit: Kit) -> dict[str, str]:
    return {r.name: r.exercise.stub for r in kit.references if r.name in FAMILIES}


@pytest.fixture(scope="module")
def taught(kit: Kit) -> frozenset[int]:
    return frozenset().union(*(winnowed(r.source) for r in kit.references if r.name in FAMILIES))


@pytest.fixture(scope="module")
def hands(stubs: dict[str, str]) -> dict[str, Prints]:
    return {f"hand {i}": of(hand(i), stubs) for i in range(HANDS)}


def of(sources: Mapping[str, str], stubs: dict[str, str]) -> Prints:
    return prints([from_sources("x", list(sources.items()), stubs)], given(stubs.values()))


def every(submissions: Mapping[str, Prints], taught: frozenset[int]) -> list[Pair]:
    return pairs(submissions, taught, most=10_000)


def names(pair: Pair) -> set[str]:
    return {pair.first, pair.second}


@pytest.mark.parametrize("number", range(HANDS))
def test_a_copy_with_other_names_numbers_and_no_comments_is_first_by_far(
    number: int, hands: dict[str, Prints], stubs: dict[str, str], taught: frozenset[int]
) -> None:
    copy = {name: disguised(source) for name, source in hand(number).items()}
    first, second, *_ = every({**hands, "copy": of(copy, stubs)}, taught)
    assert names(first) == {f"hand {number}", "copy"}
    assert first.score > 0.8
    assert first.alone > 60
    assert second.score < 0.1


@pytest.mark.parametrize("number", range(HANDS))
def test_one_copied_exercise_of_three_stands_out_from_independent_work(
    number: int, hands: dict[str, Prints], stubs: dict[str, str], taught: frozenset[int]
) -> None:
    """The copier wrote the other two in a way that nobody else has: those of the next hand, who is left out."""
    other = (number + 1) % HANDS
    mixed = {**hand(other), "svm_loss_vectorized": disguised(hand(number)["svm_loss_vectorized"])}
    rest = {name: found for name, found in hands.items() if name != f"hand {other}"}
    first, second, *_ = every({**rest, "copy": of(mixed, stubs)}, taught)
    assert names(first) == {f"hand {number}", "copy"}
    assert first.where[0][0] in ("svm_loss_vectorized", OTHER)  # the helpers of one hand
    assert first.score > 2 * second.score


def test_independent_work_stays_low(hands: dict[str, Prints], taught: frozenset[int]) -> None:
    scores = [p.score for p in every(hands, taught)]
    assert max(scores) < 0.05
    assert statistics.median(scores) < 0.01


def test_what_many_wrote_says_little_and_what_two_alone_wrote_much(
    hands: dict[str, Prints], stubs: dict[str, str], taught: frozenset[int]
) -> None:
    alone = every({**hands, "twin": of(hand(0), stubs)}, taught)[0]
    crowd = every({**hands, **{f"twin {i}": of(hand(0), stubs) for i in range(9)}}, taught)[0]
    assert crowd.score < alone.score
    assert crowd.alone == 0


def test_equal_short_solutions_are_no_alarm(stubs: dict[str, str], kit: Kit) -> None:
    """relu_forward is one line; two who write it alike have done nothing."""
    relu = {"relu_forward": "def relu_forward(x):\n    out = np.maximum(0, x)\n    cache = x\n    return out, cache\n"}
    stub = {r.name: r.exercise.stub for r in kit.references if r.name == "relu_forward"}
    class_ = {f"s{i}": of(relu, stub) for i in range(2)} | {
        f"o{i}": of({"relu_forward": f"def relu_forward(x):\n    return {'-' * i}x\n"}, stub) for i in range(8)
    }
    assert all(p.score < 0.3 for p in every(class_, frozenset()))


def test_what_was_given_leaves_no_fingerprint(stubs: dict[str, str]) -> None:
    assert sum(map(len, of(stubs, stubs).values())) == 0
    stub = stubs["two_layer_loss"]
    assert len(winnowed(stub)) > 0
    helper = "def helper(a, b):\n" + "".join(f"    v{i} = a[{i}] + np.sum(b * {i}, axis=0)\n" for i in range(6))
    unit = from_sources("x", [("a", helper + stub.replace("scores = ...", "scores = helper(X, X)"))], stubs)
    assert "" in prints([unit], given(stubs.values()))
    assert (
        "" not in prints([unit], given([*stubs.values(), helper]))
        or not prints([unit], given([*stubs.values(), helper]))[""]
    )


def test_a_shared_passage_of_full_length_always_leaves_a_shared_fingerprint() -> None:
    """The guarantee of winnowing, on statements before and after that differ."""
    passage = "".join(f"    v{i} = np.dot(a, b.T) / n + np.exp(c[{i}])\n" for i in range(3))
    for k in range(12):
        one = "def f(a):\n" + "    x = a[0]\n" * k + passage + "    return a\n"
        two = "def g(a):\n" + "    y = {1: a}\n" * (k // 2) + passage + "    return -a\n"
        assert winnowed(one) & winnowed(two)
    assert GRAM + WINDOW < 3 * 20


def test_code_that_cannot_be_parsed_and_an_empty_class_are_no_trouble(stubs: dict[str, str]) -> None:
    assert winnowed("def f(:") == set()
    assert pairs({}) == []
    assert pairs({"a": {}, "b": {}}) == []
    broken = from_sources("x", [("a", "def svm_loss_vectorized(W:\n  (")], stubs)
    assert pairs({"a": prints([broken]), "b": prints([broken])}) == []


# -- the command


def grader(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["--kit", str(ROOT), *map(str, arguments)], catch_exceptions=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("similar") / "class"
    made.mkdir()
    for i in range(6):
        (made / f"student{i}.py").write_text("\n".join(hand(i).values()))
    (made / "=copy.py").write_text("\n".join(disguised(s) for s in hand(4).values()))
    return made


def test_similar_lists_the_likest_first_and_passes_no_verdict(folder: Path) -> None:
    done = grader("similar", folder, "--most", 3)
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert len(lines) == 4
    assert "=copy and student4" in lines[1]
    assert "for a person to judge" in done.stderr
    assert not re.search(r"plagiar|cheat|copied", done.output)


def test_similar_as_csv_is_a_table_that_no_spreadsheet_runs(folder: Path) -> None:
    rows = list(csv.DictReader(grader("similar", folder, "--csv").stdout.splitlines()))
    assert rows[0]["first"] == "'=copy"
    assert float(rows[0]["score"]) > 0.8 > 0.1 > float(rows[1]["score"])


def test_one_exercise_can_be_looked_at_alone(folder: Path) -> None:
    done = grader("similar", folder, "--exercise", "two_layer_loss", "--csv")
    assert "svm_loss_vectorized" not in done.stdout
    assert grader("similar", folder, "--exercise", "nothing").exit_code == 2


def test_grade_keeps_the_table_when_asked_and_links_it(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    only = [w for name in FAMILIES for w in ("--exercise", name)]
    assert grader("grade", folder, "--out", out, "--similar", *only).exit_code == 0
    assert "'=copy" in (out / "similar.csv").read_text()
    assert 'href="similar.html"' in (out / "index.html").read_text()
    text = (out / "similar.html").read_text()
    assert all(f"students/{page}" in text for page in ("student4.html",))
    assert len(read(out).rows) == 7
    assert grader("grade", folder, "--out", out, "--force", *only).exit_code == 0
    assert not (out / "similar.csv").exists()
    assert "similar" not in (out / "index.html").read_text()
