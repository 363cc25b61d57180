"""The core's numbers against the contract's: hashes, noise, schedules and samplers, by its vectors and at random."""

from __future__ import annotations

import hashlib
import json
import math
import random
import struct
from typing import Any

import numpy as np
import pytest

from edge_sdk.device.handover import check_level, early_level
from edge_sdk.errors import LatentError
from obclip_contract import NoiseSchedule, SamplerError, finish_table, sampler_table, standard_normal

from .building import ROOT, probe
from .coding import (
    LATENT,
    SAMPLER,
    agree,
    bare,
    described,
    double,
    doubles,
    read_doubles,
    read_floats,
    refused,
    schedules,
    some_floats,
    table_text,
)

VECTORS = {
    name: json.loads((ROOT / f"obclip_contract/vectors/{name}.json").read_text(encoding="utf-8"))
    for name in ("noise", "schedule", "sampler")
}


def test_hashes_and_numbers_as_text() -> None:
    rng = random.Random("numbers")
    run = probe("contract")
    data = rng.randbytes(300)
    parts = [data[:n] for n in range(301)] + [b"a" * 100_000]
    assert run([f"sha256 x{p.hex()}" for p in parts]) == [hashlib.sha256(p).hexdigest() for p in parts]
    values = [
        0.0,
        -0.0,
        1.0,
        1e16,
        1e15,
        123456789.0,
        1e-4,
        1e-5,
        5e-324,
        1.7976931348623157e308,
        2**53 + 0.0,
        0.1,
        60.0,
    ]
    values += [-v for v in values]
    values += [struct.unpack(">d", rng.randbytes(8))[0] for _ in range(1500)]
    values += [rng.choice([1, -1]) * 10 ** rng.uniform(-8, 20) for _ in range(1500)]
    values += [round(rng.uniform(-100, 100), rng.randrange(5)) for _ in range(1000)]
    values = [v for v in values if not math.isnan(v)]
    assert run([f"repr {double(v)}" for v in values]) == [repr(v) for v in values]
    texts = [repr(v) for v in values]
    texts += ["inf", "-Infinity", "nan", "1e999", "-1e-999", "00.5", "5.", ".5", "+1E+05", "1e", "", ".", "e5", "1.5.5",
              "-", "1e+", "0x10", "9007199254740993", "2.2250738585072011e-308", "1e23", "8.5e-324",
              "0e99999999"]  # fmt: skip
    for _ in range(3000):
        digits = str(rng.randrange(10 ** rng.choice([1, 5, 13, 17, 40])))
        point = rng.randrange(len(digits) + 1)
        texts.append(f"{digits[:point]}.{digits[point:]}e{rng.randrange(-330, 310)}")
    want = []
    for text in texts:
        try:
            value = float(text)
            want.append(double(value) if not math.isnan(value) else double(math.nan))
        except ValueError:
            want.append("none")
    assert run([f"number x{t.encode().hex()}" for t in texts]) == want


def test_noise() -> None:
    run = probe("contract")
    data = VECTORS["noise"]
    for case in data["philox"]:
        (line,) = run([f"philox {' '.join(case['counter'])} {' '.join(case['key'])}"])
        assert line.split() == case["words"]
    for case in data["normal"]:
        count = case["first"] + len(case["values"])
        (line,) = run([f"normal {case['seed']} {case['stream']:x} {count}"])
        got = read_floats(line)[case["first"] :]
        assert all(agree(a, b, data["tolerance"]) for a, b in zip(got, case["values"], strict=True))
    rng = random.Random("noise")
    apart = 0
    for _ in range(40):
        seed, stream, count = rng.getrandbits(64), rng.getrandbits(32), rng.randrange(1, 4097)
        (line,) = run([f"normal {seed:016x} {stream:x} {count}"])
        got, want = np.array(read_floats(line), np.float32), standard_normal(seed, [count], stream)
        differ = got != want
        # The logarithm of numpy may be the processor's own: the last bit of a float, rarely.
        assert np.all(np.abs(got[differ] - want[differ]) <= np.spacing(np.abs(want[differ])))
        apart += int(differ.sum())
    assert apart <= 3


