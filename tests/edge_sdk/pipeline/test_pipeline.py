"""The whole path with the real engine, the real LiteRT graphs of a random pair, and a scripted cloud."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from edge_sdk import ObliviousPipeline
from edge_sdk.errors import (
    ClosedError,
    CloudError,
    DeviceError,
    InputError,
    LatentError,
)
from edge_sdk.events import Decoded, Detected, Finished, Received
from edge_sdk.privacy import Privacy
from edge_sdk.runtimes.litert import LiteRtRuntime
from obclip_contract import BundleError, open_bundle

from ..conftest import Scripted, parsed
from ..door import released
from ..http_server import Answer, Recorded, serving

PROMPT = "a sticker of a woman firefighter with dark skin on a blue background"


@pytest.fixture(scope="module")
def pipe(random_bundles: Path, cloud_url: str) -> ObliviousPipeline:
    return ObliviousPipeline.from_bundle(random_bundles / "edge", cloud=cloud_url, num_threads=1)


def test_called_like_a_diffusers_pipeline(pipe: ObliviousPipeline) -> None:
    seen: list[tuple[int, float]] = []

    def on_step(who: ObliviousPipeline, step: int, timestep: float, values: Mapping[str, NDArray[Any]]) -> None:
        assert who is pipe
        assert values["latents"].shape == (1, 4, 16, 16)
        seen.append((step, timestep))

    output = pipe(
        PROMPT, num_inference_steps=8, cloud_steps=3, guidance_scale=4.0, seed=5, callback_on_step_end=on_step
    )
    assert output.images[0].size == (64, 64)
    assert [step for step, _ in seen] == [3, 4, 5, 6, 7]
    assert [t for _, t in seen] == sorted((t for _, t in seen), reverse=True)
    receipt = output.receipt
    assert (receipt.n, receipt.epsilon, receipt.mechanism) == (10, 0.0, "closed")
    assert receipt.axes == ("gender", "skin_tone")
    assert (receipt.cloud_steps, receipt.steps, receipt.plan, receipt.seed) == (3, 8, "balanced", 5)
    assert receipt.bytes_up >= 512
    assert receipt.bytes_down > 10 * 4 * 16 * 16 * 2
    assert set(receipt.ms) == {"detect", "cloud", "finish", "decode", "total"}
    assert "woman" not in receipt.template


def test_the_same_seed_gives_the_same_picture_and_none_gives_another(pipe: ObliviousPipeline) -> None:
    few: dict[str, Any] = {"num_inference_steps": 3, "cloud_steps": 1}
    first, again = (pipe(PROMPT, seed=9, **few) for _ in range(2))
    assert np.array_equal(np.asarray(first.images[0]), np.asarray(again.images[0]))
    drawn = [pipe(PROMPT, **few).receipt.seed for _ in range(2)]
    assert drawn[0] != drawn[1]


def test_the_own_latent_is_the_one_of_the_true_member(pipe: ObliviousPipeline, engine: Any) -> None:
    chosen = released(PROMPT)
    request = chosen.request(seed=5, steps=8, cloud_steps=3, guidance_scale=4.0)
    wanted = engine.run(request).latents[chosen.index].astype(np.float32)
    got = next(
        e.latents
        for e in pipe.steps(PROMPT, num_inference_steps=8, cloud_steps=3, guidance_scale=4.0, seed=5)
        if isinstance(e, Received)
    )
    np.testing.assert_array_equal(got[0], wanted)


@pytest.mark.parametrize("handover", ["restart", "carry"])
@pytest.mark.parametrize("sampler", ["ddim", "dpmpp_2m"])
def test_events_in_order(pipe: ObliviousPipeline, handover: str, sampler: str) -> None:
    events = list(pipe.steps(PROMPT, num_inference_steps=6, cloud_steps=2, handover=handover, sampler=sampler))
    first, received, *steps, last = events
    assert isinstance(first, Detected)
    assert first.candidates is not None
    assert first.request is not None
    assert isinstance(received, Received)
    assert [e.index for e in steps if isinstance(e, Finished)] == [0, 1, 2, 3]
    assert isinstance(last, Decoded)
    assert isinstance(steps[1], Finished)
    preview = pipe.decode(steps[1].latents)
    assert preview.size == (64, 64)


def test_the_devices_own_grid_is_not_sent(pipe: ObliviousPipeline) -> None:
    """The same bytes go out; the device then does the rows of its own grid that have less noise than the hand-over."""
    asked = {"num_inference_steps": 8, "cloud_steps": 4, "sampler": "ddim", "guidance_scale": 1.0, "seed": 3}
    own = {"device_steps": 20, "device_sampler": "dpmpp_2m", "device_guidance_scale": 2.0}
    plain, other = (list(pipe.steps(PROMPT, **asked, **more)) for more in ({}, own))
    assert isinstance(plain[0], Detected)
    assert isinstance(other[0], Detected)
    assert plain[0].request is not None
    assert other[0].request is not None
    assert plain[0].request.to_bytes() == other[0].request.to_bytes()
    rows = [sum(isinstance(e, Finished) for e in events) for events in (plain, other)]
    assert rows[0] == 4
    assert 9 <= rows[1] <= 11
    assert isinstance(plain[1], Received)
    assert isinstance(other[1], Received)
    assert np.array_equal(plain[1].latents, other[1].latents)
    assert isinstance(plain[-1], Decoded)
    assert isinstance(other[-1], Decoded)
    assert not np.array_equal(plain[-1].output.latents, other[-1].output.latents)


def test_every_step_in_the_cloud(pipe: ObliviousPipeline) -> None:
    events = [type(e) for e in pipe.steps(PROMPT, num_inference_steps=4, cloud_steps=4)]
    assert events == [Detected, Received, Decoded]


def test_device_only_sends_nothing(random_bundles: Path, honest: Scripted) -> None:
    with serving(honest) as server:
        pipe = ObliviousPipeline.from_bundle(random_bundles / "edge", server.url, 1)
        receipt = pipe(PROMPT, num_inference_steps=4, cloud_steps=0).receipt
    assert server.requests == []
    assert (receipt.n, receipt.mechanism, receipt.bytes_up, receipt.template) == (0, "local", 0, "")


def test_no_attribute_is_said(pipe: ObliviousPipeline) -> None:
    receipt = pipe("a red balloon", num_inference_steps=2, cloud_steps=1).receipt
    assert (receipt.n, receipt.mechanism, receipt.epsilon) == (1, "none", None)
    assert "nothing is hidden" in receipt.notes[0]


def test_members_of_a_set_send_the_same_bytes_and_do_the_same_work(random_bundles: Path, honest: Scripted) -> None:
    members = released("a girl with dark skin").members
    assert len(members) > 2
    traces = set()
    for member in members:
        with serving(honest) as server:
            pipe = ObliviousPipeline.from_bundle(random_bundles / "edge", server.url, 1)
            events = [type(e) for e in pipe.steps(member, num_inference_steps=3, cloud_steps=2, seed=1)]
        sent = tuple((r.method, r.path, r.body) for r in server.requests)
        headers = tuple(tuple((k, v) for k, v in r.headers if k.lower() != "host") for r in server.requests)
        traces.add((sent, headers, tuple(events)))
    assert len(traces) == 1


def _spoilt(honest: Scripted, spoil: Any) -> Scripted:
    def respond(recorded: Recorded) -> Answer:
        answer = honest(recorded)
        return answer if recorded.path == "/v1/health" else spoil(recorded, answer)

    return respond


def _with_nan(member: int) -> Any:
    def spoil(recorded: Recorded, answer: Answer) -> Answer:
        good = parsed(recorded, answer)
        marker = np.float16(7.5)
        good.latents[member, 0, 0, 0] = marker
        body = bytearray(good.to_bytes())
        where = len(body) - good.latents.nbytes + 2 * member * good.latents[0].size
        assert bytes(body[where : where + 2]) == marker.tobytes()
        body[where : where + 2] = np.float16("inf").tobytes()
        return Answer(body=bytes(body))

    return spoil


def test_one_spoilt_latent_ends_the_run_alike_for_every_truth(random_bundles: Path, honest: Scripted) -> None:
    members = released("a woman").members
    outcomes = set()
    for truth in members:
        for spoilt in range(len(members)):
            with serving(_spoilt(honest, _with_nan(spoilt))) as server:
                pipe = ObliviousPipeline.from_bundle(random_bundles / "edge", server.url, 1)
                with pytest.raises(LatentError) as caught:
                    pipe(truth, num_inference_steps=3, cloud_steps=2, seed=1)
            outcomes.add((str(caught.value), tuple(r.body for r in server.requests)))
    assert len(outcomes) == 1


@pytest.mark.parametrize("lie", ["level", "clean", "plan", "pair", "steps"])
def test_claims_that_were_not_asked_for_are_refused_alike_for_every_truth(
    random_bundles: Path, honest: Scripted, lie: str
) -> None:
    def lying(recorded: Recorded, answer: Answer) -> Answer:
        good = parsed(recorded, answer)
        change: dict[str, Any] = {
            "level": {"log_snr": good.log_snr + 3.0},
            "clean": {"log_snr": float("inf")},
            "plan": {"plan": "other"},
            "pair": {"pair_sha256": "0" * 64},
            "steps": {"cloud_steps": 5},
        }[lie]
        return Answer(body=replace(good, **change).to_bytes())

    outcomes = set()
    for member in released("a girl").members:
        with serving(_spoilt(honest, lying)) as server:
            pipe = ObliviousPipeline.from_bundle(random_bundles / "edge", server.url, 1)
            with pytest.raises(LatentError) as caught:
                pipe(member, num_inference_steps=10, cloud_steps=4, seed=1)
        outcomes.add((str(caught.value), tuple(r.body for r in server.requests)))
    assert len(outcomes) == 1


@pytest.mark.parametrize("level", ["-inf", "nan", f"{-1e9:+.12e}", "high"])
def test_a_hand_over_that_makes_no_sense(random_bundles: Path, honest: Scripted, level: str) -> None:
    def lie(recorded: Recorded, answer: Answer) -> Answer:
        body = replace(parsed(recorded, answer), log_snr=0.5).to_bytes()
        truth = f"{0.5:+.12e}".encode()
        assert body.count(truth) == 1
        return Answer(body=body.replace(truth, level.encode().rjust(len(truth))))

    _refused(random_bundles, _spoilt(honest, lie))


def test_a_cloud_that_did_fewer_steps(random_bundles: Path, honest: Scripted) -> None:
    def lazy(recorded: Recorded, answer: Answer) -> Answer:
        return Answer(body=replace(parsed(recorded, answer), cloud_steps=1).to_bytes())

    _refused(random_bundles, _spoilt(honest, lazy))


def _refused(random_bundles: Path, respond: Scripted) -> None:
    with serving(respond) as server:
        pipe = ObliviousPipeline.from_bundle(random_bundles / "edge", server.url, 1)
        with pytest.raises(LatentError):
            pipe("a woman", num_inference_steps=3, cloud_steps=2)
    assert len(server.bodies()) == 1


def test_a_cloud_that_serves_another_pair_gets_no_prompt(random_bundles: Path) -> None:
    other = Answer(body=b'{"model": "stickers", "pair_sha256": "00"}')
    with serving(lambda _: other) as server:
        pipe = ObliviousPipeline.from_bundle(random_bundles / "edge", server.url)
        with pytest.raises(BundleError, match="another pair"):
            pipe(PROMPT)
    assert [r.path for r in server.requests] == ["/v1/health"]


def test_no_cloud_given(random_bundles: Path) -> None:
    with pytest.raises(InputError, match="no cloud was given"):
        ObliviousPipeline.from_bundle(random_bundles / "edge")(PROMPT)


def test_a_prompt_that_is_too_long_is_told_and_not_sent(random_bundles: Path, honest: Scripted) -> None:
    long = PROMPT + " and a very long tail of words" * 6
    messages = set()
    with serving(honest) as server:
        pipe = ObliviousPipeline.from_bundle(random_bundles / "edge", server.url)
        for member in released(long).members:
            with pytest.raises(InputError, match="the model reads 30") as caught:
                pipe(member)
            messages.add(str(caught.value))
        with pytest.raises(InputError, match="the negative prompt"):
            pipe(PROMPT, negative_prompt="blurry " * 40)
    assert len(messages) == 1
    assert server.requests == []


@pytest.mark.parametrize(
    "bad",
    [
        {"num_inference_steps": 0},
        {"num_inference_steps": 201},
        {"cloud_steps": -1},
        {"cloud_steps": 26},
        {"guidance_scale": -1.0},
        {"guidance_scale": 31.0},
        {"guidance_scale": float("nan")},
        {"seed": -1},
        {"seed": 2**64},
        {"sampler": "magic"},
        {"handover": "throw"},
        {"sampler": "magic", "cloud_steps": 0},
        {"device_steps": 0},
        {"device_steps": 2.5},
        {"device_sampler": "magic"},
        {"device_sampler": ["ddim"]},
        {"device_sampler": np.array(["ddim", "ddim"])},
        {"device_guidance_scale": 31.0},
        {"privacy": Privacy(domains={"hair": ["red"]})},
    ],
)
def test_bad_arguments_send_nothing(random_bundles: Path, honest: Scripted, bad: dict[str, Any]) -> None:
    with serving(honest) as server:
        pipe = ObliviousPipeline.from_bundle(random_bundles / "edge", server.url)
        with pytest.raises(InputError):
            pipe(PROMPT, **bad)
    assert server.requests == []


def test_the_engines_refusal_reaches_the_caller(pipe: ObliviousPipeline) -> None:
    with pytest.raises(CloudError, match=r"409.*step plan"):
        pipe(PROMPT, plan="no-such-plan")


def test_a_graph_that_gives_nan_is_a_bundle_problem(
    random_bundles: Path, cloud_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = ObliviousPipeline.from_bundle(random_bundles / "edge", cloud_url)
    pipe.bundle = open_bundle(random_bundles / "edge", "edge")
    hot = 1e38  # the graph's own arithmetic overflows from here
    runtime = pipe.runtime

    class Hot:
        name = "litert"
        encode_text, decode = runtime.encode_text, runtime.decode

        def denoise(self, latent: NDArray[Any], timestep: float, states: NDArray[Any]) -> NDArray[Any]:
            return runtime.denoise(latent * np.float32(hot), timestep, states * np.float32(hot))

    pipe.runtime = Hot()
    with pytest.raises(DeviceError) as caught, np.errstate(all="ignore"):
        pipe(PROMPT, num_inference_steps=3, cloud_steps=1)
    assert caught.value.exit_code == 4


def _copy(random_bundles: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(random_bundles / "edge", tmp_path / "edge"))


def test_a_tampered_bundle(random_bundles: Path, tmp_path: Path) -> None:
    bundle = _copy(random_bundles, tmp_path)
    data = bytearray((bundle / "unet.fp32.tflite").read_bytes())
    data[len(data) // 2] ^= 1
    (bundle / "unet.fp32.tflite").write_bytes(data)
    with pytest.raises(BundleError, match="altered"):
        ObliviousPipeline.from_bundle(bundle)


def test_the_wrong_bundle(random_bundles: Path, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="edge bundle is needed"):
        ObliviousPipeline.from_bundle(random_bundles / "cloud")
    with pytest.raises(BundleError, match="no bundle"):
        ObliviousPipeline.from_bundle(tmp_path / "nowhere")


def test_a_graph_that_is_no_tflite(random_bundles: Path, tmp_path: Path) -> None:
    bundle = open_bundle(_copy(random_bundles, tmp_path), "edge")
    (bundle.root / "unet.fp32.tflite").write_bytes(b"not a flatbuffer" * 100)  # after the hashes were checked
    with pytest.raises(BundleError, match=r"LiteRT cannot load unet\.fp32\.tflite"):
        LiteRtRuntime(bundle).denoise(np.zeros((1, 4, 16, 16), np.float32), 1.0, np.zeros((1, 32, 32), np.float32))


def test_a_graph_in_anothers_place(random_bundles: Path, tmp_path: Path) -> None:
    bundle = open_bundle(_copy(random_bundles, tmp_path), "edge")
    shutil.copy(bundle.root / "vae_decoder.fp32.tflite", bundle.root / "unet.fp32.tflite")
    with pytest.raises(BundleError, match="other inputs or outputs"):
        LiteRtRuntime(bundle).denoise(np.zeros((1, 4, 16, 16), np.float32), 1.0, np.zeros((1, 32, 32), np.float32))


def test_litert_serves_any_batch_alike(random_bundles: Path) -> None:
    runtime = LiteRtRuntime(open_bundle(random_bundles / "edge", "edge"), num_threads=2)
    ids = np.random.default_rng(0).integers(2, 90, (5, 32)).astype(np.int32)
    states = runtime.encode_text(ids)
    np.testing.assert_allclose(states[4:], runtime.encode_text(ids[4:]), atol=1e-5)
    x = np.random.default_rng(1).standard_normal((5, 4, 16, 16)).astype(np.float32)
    out = runtime.denoise(x, 321.5, states)
    assert out.shape == x.shape
    for i in range(5):
        np.testing.assert_allclose(out[i : i + 1], runtime.denoise(x[i : i + 1], 321.5, states[i : i + 1]), atol=1e-4)
    runtime.close()
    with pytest.raises(ClosedError):
        runtime.denoise(x, 321.5, states)
