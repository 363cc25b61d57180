"""The core's request and response against the contract's: its vectors, and values beside every rule."""

from __future__ import annotations

import base64
import json
import math
import random
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np

from edge_sdk.device.selection import select
from edge_sdk.errors import LatentError
from obclip_contract import Axis, GenerateRequest, LatentsResponse, Phrase, PromptGrid, RequestError, ResponseError

from .building import ROOT, probe
from .coding import INPUT, LATENT, RESPONSE, double, floats, read_floats, refused

VECTORS = {
    name: json.loads((ROOT / f"obclip_contract/vectors/{name}.json").read_text(encoding="utf-8"))
    for name in ("request", "response")
}


def _request_line(fields: dict[str, Any]) -> str:
    grid = fields["grid"]
    axes = [f"{json.dumps(a.name)} {_texts(a.values)}" for a in grid.axes]
    phrases = [f"{json.dumps(n)} {_numbers(p.axes)} {_texts(p.text)}" for n, p in grid.phrases.items()]
    rows = ["-1"] if grid.rows is None else [str(len(grid.rows)), *map(_numbers, grid.rows)]
    return " ".join(
        [
            "request", json.dumps(fields["model"]), json.dumps(fields["lexicon"]), json.dumps(grid.template),
            str(len(axes)), *axes, str(len(phrases)), *phrases, *rows, f"{fields['seed']:016x}",
            double(fields["guidance_scale"]), json.dumps(fields["negative_prompt"]), json.dumps(fields["sampler"]),
            str(fields["steps"]), str(fields["cloud_steps"]), json.dumps(fields["handover"]),
            json.dumps(fields["plan"]),
        ]
    )  # fmt: skip


def _texts(texts: Sequence[str]) -> str:
    return " ".join([str(len(texts)), *map(json.dumps, texts)])


def _numbers(numbers: Sequence[int]) -> str:
    return " ".join([str(len(numbers)), *map(str, numbers)])


def _grid(data: dict[str, Any]) -> PromptGrid:
    rows = data.get("rows")
    return PromptGrid(
        data["template"],
        tuple(Axis(a["name"], tuple(a["values"])) for a in data["axes"]),
        {n: Phrase(tuple(p["axes"]), tuple(p["text"])) for n, p in data["phrases"].items()},
        None if rows is None else tuple(map(tuple, rows)),
    )


def _asked(fields: dict[str, Any]) -> str:
    try:
        made = GenerateRequest(**fields)
    except RequestError as e:
        return refused(INPUT, e)
    return f"{json.dumps(made.to_bytes().decode())} {made.sha256} {double(made.guidance_scale)}"


def test_requests_of_the_vectors() -> None:
    run, data = probe("contract"), VECTORS["request"]
    for case in data["accepted"]:
        fields = {**case["fields"], "grid": _grid(case["fields"]["grid"]), "seed": int(case["fields"]["seed"], 16)}
        fields.pop("version", None)
        (line,) = run([_request_line(fields)])
        assert line.startswith(f"{json.dumps(case['body'])} {case['sha256']} ")
        assert line == _asked(fields)
    # Refused bodies that a device could have built, had it no limits: by the same field.
    tried = 0
    for case in data["refused"]:
        try:
            raw = json.loads(case["body"])
            fields = {
                k: raw[k]
                for k in ("model", "lexicon", "negative_prompt", "sampler", "steps", "cloud_steps", "handover", "plan")
            }
            fields |= {
                "grid": _grid(raw["grid"]),
                "seed": int(raw["seed"], 16),
                "guidance_scale": float(raw["guidance_scale"]),
            }
            line = _request_line(fields)
        except (ValueError, KeyError, TypeError, AttributeError, RequestError):
            continue
        if not all(isinstance(fields[k], int) and not isinstance(fields[k], bool) for k in ("steps", "cloud_steps")):
            continue
        assert run([line]) == [_asked(fields)]
        tried += 1
    assert tried >= 5


