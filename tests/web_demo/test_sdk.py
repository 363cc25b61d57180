"""The web SDK's parts that need no browser, in Node, against the reference: what is read, retried, sent and spent."""

from __future__ import annotations

import base64
import copy
import json
import math
import time
from pathlib import Path
from typing import Any, Final

import pytest

from edge_sdk.cloud import retries
from edge_sdk.cloud.exchange import SMALL_ANSWER
from obclip_contract import BundleError, limits
from obclip_contract.bundle import _check_paths
from obclip_contract.manifest import parse_manifest

from ..edge_core.test_wasm import TOKENIZER, numbers, shown
from ..edge_sdk.cloud.raw_server import Raw, raw_server, read_request
from .building import node

VECTOR: Final = Path(__file__).parents[2] / "obclip_contract/vectors/bundle.json"
OK: Final = b"HTTP/1.1 200 OK\r\nContent-Type: x/y\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody"


def head(line: str, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {line}", "Connection: close", *headers, "", ""]).encode()


# -- the manifest


def edge_manifest() -> dict[str, Any]:
    """A small one that the reference takes, with what a browser needs."""
    found: dict[str, Any] = json.loads(json.loads(VECTOR.read_text())["manifest"])
    entry = {"path": "g.tflite", "sha256": "0" * 64, "bytes": 5}
    tensor = {"name": "x", "shape": [1, "batch"], "dtype": "float32"}
    graph = {
        **{"role": "unet", "format": "tflite", "precision": "int8", "file": "g.tflite", "chunks": []},
        **{"inputs": [tensor], "outputs": [tensor]},
        "signatures": [{"name": "s", "inputs": [tensor], "outputs": [tensor]}],
    }
    return {**found, "kind": "edge", "graphs": [graph], "files": [*found["files"], entry]}


def changed(**values: Any) -> dict[str, Any]:
    return {**edge_manifest(), **values}


def inside(name: str, **values: Any) -> dict[str, Any]:
    made = copy.deepcopy(edge_manifest())
    part = made[name][0] if isinstance(made[name], list) else made[name]
    part.update(values)
    return made


def without(*names: str) -> dict[str, Any]:
    return {k: v for k, v in edge_manifest().items() if k not in names}


BAD: Final[list[Any]] = [
    changed(format_version=2),
    changed(format_version=True),
    without("format_version"),
    *[
        without(name)
        for name in ("kind", "model", "graphs", "latent_shape", "noise_schedule", "tokenizer", "pair_sha256")
    ],
    changed(extra=1),
    changed(kind="other"),
    changed(model=3),
    changed(latent_shape=[4, 8]),
    changed(latent_shape=[4, 8, 0]),
    changed(latent_shape=[4, 8, "8"]),
    changed(image_size=0),
    changed(image_size=1.5),
    changed(image_size=True),
    changed(scaling_factor=0),
    changed(scaling_factor="1"),
    changed(guidance_default=-1),
    changed(pair_sha256="A" * 64),
    changed(pair_sha256="0" * 63),
    changed(verified=True, unverified=["unet"]),
    changed(verified="yes"),
    changed(licences={"weights": 1}),
    changed(tools=[]),
    changed(sampler={"kind": "x", "rows": []}),
    changed(sampler={"kind": "x", "rows": [[1, 2]]}),
    changed(graphs={}),
    changed(files=None),
    inside("graphs", file="../g.tflite"),
    inside("graphs", file="absent.tflite"),
    inside("graphs", precision=8),
    inside("graphs", inputs=[{"name": "x", "shape": [1.5], "dtype": "float32"}]),
    inside("graphs", signatures=[{"name": "s", "inputs": []}]),
    inside("graphs", chunks=["absent"]),
    inside("files", path="a\\b"),
    inside("files", path="/etc/passwd"),
    inside("files", path="c:x"),
    inside("files", path="bundle.json"),
    inside("files", path="a//b"),
    inside("files", path="./a"),
    inside("files", path=""),
    inside("files", path="G.tflite"),
    inside("files", bytes=-1),
    inside("files", bytes="5"),
    inside("files", sha256="g" * 64),
    inside("tokenizer", bos_id=-1),
    inside("tokenizer", max_length=0),
    inside("tokenizer", file="none.json"),
    inside("noise_schedule", beta_start="a"),
    inside("noise_schedule", unknown=1),
    inside("noise_schedule", num_train_timesteps=1),
    [],
    None,
    "text",
]
GOOD: Final[list[Any]] = [
    edge_manifest(),
    without("sampler", "licences", "tools", "verified", "unverified", "shift_factor", "guidance_default"),
    changed(sampler=None),
    changed(verified=False, unverified=["unet"]),
    changed(scaling_factor=1),
    inside("graphs", inputs=[], outputs=[]),
]


def accepts(data: bytes) -> bool:
    try:
        _check_paths(Path("bundle"), parse_manifest(data))
    except BundleError:
        return False
    return True


def test_a_manifest_is_read_as_strictly_as_the_reference_reads_it() -> None:
    texts = [json.dumps(value).encode() for value in (*GOOD, *BAD)] + [b"", b"{", b"\xff{}", b"nul"]
    wanted = [accepts(text) for text in texts]
    assert wanted == [True] * len(GOOD) + [False] * (len(texts) - len(GOOD))
    told = node(call="manifests", texts=[base64.b64encode(text).decode() for text in texts])
    for text, want, one in zip(texts, wanted, told, strict=True):
        assert ("value" in one) == want, (text, one)
        assert want or (one["kind"] == "BundleError" and one["message"].startswith("bundle.json: ")), one


def test_another_kind_and_too_large_a_bundle_say_what_to_do() -> None:
    bad = [changed(kind="cloud"), changed(format_version=2), inside("files", bytes=2 * 1024**3)]
    told = node(call="manifests", texts=[base64.b64encode(json.dumps(m).encode()).decode() for m in bad])
    for one, words in zip(
        told,
        ("is the cloud bundle; the edge bundle is needed", "reads 1: export again", "too large for a browser"),
        strict=True,
    ):
        assert words in one["message"], one


# -- retries and the exchange


def test_waits_are_the_references() -> None:
    now = 1_800_000_000.0
    told = ["", "0", "7", "999999999", "9999999999", "-1", "1.5", " 3 ", "soon", "may", "2"]
    told += ["Fri, 15 Jan 2027 08:00:30 GMT", "Fri, 15 Jan 2020 08:00:30 GMT", "Friday", "12:30"]
    answer = node(call="waits", told=told, now=1000 * now)
    assert set(answer["again"]) == retries.AGAIN
    assert [w / 1000 for w in answer["waits"]] == list(retries.WAITS)
    for text, got in zip(told, answer["told"], strict=True):
        want = retries.told_wait(text, now)
        assert float(got.replace("Infinity", "inf")) == pytest.approx(1000 * want), text
    for wait, least in zip(answer["before"], retries.WAITS, strict=True):
        assert 1000 * least <= wait <= 1250 * least


def send(*exchanges: dict[str, Any]) -> list[dict[str, Any]]:
    answer = node(call="send", exchanges=list(exchanges))
    assert answer["limits"] == [limits.MAX_RESPONSE_BYTES, SMALL_ANSWER]
    results: list[dict[str, Any]] = answer["results"]
    return results


def play(*answers: bytes) -> Any:
    """One of the answers for each connection; the last one for all that follow."""

    def answer(connection: Any, server: Raw) -> None:
        read_request(connection, server)
        connection.sendall(answers[min(len(server.seen), len(answers)) - 1])

    return answer


def test_the_same_bytes_are_sent_on_every_try() -> None:
    with raw_server(
        play(head("503 busy", "Content-Length: 0"), head("429 busy", "Content-Length: 0", "Retry-After: 1"), OK)
    ) as server:
        began = time.monotonic()
        (told,) = send({"address": server.url, "body": "same"})
        assert time.monotonic() - began > 0.5 + 2
    assert told == {"value": {"status": 200, "size": 4, "body": "body"}, "attempts": [1, 2, 3]}
    assert len(server.seen) == 3
    assert len(set(server.seen)) == 1


def test_what_a_later_try_cannot_change_is_not_tried_again() -> None:
    for line in ("400 no", "401 no", "404 no", "500 no", "200 ok"):
        with raw_server(play(head(line, "Content-Length: 0"))) as server:
            (told,) = send({"address": server.url, "body": "x"})
        assert (told["value"]["status"], told["attempts"]) == (int(line[:3]), [1])


def test_after_the_third_try_the_last_answer_stands() -> None:
    with raw_server(play(head("503 busy", "Content-Length: 2") + b"no")) as server:
        (told,) = send({"address": server.url, "body": "x"})
    assert (told["value"], told["attempts"]) == ({"status": 503, "size": 2, "body": "no"}, [1, 2, 3])


def test_an_answer_that_breaks_off_is_asked_for_again() -> None:
    with raw_server(play(head("200 ok", "Content-Length: 400") + b"part", OK)) as server:
        (told,) = send({"address": server.url, "body": "x"})
    assert told["value"]["body"] == "body"
    assert told["attempts"] == [1, 2]
    with raw_server(play(head("200 ok", "Content-Length: 400") + b"part")) as server:
        (told,) = send({"address": server.url, "body": "x"})
    assert (told["kind"], told["attempts"]) == ("CloudError", [1, 2, 3])
    assert "broke off before its whole answer had arrived" in told["message"]


def test_no_more_is_read_than_an_answer_may_have() -> None:
    long = head("500 no") + b"x" * (1 << 20)
    with raw_server(play(long)) as server:
        (told,) = send({"address": server.url, "body": "x"})
    assert told["value"]["size"] == SMALL_ANSWER + 1


def test_headers_do_not_depend_on_the_request() -> None:
    with raw_server(play(OK)) as server:
        send({"address": server.url, "body": "a man"}, {"address": server.url, "body": "a fox"})
        send({"address": server.url, "token": "t0ken", "body": "a man"})
    heads = [seen.partition(b"\r\n\r\n")[0].replace(b"authorization: Bearer t0ken\r\n", b"") for seen in server.seen]
    assert len(set(heads)) == 1
    names = {line.split(b":")[0].lower() for line in heads[0].split(b"\r\n")[1:]}
    assert not names & {b"cookie", b"referer", b"origin"}
    assert b"authorization: Bearer t0ken" in server.seen[2]


def test_a_redirect_is_not_followed() -> None:
    with (
        raw_server(play(OK)) as other,
        raw_server(play(head("307 there", f"Location: {other.url}/v1/latents", "Content-Length: 0"))) as server,
    ):
        (told,) = send({"address": server.url, "body": "x"})
    assert told["kind"] == "UnreachableError"
    assert other.seen == []


def test_the_deadline_and_the_person_end_the_wait() -> None:
    def wait(connection: Any, server: Raw) -> None:
        read_request(connection, server)
        server.stop.wait(20)

    with raw_server(wait) as server:
        late, stopped = send(
            {"address": server.url, "body": "x", "deadline": 300},
            {"address": server.url, "body": "x", "abortAfter": 200},
        )
        server.stop.set()
    assert late["kind"] == "DeadlineError"
    assert "took over 0.3 s for its answer" in late["message"]
    assert stopped["kind"] == "Cancelled"
    with raw_server(play(head("503 busy", "Retry-After: 60", "Content-Length: 0"))) as server:
        (told,) = send({"address": server.url, "body": "x", "deadline": 5000})
    assert (told["value"]["status"], told["attempts"]) == (503, [1])  # the wait would end behind the deadline


def test_addresses_that_cannot_be_used_show_no_secret() -> None:
    cases = {
        "ftp://cloud.example": "CloudError",
        "nonsense": "CloudError",
        "http://u:pa55word@cloud.example/#x": "CloudError",
        "http://u:pa55word@[bad": "CloudError",
        "http://127.0.0.1:9": "UnreachableError",
    }
    told = send(*({"address": address, "body": "x"} for address in cases))
    assert [one["kind"] for one in told] == list(cases.values())
    assert not any("pa55word" in one["message"] for one in told)
    (token,) = send({"address": "http://127.0.0.1:9", "token": "two words", "body": "x"})
    assert token["kind"] == "InputError"


# -- the ledger


def k_subset(*prompts: dict[str, Any], **more: str) -> list[dict[str, Any]]:
    options = {name: shown(value) for name, value in numbers().items()}
    options |= {"mechanism": "k-subset", "epsilon": "1", "max_candidates": "4", **more}
    drawn: list[dict[str, Any]] = node(
        call="ledger", options=options, tokenizer=str(TOKENIZER), key="0b" * 32, prompts=list(prompts)
    )
    return drawn


STORE, DETECTED, STOPPED, LEDGER, BUDGET = 3, 2, 10, 4, 5


def test_a_draw_is_kept_and_costs_once() -> None:
    again = {"prompt": "an old woman with a hat", "isStored": True}
    first, second, other = k_subset(
        again | {"coin": 1}, again | {"coin": 200}, {"prompt": "a young man in a boat", "isStored": True, "coin": 7}
    )
    assert first["actions"] == [STORE, DETECTED]
    assert 0 < first["spent"] <= 1
    assert second["members"] == first["members"]
    assert second["spent"] == 0
    assert other["spent"] > 0
    assert math.isclose(other["total"], first["spent"] + other["spent"], rel_tol=1e-9)


def test_what_cannot_be_stored_is_not_sent() -> None:
    (told,) = k_subset({"prompt": "an old woman with a hat", "isStored": False, "coin": 1})
    assert told["actions"] == [STORE, STOPPED]
    assert told["refusal"] == LEDGER
    assert told["message"] == "the ledger cannot be stored on this device; nothing was sent"


def test_the_budget_ends_the_draws() -> None:
    prompts = [{"prompt": f"an old woman with {n} hats", "isStored": True, "coin": n} for n in range(2, 14)]
    told = k_subset(*prompts, epsilon="2")
    refused = [one for one in told if one["actions"][-1] == STOPPED]
    assert refused
    assert {one["refusal"] for one in refused} == {BUDGET}


# -- settings


def test_settings_are_the_cores_options_and_others_are_refused() -> None:
    given: list[dict[str, Any]] = [
        {"steps": 20, "cloudSteps": 8, "axes": ["age", "gender"], "strict": True, "onImplied": "ask"},
        {"step": 20},
        {"steps": "20"},
        {"axes": "age"},
        {"axes": ["age,gender"]},
        {"toString": 1},
    ]
    told = node(call="settings", given=given)
    assert told[0]["value"] == {
        "steps": "20",
        "cloud_steps": "8",
        "axes": "age,gender",
        "strict": "true",
        "on_implied": "ask",
    }
    assert [one["kind"] for one in told[1:]] == ["InputError"] * 5
