"""What a malicious server answers. Each trick is aimed at one candidate: the attacker hopes that the device
behaves differently when that candidate is the person's own."""

from __future__ import annotations

import gzip
import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import formatdate
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from obclip_contract import MEDIA_TYPE, GenerateRequest, LatentsResponse, limits

from .wire import Answer, Request, Respond, http, json_body, split

__all__ = ["TRICKS", "Trick", "hostile"]

Half = NDArray[np.float16]


@dataclass(frozen=True)
class Scene:
    """The honest answer to one request: ``parsed`` and as HTTP ``body``; ``target`` is the candidate aimed at.

    ``attempt`` counts the POSTs of this session from 1. ``start``, ``stop``: the target's bytes in the body.
    """

    request: GenerateRequest
    honest: LatentsResponse
    body: bytes
    target: int
    attempt: int
    elsewhere: str

    @property
    def start(self) -> int:
        """Where the target's latent begins in the body."""
        return int(len(self.body) - self.honest.latents.nbytes + self.target * self.honest.latents[0].nbytes)

    @property
    def stop(self) -> int:
        """Where it ends."""
        return self.start + int(self.honest.latents[0].nbytes)

    def altered(self, change: Callable[[Half, int], None]) -> Answer:
        """The honest answer with other, still finite latents."""
        latents = self.honest.latents.copy()
        change(latents, self.target)
        return _ok(replace(self.honest, latents=latents).to_bytes())

    def spoilt(self, value: float) -> Answer:
        """One value of the target is not a number that a latent may have."""
        raw = bytearray(self.body)
        raw[self.start : self.start + 2] = np.float16(value).tobytes()
        return _ok(bytes(raw))


@dataclass(frozen=True)
class Trick:
    """``play`` maps a scene to the answer. ``group`` is the table's row."""

    name: str
    group: str
    play: Callable[[Scene], Answer]
    #: Plays for one target only: its answer does not depend on it.
    once: bool = False


def _ok(body: bytes, **headers: str) -> Answer:
    return http(200, body, {"content-type": MEDIA_TYPE, **{k.replace("_", "-"): v for k, v in headers.items()}})


def _mark(latents: Half, j: int) -> None:
    pattern = np.indices(latents.shape[2:]).sum(axis=0) % 2 * 2.0 - 1.0
    latents[j] += (0.05 * pattern).astype(np.float16)


def _swap(latents: Half, j: int) -> None:
    other = (j + 1) % len(latents)
    latents[[j, other]] = latents[[other, j]]


def _fill(value: float) -> Callable[[Half, int], None]:
    def change(latents: Half, j: int) -> None:
        latents[j] = value

    return change


def _copies(latents: Half, j: int) -> None:
    latents[:] = latents[j]


def _lie(**fields: object) -> Callable[[Scene], Answer]:
    def play(s: Scene) -> Answer:
        return _ok(replace(s.honest, **fields).to_bytes())  # type: ignore[arg-type]

    return play


def _noisier(s: Scene) -> Answer:
    return _ok(replace(s.honest, log_snr=s.honest.log_snr + 1.0).to_bytes())


def _one_fails(s: Scene) -> Answer:
    kept = np.delete(s.honest.latents, s.target, axis=0)
    if not len(kept):
        return http(200, b"", {"content-type": MEDIA_TYPE})
    return _ok(replace(s.honest, latents=kept).to_bytes())


def _told(status: int, **headers: str) -> Callable[[Scene], Answer]:
    def play(s: Scene) -> Answer:
        text = json.dumps({"error": {"code": "x", "field": None, "message": f"candidate {s.target} failed"}})
        return http(status, text.encode(), {k.replace("_", "-"): v for k, v in headers.items()})

    return play


def _first_then_good(s: Scene) -> Answer:
    return http(503, b"", {"retry-after": "0"}) if s.attempt == 1 else _ok(s.body)


def _back_after_its_number(s: Scene) -> Answer:
    """503, and then the good answer: the wait that is asked for is the target's number."""
    return _ok(s.body) if s.attempt > 1 else http(503, b"", {"retry-after": str(s.target)})


def _back_at_a_date(s: Scene) -> Answer:
    date = formatdate(time.time() + s.target, usegmt=True)
    return _ok(s.body) if s.attempt > 1 else http(429, b"", {"retry-after": date})


def _deep(s: Scene) -> Answer:
    return http(422, b'{"error":' * (5000 + s.target))


def _packed(s: Scene) -> Answer:
    text = json.dumps({"error": {"code": "x", "field": None, "message": f"candidate {s.target} failed"}})
    return http(500, gzip.compress(text.encode(), mtime=0), {"content-encoding": "gzip"})


def _interim(s: Scene) -> Answer:
    early = f"HTTP/1.1 103 Early Hints\r\nlink: </{s.target}>\r\n\r\n".encode()
    return Answer((early * (s.target + 1), *_ok(s.body).parts), pause=0.01)


def _headers_in_drips(s: Scene) -> Answer:
    head, body = _ok(s.body).parts
    at = len(head) // 2 + s.target
    return Answer((head[:at], head[at : at + 1], head[at + 1 :], body), pause=0.02)


