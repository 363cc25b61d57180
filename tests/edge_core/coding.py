"""What goes over the lines of probe_contract: numbers as their bits, tables, schedules, refusals."""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from obclip_contract import NoiseSchedule

#: obclip::Refusal of result.h.
INPUT: Final = 0
RESPONSE: Final = 7
LATENT: Final = 8
CLOUD: Final = 9
SAMPLER: Final = 12


def double(value: float) -> str:
    return struct.pack(">d", value).hex()


def doubles(values: Sequence[float]) -> str:
    return " ".join(map(double, values))


def floats(values: Any) -> str:
    return " ".join(struct.pack(">f", v).hex() for v in np.asarray(values, np.float32).reshape(-1))


def read_doubles(line: str) -> list[float]:
    return [struct.unpack(">d", bytes.fromhex(w))[0] for w in line.split()]


def read_floats(line: str) -> list[float]:
    return [struct.unpack(">f", bytes.fromhex(w))[0] for w in line.split()]


def refused(kind: int, error: Exception) -> str:
    return f"refused {kind} {json.dumps(str(error))}"


def agree(a: float, b: float, tolerance: float) -> bool:
    return a == b or abs(a - b) <= tolerance * max(1.0, abs(a), abs(b))


def some_floats(array: Any) -> str:
    array = np.asarray(array, np.float32).reshape(-1)
    return f"{len(array)} {floats(array)}".rstrip()


def described(s: NoiseSchedule) -> str:
    names = " ".join(map(json.dumps, (s.beta_schedule, s.prediction_type, s.timestep_spacing)))
    return (
        f"schedule {s.num_train_timesteps} {double(s.beta_start)} {double(s.beta_end)} {names} {s.steps_offset} "
        f"{int(s.rescale_betas_zero_snr)}"
    )


def bare(s: NoiseSchedule) -> str:
    return described(s).removeprefix("schedule ")


def table_text(table: Any) -> str:
    rows = [
        v
        for s in table.steps
        for v in (
            s.timestep, s.log_snr, s.x0_from_latent, s.x0_from_model, s.next_from_latent, s.next_from_x0,
            s.next_from_previous,
        )
    ]  # fmt: skip
    return " ".join([str(len(table.steps)), *map(double, rows), double(table.end_log_snr)])


def schedules(rng: random.Random, count: int) -> Iterator[NoiseSchedule]:
    for _ in range(count):
        n = rng.choice([1000, 1000, 1000, 2, 3, 10, 77, 999, 4000])
        start, end = sorted(
            rng.choice([(0.00085, 0.012), (0.0001, 0.02), (rng.uniform(1e-5, 0.01), rng.uniform(0.01, 0.03))])
        )
        yield NoiseSchedule(
            num_train_timesteps=n,
            beta_start=start,
            beta_end=end,
            beta_schedule=rng.choice(["scaled_linear", "linear", "squaredcos_cap_v2"]),
            prediction_type=rng.choice(["epsilon", "v_prediction"]),
            timestep_spacing=rng.choice(["linspace", "leading", "trailing", "by_sampler"]),
            steps_offset=rng.choice([0, 0, 1, min(5, n - 1)]),
            rescale_betas_zero_snr=rng.random() < 0.4,
        )
