"""The core's part of the denoising against the reference's: taking over, finishing, pictures."""

from __future__ import annotations

import json
import math
import random
from typing import Any

import numpy as np

from edge_sdk.device.finishing import computed_idle_rows, computed_rows, finish
from edge_sdk.device.handover import Grid, take_back, take_over
from edge_sdk.device.images import to_image
from edge_sdk.device.start import Start
from edge_sdk.errors import LatentError
from obclip_contract import NoiseSchedule, SamplerError, finish_table, guide, unscale

from .building import probe
from .coding import LATENT, SAMPLER, bare, double, floats, read_floats, refused, schedules, some_floats, table_text


class _Model:
    """The vectors' model in float32, as probe_contract has it."""

    def denoise(self, latent: Any, timestep: float, states: Any) -> Any:
        x = latent.reshape(len(latent), -1)
        one = np.float32(0.25) * x + np.float32(0.1) * np.roll(x, -1, axis=1) - np.float32(0.0002 * timestep)
        by = np.array([[1.0], [0.5]], np.float32)[: len(x)]
        return (by * one).astype(np.float32).reshape(latent.shape)


def test_finishing_is_the_references_bit_for_bit() -> None:
    rng, run = random.Random("finishing"), probe("contract")
    lines, want = [], []
    for schedule in schedules(rng, 300):
        kind, steps = rng.choice(["ddim", "dpmpp_2m", "dpmpp_2m"]), rng.choice([1, 2, 5, 15, 25])
        start = rng.uniform(-6, 6)
        previous = None if rng.random() < 0.5 else start - rng.uniform(0.1, 2)
        guidance = rng.choice([1.0, 5.0, 0.3333, 7.5, 0.0])
        latent = np.array([rng.gauss(0, 1) for _ in range(8)], np.float32).reshape(1, 2, 2, 2)
        x0 = np.array([rng.gauss(0, 1) for _ in range(8)], np.float32).reshape(1, 2, 2, 2)
        try:
            table = finish_table(kind, schedule, steps, start, previous)
        except SamplerError:
            continue
        stride, own = rng.choice([1, 1, 2, 3, 4]), rng.choice([-1, -1, 0, 1, 2, 5, 15])
        asked = computed_rows(len(table.steps), stride)
        if own >= 0:
            asked = computed_idle_rows(len(table.steps), own, stride)
        carried = None if previous is None else x0
        out = []
        for step in finish(_Model(), table, latent, np.zeros((2, 1, 1), np.float32), guidance, carried, asked):
            out += [str(int(step.computed)), floats(step.latent), floats(step.x0)]
        tail = "none" if previous is None else f"some {double(previous)}"
        shown_x0 = "0" if previous is None else some_floats(x0)
        ask = f"finishing {bare(schedule)} {json.dumps(kind)} {steps} {double(start)} {tail}"
        lines.append(f"{ask} {some_floats(latent)} {shown_x0} {double(guidance)} {stride} {own}")
        want.append(" ".join([*out, "end"]))
    assert run(lines) == want
    assert len(want) > 60


def test_arithmetic_on_latents() -> None:
    rng, run = np.random.default_rng(5), probe("contract")
    for scale in (0.0, 1.0, 5.0, 0.3333, 7.5, 30.0):
        a, b = rng.normal(size=(2, 500)).astype(np.float32)
        (line,) = run([f"guide {some_floats(a)} {some_floats(b)} {double(scale)}"])
        assert line == floats(guide(a, b, scale))
        for factor, shift in ((0.18215, 0.0), (0.13025, 0.1159), (1.0 + scale, -2.5)):
            (line,) = run([f"unscale {some_floats(a)} {double(factor)} {double(shift)}"])
            assert line == floats(unscale(a, factor, shift))
    for now, target, seed in ((-1.5, -3.0, 5), (math.inf, 0.25, 2**64 - 1), (3.0, -9.0, 7), (0.1, 0.0999, 1)):
        latent = rng.normal(size=(1, 4, 8, 8)).astype(np.float32)
        (line,) = run([f"back {some_floats(latent)} {double(now)} {double(target)} {seed:016x}"])
        got, want = np.array(read_floats(line), np.float32), take_back(latent, now, target, seed).reshape(-1)
        assert np.all(np.abs(got - want) <= 1e-6)
        assert np.mean(got == want) > 0.99
    (line,) = run(["halves"])
    every = np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float32)
    got = np.array(read_floats(line), np.float32)
    assert np.array_equal(got, every, equal_nan=True)


