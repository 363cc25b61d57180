import contextlib
import hashlib
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obclip_contract import Axis, GenerateRequest, Phrase, PromptGrid, RequestError, limits

GRID = PromptGrid("{a} {s0} pilot", (Axis("gender", ("woman", "man")),), {"s0": Phrase((0,), ("woman", "man"))})


def request(**change):
    return GenerateRequest(**{"model": "stickers", "lexicon": "1", "grid": GRID, "seed": 5, **change})


def canonical(content):
    """Canonical bytes of any content, so that only the change under test is wrong."""
    dump = lambda: json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()  # noqa: E731
    if content.get("pad") == "":
        size = 2048  # the room of one text bucket and up to 28 candidates
        while size < len(dump()):
            size *= 2
        content["pad"] = " " * (size - len(dump()))
    return dump()


def wire(**change):
    return canonical({**json.loads(request().to_bytes()), "pad": "", **change})


def test_round_trip_is_exact_and_padded_to_a_bucket():
    body = request(guidance_scale=3.7, negative_prompt="blurry é").to_bytes()
    assert GenerateRequest.from_bytes(body).to_bytes() == body
    assert len(body) == 2048
    long = request(negative_prompt="x" * 600).to_bytes()
    assert len(long) == 4096


def test_the_length_depends_on_the_text_bucket_and_n_alone():
    def length(template, sizes):
        values = [tuple(f"value number {v}" for v in range(n)) for n in sizes]
        axes = tuple(Axis(f"axis_number_{i}", v) for i, v in enumerate(values))
        phrases = {f"p{i}": Phrase((i,), a.values) for i, a in enumerate(axes)}
        template += "".join("{" + n + "}" for n in phrases)
        grid = PromptGrid(template.ljust(len(template) // 64 * 64 + 64, "x"), axes, phrases)
        return len(grid.template), len(request(grid=grid).to_bytes())

    assert length("", (12,)) == length("", (3, 4)) == length("a red hat", (2, 3, 2)) == (64, 2048)
    assert length("", (30,)) == length("", (5, 6)) == length("", (2, 3, 5)) == (64, 4096)
    assert length("x" * 100, (30,)) == length("x" * 80, (2, 3, 5)) == (128, 4096)


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
        ({"steps": 25.0}, "steps"),
        ({"version": True}, "version"),
        ({"guidance_scale": "31.0000"}, "guidance_scale"),
        ({"guidance_scale": "30.0001"}, "guidance_scale"),
        ({"guidance_scale": "100.0000"}, "guidance_scale"),
        ({"guidance_scale": "5.0"}, "guidance_scale"),
        ({"guidance_scale": "05.0000"}, "guidance_scale"),
        ({"guidance_scale": "-0.0000"}, "guidance_scale"),
        ({"guidance_scale": 5.0}, "guidance_scale"),
        ({"negative_prompt": "x\n"}, "negative_prompt"),
        ({"lexicon": ""}, "lexicon"),
        ({"plan": "x" * 65}, "plan"),
        ({"seed": "000000000000000G"}, "seed"),
        ({"seed": "0000000000000005\n"}, "seed"),
        ({"pad": None}, "pad"),
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


def deep(**change):
    """A request body whose grid is changed."""
    return wire(grid={**json.loads(request().to_bytes())["grid"], **change})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"template": 5}, "grid.template"),
        ({"template": "x" * 2001}, "grid.template"),
        ({"template": "{s0} {x}"}, "grid.template"),
        ({"extra": 1}, "grid.extra"),
        ({"axes": [{"name": "gender", "values": ["a"] * 65}]}, "grid.axes.0.values"),
        ({"axes": [{"name": "gender", "values": [1, 2]}]}, "grid.axes.0.values.0"),
        ({"axes": [{"name": "gender", "values": ["a", "b"], "more": 1}]}, "grid.axes.0.more"),
        ({"axes": [{"name": f"x{i}", "values": ["a"]} for i in range(13)]}, "grid.axes"),
        ({"axes": [{"name": f"x{i}", "values": ["a", "b", "c"]} for i in range(12)]}, "grid"),
        ({"phrases": {"s0": {"axes": [0], "text": ["a"] * 65}}}, "grid.phrases.s0.text"),
        ({"phrases": {"s0": {"axes": [0.0], "text": ["a", "b"]}}}, "grid.phrases.s0.axes.0"),
        ({"phrases": {"s0": {"axes": [1], "text": ["a", "b"]}}}, "grid.phrases.s0.axes"),
        ({"phrases": {"s0": {"axes": [-1], "text": ["a", "b"]}}}, "grid.phrases.s0.axes"),
        ({"phrases": {"s0": {"axes": [0], "text": ["a"]}}}, "grid.phrases.s0.text"),
        ({"phrases": {f"s{i}": {"axes": [], "text": [""]} for i in range(65)}}, "grid.phrases"),
        ({"rows": [[0]] * 65}, "grid.rows"),
        ({"rows": [[0] * 13]}, "grid.rows.0"),
        ({"rows": [["0"]]}, "grid.rows.0.0"),
        ({"rows": [[0.0]]}, "grid.rows.0.0"),
        ({"rows": [[True]]}, "grid.rows.0.0"),
        ({"rows": [0]}, "grid.rows.0"),
        ({"rows": [[0], [1]]}, "grid.rows"),
        ({"rows": None}, "request"),
    ],
)
def test_every_broken_part_of_the_grid_is_named(change, field):
    with pytest.raises(RequestError) as error:
        GenerateRequest.from_bytes(deep(**change))
    assert error.value.field == field


