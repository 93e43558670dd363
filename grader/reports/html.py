"""Templates -> pages. Every value is escaped, nothing is loaded from anywhere, no script runs but the page's own."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from grader import messages
from grader.exercise import FULL_MARKS
from grader.visible import visible


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("grader.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["say"] = messages
    made.globals["FULL_MARKS"] = FULL_MARKS
    made.globals["policy"] = _policy
    made.globals["text"] = _text
    made.filters["points"] = lambda value: f"{value:g}"
    return made


def _shown(value: Any) -> Any:
    return visible(value, "\n\t") if type(value) is str else value


def render(template: str, **values: Any) -> str:
    """A template of this package, filled in; every value is escaped."""
    return _environment().get_template(template).render(**values)


def parts(template: str, **values: Any) -> Iterator[str]:
    """Like `render`, piece by piece, for a page that is as long as a class."""
    return _environment().get_template(template).generate(**values)


def fragment(template: str, **values: Any) -> Markup:
    """A part of a page: like `render`, and not escaped again where it is put."""
    return Markup(render(template, **values))


@cache
def _text(name: str) -> Markup:
    """A template file as it is: a style sheet, a script."""
    environment = _environment()
    assert environment.loader is not None
    return Markup(environment.loader.get_source(environment, name)[0])


@cache
def _policy(script: str = "") -> str:
    """A content security policy: nothing from anywhere, and no script but the one named."""
    allowed = f"script-src 'sha256-{b64encode(sha256(_text(script).encode()).digest()).decode()}'; " if script else ""
    return f"default-src 'none'; style-src 'unsafe-inline'; {allowed}base-uri 'none'; form-action 'none'"