def test_pictures() -> None:
    rng, run = np.random.default_rng(7), probe("contract")
    for values in (
        rng.uniform(-1.3, 1.3, size=(1, 3, 16, 16)),
        (rng.integers(0, 512, size=(1, 3, 8, 8)) / 255 - 1),
        np.full((1, 3, 2, 2), 1e30),
        np.full((1, 3, 2, 2), np.nan),
        np.full((1, 3, 2, 2), -np.inf),
    ):
        decoded = values.astype(np.float32)
        (line,) = run([f"image {some_floats(decoded)} {decoded.shape[-1]}"])
        try:
            expected = "".join(f"{v} " for v in np.asarray(to_image(decoded)).reshape(-1))
        except LatentError as e:
            expected = refused(LATENT, e)
        assert line == expected


class _Candidates:
    def __init__(self, may_miss: bool, exact: bool, on_miss: str) -> None:
        self.may_miss, self.exact, self.on_miss = may_miss, exact, on_miss


class _Manifest:
    def __init__(self, schedule: NoiseSchedule, shape: tuple[int, int, int]) -> None:
        self.schedule, self.latent_shape = schedule, shape


class _Request:
    def __init__(self, sampler: str, steps: int, seed: int) -> None:
        self.sampler, self.steps, self.seed = sampler, steps, seed


def test_where_the_device_takes_over() -> None:
    rng, run = random.Random("handover"), probe("contract")
    ways = set()
    for schedule in schedules(rng, 200):
        kind, steps = rng.choice(["ddim", "dpmpp_2m"]), rng.choice([1, 4, 10, 25, 50])
        level = rng.choice([rng.uniform(-9, 9), rng.uniform(-3, 3), math.inf, 61.0])
        x0_level = level - 0.7 if rng.random() < 0.3 and math.isfinite(level) else None
        seed = rng.getrandbits(64)
        latent = np.array([rng.gauss(0, 1) for _ in range(7)], np.float32).reshape(1, 1, 1, 7)
        own = Start(latent, level, None if x0_level is None else latent * np.float32(0.5), x0_level)
        flags = [rng.random() < 0.8, rng.random() < 0.5, rng.random() < 0.4]
        candidates = _Candidates(flags[0], flags[1], "local" if flags[2] else "nearest")
        head = f"handover {bare(schedule)} {json.dumps(kind)} {steps} {seed:016x} {double(level)}"
        tail = "none" if x0_level is None else f"some {double(x0_level)}"
        x0_text = "0" if own.x0 is None else some_floats(own.x0)
        (line,) = run([f"{head} {tail} {some_floats(latent)} {x0_text} {' '.join(str(int(f)) for f in flags)}"])
        try:
            told = (candidates, _Request(kind, steps, seed), _Manifest(schedule, (1, 1, 7)), Grid(kind, steps))
            start = take_over(own, *told)  # type: ignore[arg-type]
        except SamplerError as e:
            told = refused(SAMPLER, e)
        else:
            told = ""
        if told:
            assert line == told
            ways.add("refused")
            continue
        words = line.split()
        got = np.array(read_floats(" ".join(words[:7])), np.float32)
        assert np.all(np.abs(got - start.latent.reshape(-1)) <= 1e-6)
        x0_words = (
            ["none", "none"] if start.x0 is None else [*floats(start.x0).split(), double(start.x0_log_snr or 0.0)]
        )
        rest = [double(start.log_snr), *x0_words]
        assert words[7 : 7 + len(rest)] == rest
        tables = words[7 + len(rest) :]
        expected = f"{table_text(start.table)} {table_text(start.idle)}".split()
        assert len(tables) == len(expected)
        assert sum(a != b for a, b in zip(tables, expected, strict=True)) <= 2  # interpolated timesteps
        ways.add((bool(start.idle.steps), start.log_snr == level, bool(start.table.steps)))
    assert len(ways) >= 5
