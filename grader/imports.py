"""Which modules student code may import: numpy and the harmless standard library, and what the kit allows.

Decided from the source, before anything is run, so that it can be said by name and line. It is a rule of the
assignment, not a wall: what must not be reached is kept out of reach by `confine`.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

# would do the assignment by itself: differentiates, optimises, or holds the layers
_DIFFERENTIATES = """
    autograd torch torchvision functorch jax jaxlib flax optax haiku equinox tensorflow keras tf_keras theano
    aesara pytensor mxnet chainer cupy numba sympy scipy sklearn statsmodels numdifftools algopy casadi tinygrad
    micrograd paddle mindspore caffe caffe2 cntk lasagne dynet pyro lightning transformers
"""
# of the standard library, what reaches out of the process; there is nothing in an exercise to use it for
_REACHES_OUT = """
    ctypes _ctypes socket _socket ssl _ssl subprocess _posixsubprocess multiprocessing _multiprocessing threading
    _thread concurrent asyncio signal resource mmap fcntl pty tty termios urllib http ftplib smtplib poplib imaplib
    nntplib telnetlib xmlrpc socketserver webbrowser select selectors
"""
DIFFERENTIATES, REACHES_OUT = frozenset(_DIFFERENTIATES.split()), frozenset(_REACHES_OUT.split())
IMPORTERS = frozenset({"__import__", "import_module"})


@dataclass(frozen=True)
class Import:
    """One import in student code. `modules` are full names: `from a import b, c` has a.b and a.c."""

    modules: tuple[str, ...]
    label: str
    line: int


def found(node: ast.AST, label: str, offset: int) -> Iterator[Import]:
    """The imports anywhere in a statement; `offset` is added to its line numbers."""
    for inner in ast.walk(node):
        modules: Sequence[str] = ()
        if isinstance(inner, ast.Import):
            modules = [alias.name for alias in inner.names]
        elif isinstance(inner, ast.ImportFrom) and inner.module and not inner.level:
            modules = [f"{inner.module}.{alias.name}" for alias in inner.names]
        elif isinstance(inner, ast.Call) and inner.args and isinstance(inner.args[0], ast.Constant):
            function = inner.func.attr if isinstance(inner.func, ast.Attribute) else getattr(inner.func, "id", "")
            if function in IMPORTERS and isinstance(inner.args[0].value, str):
                modules = [inner.args[0].value]
        if modules:
            yield Import(tuple(modules), label, getattr(inner, "lineno", 1) + offset)


def refused(imports: Iterable[Import], allowed: Collection[str]) -> tuple[str, Import] | None:
    """The first module that is not allowed, by the name it is known by, and the import of it."""
    for one in imports:
        for module in one.modules:
            top = module.split(".")[0]
            if top in DIFFERENTIATES | REACHES_OUT and not any(
                module == name or module.startswith(f"{name}.") for name in allowed
            ):
                return top, one
    return None
