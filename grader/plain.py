"""Code that does the same in any company: its result depends on its arguments alone, and it leaves nothing behind.

A function that is built of what is listed here, and nothing else, cannot reach what other code shares with it: it
binds no global name, sets no attribute, calls nothing that could, and keeps nothing between two calls. So its result
in one process is its result in every other. What is not on the lists may be harmless too; nobody has to know.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.toplevel import Top

NODES: tuple[type[ast.AST], ...] = (
    ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.For, ast.While,
    ast.If, ast.Expr, ast.Pass, ast.Break, ast.Continue, ast.Raise, ast.Assert, ast.BoolOp, ast.BinOp, ast.UnaryOp,
    ast.Lambda, ast.IfExp, ast.Dict, ast.ListComp, ast.DictComp, ast.GeneratorExp, ast.comprehension, ast.Compare,
    ast.Call, ast.keyword, ast.Constant, ast.Attribute, ast.Subscript, ast.Starred, ast.Name, ast.List, ast.Tuple,
    ast.Slice,
)  # fmt: skip
LEAVES = {"id", "attr", "arg", "name", "kind", "ctx", "op", "ops", "simple", "type_comment"}
PARTS = {kind: tuple(f for f in kind._fields if f not in LEAVES) for kind in NODES} | {ast.Constant: ()}
_BUILTINS = """
    abs all any AssertionError bool dict divmod enumerate Exception float IndexError int isinstance KeyError len list
    max min NotImplementedError pow print range reversed round slice sorted sum tuple TypeError ValueError zip
"""
MODULES = frozenset({"np", "numpy", "math"})
USUAL = {("numpy", "np"), ("numpy", None), ("math", None)}
_ATTRIBUTES = """
    abs absolute add all allclose amax amin any append arange arccos arcsin arctan arctan2 argmax argmin argsort array
    array_equal asarray astype at atleast_1d atleast_2d average axis bincount bool_ broadcast_to cbrt ceil clip
    column_stack concatenate copy cos cosh count_nonzero cumprod cumsum diag diagonal divide dot dtype e einsum equal
    erf exp exp2 expand_dims expm1 extend eye fill flat flatten flip float32 float64 floor fmax fmin full full_like
    get greater greater_equal hstack hypot identity index inf inner insert int32 int64 isclose isfinite isinf isnan
    item items keys less less_equal linalg linspace log log10 log1p log2 logaddexp logical_and logical_not logical_or
    matmul max maximum mean min minimum mod multiply nan nan_to_num ndenumerate ndim ndindex negative newaxis
    nonzero norm ones ones_like outer pi pop power prod ravel reciprocal reduce repeat reshape round row_stack
    searchsorted setdefault shape sign sin sinh size sort sqrt square squeeze stack std subtract sum swapaxes T take
    take_along_axis tan tanh tensordot tile tolist trace transpose tril triu true_divide unique values var vdot vstack
    where zeros zeros_like
"""  # np.empty and np.ndarray are not here: what they give may hold what other code has left
BUILTINS, ATTRIBUTES = frozenset(_BUILTINS.split()), frozenset(_ATTRIBUTES.split())
HINTS = (ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.Tuple, ast.List, ast.BinOp, ast.BitOr, ast.Load)
METHODS = frozenset({"staticmethod", "classmethod", "property"})
CALLED_BY_NAME = frozenset({"__init__", "__call__", "__repr__", "__str__", "__len__"})  # others may run on definition
_LOOK_AROUND = """
    globals locals vars dir eval exec compile getattr builtins sys os inspect modules testing ctypes gc importlib
