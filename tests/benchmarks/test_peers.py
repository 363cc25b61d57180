"""The peers on a tiny random pair: they run, stop after k steps, do less than the plain loop, and are it when off."""

from __future__ import annotations

import json
import logging
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from benchmarks import peers
from benchmarks.cli import command
from benchmarks.errors import BenchmarkError
from benchmarks.finishing import Finisher
from benchmarks.peers import REFERENCE, Method, Run, checked_peers, compare, load_pipeline, published
from benchmarks.peers.loop import with_own_unet
from benchmarks.peers.packages import DeepCache, DeepCacheTGate, TGate
from benchmarks.peers.taylorseer import ATTENTION, WIDE, TaylorSeer
from benchmarks.peers.work import require_plain_when_off
from benchmarks.peers.zeus import Zeus, every, lagrange
from benchmarks.prompts import STICKERS
from benchmarks.sets import grid, set_cases
from export.pair import load_source
from models.stickers.recipe.judge import Judge
from obclip_contract import apply_step, sampler_table, standard_normal

RUN = Run(steps=6, cloud_steps=4, guidance=2.0)
KIND = grid("gender")
#: One of each kind.
PEERS = (
    DeepCache(2),
    DeepCache(3),
    TGate(2),
    TGate(2, keep_pooled=False),
    TGate(10),
    DeepCacheTGate(3, 2),
    TaylorSeer(2),
    TaylorSeer(3, order=2, layers=WIDE),
    Zeus("2", every(2, RUN.cloud_steps)),
    Zeus("0, 1", (0, 1)),
)


@pytest.fixture(scope="module", autouse=True)
def _quiet():  # type: ignore[no-untyped-def]
    logging.getLogger("diffusers").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the pipeline's advice on schedulers and dtypes
        yield


@pytest.fixture(scope="module")
def methods(random_pair: Path):  # type: ignore[no-untyped-def]
    return published(random_pair / "large", RUN, PEERS)


@pytest.fixture(scope="module")
def checked(random_pair: Path) -> dict[str, Method]:
    return checked_peers(random_pair / "large", RUN, set_cases(KIND, 1)[0], PEERS)


def test_every_peer_stops_after_k_steps_and_starts_afresh(methods) -> None:  # type: ignore[no-untyped-def]
    case, other = set_cases(KIND, 2)
    plain = methods[REFERENCE].latents(case)
    for name, method in methods.items():
        first = method.latents(case)
        assert first.shape == (KIND.count, 4, 16, 16)
        assert np.array_equal(first, plain) == (name == REFERENCE), name
        method.latents(other)
        assert np.array_equal(method.latents(case), first), name  # nothing is left over from the set before


