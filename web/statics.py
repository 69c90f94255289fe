"""Static files with cache headers: marked ones for a year, the others asked about each time (304)."""

from __future__ import annotations

import os
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


class CachedFiles(StaticFiles):
    """StaticFiles that says how long a file may be kept."""

    def __init__(self, directory: str | os.PathLike[str], *, default: str = ASK_AGAIN) -> None:
        super().__init__(directory=directory, check_dir=False)
        self._default = default

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        marked = "v" in parse_qs(scope.get("query_string", b"").decode("latin-1"))
        response.headers["Cache-Control"] = FOR_EVER if marked else self._default
        return response
