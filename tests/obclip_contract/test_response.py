import contextlib
import json
import struct

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st

from obclip_contract import LatentsResponse, ResponseError, limits

SHAPE = (4, 16, 16)


def response(n=2, **change):
    latents = np.random.default_rng(0).standard_normal((n, *SHAPE)).astype(np.float16)
    return LatentsResponse(
        **{
            "latents": latents,
            "request_sha256": "a" * 64,
            "pair_sha256": "c" * 64,
            "cloud_steps": 10,
            "log_snr": -1.5,
            "plan": "naive",
            **change,
        }
    )


def parse(data, n=2, **change):
    return LatentsResponse.from_bytes(
        data, **{"candidates": n, "latent_shape": SHAPE, "request_sha256": "a" * 64, "pair_sha256": "c" * 64, **change}
    )


def test_the_response_comes_back_whole():
    sent = response()
    got = parse(sent.to_bytes())
    assert np.array_equal(got.latents, sent.latents)
    assert (got.log_snr, got.cloud_steps, got.plan, got.x0) == (-1.5, 10, "naive", None)
    x0 = sent.latents * np.float16(0.5)
    carried = parse(response(x0=x0, x0_log_snr=-2.0).to_bytes(), carry=True)
    assert np.array_equal(carried.x0, x0)
    assert parse(response(log_snr=float("inf")).to_bytes()).log_snr == float("inf")


def test_the_size_depends_on_the_shape_alone():
    sizes = {
        len(response(log_snr=v, latents=np.full((2, *SHAPE), f, np.float16), cloud_steps=k).to_bytes())
        for v in (-1.0, 13.123456789, float("inf"))
        for f in (0.0, -3.0)
        for k in (1, 200)
    }
    assert len(sizes) == 1


def test_every_truncation_is_refused():
    data = response().to_bytes()
    for n in [*range(0, 600, 7), len(data) - 1]:
        with pytest.raises(ResponseError):
            parse(data[:n])


@pytest.mark.parametrize(
    ("data", "change"),
    [
        (lambda: response(3).to_bytes(), {}),
        (lambda: response().to_bytes(), {"request_sha256": "b" * 64}),
        (lambda: response().to_bytes(), {"pair_sha256": "d" * 64}),
        (lambda: response().to_bytes(), {"carry": True}),
        (lambda: response().to_bytes(), {"latent_shape": (4, 8, 32)}),
        (lambda: response().to_bytes() + b"more", {}),
        (lambda: b"\xff" * 8 + b"x" * 100, {}),
        (lambda: b"\x02" + b"\0" * 7 + b"[]", {}),
    ],
)
def test_what_is_no_answer_is_refused(data, change):
    with pytest.raises(ResponseError):
        parse(data(), **change)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("member", [0, 1])
def test_one_bad_value_discards_the_whole_set_by_one_message(bad, member):
    latents = np.zeros((2, *SHAPE), np.float16)
    good = response(latents=latents).to_bytes()
    latents[member, 0, 0, 0] = bad
    with pytest.raises(ResponseError, match="not finite"):
        response(latents=latents).to_bytes()
    forged = good[: -latents.nbytes] + latents.tobytes()
    with pytest.raises(ResponseError, match="whole set is discarded"):
        parse(forged)


@pytest.mark.parametrize(
    "change",
    [
        {"log_snr": float("nan")},
        {"log_snr": -float("inf")},
        {"log_snr": -60.5},
        {"cloud_steps": 0},
        {"cloud_steps": 201},
        {"cloud_steps": 12345},
        {"plan": "two words"},
        {"plan": ""},
        {"request_sha256": "A" * 64},
        {"pair_sha256": "A" * 64},
        {"pair_sha256": ""},
        {"x0_log_snr": -2.0},
        {"x0": np.zeros((2, *SHAPE), np.float16)},
        {"x0": np.zeros((1, *SHAPE), np.float16), "x0_log_snr": -2.0},
        {"x0": np.zeros((2, *SHAPE), np.float16), "x0_log_snr": -1.5},
        {"x0": np.zeros((2, *SHAPE), np.float16), "x0_log_snr": float("inf")},
        {"latents": np.zeros((2, *SHAPE), np.float32)},
        {"latents": np.zeros(SHAPE, np.float16)},
        {"latents": np.zeros((64, 4, 256, 256), np.float16)},
    ],
)
def test_a_response_that_would_be_refused_is_not_written(change):
    with pytest.raises(ResponseError) as error:
        response(**change).to_bytes()
    assert error.value.exit_code == 3


