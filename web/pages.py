"""Templates: one environment, everything escaped, an unknown name is an error."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

HERE = Path(__file__).parent
STATIC = HERE / "static"
LIBRARIES = HERE / "node_modules"


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = static_url
    return environment


@cache
def static_url(path: str) -> str:
    """`/static/<path>` with the content's mark, so that it may be cached for ever."""
    mark = hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:12]
    return f"/static/{path}?v={mark}"


def page(template: str, /, **values: Any) -> HTMLResponse:
    """A rendered template; pages are never kept by caches between."""
    html = _templates().get_template(template).render(**values)
    return HTMLResponse(html, headers={"Cache-Control": "no-store"})
