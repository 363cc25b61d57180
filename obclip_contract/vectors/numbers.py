"""Vectors of the noise source, the noise schedules and the samplers."""

from __future__ import annotations

import math
from dataclasses import astuple, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..noise import philox4x32, standard_normal
from ..sampler import SAMPLERS, SamplerStep, SamplerTable, apply_step, finish_table, sampler_table
from ..schedule import BY_SAMPLER, NoiseSchedule

#: Random123's published known answers for philox4x32-10 (kat_vectors), and two counters of this contract.
_COUNTERS: Final = [
    ((0, 0, 0, 0), (0, 0)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2),
    ((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0)),
    ((1, 0, 0, 0), (5, 0)),
    ((7, 1, 3, 0), (0x89ABCDEF, 0x01234567)),
]
#: (seed, stream, first value, values)
_NORMALS: Final = [
    (0, 0, 0, 9),
    (5, 0, 0, 4),
    (5, 1, 0, 4),
    (0x0123456789ABCDEF, 3, 0, 6),
    (2**64 - 1, 2**32 - 1, 0, 5),
    (42, 0, 1019, 5),
]
STICKERS: Final = NoiseSchedule(
    prediction_type="v_prediction", timestep_spacing="trailing", rescale_betas_zero_snr=True
)
_SD1: Final = NoiseSchedule(steps_offset=1)
_LINSPACE: Final = NoiseSchedule(timestep_spacing="linspace")
_COSINE: Final = NoiseSchedule(beta_schedule="squaredcos_cap_v2", prediction_type="v_prediction")
_LINEAR: Final = NoiseSchedule(beta_schedule="linear", beta_start=0.0001, beta_end=0.02, timestep_spacing="trailing")
_UNSTATED: Final = NoiseSchedule(timestep_spacing=BY_SAMPLER)
_SCHEDULES: Final = {
    "stickers": STICKERS,
    "sd1": _SD1,
    "linspace": _LINSPACE,
    "cosine": _COSINE,
    "linear": _LINEAR,
    "unstated": _UNSTATED,
}


def _hex(words: Any) -> list[str]:
    return [f"{int(w):08x}" for w in words]


def level(value: float) -> float | str:
    """A log-SNR in JSON, which has no infinity."""
    return "inf" if value == math.inf else value


def noise_vectors() -> dict[str, Any]:
    """Philox words, and normal values from ``first`` on."""
    return {
        "tolerance": 1e-6,
        "philox": [
            {"counter": _hex(c), "key": _hex(k), "words": _hex(philox4x32(np.array([c], np.uint32), k)[0])}
            for c, k in _COUNTERS
        ],
        "normal": [
            {
                "seed": f"{seed:016x}",
                "stream": stream,
                "first": first,
                "values": [float(v) for v in standard_normal(seed, (first + n,), stream)[first:]],
            }
            for seed, stream, first, n in _NORMALS
        ],
    }


def schedule_vectors() -> dict[str, Any]:
    """Cumulative products and timesteps of several schedules."""
    cases = []
    for name, schedule in _SCHEDULES.items():
        bar = schedule.alphas_cumprod()
        grids = [
            {"steps": n, "extra_node": extra, "timesteps": schedule.timesteps(n, extra).tolist()}
            for n in (1, 7, 16, 25, 30, 48)
            for extra in (False, True)
        ]
        marks = {str(t): float(bar[t]) for t in (0, 1, 250, 500, 998, 999)}
        cases.append({"name": name, "schedule": schedule.to_dict(), "alphas_cumprod": marks, "grids": grids})
    return {"tolerance": 1e-9, "cases": cases}


def _table(table: SamplerTable) -> dict[str, Any]:
    return {"rows": [list(astuple(s)) for s in table.steps], "end_log_snr": level(table.end_log_snr)}


def fake_model(x: NDArray[np.float64], timestep: float) -> NDArray[np.float64]:
    """The fixed stand-in of the runs: m[i] = 0.25·x[i] + 0.1·x[(i+1) mod n] − 0.0002·t."""
    return np.asarray(0.25 * x + 0.1 * np.roll(x, -1) - 0.0002 * timestep, np.float64)


def _run(
    table: SamplerTable, x: NDArray[np.float64], previous: NDArray[np.float64] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    for step in table.steps:
        x, previous = apply_step(step, x, fake_model(x, step.timestep), previous)
    return x, previous


def _finish_case(
    kind: str, cloud: NoiseSchedule, device: NoiseSchedule, steps: int, device_steps: int, k: int, carry: bool
) -> dict[str, Any]:
    """A whole hand-over: the cloud's head, the device's table, and a run through both."""
    start = standard_normal(1, (8,)).astype(np.float64)
    head = sampler_table(kind, cloud, steps).head(k)
    before = head.steps[-1].log_snr if carry else None
    tail = finish_table(kind, device, device_steps, head.end_log_snr, before)
    handed, x0 = _run(head, start)
    final, _ = _run(tail, handed, x0 if carry else None)
    return {
        "kind": kind,
        "cloud": cloud.to_dict(),
        "device": device.to_dict(),
        "steps": steps,
        "device_steps": device_steps,
        "cloud_steps": k,
        "start_log_snr": level(head.end_log_snr),
        "previous_log_snr": before,
        "table": _table(tail),
        "start": start.tolist(),
        "handed_over": handed.tolist(),
        "final": final.tolist(),
    }


def sampler_vectors() -> dict[str, Any]:
    """Whole tables, and hand-overs on the same and on another grid and schedule."""
    whole = [
        {"kind": kind, "schedule": schedule.to_dict(), "steps": n, "table": _table(sampler_table(kind, schedule, n))}
        for kind in SAMPLERS
        for schedule, n in ((STICKERS, 25), (STICKERS, 7), (_SD1, 10), (_LINSPACE, 10), (_COSINE, 4), (_UNSTATED, 10))
    ]
    return {
        "tolerance": 1e-9,
        "columns": [f.name for f in fields(SamplerStep)],
        "whole": whole,
        "hand_over": [
            _finish_case(kind, cloud, device, steps, other, k, carry)
            for kind, cloud, device, steps, other, k, carry in (
                ("dpmpp_2m", STICKERS, STICKERS, 25, 25, 10, True),
                ("dpmpp_2m", STICKERS, STICKERS, 25, 25, 10, False),
                ("dpmpp_2m", STICKERS, STICKERS, 25, 25, 25, False),
                ("dpmpp_2m", STICKERS, _LINEAR, 25, 12, 5, True),
                ("dpmpp_2m", STICKERS, STICKERS, 8, 25, 4, False),
                ("dpmpp_2m", _SD1, _LINSPACE, 10, 30, 3, False),
                ("dpmpp_2m", STICKERS, _LINEAR, 30, 25, 29, False),
                ("ddim", STICKERS, STICKERS, 25, 25, 10, False),
                ("ddim", _LINSPACE, _LINSPACE, 10, 10, 4, True),
                ("ddim", STICKERS, _SD1, 10, 7, 5, False),
            )
        ],
    }