def test_schedules_of_the_vectors() -> None:
    run, data = probe("contract"), VECTORS["schedule"]
    for case in data["cases"]:
        schedule = NoiseSchedule(**case["schedule"])
        (line,) = run([f"{described(schedule)} alphas"])
        bar = read_doubles(line)
        assert bar == schedule.alphas_cumprod().tolist()
        assert all(agree(bar[int(t)], v, data["tolerance"]) for t, v in case["alphas_cumprod"].items())
        grids = case["grids"]
        lines = run([f"{described(schedule)} timesteps {g['steps']} {int(g['extra_node'])}" for g in grids])
        assert [list(map(int, line.split())) for line in lines] == [g["timesteps"] for g in grids]


def test_any_schedule_is_the_references_bit_for_bit() -> None:
    rng, run = random.Random("schedules"), probe("contract")
    for schedule in schedules(rng, 60):
        lines, want = [f"{described(schedule)} alphas"], [doubles(schedule.alphas_cumprod())]
        for steps in [rng.randrange(1, 60) for _ in range(6)] + [0, 1, 48, 999, 1000, 1001]:
            for extra in (False, True):
                lines.append(f"{described(schedule)} timesteps {steps} {int(extra)}")
                try:
                    want.append(" ".join(map(str, schedule.timesteps(steps, extra))))
                except SamplerError as e:
                    want.append(refused(SAMPLER, e))
        assert run(lines) == want
        (levels,) = run([f"{described(schedule)} levels"])
        # numpy's logarithm may be the processor's own.
        np.testing.assert_allclose(read_doubles(levels), schedule.log_snr(), rtol=3e-16, atol=1e-15)


def test_schedules_that_are_refused() -> None:
    good = NoiseSchedule()
    names = ["beta_schedule", "prediction_type", "timestep_spacing"]
    bad: list[dict[str, Any]] = [{name: text} for name in names for text in ("", "x'y", "a\"'\n", "Linear", "é")]
    bad += [{"num_train_timesteps": n} for n in (-1, 0, 1, 10001)] + [{"steps_offset": n} for n in (-1, 1000)]
    bad += [{"beta_start": v} for v in (0.0, -1.0, 0.5, math.nan)] + [{"beta_end": v} for v in (1.0, 0.0, math.nan)]
    lines, want = [], []
    for change in bad:
        fields = {**good.to_dict(), **change}
        probe_only = NoiseSchedule.__new__(NoiseSchedule)
        for name, value in fields.items():
            object.__setattr__(probe_only, name, value)
        lines.append(f"{described(probe_only)} alphas")
        with pytest.raises(SamplerError) as caught:
            NoiseSchedule(**fields)
        want.append(refused(SAMPLER, caught.value))
    assert probe("contract")(lines) == want


def test_samplers_of_the_vectors() -> None:
    run, data = probe("contract"), VECTORS["sampler"]

    def same(line: str, table: dict[str, Any]) -> None:
        numbers = [float(v) for row in table["rows"] for v in row] + [float(table["end_log_snr"])]
        head, *rest = line.split()
        assert int(head) == len(table["rows"])
        got = read_doubles(" ".join(rest))
        assert all(agree(a, b, data["tolerance"]) for a, b in zip(got, numbers, strict=True))

    for case in data["whole"]:
        schedule = NoiseSchedule(**case["schedule"])
        (line,) = run([f"{described(schedule)} table {case['steps']} {json.dumps(case['kind'])}"])
        same(line, case["table"])
        assert line == table_text(sampler_table(case["kind"], schedule, case["steps"]))
    for case in data["hand_over"]:
        device = NoiseSchedule(**case["device"])
        previous = case["previous_log_snr"]
        tail = "none" if previous is None else f"some {double(previous)}"
        head = f"{json.dumps(case['kind'])}"
        start = float(case["start_log_snr"])
        (line,) = run([f"{described(device)} finish {case['device_steps']} {head} {double(start)} {tail}"])
        same(line, case["table"])
        # The run itself, in floats: the vectors' is in doubles.
        x0 = "0"
        if previous is not None:
            continue  # they do not hold the carried x0
        ask = f"finishing {bare(device)} {head} {case['device_steps']} {double(start)} {tail}"
        (line,) = run([f"{ask} {some_floats(case['handed_over'])} {x0} {double(1.0)} 1 -1"])
        words = line.split()
        assert words[-1] == "end"
        if case["table"]["rows"]:
            got = read_floats(" ".join(words[-17:-9]))
            assert all(agree(a, b, 2e-5) for a, b in zip(got, case["final"], strict=True)), case