def test_any_request_has_the_same_body_or_the_same_refusal() -> None:
    rng, run = random.Random("requests"), probe("contract")
    grids = [_grid(case["fields"]["grid"]) for case in VECTORS["request"]["accepted"]]
    grids += [
        PromptGrid(c * n, (), {}) for c in ("a", "é", "\U0001d4b6", '"', "\\") for n in (0, 1, 40, 63, 64, 65, 2000)
    ]
    texts = [
        "",
        "ugly",
        'é\u2028"\\',
        "\x7f",
        "\x01",
        "\ud800",
        "x" * 2000,
        "x" * 2001,
        "\U0001f600" * 500,
        "\ud800" * 2001,
    ]
    names = ["stickers", "1", "a" * 64, "a" * 65, "", "-a", "a\n", "a b", "é", "A.b_c-9", "\udfff"]
    lines, want = [], []
    for _ in range(4000):
        fields: dict[str, Any] = {
            "model": rng.choice(names[:1] * 9 + names),
            "lexicon": rng.choice(names[:1] * 9 + names),
            "grid": rng.choice(grids),
            "seed": rng.choice([0, 2**64 - 1, rng.getrandbits(64)]),
            "guidance_scale": rng.choice([1.0, 5.0, 7.5, 0.0, 30.0, rng.uniform(0, 30),
            rng.randrange(300000) / 1e4 + 5e-5, -1e-9, 30.1, math.nan, math.inf, -0.0]),
            "negative_prompt": rng.choice(texts[:3] * 3 + texts),
            "sampler": rng.choice(["ddim", "dpmpp_2m"] * 6 + ["", "euler", "\ud900"]),
            "steps": rng.choice([25, 25, 50, 200, 1, 0, 201, -1]),
            "cloud_steps": rng.choice([10, 1, 1, 1, 25, 26, 200, 0, 201]),
            "handover": rng.choice(["restart", "carry"] * 6 + ["x"]),
            "plan": rng.choice(names[:1] * 9 + names),
        }  # fmt: skip
        lines.append(_request_line(fields))
        want.append(_asked(fields))
    assert run(lines) == want
    assert 200 < sum(w.startswith("refused") for w in want) < 3900
    assert len({w for w in want if w.startswith("refused")}) >= 15


def _response_line(body: bytes, case: dict[str, Any]) -> str:
    shape = " ".join(map(str, case["latent_shape"]))
    return (
        f"response x{body.hex()} {case['candidates']} {shape} {case['request_sha256']} {case['pair_sha256']} "
        f"{int(case['carry'])}"
    )


def _read(body: bytes, case: dict[str, Any]) -> str:
    names = ("candidates", "latent_shape", "request_sha256", "pair_sha256", "carry")
    try:
        read = LatentsResponse.from_bytes(body, **{n: case[n] for n in names})
    except ResponseError as e:
        return refused(RESPONSE, e)
    level = "none" if read.x0_log_snr is None else double(read.x0_log_snr)
    out = [str(read.cloud_steps), double(read.log_snr), read.plan, level]
    for i in range(case["candidates"]):
        try:
            start = select(read, i)
        except LatentError as e:
            return " ".join([*out, refused(LATENT, e)])
        out += [floats(start.latent)] + ([] if start.x0 is None else [floats(start.x0)])
    return " ".join(out)


def test_responses_of_the_vectors() -> None:
    run, data = probe("contract"), VECTORS["response"]
    for case in data["accepted"]:
        body = base64.b64decode(case["body_base64"])
        (line,) = run([_response_line(body, case)])
        assert line == _read(body, case)
        assert not line.startswith("refused")
        assert sorted(read_floats(" ".join(line.split()[4:]))) == sorted([*case["latents"], *(case["x0"] or [])])
    for case in data["refused"]:
        body = base64.b64decode(case["body_base64"])
        (line,) = run([_response_line(body, case)])
        assert line == _read(body, case), case
        assert line.startswith("refused"), case


