"""The checks that `versus.py` gives to other graders: a function called on stored inputs, and `np.allclose`.

This file is copied beside their tests, so it needs numpy alone. The `.npz` of a notebook holds a dictionary by
exercise, as one pickled entry, because reading that is fastest; `cases` are tuples of inputs (in order; None where one
is made), the sources of those that are made (by place), and what must come out (by path in what is returned).
"""

import functools
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent


@functools.cache
def stored(notebook, folder=HERE):
    """The exercises of a notebook, read once for all of its tests."""
    with np.load(Path(folder) / f"{notebook}.npz", allow_pickle=True) as data:
        return data["exercises"].item()


def returned(exercise, function):
    """What `function` returns on each case, in order. A class is given to its driver, and that is called."""
    if exercise["driver"] is not None:
        name, source = exercise["driver"]
        space = {"np": np}
        exec(source, space)
        function = functools.partial(space[name], function)
    with np.errstate(all="ignore"):
        for inputs, made, _ in exercise["cases"]:
            given = [eval(made[i], {"np": np}) if i in made else value for i, value in enumerate(inputs)]
            yield function(*given)


def agrees(exercise, function):
    """Raise AssertionError unless all that is marked comes out on every case, or whatever `function` raises."""
    for (_, _, expected), got in zip(exercise["cases"], returned(exercise, function), strict=True):
        for path, right in expected:
            value = got
            for key in path:
                value = value[key]
            assert np.allclose(value, right), "a returned value is wrong"
