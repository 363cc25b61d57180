"""The published packages on a tiny random pair: they run, stop after k steps, and do less than the plain loop."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.errors import BenchmarkError
from benchmarks.finishing import Finisher
from benchmarks.peers import REFERENCE, Run, compare, load_pipeline, published
from benchmarks.prompts import STICKERS
from benchmarks.sets import grid, set_cases
from export.pair import load_source
from models.stickers.recipe.judge import Judge
from obclip_contract import apply_step, sampler_table, standard_normal

RUN = Run(steps=6, cloud_steps=4, guidance=2.0)
KIND = grid("gender-age")


@pytest.fixture(scope="module")
def methods(random_pair: Path):  # type: ignore[no-untyped-def]
    logging.getLogger("diffusers").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the pipeline's advice on schedulers and dtypes
        yield published(random_pair / "large", RUN)


def test_every_package_stops_after_k_steps_and_saves_work(methods) -> None:  # type: ignore[no-untyped-def]
    case = set_cases(KIND, 1)[0]
    found, calls = {}, {}
    for name, method in methods.items():
        seen = []
        hook = method.pipe.unet.mid_block.resnets[0].register_forward_hook(lambda *_, seen=seen: seen.append(1))
        found[name] = method.latents(case)
        hook.remove()
        calls[name] = len(seen)
        assert found[name].shape == (6, 4, 16, 16)
        assert np.array_equal(method.latents(case), found[name])  # nothing is left over from the run before
    assert calls[REFERENCE] == RUN.cloud_steps
    assert (calls["DeepCache-2"], calls["DeepCache-3"]) == (2, 2)  # steps 0, 2 and 0, 3
    assert all(not np.array_equal(found[n], found[REFERENCE]) for n in ("DeepCache-2", "DeepCache-5"))


def test_the_plain_loop_is_the_contracts_sampler(methods, random_pair: Path) -> None:  # type: ignore[no-untyped-def]
    case = set_cases(KIND, 1)[0]
    source = load_source(random_pair / "large")
    pipe = methods[REFERENCE].pipe
    latent = torch.from_numpy(standard_normal(case.seed, source.latent_shape))[None].repeat(6, 1, 1, 1)
    with torch.inference_mode():
        within, without = pipe.encode_prompt(list(case.members), "cpu", 1, True, [""] * 6)
        x0 = None
        for step in sampler_table("dpmpp_2m", source.schedule, RUN.steps).head(RUN.cloud_steps).steps:
            output = source.unet(
                torch.cat([latent, latent]), step.timestep, torch.cat([without, within]), return_dict=False
            )[0]
            u, c = output.chunk(2)
            latent, x0 = apply_step(step, latent, u + RUN.guidance * (c - u), x0)
    assert np.abs(methods[REFERENCE].latents(case) - latent.numpy()).max() < 1e-3


def test_compare_puts_quality_beside_every_time(methods, random_pair: Path) -> None:  # type: ignore[no-untyped-def]
    jobs = {n: methods[n].latents for n in (REFERENCE, "DeepCache-3")}
    finisher = Finisher(random_pair / "small", RUN.guidance, RUN.steps)
    found = compare(jobs, finisher, Judge.load(STICKERS / "judge"), KIND, RUN, 5)
    assert found["rows"][REFERENCE]["relative_time"]["median"] == 1.0
    assert found["rows"][REFERENCE]["accuracy_difference"]["mean"] == 0.0
    assert found["rows"]["DeepCache-3"]["seconds_per_set"]["n"] == 5
    assert found["rows"]["DeepCache-3"]["latent_psnr_db"]["median"] < 100
    assert found["ahead"] == {"DeepCache-3": []}


def test_a_folder_that_is_no_pipeline_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="cannot be loaded by diffusers"):
        load_pipeline(tmp_path)
