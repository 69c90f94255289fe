"""The ASGI app: pages, the simulator, health, and the webhooks that the channels hand in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import FastAPI
from fastapi.exception_handlers import http_exception_handler
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from core.storage.store import StoreError
from web.limits import TooLarge
from web.pages import LIBRARIES, STATIC, page
from web.security import SecurityHeaders
from web.services import Services
from web.simulator.routes import simulator_routes
from web.statics import CachedFiles

_SAID = {
    404: ("Không có trang này", "Đường dẫn có thể đã cũ hoặc gõ thiếu."),
    405: ("Không mở được trang này", "Địa chỉ này chỉ dành cho máy gọi tới."),
}
_SAID_OF_OTHERS = ("Trang này chưa mở được", "Anh/chị thử lại sau ít phút.")
A_WEEK = "public, max-age=604800"


def build_app(services: Services) -> FastAPI:
    """The whole web side of one process. Nothing is started here: workers are the business of `app.py`."""
    # the generated documentation pages load scripts from elsewhere, which our policy forbids
    app = FastAPI(title="Kênh Dân", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(SecurityHeaders)
    app.add_exception_handler(TooLarge, _too_large)
    app.add_exception_handler(StoreError, _store_refused)
    app.add_exception_handler(HTTPException, _refused)

    @app.api_route("/health", methods=["GET", "HEAD"])
    async def health() -> JSONResponse:
        state = dict(await services.health())
        status = 200 if state.get("database") else 503
        return JSONResponse(state, status_code=status, headers={"Cache-Control": "no-store"})

    app.router.routes.extend(services.routes)
    app.router.routes.append(Route("/", _front_page(services)))
    app.router.routes.append(Mount("/static", CachedFiles(STATIC)))
    leaflet = CachedFiles(LIBRARIES / "leaflet" / "dist", default=A_WEEK)
    app.router.routes.append(Mount("/lib/leaflet", leaflet))
    if services.simulator is not None:
        app.router.routes.extend(simulator_routes(services, services.simulator))
    return app


def _front_page(services: Services) -> Callable[[Request], Awaitable[Response]]:
    async def front_page(_request: Request) -> Response:
        if services.simulator is not None:
            return RedirectResponse("/simulator", status_code=307)
        return page("home.html", pack=services.pack, proofs=services.proofs)

    return front_page


async def _refused(request: Request, error: Exception) -> Response:
    """A page for people, JSON for programs."""
    assert isinstance(error, HTTPException)
    if "text/html" not in request.headers.get("accept", ""):
        return await http_exception_handler(request, error)
    title, advice = _SAID.get(error.status_code, _SAID_OF_OTHERS)
    answer = page("error.html", title=title, advice=advice)
    answer.status_code = error.status_code
    answer.headers.update(error.headers or {})
    return answer


async def _too_large(_request: Request, _error: Exception) -> Response:
    return JSONResponse({"error": "too_large"}, status_code=413)


async def _store_refused(_request: Request, _error: Exception) -> Response:
    # nothing was kept: the sender is asked to come again
    return JSONResponse({"error": "try_later"}, status_code=503, headers={"Retry-After": "2"})