def _damaged(rng: random.Random, body: bytes) -> bytes:
    out = bytearray(body)
    length = struct.unpack("<Q", body[:8])[0]
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        at = rng.randrange(rng.choice([8, 8 + length, len(out)])) if out else 0
        what = rng.randrange(7)
        if what == 0:
            out[at : at + 1] = rng.randbytes(1)
        elif what == 1:
            del out[at : at + rng.choice([1, 2, 8])]
        elif what == 2:
            out[at:at] = rng.choice(
                [b" ", b'"', b"{", b"}", b"[", b"\\u0041", b"\x00", b"\xff", b",", b"1", b"\n", b"NaN"]
            )
        elif what == 3:
            out[at : at + 1] = bytes([out[at] ^ 1 << rng.randrange(8)]) if at < len(out) else b""
        elif what == 4:
            out = out[:at]
        else:  # inside the header, its length kept right
            text = bytes(out[8 : 8 + length]).decode("latin-1")
            old, new = rng.choice(
                [("naive", "na/ve"), ("0010", "0000"), ("0010", "0201"), ("e+00", "e+02"), ("e+00", "e-99"), ('"2"',
                '"1"'),
                 ("none", " inf"), ("F16", "F32"), ("{", "{ "), ("0010", "001\\u0030"), ("-", "+"), ("+", "-"),
                 ("version", "plan"), ('"x0_log_snr"', '"x"'), ("}}", "},\"a\":[1.5e3,-0,null,true]}"),
                 ("__metadata__", "metadata"),
                 ('"0010"', "10"), ("0", "9"), ("a", "A"), ("  ", "  "), ("}", "},\"__metadata__\":{}", ), ("e+00",
                 "E+00")]
            )  # fmt: skip
            text = text.replace(old, new, 1)
            out[8 : 8 + length] = text.encode("latin-1")
            length = len(text)
            out[:8] = struct.pack("<Q", length)
    return bytes(out)


def test_damaged_responses_are_refused_in_the_same_words() -> None:
    rng, run = random.Random("responses"), probe("contract")
    lines, want = [], []
    for _ in range(6000):
        case = dict(rng.choice(VECTORS["response"]["accepted"]))
        body = _damaged(rng, base64.b64decode(case["body_base64"]))
        if rng.random() < 0.1:
            case["carry"] = not case["carry"]
        if rng.random() < 0.1:
            case["candidates"] += 1
        lines.append(_response_line(body, case))
        want.append(_read(body, case))
    answers = run(lines)
    for line, got, expected in zip(lines, answers, want, strict=True):
        assert got == expected, line
    assert len({w for w in want if "refused" in w}) > 14


def test_responses_that_are_too_long() -> None:
    case = {
        "candidates": 1,
        "latent_shape": [1, 1, 1],
        "request_sha256": "a" * 64,
        "pair_sha256": "b" * 64,
        "carry": False,
    }
    run = probe("contract")
    for body in (
        b"\xff" * 8,
        b"\x01\x40" + bytes(6) + b"x" * 20000,
        b"\x00\x40" + bytes(6) + b" " * 16384,
        b"",
        b"12345678",
    ):
        assert run([_response_line(body, case)]) == [_read(body, case)]
    huge = {**case, "candidates": 64, "latent_shape": [2**31 - 1, 2**31 - 1, 2**31 - 1]}
    good = base64.b64decode(VECTORS["response"]["accepted"][0]["body_base64"])
    huge |= {k: VECTORS["response"]["accepted"][0][k] for k in ("request_sha256", "pair_sha256")}
    (line,) = run([_response_line(good, huge)])
    assert line.startswith(f"refused {RESPONSE}")


def test_levels_out_of_range_are_one_members_or_anothers() -> None:
    rng, run = np.random.default_rng(11), probe("contract")
    for value in (64.0, -64.0, 64.0625, -65504.0, np.inf, np.nan):
        for where in range(3):
            latents = rng.normal(size=(3, 1, 2, 2)).astype(np.float16)
            case = {
                "candidates": 3,
                "latent_shape": [1, 2, 2],
                "request_sha256": "a" * 64,
                "pair_sha256": "b" * 64,
                "carry": False,
            }
            body = LatentsResponse(latents, "a" * 64, "b" * 64, 10, 0.5, "naive").to_bytes()
            body = body[: -2 * latents.size] + b""
            latents[where, 0, 1, 0] = value
            body += latents.astype("<f2").tobytes()
            assert run([_response_line(body, case)]) == [_read(body, case)]
