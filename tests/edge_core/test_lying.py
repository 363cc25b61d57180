"""A server that lies, in every way that there is: the core refuses with the reference's words, or takes the same.

The answers are an honest engine's bytes, changed. Python gets them through its own HTTP client, the core as a shell
gives them: ``obclip_give_response``.
"""

from __future__ import annotations

import json
import math
import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge_sdk.cloud import retries
from obclip_contract import GenerateRequest, LatentsResponse, limits

from .acting import Cloud, Event, manifest
from .binding import NAMES, library
from .transcripts import Picture, by_core, by_python, drive, session_of

EXAMPLES: Final = max(1, int(os.environ.get("OBCLIP_CORE_EXAMPLES", "600")) // 4)
PAIR: Final = manifest()
#: How an answer of the cloud is changed.
Lie = Callable[[int, bytes], tuple[int, bytes]]
#: What is asked here: a few steps, for many answers.
ASKED: Final = {"num_inference_steps": 5, "cloud_steps": 2}
CARRIED: Final = {**ASKED, "handover": "carry"}


@pytest.fixture(autouse=True)
def one_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trying again is the shell's; the last answer is what both are compared on."""
    monkeypatch.setattr(retries, "WAITS", ())


def same(lie: Lie, arguments: dict[str, Any] = ASKED) -> list[Event]:
    """What both sides say of an answer."""
    picture = Picture(arguments=arguments, cloud=Cloud(PAIR, lie))
    python, core = by_python(picture), by_core(picture)
    assert core == python
    return python


def refused(lie: Lie, kind: str = "LATENT", arguments: dict[str, Any] = ASKED) -> str:
    """Both refuse an answer; their words."""
    end = same(lie, arguments)[-1]
    assert end[:3] == ("stopped", kind, 3), end
    return str(end[3])


class Forging(Cloud):
    """An engine whose answer says something else, in the right form."""

    def __init__(self, forge: Callable[[LatentsResponse], LatentsResponse]) -> None:
        super().__init__(PAIR)
        self._forge = forge

    def latents(self, request: GenerateRequest) -> tuple[int, bytes]:
        return 200, self._forge(self.answer(request)).to_bytes()


def _with(latents: Any) -> Callable[[LatentsResponse], LatentsResponse]:
    return lambda r: replace(r, latents=latents(r.latents).astype(np.float16))


FORGED: Final[dict[str, Callable[[LatentsResponse], LatentsResponse]]] = {
    "another request": lambda r: replace(r, request_sha256="0" * 64),
    "another pair": lambda r: replace(r, pair_sha256="0" * 64),
    "another plan": lambda r: replace(r, plan="naive"),
    "more steps": lambda r: replace(r, cloud_steps=r.cloud_steps + 1),
    "no step": lambda r: replace(r, cloud_steps=1),
    "all steps": lambda r: replace(r, cloud_steps=200),
    "a level far above": lambda r: replace(r, log_snr=r.log_snr + 2.0001),
    "a level far below": lambda r: replace(r, log_snr=r.log_snr - 2.0001),
    "a clean level": lambda r: replace(r, log_snr=math.inf),
    "the highest level": lambda r: replace(r, log_snr=60.0),
    "the lowest level": lambda r: replace(r, log_snr=-60.0),
    "fewer members": _with(lambda a: a[:-1]),
    "more members": _with(lambda a: np.concatenate([a, a[:1]])),
    "one member": _with(lambda a: a[:1]),
    "fewer channels": _with(lambda a: a[:, :-1]),
    "another size": _with(lambda a: a[..., :-1]),
    "turned": _with(lambda a: a.transpose(0, 1, 3, 2)),
    "beyond": _with(lambda a: a * 0 + 64.1),
    "one beyond": _with(lambda a: np.where(np.arange(a.size).reshape(a.shape) == a.size - 1, -65504.0, a)),
    "x0 that was not asked for": lambda r: replace(r, x0=r.latents, x0_log_snr=r.log_snr - 1),
}
#: What is no lie that can be told: both go on alike.
BELIEVED: Final[dict[str, Callable[[LatentsResponse], LatentsResponse]]] = {
    "the same": lambda r: r,
    "a level a little off": lambda r: replace(r, log_snr=r.log_snr - 1.9),
    "a level a little above": lambda r: replace(r, log_snr=r.log_snr + 1.9),
    "at the edge": _with(lambda a: a * 0 - 64.0),
    "nothing": _with(lambda a: a * 0),
    "the smallest halves": _with(lambda a: a * 0 + 6e-8),
}


@pytest.mark.parametrize("how", FORGED)
def test_forged_answers(how: str) -> None:
    picture = Picture(arguments=ASKED, cloud=Forging(FORGED[how]))
    python, core = by_python(picture), by_core(picture)
    assert core == python
    assert core[-1][:3] == ("stopped", "LATENT", 3)


@pytest.mark.parametrize("how", BELIEVED)
@pytest.mark.parametrize("mechanism", ["closed", "neutral"])
def test_answers_that_are_taken(how: str, mechanism: str) -> None:
    picture = Picture(arguments=ASKED, privacy={"mechanism": mechanism}, cloud=Forging(BELIEVED[how]))
    python, core = by_python(picture), by_core(picture)
    assert core == python
    assert core[-1][0] == "done"


def test_forged_x0() -> None:
    def drop(r: LatentsResponse) -> LatentsResponse:
        return replace(r, x0=None, x0_log_snr=None)

    def far(r: LatentsResponse) -> LatentsResponse:
        assert r.x0 is not None
        return replace(r, x0=r.x0 * np.float16(0) + np.float16(65))

    def low(r: LatentsResponse) -> LatentsResponse:
        return replace(r, x0_log_snr=-60.0)

    ends = []
    for forge in (drop, far, low, lambda r: r):
        picture = Picture(arguments=CARRIED, cloud=Forging(forge))
        python, core = by_python(picture), by_core(picture)
        assert core == python
        ends.append(core[-1][0])
    assert ends[:2] == ["stopped", "stopped"]
    assert ends[-1] == "done"


def _header(body: bytes) -> tuple[dict[str, Any], bytes]:
    (size,) = struct.unpack("<Q", body[:8])
    return json.loads(body[8 : 8 + size]), body[8 + size :]


def _packed(header: Any, data: bytes, **how: Any) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":"), **how).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def _spoilt(body: bytes) -> Iterator[bytes]:
    """Bytes that are no response of this contract, or of another layout."""
    header, data = _header(body)
    names = {"__metadata__", "latents"}
    yield from (b"", b"x", body[:7], body[:8], body[:9], body[:-1], body[: len(body) // 2], body + b"\0", body + body)
    yield from (b"\0" * len(body), b"<html>" * 99, b"\xff" * 64, b"PK\x03\x04" + body, body[1:], body[8:])
    yield from (struct.pack("<Q", n) + body[8:] for n in (0, 1, 2**14, 2**14 + 1, 2**31, 2**32, 2**63, 2**64 - 1))
    others: tuple[Any, ...] = (
        [],
        5,
        None,
        "x",
        {},
        {"latents": header["latents"]},
        {"__metadata__": header["__metadata__"]},
    )
    for other in others:
        yield _packed(other, data)
    for text in (b"{", b"[" * 9000, b"\xff\xfe{}", b"nul", b'{"a":1}}', b'{"__metadata__":{}}', b""):
        yield _packed(text, data)
    for name in header["__metadata__"]:
        for value in (
            "",
            "x",
            5,
            None,
            "\ud800",
            "é",
            "9" * 99,
            "nan",
            "inf",
            "none",
            " " * 24,
            "1",
            "-1",
            "0002",
            "0201",
        ):
            yield _packed({**header, "__metadata__": {**header["__metadata__"], name: value}}, data)
        yield _packed({**header, "__metadata__": {k: v for k, v in header["__metadata__"].items() if k != name}}, data)
    yield _packed({**header, "__metadata__": {**header["__metadata__"], "more": "x"}}, data)
    for name in names - {"__metadata__"}:
        spec = header[name]
        changes: tuple[dict[str, Any], ...] = (
            {"dtype": "F32"}, {"shape": []}, {"shape": spec["shape"][:-1]}, {"data_offsets": [0, 1]},
            {"shape": [1, *spec["shape"]]}, {"shape": [-1, 2, 3, 4]}, {"more": 1},
        )  # fmt: skip
        for change in changes:
            yield _packed({**header, name: {**spec, **change}}, data)
    yield _packed({**header, "x0": header["latents"]}, data + data)
    yield _packed(dict(reversed(header.items())), data)
    yield _packed(header, data, indent=1)
    for half in (0x7C00, 0xFC00, 0x7E00, 0xFFFF):  # the infinities, and what is no number
        for at in (0, len(data) // 4 * 2, len(data) - 2):
            yield _packed(header, data[:at] + struct.pack("<H", half) + data[at + 2 :])


def test_bytes_that_are_no_answer() -> None:
    (answer,) = [e for e in by_python(Picture(arguments=ASKED)) if e[0] == "send" and e[1] == "POST"]
    honest = Cloud(PAIR)("POST", "/v1/latents", answer[4])[1]
    told = set()
    spoilt = [body for body in _spoilt(honest) if body != honest]
    assert len(spoilt) > 150
    for body in spoilt:
        told.add(refused(lambda *_: (200, body)))  # noqa: B023 - used within the turn
    assert len(told) >= 12


def test_an_answer_that_is_huge() -> None:
    most = limits.MAX_RESPONSE_BYTES
    for size in (most, most + 1):
        assert str(most) in refused(lambda *_: (200, bytes(size))) or size == most  # noqa: B023 - used within the turn
    session = session_of(Picture())
    assert [session.next(), session.next()] == [NAMES.DETECTED, NAMES.SEND]
    assert library().obclip_give_response(session.handle, 200, b"", (64 << 20) + 1) == NAMES.MISUSE


STATUSES: Final = (100, 201, 204, 206, 299, 300, 301, 302, 307, 308, 400, 401, 403, 404, 405, 407, 408, 409, 413, 422,
                   425, 429, 451, 499, 500, 501, 502, 503, 504, 507, 599)  # fmt: skip
ENVELOPES: Final = (
    b"", b"{}", b"null", b"[]", b"5", b"<html>no</html>", b"\xff\xfe\x00", b"{" * 50, b"[" * 20000,
    b'{"error":{"code":"busy","field":null,"message":"wait"}}',
    b'{"error":{"code":"bad_request","field":"grid.axes","message":"too many"}}',
    '{"error":{"code":"é","field":"ü","message":"zeile\\neins \\u202e \\ud83d\\ude00"}}'.encode(),
    b'{"error":{"message":"\\ud800"}}', b'{"error":{"message":5,"field":[]}}', b'{"error":"no"}', b'{"error":null}',
    b'{"error":{"message":"' + b"m" * 400 + b'"}}', b'{"error":{"message":"' + b"m" * 70000 + b'"}}',
    b'{"error":{"message":"a"},"error":{"message":"b"}}', b'{"error":{"message":"a"}} x', b"\xef\xbb\xbf{}",
    b'{"error":{"message":"\xc3"}}', b" " * 70000, b'{"error":{"field":"only"}}', b'{"detail":"x"}',
)  # fmt: skip


def test_errors_of_the_cloud_in_every_kind() -> None:
    """The picture's exchange: every status with every body."""
    for status in STATUSES:
        for body in ENVELOPES if status in (400, 401, 404, 503, 301) else ENVELOPES[:12:5]:
            refused(lambda *_: (status, body), "CLOUD")  # noqa: B023 - used within the turn


class Unwell(Cloud):
    """Says of itself what it is given."""

    def __init__(self, status: int, report: bytes) -> None:
        super().__init__(PAIR)
        self._said = status, report

    def __call__(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        return self._said if method == "GET" else super().__call__(method, path, body)


def test_what_a_cloud_says_of_itself() -> None:
    """The first exchange, before which no prompt leaves: another pair, another server, an error, no sense."""
    good = {"model": PAIR.model, "pair_sha256": PAIR.pair_sha256}
    reports = [good, {**good, "model": "other"}, {**good, "pair_sha256": "0" * 64}, {**good, "pair_sha256": None},
               {**good, "model": 5}, {**good, "model": "stickers\ud800"}, {"model": "stickers"},
               {**good, "more": [1]}]  # fmt: skip
    bodies = [*(json.dumps(r).encode() for r in reports), *ENVELOPES, json.dumps({**good, "pad": "x" * 70000}).encode()]
    ends = set()
    for status in (200, 204, 302, 404, 503):
        for body in bodies:
            picture = Picture(arguments=ASKED, cloud=Unwell(status, body))
            python, core = by_python(picture), by_core(picture)
            assert core == python, (status, body)
            sent = [e[1] for e in core if e[0] == "send"]
            assert sent == (["GET", "POST"] if core[-1][0] == "done" else ["GET"])
            ends.add(core[-1][:2] if core[-1][0] == "stopped" else "done")
    assert ends == {("stopped", "CLOUD"), ("stopped", "BUNDLE"), "done"}


def test_a_cloud_that_cannot_be_asked() -> None:
    """The shell's words and kind, at either exchange; nothing comes behind."""
    for exchanges in (0, 1):
        for kind, code in ((NAMES.UNREACHABLE, 3), (NAMES.DEADLINE, 3)):
            picture = Picture(arguments=ASKED)
            session = session_of(picture)
            assert [session.next(), session.next()] == [NAMES.DETECTED, NAMES.SEND]
            for _ in range(exchanges):
                session.give_response(200, Cloud(PAIR).health())
                assert session.next() == NAMES.SEND
            session.give_failure(kind, "no wäy there")
            (end,) = drive(session, picture, [])
            assert end == ("stopped", "UNREACHABLE" if kind == NAMES.UNREACHABLE else "DEADLINE", code, "no wäy there")


@st.composite
def mutations(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """Bytes changed, put in, taken out and doubled, anywhere or in the header."""
    one = st.tuples(st.sampled_from("xidrf"), st.floats(0, 1), st.booleans(), st.binary(min_size=1, max_size=9))
    changes = draw(st.lists(one, min_size=1, max_size=4))

    def change(body: bytes) -> bytes:
        for how, where, ahead, data in changes:
            at = int(where * min(len(body), 700 if ahead else len(body)))
            if how == "x":
                body = body[:at] + data + body[at + len(data) :]
            elif how == "i":
                body = body[:at] + data + body[at:]
            elif how == "d":
                body = body[:at] + body[at + len(data) :]
            elif how == "r":
                body = body[:at] + body[at : at + 99] * 2 + body[at + 99 :]
            elif at < len(body):
                body = body[:at] + bytes([body[at] ^ 1 << (data[0] & 7)]) + body[at + 1 :]
        return body

    return change


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])  # fmt: skip
@given(mutations(), st.booleans())
def test_mutated_answers(change: Callable[[bytes], bytes], carry: bool) -> None:
    events = same(lambda status, body: (status, change(body)), CARRIED if carry else ASKED)
    assert events[-1][0] in ("done", "stopped")


@settings(max_examples=max(1, EXAMPLES // 3), deadline=None, derandomize=True, database=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])  # fmt: skip
@given(mutations(), st.sampled_from((200, 404)))
def test_mutated_reports(change: Callable[[bytes], bytes], status: int) -> None:
    picture = Picture(arguments=ASKED, cloud=Unwell(status, change(Cloud(PAIR).health())))
    assert by_core(picture) == by_python(picture)
