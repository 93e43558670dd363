"""The words as a set: every sentence has an example on docs/messages.md, and none gives an answer away."""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

import pytest
from conftest import ROOT, student
from test_cell import words

from grader import messages
from grader.kit import Kit
from grader.notebook import examine
from grader.reference import Reference
from grader.reports.cell import Card


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_messages", ROOT / "docs" / "make_messages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_all_sentences_is_fresh(maker: ModuleType) -> None:
    assert (ROOT / "docs" / "messages.md").read_text(encoding="utf-8") == maker.page(), maker.__doc__


MODULES = sorted(Path(messages.__file__).parent.glob("*.py"))


def lines_with_words() -> set[tuple[str, int]]:
    """First lines of the statements that hold words: a constant with a letter in it, no docstring."""
    found = set()
    trees = [(path.name, ast.parse(path.read_text(encoding="utf-8"))) for path in MODULES]
    for name, function in [(n, f) for n, tree in trees for f in ast.walk(tree) if isinstance(f, ast.FunctionDef)]:
        for stmt in ast.walk(function):
            if isinstance(stmt, ast.Return | ast.Assign | ast.AugAssign):
                constants = [n.value for n in ast.walk(stmt) if isinstance(n, ast.Constant)]
                if any(isinstance(c, str) and re.search(r"[a-z]{3}", c) for c in constants):
                    found.add((name, stmt.lineno))
    return found


def test_every_line_that_makes_words_has_an_example(maker: ModuleType) -> None:
    wanted, seen = lines_with_words(), set()
    files = {str(path): path.name for path in MODULES}
    assert len(wanted) > 40

    def watch(frame: FrameType, event: str, arg: Any) -> Any:
        code: CodeType = frame.f_code
        if code.co_filename not in files:
            return None
        seen.add((files[code.co_filename], frame.f_lineno))
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        maker.page()
    finally:
        sys.settrace(before)
    assert sorted(wanted - seen) == []


def test_every_word_of_the_tables_is_on_the_page(maker: ModuleType) -> None:
    page = maker.page().replace("\\|", "|")
    tables = [
        messages.FOUND,
        messages.SCALES,
        messages.UNPROBED,
        messages.UNTOUCHED,
        messages.TERMS,
        messages.CARD,
        messages.PARTS,
        messages.VERDICTS,
        messages.STATES,
        messages.LAYOUTS,
    ]
    for table in tables:
        for words_ in map(str, table.values()):
            assert words_.replace("{term}", "the term that holds W and reg") in page
    for sign, word in messages.SIGNS.values():
        assert f"{sign} {word}" in page


# -- no answers


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def answers(reference: Reference) -> set[str]:
    """Every statement of a reference that is not given, and its right-hand side, as Python would write it."""
    exercise = reference.exercise
    given = squeezed(exercise.stub + exercise.given + exercise.driver)
    found = set()
    for node in ast.walk(ast.parse(reference.source)):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.Return | ast.Expr) and node.value is not None:
            found |= {squeezed(ast.unparse(node)), squeezed(ast.unparse(node.value))}
    # a number or a bare name is no answer by itself
    return {a for a in found if a not in given and re.search(r"[^\w.]", a.strip("-"))}


def shown_for(reference: Reference, folder: Path) -> Iterator[tuple[str, str]]:
    """(mistake, all that `check` shows for it) on every level of hints, as text and as HTML."""
    for mistake in reference.mistakes:
        given = reference.exercise.given + "\n\n"
        function = getattr(student(folder, given + reference.function_with(mistake)), reference.name)
        mark = examine(function)
        for level in (1, 2, 3):
            card = Card(mark, level)
            yield mistake.name, f"{card!r}\n{words(card._repr_html_())}"


def test_no_sentence_shows_a_line_of_a_solution(kit: Kit, in_release: Path) -> None:
    count = 0
    for reference in kit.references:
        lines = answers(reference)
        assert lines, reference.name
        for mistake, text in shown_for(reference, in_release):
            flat = squeezed(text)
            assert not [line for line in lines if line in flat], (reference.name, mistake)
            count += 1
    assert count > 300


def test_the_search_for_answers_finds_one_that_is_told(kit: Kit) -> None:
    reference = next(r for r in kit.references if r.name == "svm_loss_vectorized")
    lines = answers(reference)
    assert "np.maximum(0,scores-correct+1)" in lines
    assert [line for line in lines if line in squeezed("try margins = np.maximum(0, scores - correct + 1) there")]


def test_hints_are_short_and_end_as_sentences_do(kit: Kit) -> None:
    for reference in kit.references:
        for mistake in reference.mistakes:
            assert mistake.hint.rstrip().endswith((".", "?")), mistake
            assert len(mistake.hint) <= 240, mistake
