"""The one request and the one answer, against a real server that misbehaves."""

from __future__ import annotations

import json
import math
import socket
import struct
import threading

import numpy as np
import pytest

from edge_sdk.cloud.client import CloudClient
from edge_sdk.errors import CloudError, DeadlineError, LatentError
from obclip_contract import GenerateRequest, limits

from ..http_server import Answer, Recorded, serving
from .answers import PAIR, SHAPE, good_body, make_request


def _spoilt(request: GenerateRequest, member: int) -> bytes:
    """A well-formed body in which one value of one member is NaN."""
    body = bytearray(good_body(request))
    start = 8 + struct.unpack("<Q", body[:8])[0]
    where = start + 2 * member * math.prod(SHAPE)
    body[where : where + 2] = np.float16("nan").tobytes()
    return bytes(body)


def test_every_latent_comes_back_and_the_request_goes_as_it_is() -> None:
    request = make_request()
    with serving(lambda _: Answer(body=good_body(request))) as server:
        received = CloudClient(server.url).latents(request, SHAPE, pair_sha256=PAIR)
    assert received.response.latents.shape == (request.grid.count, *SHAPE)
    assert server.bodies() == [request.to_bytes()]
    assert (received.bytes_up, received.bytes_down) == (len(request.to_bytes()), len(good_body(request)))


def test_headers_are_the_same_for_every_request_and_cookies_are_not_kept() -> None:
    requests = [make_request("pilot"), make_request("firefighter with a very long hose")]
    todo = {r.to_bytes(): r for r in requests}

    def respond(recorded: Recorded) -> Answer:
        return Answer(body=good_body(todo[recorded.body]), headers={"set-cookie": "who=you"})

    with serving(respond) as server:
        client = CloudClient(server.url)
        for request in [*requests, *requests]:
            client.latents(request, SHAPE, pair_sha256=PAIR)
    headers = [[(k, v) for k, v in r.headers if k.lower() != "content-length"] for r in server.requests]
    assert len(headers) == 4
    assert all(h == headers[0] for h in headers)
    assert "obclip-deadline" not in dict(headers[0])  # the usual one is the engine's own
    assert not any(k.lower() in ("cookie", "range", "authorization") for h in headers for k, _ in h)


def test_a_deadline_of_ones_own_is_said_as_it_was_given() -> None:
    request = make_request()
    answers = [Answer(503), Answer(503), Answer(body=good_body(request))]
    with serving(lambda _: answers.pop(0)) as server:
        CloudClient(server.url, deadline=40).latents(request, SHAPE, pair_sha256=PAIR)
    assert [dict(r.headers)["obclip-deadline"] for r in server.requests] == ["40"] * 3  # not what is left of it


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_busy_cloud_gets_the_same_bytes_again(status: int) -> None:
    request = make_request()

    def respond(_: Recorded) -> Answer:
        return Answer(status) if len(server.requests) < 3 else Answer(body=good_body(request))

    with serving(respond) as server:
        CloudClient(server.url).latents(request, SHAPE, pair_sha256=PAIR)
    assert server.bodies() == [request.to_bytes()] * 3


def test_a_cloud_that_stays_busy_is_given_up_after_three_tries() -> None:
    request = make_request()
    answer = Answer(503, json.dumps({"error": {"code": "busy", "message": "the engine is busy"}}).encode())
    with serving(lambda _: answer) as server, pytest.raises(CloudError, match=r"503.*the engine is busy"):
        CloudClient(server.url).latents(request, SHAPE, pair_sha256=PAIR)
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [400, 404, 409, 413, 422, 500])
def test_a_refusal_is_told_once_with_the_servers_reason(status: int) -> None:
    error = {"error": {"code": "x", "field": "steps", "message": "too many\x1b[31m steps"}}
    answer = Answer(status, json.dumps(error).encode())
    with serving(lambda _: answer) as server, pytest.raises(CloudError, match=rf"{status}.*too many") as caught:
        CloudClient(server.url).latents(make_request(), SHAPE, pair_sha256=PAIR)
    assert "\x1b" not in str(caught.value)
    assert len(server.requests) == 1


@pytest.mark.parametrize("body", [b"", b"<html>oops</html>", b"[]", b'{"error": 3}', b"\xff"])
def test_an_error_that_is_not_ours_is_still_one_line(body: bytes) -> None:
    with serving(lambda _: Answer(500, body)) as server, pytest.raises(CloudError, match="500"):
        CloudClient(server.url).latents(make_request(), SHAPE, pair_sha256=PAIR)


