"""What a student starts from, derived from a reference: stub source, stub file, notebook cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

HEADER = "# Made by `grader build` from {source}. Replace each `...`; the comment says which shape belongs there."


def stub_source(
    lines: Sequence[str],
    first: int,
    body: int,
    end: int,
    hidden: set[int],
    openings: Mapping[int, tuple[list[str], str]],
) -> str:
    """The function at `lines[first..end]` (1-based) with its answer taken out.

    `hidden` are the lines of stage statements; `openings` gives, by line, the names a stage statement opens
    and its annotation. Signature, docstring, given statements, bare comments and the return stay.
    """
    width = max(len(_left(names)) for names, _ in openings.values()) + 2
    made: list[str] = []
    for number in range(first, end + 1):
        if number in openings:
            names, annotation = openings[number]
            made.append(f"    {_left(names).ljust(width)}# {annotation}")
        elif number not in hidden:
            made.append(lines[number - 1].rstrip())
        # blank lines inside a stage's statements would leave holes
        if len(made) > 1 and made[-1] == "" and made[-2] == "" and number > body:
            made.pop()
    return "\n".join(made) + "\n"


def _left(names: list[str]) -> str:
    return f"{', '.join(names)} = {', '.join('...' for _ in names)}"


def stub_file(source: str, summary: str, given: str, stubs: Iterable[str]) -> str:
    """A file of `assignment/`: what is given and the stubs of one family."""
    doc = f'"""{summary}"""\n\n' if summary else ""
    return (
        HEADER.format(source=source)
        + "\n"
        + doc
        + "import numpy as np\n\n\n"
        + "\n\n".join([*([given] if given else []), *stubs])
    )
