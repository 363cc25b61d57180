"""The ASGI application: what uvicorn serves, and what a Ray Serve ingress can be made of."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from obclip_contract import ContractError

from ..engine import Engine
from ..errors import EngineError
from .answers import error_body, refuse
from .gate import Gate
from .inquiries import admin_routes, inquiry_routes
from .latents import answer_latents
from .models import Models
from .openapi import LATENTS, describe
from .origins import AllowedOrigins, read_origins
from .service import Service
from .settings import Settings, read_settings

__all__ = ["create_app"]


def create_app(
    models: Models | Engine | Sequence[Engine], settings: Settings | None = None, *, origins: Collection[str] = ()
) -> FastAPI:
    """The application around one or several engines. Its state is ``app.state.service``.

    Args:
        models: engines that run already, or bundles that are loaded and unloaded while it runs.
        settings: by default, every setting's default, whatever the environment says.
        origins: web pages that may use it, besides those of the settings.

    Raises:
        ConfigError: an origin in another form, or the tokens' file cannot be read.
    """
    if not isinstance(models, Models):
        models = Models.of_engines([models] if isinstance(models, Engine) else models)
    settings = settings or read_settings(private=True)
    service = Service(models, settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        service.close()

    app = FastAPI(
        title="ObCLIP cloud engine",
        version="1",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        **_no_telemetry(),
    )
    app.state.service = service
    _add_error_answers(app)
    app.add_middleware(Gate, hosts=settings.hosts)
    app.add_middleware(AllowedOrigins, origins=read_origins([*settings.origins, *origins]))  # the outermost

    @app.post("/v1/latents", tags=["device"], **LATENTS)
    async def latents(request: Request) -> Response:
        return await answer_latents(service, request)

    app.include_router(inquiry_routes(service))
    app.include_router(admin_routes(service))
    describe(app)
    return app


def _no_telemetry() -> dict[str, Any]:
    """FastAPI's own telemetry off, in the releases that have it: a shell's variables would make it send reports."""
    if "telemetry" not in inspect.signature(FastAPI).parameters:
        return {}
    return {"telemetry": {"auto_configure": False, "tracing": False, "metrics": False, "logs": False}}


def _add_error_answers(app: FastAPI) -> None:
    @app.exception_handler(ContractError)
    async def _contract(_: Request, error: ContractError) -> JSONResponse:
        return refuse(error)

    @app.exception_handler(EngineError)
    async def _engine(_: Request, error: EngineError) -> JSONResponse:
        return refuse(error)

    @app.exception_handler(404)
    async def _missing(_: Request, __: Any) -> JSONResponse:
        return JSONResponse(
            error_body("not_found", "there are POST /v1/latents and GET /v1/health; /openapi.json lists all"), 404
        )

    @app.exception_handler(405)
    async def _method(_: Request, __: Any) -> JSONResponse:
        return JSONResponse(
            error_body("method", "use POST for /v1/latents and GET for /v1/health; /openapi.json lists all"), 405
        )
