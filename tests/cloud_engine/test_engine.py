"""The engine against diffusers' own loop, and the theorem's utility half: oblivious equals hybrid."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import DPMSolverMultistepScheduler
from tokenizers import Tokenizer

from cloud_engine.engine import Engine
from cloud_engine.errors import CancelledError, NonFiniteError, PromptTooLongError, UnknownPlanError, WrongModelError
from edge_sdk.privacy import release
from export.pair import load_source
from obclip_contract import GenerateRequest, Phrase, PromptGrid, standard_normal

from .altered import altered, scaled_output

PROMPT = "a sticker of a woman firefighter with dark skin on a blue background"


def request(prompt: str = PROMPT, **change: object) -> GenerateRequest:
    """The whole UNet for every member, unless a plan is named: what the engine is held to."""
    plain = {"cloud_steps": 4, "steps": 8, "guidance_scale": 3.0, "plan": "naive"}
    return release(prompt).request(seed=11, **{**plain, **change})


@pytest.fixture(scope="session")
def torch_engine(random_bundles: Path) -> Engine:
    return Engine.from_bundle(random_bundles / "cloud", "torch")


def test_torch_and_onnxruntime_agree(engine: Engine, torch_engine: Engine) -> None:
    a, b = engine.run(request()).latents, torch_engine.run(request()).latents
    # fp16 on the wire: a value near 4 is rounded by 2e-3.
    assert np.abs(a.astype(np.float32) - b.astype(np.float32)).max() <= 4e-3
    for x, y in zip(engine.steps(request()), torch_engine.steps(request()), strict=True):
        assert np.abs(x.latents - y.latents).max() <= 1e-4


def test_the_engine_is_diffusers_own_loop(engine: Engine, random_pair: Path) -> None:
    source = load_source(random_pair / "large")
    scheduler = DPMSolverMultistepScheduler(
        algorithm_type="dpmsolver++", final_sigmas_type="zero", **source.schedule.to_dict()
    )
    scheduler.set_timesteps(8)
    tokenizer = Tokenizer.from_file(str(source.tokenizer_file))
    tokenizer.enable_padding(pad_id=1, length=32)
    asked = request()
    texts = [*asked.grid.expand(), ""]
    with torch.no_grad():
        ids = torch.tensor([e.ids for e in tokenizer.encode_batch(texts)])
        states = source.text_encoder(input_ids=ids).last_hidden_state
        x = torch.from_numpy(np.repeat(standard_normal(11, (4, 16, 16))[None], len(texts) - 1, axis=0))
        for t in scheduler.timesteps[:4]:
            cond = source.unet(x, t, states[:-1]).sample
            uncond = source.unet(x, t, states[-1:].expand(len(x), -1, -1)).sample
            x = scheduler.step(uncond + 3.0 * (cond - uncond), t, x).prev_sample
    last = list(engine.steps(asked))[-1]
    assert np.abs(last.latents - x.numpy()).max() <= 1e-4


@pytest.mark.parametrize("backend", ["engine", "torch_engine"])
def test_a_member_alone_and_among_n_is_the_same(backend: str, request_fixture: pytest.FixtureRequest) -> None:
    """Naive oblivious equals hybrid: the selected latent does not depend on N (≤ 1e-3 in fp16)."""
    chosen_engine: Engine = request_fixture.getfixturevalue(backend)
    asked = request("a girl with dark skin", cloud_steps=10, steps=25)
    assert asked.grid.count == 30
    together = chosen_engine.run(asked).latents.astype(np.float32)
    for i in (0, 7, 29):
        alone = replace(asked, grid=PromptGrid(asked.grid.expand()[i], (), {}))
        single = chosen_engine.run(alone).latents[0].astype(np.float32)
        difference = np.abs(together[i] - single)
        # One unit in the last place of fp16 at the value's size, or 1e-3, whichever is larger.
        assert (difference <= np.maximum(1e-3, np.abs(single) * 2**-10)).all()


@pytest.fixture
def request_fixture(request: pytest.FixtureRequest) -> pytest.FixtureRequest:
    return request


def test_the_same_seed_gives_the_same_bytes_and_all_share_one_noise(engine: Engine) -> None:
    assert engine.run(request()).to_bytes() == engine.run(request()).to_bytes()
    assert not np.array_equal(engine.run(request()).latents, engine.run(replace(request(), seed=12)).latents)
    axis = request().grid.axes[0]
    words = Phrase((0,), ("young",) * len(axis.values))
    same = PromptGrid("a {s0} pilot", (axis,), {"s0": words})
    first = next(engine.steps(replace(request(), grid=same)))
    # All members start from one noise, so those of one text stay equal.
    assert np.array_equal(first.latents[0], first.latents[1])


def test_carry_returns_the_last_x0(engine: Engine) -> None:
    answer = engine.run(request(handover="carry"))
    last = list(engine.steps(request(handover="carry")))[-1]
    assert answer.x0 is not None
    assert answer.x0_log_snr is not None
    assert np.array_equal(answer.x0, last.x0.astype(np.float16))
    assert answer.x0_log_snr < answer.log_snr


def test_what_the_engine_cannot_run_is_refused_first(engine: Engine) -> None:
    with pytest.raises(WrongModelError, match="stickers"):
        engine.run(request(model="other"))
    with pytest.raises(UnknownPlanError, match="naive"):
        engine.run(request(plan="cheapest"))
    long = PromptGrid("word " * 40, (), {})
    with pytest.raises(PromptTooLongError) as error:
        engine.run(replace(request(), grid=long))
    assert "32" in str(error.value) or "30" in str(error.value)
    assert "word" not in str(error.value)
    with pytest.raises(PromptTooLongError):
        engine.run(request(negative_prompt="word " * 40))


@pytest.mark.parametrize("factor", [1e30, 1e7])
def test_an_overflow_returns_nothing(random_bundles: Path, tmp_path: Path, factor: float) -> None:
    """Beyond fp32 while denoising, or finite but beyond the fp16 of the wire."""
    broken = Engine.from_bundle(altered(random_bundles / "cloud", tmp_path / "b", scaled_output(factor)), "torch")
    with pytest.raises(NonFiniteError) as error:
        broken.run(request())
    assert not any(ch.isdigit() for ch in str(error.value).replace("fp16", ""))  # not which member it was


@pytest.mark.parametrize("guidance", [0.0, 0.5])
def test_guidance_below_one_is_none_as_in_diffusers(engine: Engine, guidance: float) -> None:
    """What SD-Turbo is published with: two prompts give two pictures, and the negative prompt is not read."""
    low, one = (
        list(engine.steps(request(guidance_scale=g, negative_prompt="a man")))[-1].latents for g in (guidance, 1)
    )
    assert np.array_equal(low, one)
    assert not np.array_equal(low[0], low[1])


def test_guidance_one_is_the_prompt_alone(engine: Engine) -> None:
    """The pass that is left out changes nothing: next to 1 the two-pass formula gives the same."""
    one, near = (list(engine.steps(request(guidance_scale=g)))[-1].latents for g in (1.0, 1.01))
    without = list(engine.steps(request(guidance_scale=1.0, negative_prompt="a man")))[-1].latents
    assert np.abs(one - near).max() <= 0.05
    assert np.array_equal(one, without)


@pytest.mark.parametrize("max_rows", [2, 6, 64])
def test_the_chunk_size_changes_nothing(engine: Engine, max_rows: int) -> None:
    chunked = Engine(engine.bundle, engine.backend, max_rows)
    for x, y in zip(engine.steps(request()), chunked.steps(request()), strict=True):
        assert np.abs(x.latents - y.latents).max() <= 1e-4


def test_no_call_has_more_rows_than_allowed(engine: Engine) -> None:
    rows: list[int] = []

    class Counting:
        name = "counting"
        encode_text = staticmethod(engine.backend.encode_text)

        def denoise(self, sample: np.ndarray, timestep: float, hidden: np.ndarray) -> np.ndarray:
            rows.append(len(sample))
            return engine.backend.denoise(sample, timestep, hidden)

        step_executor = staticmethod(engine.backend.step_executor)

    Engine(engine.bundle, Counting(), max_rows=7).run(request(cloud_steps=1))
    assert rows == [6, 6, 6, 2]  # ten candidates with guidance, three at a time


def test_a_caller_can_stop_between_steps(engine: Engine) -> None:
    asked = iter([False, True])
    with pytest.raises(CancelledError, match="after step 2 of 4"):
        engine.run(request(), should_stop=lambda: next(asked))
    steps = engine.steps(request())
    assert next(steps).index == 0
    steps.close()