"""
_KNOW_NOTHING = "numpy math random itertools functools copy collections time typing warnings"
_UNSET = "empty empty_like ndarray pad"  # give memory as others have left it
TAKE_LABELS = {"get", "setdefault", "einsum", "pop", "print"}
LOOK_AROUND, KNOW_NOTHING = frozenset((_LOOK_AROUND + _UNSET).split()), frozenset(_KNOW_NOTHING.split())
OF_FRAMES = ("f_", "gi_", "cr_", "ag_", "tb_", "co_", "func_")


@dataclass(frozen=True)
class Company:
    """What is known of the statements of a submission that run together.

    `quiet` means that every one merely defines something, so that nothing has happened before the first function is
    called, and that none looks for what it does not name, so that nobody misses what is not run. `taken` gives, for
    each exercise whose code is plain, the names that it takes from code that is not the student's.
    """

    quiet: bool = False
    taken: Mapping[str, frozenset[str]] = field(default_factory=dict)


def company(needed: Mapping[str, Collection[int]], chosen: Mapping[str, int], tops: Sequence[Top]) -> Company:
    """Of the top-level statements that each exercise needs, by number, and of the one that is its own."""
    every = set().union(*needed.values())
    plain = {at for at in every if is_plain(tops[at].node)}
    alone = all(chosen.get(name, at) == at for at in every for name in tops[at].defines)
    return Company(
        alone and all(_names_only(tops[at].reads) if at in plain else _quiet_and_closed(tops[at].node) for at in every),
        {exercise: _taken([tops[at] for at in ats]) for exercise, ats in needed.items() if plain.issuperset(ats)},
    )


def _taken(tops: Iterable[Top]) -> frozenset[str]:
    reads: set[str] = set()
    binds: set[str] = set()
    for top in tops:
        reads |= top.reads
        binds |= top.defines
    return frozenset(reads - binds - BUILTINS)


def is_plain(node: ast.stmt) -> bool:
    """A function built of what is listed, a constant, or an import of numpy under a usual name."""
    if isinstance(node, ast.Import):
        return all((alias.name, alias.asname) in USUAL for alias in node.names)
    if isinstance(node, ast.Assign):
        return _names_afresh(node.targets) and _is_constant(node.value, texts=False)
    if not isinstance(node, ast.FunctionDef) or not _is_free(node.name) or not _defines_only(node):
        return False
    reached: set[ast.AST] = set()  # that of which an attribute is read
    modules: set[ast.AST] = set()
    texts: set[ast.AST] = set()
    queue: list[Any] = [node]
    for inner in queue:
        kind = inner.__class__
        parts = PARTS.get(kind)
        if parts is None:
            return False
        if kind is ast.Name:
            if inner.id in MODULES:
                modules.add(inner)
        elif kind is ast.Attribute:
            if inner.attr not in ATTRIBUTES or not isinstance(inner.ctx, ast.Load):
                return False
            reached.add(inner.value)
        elif kind is ast.Constant:
            if isinstance(inner.value, str | bytes):
                texts.add(inner)
        elif kind is ast.keyword and (inner.arg is None or inner.arg == "where"):
            return False  # entries that a ufunc leaves out hold anything
        elif kind is ast.FunctionDef and inner.decorator_list:
            return False
        for part in parts:
            value = getattr(inner, part)
            if value.__class__ is list:
                queue += [v for v in value if v is not None]
            elif value is not None and value.__class__ is not int:
                queue.append(value)
    if ast.get_docstring(node, clean=False) is not None:
        texts.discard(node.body[0].value)  # type: ignore[attr-defined]
    # a module by itself could be given to anything, and a text be made of where something lies in memory
    return modules <= reached and (not texts or texts <= _labels(node))


def _labels(node: ast.stmt) -> set[ast.AST]:
    """Where a text can only be looked at: docstrings, keys, what is compared or printed, words of an exception."""
    found: set[ast.AST] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Expr):
            found.add(inner.value)
        elif isinstance(inner, ast.Dict):
            found.update(k for k in inner.keys if k is not None)
        elif isinstance(inner, ast.Subscript):
            found.add(inner.slice)
        elif isinstance(inner, ast.Compare):
            found.update((inner.left, *inner.comparators))
        elif isinstance(inner, ast.Raise):
            found.update(ast.walk(inner))
        elif isinstance(inner, ast.Assert) and inner.msg is not None:
            found.add(inner.msg)
        elif isinstance(inner, ast.Call):
            called = inner.func.attr if isinstance(inner.func, ast.Attribute) else getattr(inner.func, "id", "")
            if called in TAKE_LABELS:
                found.update(inner.args)
    return found


def is_quiet(node: ast.stmt) -> bool:
    """Does running a statement only define something: a function, a class, a value, a module of the usual ones?"""
    if isinstance(node, ast.FunctionDef):
        return _is_free(node.name) and _defines_only(node)
    if isinstance(node, ast.ClassDef):
        simple = _is_free(node.name) and not node.decorator_list and not node.keywords
        return simple and all(isinstance(b, ast.Name) for b in node.bases) and all(map(_is_quiet_member, node.body))
    if isinstance(node, ast.Assign):
        return _names_afresh(node.targets) and _literal(node.value)
    if isinstance(node, ast.ImportFrom):
        bound = {alias.asname or alias.name for alias in node.names}
        return not node.level and node.module in ("math", "numpy") and "*" not in bound and all(map(_is_free, bound))
    return is_plain(node) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _quiet_and_closed(node: ast.stmt) -> bool:
    return is_quiet(node) and is_closed(node)


def _names_only(names: Iterable[str]) -> bool:
    """Are these names of things, none of something that finds others?"""
    return not any(name in LOOK_AROUND or _hidden(name) for name in names)


def is_closed(node: ast.stmt) -> bool:
    """Does a statement take from elsewhere only what it names: no `globals()["f"]`, no frames, no modules that know, no
    memory that somebody else has left?"""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            if not _names_only((inner.id,)):
                return False
        elif isinstance(inner, ast.Attribute):
            if not _names_only((inner.attr,)) or inner.attr.startswith(OF_FRAMES):
                return False
        elif isinstance(inner, ast.Import):
            if not all(alias.name.split(".")[0] in KNOW_NOTHING for alias in inner.names):
                return False
        elif isinstance(inner, ast.ImportFrom) and (
            inner.level or (inner.module or "").split(".")[0] not in KNOW_NOTHING
        ):
            return False
    return True


def _hidden(name: str) -> bool:
    return name.startswith("__") and name not in CALLED_BY_NAME and name not in ("__name__", "__doc__", "__class__")


def _is_quiet_member(node: ast.stmt) -> bool:
    if isinstance(node, ast.FunctionDef):
        return _defines_only(node, METHODS) and (not node.name.startswith("__") or node.name in CALLED_BY_NAME)
    return isinstance(node, ast.Pass) or (is_quiet(node) and not isinstance(node, ast.ClassDef))


def _defines_only(node: ast.FunctionDef, decorators: Collection[str] = ()) -> bool:
    """Is nothing called where it is defined, and nothing kept that could change?"""
    own = node.args
    every = [*own.posonlyargs, *own.args, *own.kwonlyargs, own.vararg, own.kwarg]
    hints = [node.returns, *(a.annotation for a in every if a is not None)]
    return (
        all(isinstance(d, ast.Name) and d.id in decorators for d in node.decorator_list)
        and all(_is_constant(d) for d in (*own.defaults, *own.kw_defaults) if d is not None)
        and all(isinstance(inner, HINTS) for hint in hints if hint is not None for inner in ast.walk(hint))
    )


def _is_free(name: str) -> bool:
    """May code give this name to something of its own, without anything else that asks for it noticing?"""
    return name not in MODULES and not name.startswith("__")


def _names_afresh(targets: Iterable[ast.expr]) -> bool:
    return all(isinstance(target, ast.Name) and _is_free(target.id) for target in targets)


def _is_constant(node: ast.expr, texts: bool = True) -> bool:
    """A number, a text, None, or a tuple of these: nothing that could be changed in place."""
    if isinstance(node, ast.UnaryOp):
        return _is_constant(node.operand, texts)
    if isinstance(node, ast.Tuple):
        return all(_is_constant(element, texts) for element in node.elts)
    return isinstance(node, ast.Constant) and (texts or not isinstance(node.value, str | bytes))


def _literal(node: ast.expr) -> bool:
    if isinstance(node, ast.List | ast.Tuple):
        return all(map(_literal, node.elts))
    if isinstance(node, ast.Dict):
        return all(k is not None and _is_constant(k) for k in node.keys) and all(map(_literal, node.values))
    if isinstance(node, ast.Lambda):
        return all(_is_constant(d) for d in (*node.args.defaults, *node.args.kw_defaults) if d is not None)
    return _is_constant(node)
