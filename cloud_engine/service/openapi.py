"""The OpenAPI 3.1 description: the wire format of SPEC.md in its terms, with examples that are valid."""

from __future__ import annotations

import json
from typing import Any, Final

from fastapi import FastAPI, Response
from fastapi.openapi.utils import get_openapi

from obclip_contract import MEDIA_TYPE, Axis, GenerateRequest, Phrase, PromptGrid
from obclip_contract.request import request_schema

from .bodies import DEADLINE_HEADER

__all__ = ["LATENTS", "describe", "example_request"]

_ERROR: Final = {"$ref": "#/components/schemas/Error"}
#: Statuses of POST /v1/latents, each with the code of one of its errors.
_REFUSALS: Final = {
    401: ("no_token", "no token, or one that is not known"),
    403: ("origin", "a web page that may not use this engine, or a token that may not"),
    404: ("wrong_model", "another model"),
    408: ("too_slow", "the request did not arrive in time"),
    409: ("unknown_plan", "no such plan here"),
    413: ("too_large", "over 262144 bytes"),
    415: ("media_type", "not announced as plain JSON"),
    421: ("host", "a name that this server does not answer to"),
    422: ("bad_request", "breaks the contract, a limit, or costs too much"),
    429: ("busy", "the queue is full or too long, or the token's budget is used up; see Retry-After"),
    431: ("header", "the header is over 16 KiB"),
    500: ("engine", "a fault inside"),
    503: ("stopping", "the server stops, or the model is not loaded"),
    504: ("deadline", "the deadline passed"),
}


def example_request() -> GenerateRequest:
    """A small valid request."""
    grid = PromptGrid(
        "a sticker of {a} {who} with a red hat",
        (Axis("gender", ("female", "male")),),
        {"who": Phrase((0,), ("woman", "man"))},
    )
    return GenerateRequest(model="stickers", lexicon="5", grid=grid, seed=1)


def _refusal(code: str, meaning: str) -> dict[str, Any]:
    example = {"error": {"code": code, "field": None, "message": meaning}}
    return {"description": meaning, "content": {"application/json": {"schema": _ERROR, "example": example}}}


#: Arguments of the route.
LATENTS: Final[dict[str, Any]] = {
    "summary": "All candidates after the cloud's steps",
    "description": "The request is canonical JSON, padded (obclip_contract/SPEC.md); the answer one safetensors file "
    "with every candidate's latents. Nothing in it depends on which candidate is meant.",
    "response_class": Response,
    "responses": {
        200: {
            "description": "the latents",
            "content": {MEDIA_TYPE: {"schema": {"type": "string", "contentMediaType": MEDIA_TYPE}}},
        },
        **{status: _refusal(*told) for status, told in _REFUSALS.items()},
    },
    "openapi_extra": {
        "security": [{}, {"token": []}],
        "parameters": [
            {
                "name": DEADLINE_HEADER,
                "in": "header",
                "required": False,
                "description": "seconds that the client waits at most; the server's own deadline holds as well",
                "schema": {"type": "string", "pattern": r"^[0-9]{1,6}(\.[0-9]{1,3})?$"},
                "example": "60",
            }
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/Request"},
                    "example": json.loads(example_request().to_bytes()),
                }
            },
        },
    },
}


def describe(app: FastAPI) -> None:
    """Make the description now, so that no request waits for it, with the wire format's own schemas."""
    document = get_openapi(title=app.title, version=app.version, openapi_version="3.1.0", routes=app.routes)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    # FastAPI's own form of a validation error is never sent: what it would refuse has our envelope.
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for path in document["paths"].values():
        for operation in path.values():
            answers = operation.get("responses", {})
            if "HTTPValidationError" in json.dumps(answers.get("422", {})):
                answers["422"] = _refusal("bad_request", "breaks the contract")
    request = request_schema("#/components/schemas/{model}")
    schemas.update(request.pop("$defs", {}))
    schemas["Request"] = request
    text = {"type": "string"}
    schemas["Error"] = {
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["code", "field", "message"],
                "properties": {"code": text, "field": {"type": ["string", "null"]}, "message": text},
            }
        },
    }
    document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    app.openapi = lambda: document  # type: ignore[method-assign]
