"""The HTTP face: POST /v1/latents and GET /v1/health. Prompt text is never logged and never answered back."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any, Final

from contract import MEDIA_TYPE, ContractError, GenerateRequest, RequestError, limits
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from .engine import PLANS, Engine
from .errors import BusyError, EngineError

#: Requests that may wait while one is computed; the next one is told to come back.
QUEUE: Final = 8
_log = logging.getLogger("obclip.cloud")


def _error(status: int, code: str, message: str, field: str | None = None) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "field": field, "message": message}}, status_code=status)


async def _body(request: Request) -> bytes:
    """The body, refused while it is read when it passes the cap."""
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > limits.MAX_REQUEST_BYTES:
        raise RequestError("request", f"over {limits.MAX_REQUEST_BYTES} bytes")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limits.MAX_REQUEST_BYTES:
            raise RequestError("request", f"over {limits.MAX_REQUEST_BYTES} bytes")
    return bytes(body)


def create_app(engine: Engine, queue: int = QUEUE) -> FastAPI:
    """The ASGI application around one engine; one request is computed at a time, ``queue`` more may wait."""
    app = FastAPI(title="ObCLIP cloud engine", docs_url=None, redoc_url=None)
    lock = asyncio.Lock()
    waiting = 0

    @app.exception_handler(ContractError)
    async def _contract(_: Request, error: ContractError) -> JSONResponse:
        if isinstance(error, RequestError):
            status = 413 if error.field == "request" and error.message.startswith("over ") else 422
            return _error(status, "bad_request", error.message, error.field)
        return _error(500, "response", str(error))

    @app.exception_handler(EngineError)
    async def _engine(_: Request, error: EngineError) -> JSONResponse:
        return _error(error.status, error.code, str(error))

    @app.exception_handler(404)
    async def _missing(_: Request, __: Any) -> JSONResponse:
        return _error(404, "not_found", "there are POST /v1/latents and GET /v1/health")

    @app.exception_handler(405)
    async def _method(_: Request, __: Any) -> JSONResponse:
        return _error(405, "method", "use POST for /v1/latents and GET for /v1/health")

    @app.get("/v1/health")
    async def health() -> dict[str, Any]:
        manifest = engine.bundle.manifest
        return {
            "status": "ok",
            "model": manifest.model,
            "backend": engine.backend.name,
            "pair_sha256": manifest.pair_sha256,
            "plans": list(PLANS),
            "limits": {"candidates": limits.MAX_CANDIDATES, "steps": limits.MAX_STEPS},
        }

    @app.post("/v1/latents")
    async def latents(request: Request) -> Response:
        nonlocal waiting
        raw = await _body(request)
        parsed = GenerateRequest.from_bytes(raw)
        engine.check(parsed)
        if waiting > queue:
            raise BusyError("the engine is busy; send the same request again later")
        waiting += 1
        try:
            async with lock:
                began = time.monotonic()
                # A disconnect is not looked at: when the work ends must not depend on who listens.
                body = await asyncio.to_thread(lambda: engine.run(parsed, raw).to_bytes())
        finally:
            waiting -= 1
        _log.info("n=%d steps=%d ms=%.0f", parsed.grid.count, parsed.cloud_steps, 1000 * (time.monotonic() - began))
        return Response(body, media_type=MEDIA_TYPE)

    return app
