"""What an answer that holds no latents says: the health report, and the error envelope (SPEC.md)."""

from __future__ import annotations

import json
from typing import Any, Final

from ..errors import CloudError, RefusedError
from .endpoint import clean
from .exchange import Answer

__all__ = ["read_health", "refusal"]

_NO_REASON: Final = "no reason given"
_HINTS: Final = {
    401: "check token=",
    403: "check token=, and whether this address may be used from here",
    404: "check the address: a base path, or another model",
    407: "check the user and password of proxy=",
}


def read_health(answer: Answer, shown: str) -> dict[str, Any] | CloudError:
    """The health report, or what is wrong with it: raised here, what the cloud said would hang on the error."""
    value = _json(answer)
    if answer.status == 200 and isinstance(value, dict):
        names = ("model", "pair_sha256")
        if all(isinstance(value.get(n), str) for n in names):
            return value
    if answer.status != 200:
        return refusal(answer, shown, "answers, but not as an ObCLIP engine")
    return CloudError(f"{shown} answers, but not as an ObCLIP engine ({_kind(answer)}); check the address")


def refusal(answer: Answer, shown: str, what: str = "refused the request") -> RefusedError:
    """The error of an answer whose status is not 200."""
    envelope = _json(answer)
    error = envelope.get("error") if isinstance(envelope, dict) else None
    fields = error if isinstance(error, dict) else {}
    code, field, message = (_text(fields.get(name)) for name in ("code", "field", "message"))
    reason = ": ".join(part for part in (field, message) if part) or _NO_REASON
    if 300 <= answer.status < 400:
        reason = "it points to another address, which is never followed; give the cloud's own address"
    elif answer.status == 200:
        reason = f"no latents: {_kind(answer)}"
    elif reason == _NO_REASON and answer.status in _HINTS:
        reason += f"; {_HINTS[answer.status]}"
    return RefusedError(f"the cloud at {shown} {what} ({answer.status}): {reason}", answer.status, code, field)


def _text(value: object) -> str:
    """A string for a terminal; numbers and lists that some server sends in its place are none."""
    return clean(value) if isinstance(value, str) else ""


def _json(answer: Answer) -> Any:
    if answer.cut or answer.headers.get("content-encoding", "identity").lower() != "identity":
        return None  # too long, or packed though "identity" was asked for: not unpacked, whatever it would become
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        return None


def _kind(answer: Answer) -> str:
    """What came instead, in a word or two."""
    packed = answer.headers.get("content-encoding", "identity")
    if packed.lower() != "identity":
        return f"packed as {clean(packed)[:40]!r}, which was not asked for"
    return clean(answer.headers.get("content-type", "no content type"))[:60] + (", too long" if answer.cut else "")
