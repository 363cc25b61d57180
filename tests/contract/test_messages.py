import json

import numpy as np
import pytest
from contract import Axis, GenerateRequest, LatentsResponse, Phrase, PromptGrid, RequestError, ResponseError, limits
from hypothesis import given, settings
from hypothesis import strategies as st

GRID = PromptGrid("{a} {s0} pilot", (Axis("gender", ("woman", "man")),), {"s0": Phrase((0,), ("woman", "man"))})
SHAPE = (4, 16, 16)


def request(**change):
    return GenerateRequest(**{"model": "stickers", "lexicon": "1", "grid": GRID, "seed": 5, **change})


def wire(**change):
    return json.dumps({**json.loads(request().to_bytes()), **change}).encode()


def test_round_trip_is_exact_and_padded_to_a_bucket():
    body = request(guidance_scale=3.7, negative_prompt="blurry é").to_bytes()
    assert GenerateRequest.from_bytes(body).to_bytes() == body
    assert len(body) == 512
    long = request(negative_prompt="x" * 600).to_bytes()
    assert len(long) == 1024


def test_the_body_is_canonical_json():
    body = request().to_bytes()
    assert body == json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")).encode()
    assert json.loads(body)["seed"] == "0000000000000005"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"version": 2}, "version"),
        ({"extra": 1}, "extra"),
        ({"steps": "25"}, "steps"),
        ({"steps": 0}, "steps"),
        ({"steps": limits.MAX_STEPS + 1}, "steps"),
        ({"steps": True}, "steps"),
        ({"cloud_steps": 26}, "cloud_steps"),
        ({"cloud_steps": 0}, "cloud_steps"),
        ({"guidance_scale": 31.0}, "guidance_scale"),
        ({"guidance_scale": float("nan")}, "guidance_scale"),
        ({"seed": "5"}, "seed"),
        ({"seed": 5}, "seed"),
        ({"sampler": "euler"}, "sampler"),
        ({"handover": "keep"}, "handover"),
        ({"model": "../x"}, "model"),
        ({"pad": "secret"}, "pad"),
        ({"negative_prompt": "x" * 2001}, "negative_prompt"),
        ({"grid": {}}, "grid.template"),
    ],
)
def test_every_broken_field_is_named(change, field):
    with pytest.raises(RequestError) as error:
        GenerateRequest.from_bytes(wire(**change))
    assert error.value.field == field


def test_a_missing_field_and_a_repeated_key_are_refused():
    whole = json.loads(request().to_bytes())
    del whole["plan"]
    with pytest.raises(RequestError, match="plan"):
        GenerateRequest.from_bytes(json.dumps(whole).encode())
    with pytest.raises(RequestError, match="repeated"):
        GenerateRequest.from_bytes(request().to_bytes().replace(b'{"cloud_steps":10', b'{"cloud_steps":9,"cloud_steps":10'))


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff", b"{", b"[" * 100_000, b"x" * (limits.MAX_REQUEST_BYTES + 1)])
def test_what_is_no_request_is_refused(body):
    with pytest.raises(RequestError):
        GenerateRequest.from_bytes(body)


def test_errors_do_not_repeat_the_prompt():
    body = wire(grid={"template": "SECRETWORD {nobody}", "axes": [], "phrases": {"SECRETWORD": {"axes": ["x"], "text": []}}})
    with pytest.raises(RequestError) as error:
        GenerateRequest.from_bytes(body)
    assert "SECRETWORD" not in str(error.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(json.loads(request().to_bytes()))), json_values)
def test_any_value_in_any_field_is_parsed_or_refused(field, value):
    try:
        parsed = GenerateRequest.from_bytes(wire(**{field: value}))
    except RequestError:
        return
    assert GenerateRequest.from_bytes(parsed.to_bytes()) == parsed


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_refused_cleanly(data):
    with pytest.raises(RequestError):
        GenerateRequest.from_bytes(data)


def response(n=2, **change):
    latents = np.random.default_rng(0).standard_normal((n, *SHAPE)).astype(np.float16)
    return LatentsResponse(**{"latents": latents, "request_sha256": "a" * 64, "cloud_steps": 10, "log_snr": -1.5, "plan": "naive", **change})


def parse(data, n=2, **change):
    return LatentsResponse.from_bytes(data, **{"candidates": n, "latent_shape": SHAPE, "request_sha256": "a" * 64, **change})


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
        (lambda: response().to_bytes(), {"carry": True}),
        (lambda: response().to_bytes(), {"latent_shape": (4, 8, 32)}),
        (lambda: response(log_snr=float("nan")).to_bytes(), {}),
        (lambda: response(log_snr=-100.0).to_bytes(), {}),
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