def _redirect(s: Scene) -> Answer:
    return http(307, b"", {"location": f"{s.elsewhere}/v1/latents?candidate={s.target}"})


def _gzip(s: Scene) -> Answer:
    return _ok(s.body, content_encoding="gzip")


def _slow(s: Scene) -> Answer:
    whole = b"".join(_ok(s.body).parts)
    at = len(whole) - (len(s.body) - s.start)
    return Answer((whole[:at], whole[at : at + s.stop - s.start], whole[at + s.stop - s.start :]), pause=0.05)


def _reset(s: Scene) -> Answer:
    whole = b"".join(_ok(s.body).parts)
    return Answer((whole[: len(whole) - (len(s.body) - s.stop)],), drop=True)


def _huge(_: Scene) -> Answer:
    return _ok(b"\0" * (limits.MAX_RESPONSE_BYTES + 1))


ALTERED: Final = "finite latents altered"
SPOILT: Final = "latents spoilt or missing"
FRAMING: Final = "framing and pace"
LIES: Final = "lies about the run"
REFUSED: Final = "refusals, redirects, headers"

TRICKS: Final = (
    Trick("marked", ALTERED, lambda s: s.altered(_mark)),
    Trick("swapped", ALTERED, lambda s: s.altered(_swap)),
    Trick("all of them the target's", ALTERED, lambda s: s.altered(_copies)),
    Trick("zero", ALTERED, lambda s: s.altered(_fill(0.0))),
    Trick("largest half-precision value", ALTERED, lambda s: s.altered(_fill(65504.0))),
    Trick("smallest subnormal", ALTERED, lambda s: s.altered(_fill(6e-8))),
    Trick("NaN", SPOILT, lambda s: s.spoilt(math.nan)),
    Trick("infinity", SPOILT, lambda s: s.spoilt(math.inf)),
    Trick("minus infinity", SPOILT, lambda s: s.spoilt(-math.inf)),
    Trick("one candidate missing", SPOILT, _one_fails),
    Trick("truncated before it", FRAMING, lambda s: _ok(s.body[: s.start])),
    Trick("broken off inside it", FRAMING, lambda s: http(200, s.body[: s.start + 2], declared=len(s.body))),
    Trick("connection reset behind it", FRAMING, _reset),
    Trick("slow from it on", FRAMING, _slow),
    Trick("bytes appended", FRAMING, lambda s: _ok(s.body + b"\0" * (s.target + 1))),
    Trick("interim answers, as many as its number", FRAMING, _interim),
    Trick("headers in drips around its number", FRAMING, _headers_in_drips),
    Trick("over the size limit", FRAMING, _huge, once=True),
    Trick("another noise level", LIES, _noisier, once=True),
    Trick("a clean latent", LIES, _lie(log_snr=math.inf), once=True),
    Trick("more steps done", LIES, _lie(cloud_steps=2), once=True),
    Trick("another plan", LIES, _lie(plan="other"), once=True),
    Trick("an answer from another pair", LIES, _lie(pair_sha256="0" * 64), once=True),
    Trick("an answer to another request", LIES, _lie(request_sha256="0" * 64), once=True),
    Trick("an error that names it (422)", REFUSED, _told(422)),
    Trick("a crash that names it (500)", REFUSED, _told(500)),
    Trick("busy for ever (503)", REFUSED, _told(503, retry_after="1"), once=True),
    Trick("busy once, then good", REFUSED, _first_then_good, once=True),
    Trick("asks to wait for as long as its number", REFUSED, _back_after_its_number),
    Trick("asks to come back at a date", REFUSED, _back_at_a_date),
    Trick("an odd status with its number (2xx)", REFUSED, lambda s: http(230 + s.target, s.body)),
    Trick("an error as deep as its number", REFUSED, _deep),
    Trick("an error that names it, packed", REFUSED, _packed),
    Trick("redirect with its number", REFUSED, _redirect),
    Trick("a cookie with its number", REFUSED, lambda s: _ok(s.body, set_cookie=f"candidate={s.target}")),
    Trick("claims gzip", REFUSED, _gzip, once=True),
)


def hostile(trick: Trick, target: int, honest: Respond, elsewhere: str) -> Respond:
    """A server that plays ``trick`` on candidate ``target`` of every set; ``honest`` computes the real answer."""
    attempts = 0

    def respond(request: Request) -> Answer:
        nonlocal attempts
        answer = honest(request)
        if request.path != "/v1/latents":
            return answer
        attempts += 1
        parsed = GenerateRequest.from_bytes(request.body)
        status, body = split(answer)
        assert status == 200, json_body(answer)
        header = _header(body)
        shape = header["latents"]["shape"]
        good = LatentsResponse.from_bytes(
            body,
            candidates=parsed.grid.count,
            latent_shape=shape[1:],
            request_sha256=parsed.sha256,
            pair_sha256=header["__metadata__"]["pair_sha256"],
            carry=parsed.handover == "carry",
        )
        return trick.play(Scene(parsed, good, body, target % parsed.grid.count, attempts, elsewhere))

    return respond


def _header(body: bytes) -> Any:
    return json.loads(body[8 : 8 + int.from_bytes(body[:8], "little")])
