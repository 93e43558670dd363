"""Teach and grade backpropagation stage by stage. The command is `grader`; in notebooks, `from grader import check`."""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"
__all__ = ["__version__", "check", "check_gradient", "show_graph", "trace", "yours"]


def __getattr__(name: str) -> Any:
    """Load the notebook's functions when they are first used: the command line starts without them."""
    if name in ("check", "yours"):
        from grader import notebook

        return getattr(notebook, name)
    if name == "check_gradient":
        from grader.gradient_check import check_gradient

        return check_gradient
    if name == "show_graph":
        from grader.graph import show_graph

        return show_graph
    if name == "trace":
        from grader.tracing import trace

        return trace
    raise AttributeError(f"module 'grader' has no attribute {name!r}")
