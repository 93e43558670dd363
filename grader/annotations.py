"""A file of `solutions/` -> a reference for each annotated function or class in it, with cases, mistakes, checks and
variants. An author's slip raises `AnnotationError` with file, line and what to write instead."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from grader.classes import (
    driven,
    given_source,
)
from grader.exercise import (
    AnnotationError,
    Check,
    Mistake,
    Variant,
)
from grader.grammar import Parser
from grader.notation import ANNOTATION, LOOKS_LIKE_ONE, comments_of, line_of, trailing_comment
from grader.reference import Reference


def load(path: Path) -> list[Reference]:
    """All references of one file of `solutions/`, in the order they stand there."""
    source = path.read_text(encoding="utf-8")
    try:
        tree = ast.parse(source, filename=str(path))
    except SyntaxError as error:
        raise AnnotationError(
            str(path), error.lineno or 1, f"not valid Python: {error.msg}", "mend the syntax error"
        ) from error
    module = _execute(path, source)
    comments = comments_of(source)
    functions = [n for n in tree.body if isinstance(n, ast.FunctionDef)]
    annotated = [f for f in functions if _annotated(f, comments, path)]
    classes = driven(tree)
    names = {classes[f.name].name if f.name in classes else f.name for f in annotated}
    cases = module.get("cases")
    if annotated and not callable(cases):
        raise AnnotationError(
            str(path),
            1,
            "the file has no cases(rng)",
            'define cases(rng) and yield ("case name", {"W": W, ...}) from it',
        )
    mistakes, checks, variants = (module.get(table, []) for table in ("MISTAKES", "CHECKS", "VARIANTS"))
    _check_tables(path, source, mistakes, checks, variants, names)
    given = given_source(tree, source.splitlines(), names, {c.cases.__name__ for c in checks})
    made = []
    for function in annotated:
        driven_class = classes.get(function.name)
        name = driven_class.name if driven_class else function.name
        parser = Parser(path, source, comments, module, function, names, driven_class, given)
        made.append(
            parser.reference(
                cases,
                tuple(m for m in mistakes if m.of == name),
                tuple(c for c in checks if name in c.of),
                tuple(v for v in variants if v.of == name),
            )
        )
    return made


def _execute(path: Path, source: str) -> dict[str, Any]:
    module: dict[str, Any] = {"__name__": path.stem, "__file__": str(path)}
    try:
        exec(compile(source, str(path), "exec"), module)
    except Exception as error:
        line = 1
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == str(path):
                line = trace.tb_lineno
            trace = trace.tb_next
        raise AnnotationError(
            str(path), line, f"the file cannot be run: {type(error).__name__}: {error}", "mend this line"
        ) from error
    return module


def _annotated(function: ast.FunctionDef, comments: dict[int, str], path: Path) -> bool:
    """Is the function an exercise (or meant to be one)? Raises where a stage is annotated in a loop or a branch."""
    found = False
    for stmt in function.body:
        if isinstance(stmt, ast.For | ast.While | ast.If | ast.With | ast.Try | ast.FunctionDef):
            inner = (n for n in ast.walk(stmt) if isinstance(n, ast.stmt) and n is not stmt)
            for node in inner:
                comment = None if hasattr(node, "body") else trailing_comment(node, comments)
                if comment and ANNOTATION.search(comment[0]):
                    raise AnnotationError(
                        str(path),
                        comment[1],
                        "a stage is annotated inside a loop or a branch",
                        "open the stage before the loop (`dW = np.zeros_like(W)  # (D, C) words [points]`); "
                        "statements in the loop that target it belong to it",
                    )
            continue
        comment = trailing_comment(stmt, comments)
        found = found or bool(comment and (ANNOTATION.search(comment[0]) or LOOKS_LIKE_ONE.search(comment[0])))
    return found


def _check_tables(path: Path, source: str, mistakes: Any, checks: Any, variants: Any, names: set[str]) -> None:
    for table, entries, kind in (
        ("MISTAKES", mistakes, Mistake),
        ("CHECKS", checks, Check),
        ("VARIANTS", variants, Variant),
    ):
        if not isinstance(entries, list | tuple) or not all(isinstance(e, kind) for e in entries):
            line = next((n for n, text in enumerate(source.splitlines(), 1) if text.startswith(table)), 1)
            raise AnnotationError(
                str(path),
                line,
                f"{table} holds something that is no {kind.__name__}",
                f"a list of {kind.__name__}(...), imported from grader.exercise",
            )
    seen: set[tuple[str, str]] = set()
    for entry in (*mistakes, *checks, *variants):
        label = entry.stage if isinstance(entry, Variant) else entry.name
        for of in entry.of if isinstance(entry, Check) else (entry.of,):
            what = type(entry).__name__.lower()
            if of not in names:
                raise AnnotationError(
                    str(path),
                    line_of(source, label),
                    f"the {what} {label!r} is of {of!r}, which is no exercise of this file",
                    f"of= one of {', '.join(sorted(names))}",
                )
            if (of, label) in seen and not isinstance(entry, Variant):
                raise AnnotationError(
                    str(path),
                    line_of(source, label),
                    f"{of} has two entries named {label!r}",
                    "give each a name of its own",
                )
            seen.add((of, label))
