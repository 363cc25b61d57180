"""Every refusal as ``{"error": {"code", "field", "message"}}``, with the status of its kind."""

from __future__ import annotations

from typing import Any

from fastapi.responses import JSONResponse

from obclip_contract import BundleError, ContractError, RequestError

from ..errors import BodyTooLargeError, BodyTooSlowError, EngineError, NoTokenError, WrongTokenError

__all__ = ["error_body", "outcome_of", "refuse"]

_CHALLENGE = "Bearer"


def error_body(code: str, message: str, field: str | None = None) -> dict[str, Any]:
    """The envelope."""
    return {"error": {"code": code, "field": field, "message": message}}


def outcome_of(error: Exception) -> str:
    """The error's code: a word of ours, which metrics and logs may show."""
    if isinstance(error, EngineError):
        return error.code
    if isinstance(error, RequestError):
        return "bad_request"
    return "bundle" if isinstance(error, BundleError) else "response"


def refuse(error: EngineError | ContractError) -> JSONResponse:
    """The answer to one of our errors."""
    code = outcome_of(error)
    if isinstance(error, EngineError):
        answer = JSONResponse(error_body(code, str(error), error.field), error.status)
        if error.retry_after is not None:
            answer.headers["retry-after"] = str(error.retry_after)
        if isinstance(error, NoTokenError | WrongTokenError):
            more = ' error="invalid_token"' if isinstance(error, WrongTokenError) else ""
            answer.headers["www-authenticate"] = _CHALLENGE + more
        if isinstance(error, BodyTooLargeError | BodyTooSlowError):
            answer.headers["connection"] = "close"  # or a sender that never stops would be read for ever
        return answer
    if isinstance(error, RequestError):
        return JSONResponse(error_body(code, error.message, error.field), 422)
    return JSONResponse(error_body(code, str(error)), 409 if code == "bundle" else 500)