def _finish_case(rng: random.Random, schedule: NoiseSchedule) -> tuple[str, int, float, float | None]:
    kind, steps = rng.choice(["ddim", "dpmpp_2m", "dpmpp_2m", "euler"]), rng.choice([1, 2, 5, 15, 25, 48, 50, 0])
    start = rng.choice([math.inf, rng.uniform(-17, 12), rng.uniform(-3, 3), math.nan, 61.0, -61.0, -math.inf, 60.0])
    try:
        table = sampler_table(kind, schedule, steps)
        if rng.random() < 0.5:
            start = rng.choice(table.steps).log_snr + rng.choice([0.0, 1e-6, -1.9e-5, 3e-5, 0.01, -0.02])
    except SamplerError:
        pass
    previous = None if rng.random() < 0.5 else start - rng.choice([0.5, 2.0, 1e-5, 0.0, -1.0, math.nan])
    return kind, steps, start, previous


def test_any_table_is_the_references_bit_for_bit() -> None:
    rng, run = random.Random("tables"), probe("contract")
    lines, want = [], []
    for schedule in schedules(rng, 250):
        kind, steps, start, previous = _finish_case(rng, schedule)
        tail = "none" if previous is None else f"some {double(previous)}"
        lines.append(f"{described(schedule)} table {steps} {json.dumps(kind)}")
        lines.append(f"{described(schedule)} finish {steps} {json.dumps(kind)} {double(start)} {tail}")
        for make in (
            lambda: sampler_table(kind, schedule, steps),  # noqa: B023
            lambda: finish_table(kind, schedule, steps, start, previous),  # noqa: B023
        ):
            try:
                want.append(table_text(make()))
            except SamplerError as e:
                want.append(refused(SAMPLER, e))
    made = 0
    for line, got, expected in zip(lines, run(lines), want, strict=True):
        made += not expected.startswith("refused")
        if got == expected:
            continue
        assert not got.startswith("refused"), (line, got, expected)
        assert not expected.startswith("refused"), (line, got, expected)
        # The hand-over's timestep is interpolated between logarithms of numpy's own.
        a, b = read_doubles(got.split(" ", 1)[1]), read_doubles(expected.split(" ", 1)[1])
        assert a[1:] == b[1:], line
        assert abs(a[0] - b[0]) <= 1e-9, line
    assert made > 150


def test_levels() -> None:
    rng, run = random.Random("levels"), probe("contract")
    lines, want = [], []
    for schedule in schedules(rng, 150):
        kind, steps, cloud_steps = rng.choice(["ddim", "dpmpp_2m"]), rng.randrange(1, 60), rng.randrange(-1, 62)
        level = rng.choice([math.inf, math.nan, -math.inf, rng.uniform(-8, 8)])
        if rng.random() < 0.6 and 1 <= cloud_steps <= steps < schedule.num_train_timesteps // 2:
            level = sampler_table(kind, schedule, steps).head(cloud_steps).end_log_snr + rng.choice(
                [0, 1, -1.9, 2.1, 2, -3]
            )
        lines += [f"{described(schedule)} early {steps} {json.dumps(kind)}"]
        lines += [f"{described(schedule)} level {steps} {json.dumps(kind)} {cloud_steps} {double(level)}"]
        try:
            want.append(double(early_level(kind, schedule, steps)))
        except SamplerError as e:
            want.append(refused(SAMPLER, e))
        try:
            check_level(kind, schedule, steps, cloud_steps, level)
            want.append("fine")
        except SamplerError as e:
            want.append(refused(SAMPLER, e))
        except LatentError as e:
            want.append(refused(LATENT, e))
    assert run(lines) == want
    assert want.count("fine") > 5
