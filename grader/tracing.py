"""`trace(f, W=..., X=...)`: every intermediate value of one's own function, line by line, without a print.

It runs in the student's own process. A loop is looked at when it ends: of what changes in it, the last value is shown.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from grader.calls import Error
from grader.child import call
from grader.compare import as_numbers
from grader.kit import KitError, find
from grader.observe import MAX_VALUES, Recorder
from grader.own import limited, observed, place_of
from grader.public import StaleData
from grader.replay import made
from grader.reports import values
from grader.reports.values import Row

LARGEST = 5_000_000  # entries of an array that is looked at; larger ones are left out
LONGEST = 60.0  # seconds of CPU that a function may take


@dataclass(frozen=True, repr=False)
class Traced:
    """What a call did: a row for each value, in order. `traced["scores"]` is the last value of that name."""

    function: str
    rows: tuple[Row, ...]
    output: Any = None
    error: Error | None = None
    cut: bool = False  # were there more values than are kept?

    def __getitem__(self, name: str) -> Any:
        for row in reversed(self.rows):
            if row.name == name:
                return row.value
        raise KeyError(f"{name}; there are {', '.join(dict.fromkeys(row.name for row in self.rows))}")

    def __repr__(self) -> str:
        return values.text(self.function, self.rows, self.error, self.cut)

    def _repr_html_(self) -> str:
        return values.page(self.function, self.rows, self.error, self.cut)


def trace(function: Any, /, *args: Any, **inputs: Any) -> Traced:
    """Run one of your functions and see every value that it computes on the way.

    Args:
        function: a function of yours, or a method (`net.loss`)
        *args: what it is called with. Without any, an exercise is called with its first public case.
        **inputs: the same, by name

    Returns:
        Traced, shown as a table in a notebook: line, name, shape, dtype, smallest and largest entry, nan or inf.
        `traced["dscores"]` is a value itself. If the function raises, what came before is there.

    Raises:
        TypeError: this is no function, its source cannot be read, or these are not its arguments.
        KitError: no inputs were given and the function is no exercise of a kit at hand.
    """
    plain, bound = own_call(function, args, inputs)
    recorder = Recorder(LARGEST)
    probed = observed(plain, recorder)
    if probed is None:
        raise TypeError(f"the source of {plain.__name__} cannot be read: define it in a cell or a file, then trace it")
    here = place_of(plain)
    rows = [Row(name, 0, "", value) for name, value in bound.items() if as_numbers(value) is not None]
    own = getattr(function, "__self__", None)
    ready = partial(probed, own) if own is not None else probed
    with limited(LONGEST):
        done = call(ready, list(bound.values()), {plain.__code__.co_filename: here})
    rows += [Row(name, line, "" if label == here else label, value) for name, line, label, value in recorder.records]
    error = done["error"]
    return Traced(
        plain.__name__,
        tuple(rows),
        done["output"],
        Error(error["kind"], error["text"], error["line"], error["label"]) if error else None,
        len(recorder.records) >= MAX_VALUES,
    )


def own_call(function: Any, args: Sequence[Any], inputs: dict[str, Any]) -> tuple[types.FunctionType, dict[str, Any]]:
    """The plain function behind `function`, and what it is called with, by parameter."""
    plain = getattr(function, "__func__", function)
    if not isinstance(plain, types.FunctionType):
        raise TypeError(f"this takes one of your functions, as in trace(svm_loss_naive); {function!r} is none")
    if not args and not inputs and inspect.signature(function).parameters:
        inputs = _public_case(plain.__name__)
        if list(inspect.signature(function).parameters) != list(inputs):
            args, inputs = tuple(inputs.values()), {}
    try:
        bound = inspect.signature(function).bind(*args, **inputs)
    except TypeError as error:
        raise TypeError(f"{plain.__name__}{inspect.signature(function)}: {error}") from None
    bound.apply_defaults()
    if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD, p.KEYWORD_ONLY) for p in bound.signature.parameters.values()):
        raise TypeError(f"{plain.__name__} takes *args, ** or keyword-only arguments: trace a function without them")
    return plain, dict(bound.arguments)


def _public_case(name: str) -> dict[str, Any]:
    kit = find()
    try:
        stored = kit.stored([name])
    except StaleData as error:
        raise KitError(str(error)) from error
    if not stored:
        raise KitError(f"{name} is no exercise of the kit in {kit.root}: say what to call it with, as in {name}(x=...)")
    return {k: made(v) for k, v in stored[0].cases[0].inputs.items()}
