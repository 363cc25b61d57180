"""The HTTP face: POST /v1/latents and GET /v1/health. Prompt text is never logged and never answered back."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Collection
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from obclip_contract import MEDIA_TYPE, ContractError, GenerateRequest, RequestError, limits

from .engine import Engine
from .errors import BodyTooLargeError, BodyTooSlowError, BusyError, EngineError, StoppingError
from .origins import AllowedOrigins, read_origins
from .turns import QUEUE, Turns

__all__ = ["create_app"]

#: A body of at most 256 KiB that takes longer holds a connection for nothing.
BODY_SECONDS: Final = 30.0
#: What a client that was told "busy" may wait; a request takes seconds.
_RETRY_AFTER: Final = "2"


def _error(status: int, code: str, message: str, field: str | None = None) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "field": field, "message": message}}, status_code=status)


async def _body(request: Request) -> bytes:
    """The body, refused while it is read when it passes the cap."""
    too_large = BodyTooLargeError(f"a request has at most {limits.MAX_REQUEST_BYTES} bytes")
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > limits.MAX_REQUEST_BYTES:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limits.MAX_REQUEST_BYTES:
                    raise too_large
    except TimeoutError:
        raise BodyTooSlowError(f"the request did not arrive within {BODY_SECONDS:g} seconds") from None
    return bytes(body)


def create_app(engine: Engine, queue: int = QUEUE, origins: Collection[str] = ()) -> FastAPI:
    """The ASGI application around one engine; one request is computed at a time, ``queue`` more may wait.

    ``origins``: of the web pages that may use it from a browser (``https://app.example``, or ``*`` for all).

    Raises:
        ConfigError: an origin in another form.
    """
    app = FastAPI(title="ObCLIP cloud engine", docs_url=None, redoc_url=None, openapi_url=None, **_no_telemetry())
    turns = Turns(engine, queue)
    _add_error_answers(app)
    app.add_middleware(AllowedOrigins, origins=read_origins(origins))

    @app.get("/v1/health")
    async def health(response: Response) -> dict[str, Any]:
        response.headers["cache-control"] = "no-store"  # a stale hash of the pair would stop every device
        return {
            "status": "ok",
            "model": engine.manifest.model,
            "backend": engine.backend.name,
            "pair_sha256": engine.manifest.pair_sha256,
            "plans": list(engine.plans),
            "limits": {
                "candidates": limits.MAX_CANDIDATES,
                "steps": limits.MAX_STEPS,
                "request_bytes": limits.MAX_REQUEST_BYTES,
                "tokens": engine.manifest.tokenizer.max_length,
                "response_bytes": limits.MAX_RESPONSE_BYTES,
            },
        }

    @app.post("/v1/latents")
    async def latents(request: Request) -> Response:
        parsed = GenerateRequest.from_bytes(await _body(request))
        return Response(await turns.run(parsed), media_type=MEDIA_TYPE)

    return app


def _no_telemetry() -> dict[str, Any]:
    """FastAPI's own telemetry off, in the releases that have it: a shell's variables would make it send reports."""
    if "telemetry" not in inspect.signature(FastAPI).parameters:
        return {}
    return {"telemetry": {"auto_configure": False, "tracing": False, "metrics": False, "logs": False}}


def _add_error_answers(app: FastAPI) -> None:
    """Every refusal as ``{"error": {"code", "field", "message"}}``."""

    @app.exception_handler(ContractError)
    async def _contract(_: Request, error: ContractError) -> JSONResponse:
        if isinstance(error, RequestError):
            return _error(422, "bad_request", error.message, error.field)
        return _error(500, "response", str(error))

    @app.exception_handler(EngineError)
    async def _engine(_: Request, error: EngineError) -> JSONResponse:
        answer = _error(error.status, error.code, str(error), error.field)
        if isinstance(error, BodyTooLargeError | BodyTooSlowError):
            answer.headers["connection"] = "close"  # or a sender that never stops would be read for ever
        if isinstance(error, BusyError | StoppingError):
            answer.headers["retry-after"] = _RETRY_AFTER
        return answer

    @app.exception_handler(404)
    async def _missing(_: Request, __: Any) -> JSONResponse:
        return _error(404, "not_found", "there are POST /v1/latents and GET /v1/health")

    @app.exception_handler(405)
    async def _method(_: Request, __: Any) -> JSONResponse:
        return _error(405, "method", "use POST for /v1/latents and GET for /v1/health")