def test_any_safetensors_reader_reads_it():
    sent = response(x0=np.ones((2, *SHAPE), np.float16), x0_log_snr=-2.0)
    tensors = safetensors.numpy.load(sent.to_bytes())
    assert np.array_equal(tensors["latents"], sent.latents)
    assert np.array_equal(tensors["x0"], sent.x0)
    assert sent.to_bytes() == sent.to_bytes()


def edited(**metadata):
    """A well-formed body whose metadata say something else; ``None`` removes a key."""
    data = response().to_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header["__metadata__"].update(metadata)
    header["__metadata__"] = {k: v for k, v in header["__metadata__"].items() if v is not None}
    return framed(header, data[8 + length :])


def framed(header, tensors):
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + tensors


def test_the_editor_itself_changes_nothing():
    assert edited() == response().to_bytes()


@pytest.mark.parametrize(
    "metadata",
    [
        {"version": "1"},
        {"version": None},
        {"more": "x"},
        {"cloud_steps": "  10"},
        {"cloud_steps": "1_00"},
        {"cloud_steps": "0000"},
        {"cloud_steps": "\u0661\u0661\u0661\u0661"},
        {"log_snr": "nan".rjust(24)},
        {"log_snr": "-inf".rjust(24)},
        {"log_snr": "inf"},
        {"log_snr": "-1.5"},
        {"log_snr": "+9.000000000000e+99".rjust(24)},
        {"log_snr": "none".rjust(24)},
        {"x0_log_snr": "-2.000000000000e+00".rjust(24)},
        {"plan": "x" * 65},
        {"plan": 5},
        {"request_sha256": "b" * 64},
        {"pair_sha256": "b" * 64},
        {"pair_sha256": None},
    ],
)
def test_metadata_in_any_other_form_are_refused(metadata):
    with pytest.raises(ResponseError):
        parse(edited(**metadata))


def test_other_layouts_are_refused():
    good = response().to_bytes()
    (length,) = struct.unpack("<Q", good[:8])
    header, tensors = json.loads(good[8 : 8 + length]), good[8 + length :]
    latents = header["latents"]
    for change in (
        {"latents": {**latents, "dtype": "F32"}},
        {"latents": {**latents, "dtype": "BF16"}},
        {"latents": {**latents, "shape": [4, 2, 16, 16]}},
        {"latents": {**latents, "shape": [10**9, 4, 16, 16]}},
        {"latents": {**latents, "data_offsets": [0, 10**15]}},
        {"latents": {**latents, "data_offsets": [8, 4104]}},
        {"latents": None},
        {"extra": latents},
        {"__metadata__": None},
        {"__metadata__": []},
    ):
        with pytest.raises(ResponseError):
            parse(framed({**header, **change}, tensors))
    for body in (framed([], tensors), framed(header, b""), framed(header, tensors[:-2]), framed(header, tensors * 2)):
        with pytest.raises(ResponseError):
            parse(body)
    with pytest.raises(ResponseError, match="too long"):
        parse(struct.pack("<Q", limits.MAX_RESPONSE_HEADER_BYTES + 1) + b"x" * 20_000)
    with pytest.raises(ResponseError, match="not JSON"):
        parse(struct.pack("<Q", 16_000) + b"[" * 16_000)
    with pytest.raises(ResponseError, match="over"):
        parse(good + bytes(limits.MAX_RESPONSE_BYTES))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused_cleanly(data):
    with pytest.raises(ResponseError):
        parse(data)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_damage_is_refused_or_only_changes_values(data):
    good = response().to_bytes()
    body = bytearray(good)
    end = 8 + struct.unpack("<Q", good[:8])[0]
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, end + 8))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ResponseError):
        got = parse(bytes(body))
        assert got.to_bytes() == bytes(body)