@pytest.mark.parametrize(
    "change",
    [
        lambda b: b.replace(b":10,", b": 10,").replace(b'  "', b' "', 1),
        lambda b: b.replace(b' "', b'"', 1) + b" ",
        lambda b: b"\xef\xbb\xbf" + b,
        lambda b: b.replace(b' "', b'"', 1),
        lambda b: b.replace(b'"pad":"', b'"pad":"' + b" " * 512),
        lambda b: b.replace(b"naive", b"na\\u0069ve").replace(b" " * 5 + b'"', b'"', 1),
        lambda b: json.dumps(dict(reversed(json.loads(b).items())), separators=(",", ":")).encode(),
        lambda b: json.dumps(json.loads(b)).encode(),
        lambda b: b[:-1],
    ],
    ids=["space", "space behind", "bom", "not padded", "bucket too large", "escape", "order", "spaced", "cut"],
)
def test_only_the_canonical_form_is_accepted(change):
    body = request().to_bytes()
    assert change(body) != body
    with pytest.raises(RequestError) as error:
        GenerateRequest.from_bytes(change(body))
    assert error.value.field == "request"


def test_every_bucket_up_to_the_cap():
    values = tuple(f"v{i}" for i in range(64))
    sizes = set()
    for length in (0, 1, 5, 40, 80, 200):
        texts = tuple("x" * length for _ in values)
        many = {f"p{i}": Phrase((0,), texts) for i in range(16)}
        template = "".join("{" + n + "}" for n in many)
        body = request(grid=PromptGrid(template, (Axis("age", values),), many)).to_bytes()
        assert GenerateRequest.from_bytes(body).to_bytes() == body
        sizes.add(len(body))
    assert all(s & (s - 1) == 0 and 2048 <= s <= limits.MAX_REQUEST_BYTES for s in sizes)
    assert max(sizes) == limits.MAX_REQUEST_BYTES
    more = {f"p{i}": Phrase((0,), tuple("é" * 200 for _ in values)) for i in range(15)}
    with pytest.raises(RequestError, match=f"over {limits.MAX_REQUEST_BYTES} bytes"):
        request(grid=PromptGrid("".join("{" + n + "}" for n in more), (Axis("age", values),), more))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"seed": -1}, "seed"),
        ({"seed": 2**64}, "seed"),
        ({"seed": 1.5}, "seed"),
        ({"seed": True}, "seed"),
        ({"seed": "5"}, "seed"),
        ({"guidance_scale": float("nan")}, "guidance_scale"),
        ({"guidance_scale": float("inf")}, "guidance_scale"),
        ({"guidance_scale": -0.1}, "guidance_scale"),
        ({"guidance_scale": 30.1}, "guidance_scale"),
        ({"guidance_scale": "5"}, "guidance_scale"),
        ({"guidance_scale": None}, "guidance_scale"),
        ({"steps": 0}, "steps"),
        ({"steps": 201}, "steps"),
        ({"cloud_steps": 26}, "cloud_steps"),
        ({"negative_prompt": "\ud800"}, "negative_prompt"),
        ({"negative_prompt": "\x00"}, "negative_prompt"),
        ({"negative_prompt": "x" * 2001}, "negative_prompt"),
        ({"model": ""}, "model"),
        ({"sampler": "euler"}, "sampler"),
        ({"handover": "keep"}, "handover"),
        ({"version": 2}, "version"),
    ],
)
def test_a_request_that_breaks_a_limit_cannot_be_made(change, field):
    with pytest.raises(RequestError) as error:
        request(**change)
    assert error.value.field == field
    assert error.value.exit_code == 2


@pytest.mark.parametrize(
    ("given_scale", "sent"), [(5, "5.0000"), (7.5, "7.5000"), (0, "0.0000"), (30.0, "30.0000"), (1 / 3, "0.3333")]
)
def test_guidance_travels_as_a_decimal_and_both_sides_compute_with_it(given_scale, sent):
    mine = request(guidance_scale=given_scale)
    assert json.loads(mine.to_bytes())["guidance_scale"] == sent
    assert mine.guidance_scale == float(sent) == GenerateRequest.from_bytes(mine.to_bytes()).guidance_scale


def test_the_hash_is_that_of_the_body():
    assert request().sha256 == hashlib.sha256(request().to_bytes()).hexdigest()
    assert request(seed=np.uint64(2**64 - 1)).seed == 2**64 - 1


def test_a_missing_field_and_a_repeated_key_are_refused():
    whole = json.loads(request().to_bytes())
    del whole["plan"]
    with pytest.raises(RequestError, match="plan"):
        GenerateRequest.from_bytes(json.dumps(whole).encode())
    with pytest.raises(RequestError, match="repeated"):
        GenerateRequest.from_bytes(
            request().to_bytes().replace(b'{"cloud_steps":10', b'{"cloud_steps":9,"cloud_steps":10')
        )


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"\xff", b"{", b"[" * 100_000, b"x" * (limits.MAX_REQUEST_BYTES + 1)]
)
def test_what_is_no_request_is_refused(body):
    with pytest.raises(RequestError):
        GenerateRequest.from_bytes(body)


def test_errors_do_not_repeat_the_prompt():
    body = wire(
        grid={"template": "SECRETWORD {nobody}", "axes": [], "phrases": {"SECRETWORD": {"axes": ["x"], "text": []}}}
    )
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
    assert parsed.to_bytes() == wire(**{field: value})


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_refused_cleanly(data):
    with pytest.raises(RequestError):
        GenerateRequest.from_bytes(data)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(["template", "axes", "phrases", "rows"]), json_values, min_size=1))
def test_any_grid_is_parsed_or_refused(change):
    with contextlib.suppress(RequestError):
        GenerateRequest.from_bytes(deep(**change))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_damage_to_a_body_is_refused_or_is_another_request(data):
    body = bytearray(request().to_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(RequestError):
        assert GenerateRequest.from_bytes(bytes(body)).to_bytes() == body