def test_a_redirect_is_not_followed() -> None:
    answer = Answer(302, headers={"location": "/elsewhere"})
    with serving(lambda _: answer) as server, pytest.raises(CloudError, match="302"):
        CloudClient(server.url).latents(make_request(), SHAPE, pair_sha256=PAIR)
    assert [r.path for r in server.requests] == ["/v1/latents"]


def test_an_unreachable_cloud() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(CloudError, match="cannot reach the cloud"):
        CloudClient(f"http://127.0.0.1:{port}").health()


def test_an_unknown_host() -> None:
    with pytest.raises(CloudError, match="cannot reach the cloud"):
        CloudClient("http://no-such-host.invalid").health()


@pytest.mark.parametrize("url", ["", "cloud", "ftp://host", "http://", "http://[::1", "https:///path", "http://xn--a"])
def test_an_address_that_is_no_url(url: str) -> None:
    with pytest.raises(CloudError, match="URL"):
        CloudClient(url)


def test_a_silent_cloud_is_given_up_and_not_asked_again() -> None:
    with serving(lambda _: Answer(wait=5)) as server, pytest.raises(DeadlineError, match=r"took over 0\.2 s"):
        CloudClient(server.url, deadline=0.2).latents(make_request(), SHAPE, pair_sha256=PAIR)
    assert len(server.requests) == 1


def test_a_connection_that_breaks_off() -> None:
    request = make_request()
    cut = Answer(body=good_body(request)[:1000], declared=len(good_body(request)))
    with serving(lambda _: cut) as server, pytest.raises(CloudError, match="broke off"):
        CloudClient(server.url).latents(request, SHAPE, pair_sha256=PAIR)
    assert server.bodies() == [request.to_bytes()] * 3


def test_a_body_that_is_cut_inside() -> None:
    request = make_request()
    cut = Answer(body=good_body(request)[:-100])
    with serving(lambda _: cut) as server, pytest.raises(LatentError, match=r"truncated|bytes"):
        CloudClient(server.url).latents(request, SHAPE, pair_sha256=PAIR)
    assert len(server.requests) == 1


def test_a_body_over_the_cap_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_RESPONSE_BYTES", 10_000)
    with serving(lambda _: Answer(body=bytes(200_000))) as server, pytest.raises(LatentError, match="over 10000 bytes"):
        CloudClient(server.url).latents(make_request(), SHAPE, pair_sha256=PAIR)
    assert len(server.requests) == 1


def test_what_the_device_does_does_not_depend_on_which_member_is_spoilt() -> None:
    request = make_request("woman with dark skin")
    outcomes = set()
    for member in range(request.grid.count):
        answer = Answer(body=_spoilt(request, member))
        spoilt = serving(lambda _, answer=answer: answer)
        with spoilt as server, pytest.raises(LatentError, match="not finite") as caught:
            CloudClient(server.url).latents(request, SHAPE, pair_sha256=PAIR)
        text = str(caught.value).replace(server.url, "")
        outcomes.add((text, tuple(server.bodies())))
    assert len(outcomes) == 1


def test_another_requests_answer_is_refused() -> None:
    mine, other = make_request("woman pilot"), make_request("man with dark skin")
    with serving(lambda _: Answer(body=good_body(other))) as server, pytest.raises(LatentError):
        CloudClient(server.url).latents(mine, SHAPE, pair_sha256=PAIR)


@pytest.mark.parametrize("body", [b"hello", b"[]", b"{}"])
def test_a_server_that_is_no_engine(body: bytes) -> None:
    with serving(lambda _: Answer(body=body)) as server, pytest.raises(CloudError, match="not as an ObCLIP engine"):
        CloudClient(server.url).health()


def test_an_answer_in_drips_is_given_up_and_not_asked_again() -> None:
    request = make_request()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        stop = threading.Event()
        seen: list[bytes] = []

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                seen.append(connection.recv(1 << 20))
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
                while not stop.wait(0.02):
                    try:
                        connection.sendall(b"x")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            with pytest.raises(CloudError, match="took over"):
                CloudClient(url, deadline=0.3).latents(request, SHAPE, pair_sha256=PAIR)
        finally:
            stop.set()
            thread.join()
    assert len(seen) == 1
