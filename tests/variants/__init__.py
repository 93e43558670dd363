"""Submissions in other people's hands: right ones, and wrong ones with what they must cost.

A module is a family. `RIGHT` names sources by exercise; `WRONG` adds the sets of stages that may be lost. A line
`# %%` in a source starts another cell. The sources are data for tests and benchmarks and share no code with the kit.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

from tests.variants import amiss, cells, gates, layers, linear, nets, optimizers, softmax, svm, two_layer

OF_ONE = {"svm_loss_vectorized": svm, "softmax_loss_vectorized": softmax, "two_layer_loss": two_layer}
OF_MANY: tuple[ModuleType, ...] = (gates, linear, layers, nets, optimizers, cells, amiss)
CELL = "# %%"


@dataclass(frozen=True)
class Written:
    """One submission. `lost` holds the sets of stages of which one is what it must lose; nothing where it is right."""

    exercise: str
    name: str
    source: str
    lost: tuple[frozenset[str], ...] = ()

    @property
    def cells(self) -> list[tuple[str, str]]:
        """(label, source) of each cell."""
        return [(f"cell {number}", text) for number, text in enumerate(self.source.split(CELL), 1)]


def right() -> list[Written]:
    """Every right submission, by exercise."""
    found = [Written(exercise, name, s) for exercise, module in OF_ONE.items() for name, s in module.RIGHT.items()]
    for module in OF_MANY:
        found += [Written(exercise, name, s) for exercise, named in module.RIGHT.items() for name, s in named.items()]
    return found


def wrong() -> list[Written]:
    """Every wrong submission, by exercise."""
    pairs = [(exercise, module.WRONG) for exercise, module in OF_ONE.items()]
    pairs += [pair for module in OF_MANY for pair in getattr(module, "WRONG", {}).items()]
    return [
        Written(exercise, name, source, tuple(map(frozenset, lost)))
        for exercise, named in pairs
        for name, (source, lost) in named.items()
    ]
