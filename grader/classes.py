"""Exercises that are classes: their stub, their mistakes, and what is given beside them.

A class is marked through a driver, a function `drive_NAME(NAME, ...)` of the same file that uses the class and
returns what is looked at; the driver's lines are annotated as any reference's, the driver itself is no secret. In the
class, a statement with a comment `# > words` is an answer: the stub shows `name = ...  # words` in its place.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping

from grader.syntax import copy_tree, reads

DRIVER = "drive_"
ANSWER = re.compile(r"#\s*>\s*(?P<words>\S.*)$")


def driven(tree: ast.Module) -> dict[str, ast.ClassDef]:
    """By name of the driver: the class it drives."""
    classes = {n.name: n for n in tree.body if isinstance(n, ast.ClassDef)}
    drivers = [n.name for n in tree.body if isinstance(n, ast.FunctionDef) and n.name.startswith(DRIVER)]
    return {name: classes[name.removeprefix(DRIVER)] for name in drivers if name.removeprefix(DRIVER) in classes}


def class_stub(node: ast.ClassDef, lines: list[str], comments: Mapping[int, str]) -> str:
    """The source of the class with its answers taken out."""
    replaced: dict[int, str] = {}
    dropped: set[int] = set()
    for stmt in ast.walk(node):
        if not isinstance(stmt, ast.stmt) or stmt.lineno in dropped or stmt is node or stmt in node.body:
            continue
        found = _answer(stmt, comments)
        if found is None:
            continue
        indent = " " * stmt.col_offset
        target = ast.unparse(stmt.targets[0]) + " = " if isinstance(stmt, ast.Assign) and len(stmt.targets) == 1 else ""
        value = "..."
        if isinstance(stmt, ast.Assign) and isinstance(stmt.targets[0], ast.Tuple):
            value = ", ".join("..." for _ in stmt.targets[0].elts)
            target = ast.unparse(stmt.targets[0]).strip("()") + " = "
        replaced[stmt.lineno] = f"{indent}{target}{value}  # {found}"
        dropped.update(range(stmt.lineno, (stmt.end_lineno or stmt.lineno) + 1))
    first, last = _span(node)
    made = []
    for number in range(first, last + 1):
        if number in replaced:
            made.append(replaced[number])
        elif number not in dropped:
            made.append(lines[number - 1].rstrip())
    return "\n".join(made) + "\n"


def answers(node: ast.ClassDef, comments: Mapping[int, str]) -> list[ast.stmt]:
    """The statements of the class that students write themselves."""
    inner = (s for s in ast.walk(node) if isinstance(s, ast.stmt) and s is not node and s not in node.body)
    return [stmt for stmt in inner if _answer(stmt, comments)]


def _answer(stmt: ast.stmt, comments: Mapping[int, str]) -> str | None:
    """The words of an answer's comment: at the end of a simple statement, on the first line of a compound one."""
    ends = (stmt.lineno,) if hasattr(stmt, "body") else (stmt.end_lineno or stmt.lineno, stmt.lineno)
    for line in ends:
        found = ANSWER.search(comments.get(line, ""))
        if found:
            return found["words"]
    return None


def with_methods(node: ast.ClassDef, code: str) -> str:
    """The class with methods replaced by those of `code`; decorators stay unless `code` brings its own."""
    tree: ast.ClassDef = copy_tree(node)
    for new in ast.parse(code).body:
        assert isinstance(new, ast.FunctionDef)
        for i, old in enumerate(tree.body):
            if isinstance(old, ast.FunctionDef) and old.name == new.name:
                new.decorator_list = new.decorator_list or old.decorator_list
                tree.body[i] = new
    return ast.unparse(ast.fix_missing_locations(tree))


def methods(node: ast.ClassDef) -> set[str]:
    return {n.name for n in node.body if isinstance(n, ast.FunctionDef)}


def given_source(tree: ast.Module, lines: list[str], exercises: Iterable[str], makers: Iterable[str]) -> str:
    """Helpers of a file that students get as they are: its other public functions and classes."""
    taken = {*exercises, *makers, "cases"}
    parts = []
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name in taken:
            continue
        if not node.name.startswith(("_", DRIVER)):
            first, last = _span(node)
            parts.append("\n".join(line.rstrip() for line in lines[first - 1 : last]) + "\n")
    return "\n\n".join(parts)


def driver_source(tree: ast.Module, driver: ast.FunctionDef, lines: list[str]) -> str:
    """The driver and the private helpers of the file that it needs; they run beside the student's class."""
    helpers = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef) and n.name.startswith("_")}
    needed: list[ast.stmt] = []
    queue: list[ast.stmt] = [driver]
    while queue:
        node = queue.pop()
        if node not in needed:
            needed.append(node)
            queue += [helpers[name] for name in reads(node) if name in helpers]
    return "\n\n".join(source_of(node, lines) for node in sorted(needed, key=lambda n: n.lineno))


def source_of(node: ast.stmt, lines: list[str]) -> str:
    first, last = _span(node)
    return "\n".join(line.rstrip() for line in lines[first - 1 : last]) + "\n"


def _span(node: ast.stmt) -> tuple[int, int]:
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    return first, node.end_lineno or node.lineno
