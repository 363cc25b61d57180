"""What a cloud says instead of latents, in the core's words and the reference's; and the JSON that both read."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

from edge_sdk.cloud.answers import read_health, refusal
from edge_sdk.cloud.exchange import Answer
from edge_sdk.errors import CloudError

from .building import probe
from .coding import CLOUD, refused


def _answers(rng: random.Random) -> Iterator[tuple[int, bytes, bool, str, str]]:
    good = {"status": "ok", "model": "stickers", "pair_sha256": "ab" * 32, "plans": ["naive"], "limits": {"steps": 200}}
    values: list[Any] = [
        good, {**good, "model": 5}, {**good, "pair_sha256": None}, {}, [], "x", 5, None, [good], {"model": "a"},
        {"error": {"code": "busy", "field": None, "message": "wait"}},
        {"error": {"code": "bad_request", "field": "grid.axes", "message": "too\nmany \u202e axes \ud83d\ude00 é"}},
        {"error": {"code": 5, "field": ["a"], "message": {"a": 1}}}, {"error": "no"}, {"error": {"message": "m" * 400}},
        {"error": {"field": "\u0000", "message": "\u2028"}}, {"detail": "x"}, {"error": None},
        {"error": {"field": "only"}},
    ]  # fmt: skip
    raw = [
        b"", b"<html>", b"\xff\xfe", b'{"error":{"message":"a"},"error":{"message":"b"}}',
        b'{"error":{"message":"a","message":2}}',
        b'{"error":{"message":"a"},"error":3}', b'{"model":"a","pair_sha256":"b","model":1}',
        b'{"model":"a","pair_sha256":"b"} x',
        b'\xef\xbb\xbf{"model":"a","pair_sha256":"b"}', b'{"error":{"message":"a"}',
        b'{"a":NaN,"error":{"message":"n"}}', b"[" * 5000,
        b'{"error":{"message":"\\ud800"}}', b'{"error":{"message":"tab\\there"}}', b'{"error":{"message":"\t"}}',
    ]  # fmt: skip
    for body in [
        *(json.dumps(v).encode() for v in values),
        *(json.dumps(v, ensure_ascii=False).encode("utf-8", "replace") for v in values),
        *raw,
    ]:
        for status in (200, 301, 400, 401, 403, 404, 407, 500, 503):
            encoding = rng.choice(["identity"] * 6 + ["gzip", "Identity", "br'\x07" + "q" * 60])
            kind = rng.choice(["no content type", "text/html", "application/json; charset=\u202eutf-8" + "x" * 80])
            yield status, body, rng.random() < 0.1, encoding, kind


def test_what_a_cloud_says_instead_of_latents() -> None:
    rng, run = random.Random("answers"), probe("contract")
    lines, want = [], []
    for status, body, cut, encoding, kind in _answers(rng):
        headers = {"content-encoding": encoding, "content-type": kind}
        answer, shown = Answer(status, headers, body, cut), "https://host/é"
        tail = f"{status} x{body.hex()} {int(cut)} {json.dumps(encoding)} {json.dumps(kind)} {json.dumps(shown)}"
        lines += [f"health {tail}", f"refusal {tail}"]
        health = read_health(answer, shown)
        if isinstance(health, CloudError):
            want.append(refused(CLOUD, health))
        else:
            want.append(f"{json.dumps(health['model'])} {json.dumps(health['pair_sha256'])}")
        want.append(refused(CLOUD, refusal(answer, shown)))
    for line, got, expected in zip(lines, run(lines), want, strict=True):
        assert got == expected, line


def test_json_is_what_pythons_is() -> None:
    rng, run = random.Random("json"), probe("contract")
    pieces = ['{', '}', '[', ']', '"a"', '"', ':', ',', '1', '-', '0', '.5', 'e3', 'E+1', 'true', 'false', 'null',
    'NaN', 'Infinity',
              '-Infinity', ' ', '\n', '\\u00e9', '\\ud83d', '\\ude00', '\\n', '\\x', '\\', 'é', '\x00', '\x1f',
              '\x7f', '"b":1', '[]', '{}',
              '01', '1.', '/*', "'", '\ufeff']  # fmt: skip
    texts = ["".join(rng.choices(pieces, k=rng.randrange(1, 9))) for _ in range(20000)]
    base = json.dumps({"a": [1, -2.5e3, "x\u00e9\n", None, True, {"b": []}], "c": {}})
    for _ in range(10000):
        text = list(base)
        for _ in range(rng.choice([1, 1, 2])):
            at = rng.randrange(len(text) + 1)
            text[at : at + rng.randrange(2)] = [rng.choice(pieces)]
        texts.append("".join(text))
    want = []
    for text in texts:
        try:
            json.loads(text)
            want.append("fine")
        except ValueError:
            want.append("refused")
    got = run([f"json x{t.encode().hex()}" for t in texts])
    differing = [(t, a, b) for t, a, b in zip(texts, got, want, strict=True) if a != b]
    assert not differing, differing[:5]
    assert want.count("fine") > 1000