def test_work_is_counted_where_it_is_done(checked: dict[str, Method]) -> None:
    work = {name: method.work for name, method in checked.items() if method.work is not None}
    plain = work[REFERENCE]
    attentions, residuals = (plain[f"{what}_calls"] // RUN.cloud_steps for what in ("attention", "residual"))
    assert plain["unet_calls"] == RUN.cloud_steps
    assert work["DeepCache-2"]["residual_calls"] < plain["residual_calls"]
    assert work["T-GATE-10"]["attention_calls"] == plain["attention_calls"] - attentions // 2  # self-attention, step 3
    assert work["T-GATE-2"]["attention_calls"] == plain["attention_calls"] - attentions  # cross-attention, steps 2, 3
    assert work["TaylorSeer-2"]["attention_calls"] == 2 * attentions  # steps 0 and 2
    assert work["TaylorSeer-2"]["residual_calls"] == plain["residual_calls"]
    assert work["TaylorSeer-3 wide order 2"]["residual_calls"] == 2 * residuals
    assert work["ZEUS-2"]["unet_calls"] == 3  # steps 0, 1 and 3
    assert work["ZEUS-0, 1"]["unet_calls"] == 2
    assert all(w["flops"] < plain["flops"] for name, w in work.items() if name != REFERENCE)
    both, cache = work["DeepCache-3 + T-GATE-2"], work["DeepCache-3"]
    assert both["unet_calls"] == RUN.cloud_steps
    assert both["flops"] != cache["flops"]


def test_with_its_saving_off_a_peer_is_the_plain_loop(checked: dict[str, Method]) -> None:
    assert all(m.off_apart is not None and m.off_apart < 1e-4 for n, m in checked.items() if n != REFERENCE)
    with pytest.raises(BenchmarkError, match="turned off"):
        require_plain_when_off("a peer", np.ones(3), np.zeros(3))
    with pytest.raises(BenchmarkError, match="turned off"):
        require_plain_when_off("a peer", np.full(3, np.nan), np.zeros(3))


def test_a_peer_that_hooks_nothing_is_an_error(random_pair: Path) -> None:
    pipe = load_pipeline(random_pair / "large")
    for layers in ((r"transformer_blocks.*attn",), (*ATTENTION, r".*attn3")):
        with pytest.raises(BenchmarkError, match="hooks nothing"):
            TaylorSeer(2, layers=layers).attach(with_own_unet(pipe), RUN)
    case = set_cases(KIND, 1)[0]
    with pytest.raises(BenchmarkError, match="saves nothing"):
        checked_peers(random_pair / "large", RUN, case, [DeepCache(1)])
    with pytest.raises(BenchmarkError, match="saves nothing"):
        checked_peers(random_pair / "large", RUN, case, [Zeus("all", (0, 1, 2, 3))])
    with pytest.raises(BenchmarkError, match="steps 0 and 1"):
        Zeus("late", (0, 2)).attach(with_own_unet(pipe), RUN)


def test_zeus_extends_outputs_and_holds_every_other() -> None:
    assert every(2, 10) == (0, 1, 3, 5, 7, 9)
    assert every(3, 10) == (0, 1, 4, 7)
    assert lagrange([3.0, 2.0], 1.0) == [-1.0, 2.0]  # the last, and its backward difference
    assert lagrange([4.0, 3.0, 2.0], 1.0) == [1.0, -3.0, 3.0]
    outputs = {0: 10.0, 1: 12.0, 4: 9.0}

    def run(settings: Zeus) -> list[float]:
        def forward(_sample: object, timestep: float) -> tuple[torch.Tensor]:
            return (torch.tensor([outputs[5 - int(timestep)]]),)

        unet = SimpleNamespace(forward=forward, config=SimpleNamespace(in_channels=4, sample_size=16))
        pipe = SimpleNamespace(unet=unet, scheduler=SimpleNamespace(timesteps=torch.tensor([5, 4, 3, 2, 1])))
        settings.attach(pipe, RUN)
        return [float(unet.forward(None, t)[0]) for t in (5, 4, 3, 2, 1)]

    assert run(Zeus("3", (0, 1, 4))) == [10, 12, 14, 14, 9]
    assert run(Zeus("3", (0, 1, 4), interleaved=False)) == [10, 12, 14, 16, 9]


def test_the_plain_loop_is_the_contracts_sampler(methods, random_pair: Path) -> None:  # type: ignore[no-untyped-def]
    case = set_cases(KIND, 1)[0]
    source = load_source(random_pair / "large")
    pipe = methods[REFERENCE].pipe
    latent = torch.from_numpy(standard_normal(case.seed, source.latent_shape))[None].repeat(KIND.count, 1, 1, 1)
    with torch.inference_mode():
        within, without = pipe.encode_prompt(list(case.members), "cpu", 1, True, [""] * KIND.count)
        x0 = None
        for step in sampler_table("dpmpp_2m", source.schedule, RUN.steps).head(RUN.cloud_steps).steps:
            output = source.unet(
                torch.cat([latent, latent]), step.timestep, torch.cat([without, within]), return_dict=False
            )[0]
            u, c = output.chunk(2)
            latent, x0 = apply_step(step, latent, u + RUN.guidance * (c - u), x0)
    assert np.abs(methods[REFERENCE].latents(case) - latent.numpy()).max() < 1e-3


def test_compare_puts_quality_beside_every_time(checked: dict[str, Method], random_pair: Path) -> None:
    chosen = {n: checked[n] for n in (REFERENCE, "DeepCache-3", "ZEUS-2")}
    finisher = Finisher(random_pair / "small", RUN.guidance, RUN.steps)
    found = compare(
        chosen, finisher, Judge.load(STICKERS / "judge"), KIND, RUN, 5, reference=(np.zeros(256), np.eye(256))
    )
    rows = found["rows"]
    assert rows[REFERENCE]["relative_time"]["median"] == 1.0
    assert rows[REFERENCE]["accuracy_difference"]["mean"] == 0.0
    assert rows[REFERENCE]["frechet_ratio"] == 1.0
    assert rows["DeepCache-3"]["seconds_per_set"]["n"] == 5
    assert rows["DeepCache-3"]["latent_psnr_db"]["median"] < 100
    assert 0 < rows["DeepCache-3"]["work"]["relative_flops"] < 1
    assert rows["ZEUS-2"]["off_differs_by"] < 1e-4
    assert found["ahead"] == {"DeepCache-3": [], "ZEUS-2": []}
    json.dumps(found)


def _row(family: str, time: float, db: float) -> dict[str, object]:
    flat = {"low_quartile": time, "high_quartile": time}
    return {
        "family": family,
        "seconds_per_set": {"median": time, **flat},
        "relative_time": {"median": time, **flat},
        "latent_psnr_db": {"median": db, "low_quartile": db, "high_quartile": db},
        "protected_accuracy": 90.0,
        "worst_member": 80.0,
        "accuracy_difference": {"mean": 0.0, "low": -1.0, "high": 1.0},
    }


ROWS = {
    "diffusers": _row("diffusers", 1.0, 150.0),
    "DeepCache-3": {
        **_row("DeepCache", 0.4, 40.0),
        "work": {"unet_calls": 4, "attention_calls": 8, "relative_flops": 0.5},
    },
    "balanced (torch)": _row("ours", 0.3, 41.0),
    "fast (torch)": _row("ours", 0.2, 39.0),
}


def test_ahead_means_faster_and_nearer() -> None:
    assert peers.ahead(ROWS) == {"DeepCache-3": ["balanced (torch)"]}
    assert peers.front(ROWS) == ["fast (torch)", "balanced (torch)"]


def test_table_and_plot_come_from_the_result_alone(tmp_path: Path) -> None:
    result = {"rows": ROWS, "candidates": 6, "cloud_steps": 10, "steps": 25}
    stored, png = tmp_path / "peers.json", tmp_path / "peers.png"
    stored.write_text(json.dumps(result))
    done = CliRunner().invoke(command, ["peers", "--from", str(stored), "--plot", str(png)])
    lines = done.output.splitlines()
    assert lines[2].startswith("| **fast (torch)** |")
    assert "| 0.50 | 4, 8 | 40.0 dB |" in done.output
    assert "reference" in lines[-1]
    assert png.stat().st_size > 5000


def test_a_folder_that_is_no_pipeline_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="cannot be loaded by diffusers"):
        load_pipeline(tmp_path)
