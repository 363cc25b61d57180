"""The core's messages and numbers against the contract's: its vectors, and random values beside every rule."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import random
import struct
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from edge_sdk.cloud.answers import read_health, refusal
from edge_sdk.cloud.exchange import Answer
from edge_sdk.device.finishing import finish
from edge_sdk.device.handover import check_level, early_level, take_back, take_over
from edge_sdk.device.images import to_image
from edge_sdk.device.selection import select
from edge_sdk.device.start import Start
from edge_sdk.errors import CloudError, LatentError
from obclip_contract import (
    Axis,
    GenerateRequest,
    LatentsResponse,
    NoiseSchedule,
    Phrase,
    PromptGrid,
    RequestError,
    ResponseError,
    SamplerError,
    finish_table,
    guide,
    philox4x32,
    sampler_table,
    standard_normal,
    unscale,
)
from tests.edge_core.building import ROOT, probe

#: obclip::Refusal of result.h.
INPUT, RESPONSE, LATENT, CLOUD, SAMPLER = 0, 6 + 1, 6 + 2, 6 + 3, 12
VECTORS = {
    name: json.loads((ROOT / f"obclip_contract/vectors/{name}.json").read_text(encoding="utf-8"))
    for name in ("noise", "schedule", "sampler", "request", "response")
}


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
        start, end = sorted(rng.choice([(0.00085, 0.012), (0.0001, 0.02), (rng.uniform(1e-5, 0.01), rng.uniform(0.01, 0.03))]))
        yield NoiseSchedule(
            num_train_timesteps=n,
            beta_start=start,
            beta_end=end,
            beta_schedule=rng.choice(["scaled_linear", "linear", "squaredcos_cap_v2"]),
            prediction_type=rng.choice(["epsilon", "v_prediction"]),
            timestep_spacing=rng.choice(["linspace", "leading", "trailing"]),
            steps_offset=rng.choice([0, 0, 1, min(5, n - 1)]),
            rescale_betas_zero_snr=rng.random() < 0.4,
        )


def test_hashes_and_numbers_as_text() -> None:
    rng = random.Random("numbers")
    run = probe("contract")
    data = rng.randbytes(300)
    parts = [data[:n] for n in range(301)] + [b"a" * 100_000]
    assert run([f"sha256 x{p.hex()}" for p in parts]) == [hashlib.sha256(p).hexdigest() for p in parts]
    values = [0.0, -0.0, 1.0, 1e16, 1e15, 123456789.0, 1e-4, 1e-5, 5e-324, 1.7976931348623157e308, 2**53 + 0.0, 0.1, 60.0]
    values += [-v for v in values]
    values += [struct.unpack(">d", rng.randbytes(8))[0] for _ in range(1500)]
    values += [rng.choice([1, -1]) * 10 ** rng.uniform(-8, 20) for _ in range(1500)]
    values += [round(rng.uniform(-100, 100), rng.randrange(5)) for _ in range(1000)]
    values = [v for v in values if not math.isnan(v)]
    assert run([f"repr {double(v)}" for v in values]) == [repr(v) for v in values]
    texts = [repr(v) for v in values]
    texts += ["inf", "-Infinity", "nan", "1e999", "-1e-999", "00.5", "5.", ".5", "+1E+05", "1e", "", ".", "e5", "1.5.5",
              "-", "1e+", "0x10", "9007199254740993", "2.2250738585072011e-308", "1e23", "8.5e-324", "0e99999999"]  # fmt: skip
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
        assert philox4x32(np.array([[int(c, 16) for c in case["counter"]]], np.uint32), tuple(int(k, 16) for k in case["key"])).size
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
    bad: list[dict[str, Any]] = [{name: text} for name in names for text in ("", "x'y", 'a"\'\n', "Linear", "é")]
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
        assert not got.startswith("refused") and not expected.startswith("refused"), (line, got, expected)
        # The hand-over's timestep is interpolated between logarithms of numpy's own.
        a, b = read_doubles(got.split(" ", 1)[1]), read_doubles(expected.split(" ", 1)[1])
        assert a[1:] == b[1:] and abs(a[0] - b[0]) <= 1e-9, line
    assert made > 150


def test_levels() -> None:
    rng, run = random.Random("levels"), probe("contract")
    lines, want = [], []
    for schedule in schedules(rng, 150):
        kind, steps, cloud_steps = rng.choice(["ddim", "dpmpp_2m"]), rng.randrange(1, 60), rng.randrange(-1, 62)
        level = rng.choice([math.inf, math.nan, -math.inf, rng.uniform(-8, 8)])
        if rng.random() < 0.6 and 1 <= cloud_steps <= steps < schedule.num_train_timesteps // 2:
            level = sampler_table(kind, schedule, steps).head(cloud_steps).end_log_snr + rng.choice([0, 1, -1.9, 2.1, 2, -3])
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
    assert 20 < want.count("fine")


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
    for schedule in schedules(rng, 120):
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
        rows = finish(_Model(), table, latent, np.zeros((2, 1, 1), np.float32), guidance, None if previous is None else x0)
        out = []
        for step in rows:
            out += ["1", floats(step.latent), floats(step.x0)]
        tail = "none" if previous is None else f"some {double(previous)}"
        shown_x0 = "0" if previous is None else some_floats(x0)
        ask = f"finishing {bare(schedule)} {json.dumps(kind)} {steps} {double(start)} {tail}"
        lines.append(f"{ask} {some_floats(latent)} {shown_x0} {double(guidance)} 1 -1")
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
    assert np.array_equal(got[~np.isnan(every)], every[~np.isnan(every)]) and np.isnan(got[np.isnan(every)]).all()


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
            start = take_over(own, candidates, _Request(kind, steps, seed), _Manifest(schedule, (1, 1, 7)))  # type: ignore[arg-type]
        except SamplerError as e:
            assert line == refused(SAMPLER, e)
            ways.add("refused")
            continue
        words = line.split()
        got = np.array(read_floats(" ".join(words[:7])), np.float32)
        assert np.all(np.abs(got - start.latent.reshape(-1)) <= 1e-6)
        x0_words = ["none", "none"] if start.x0 is None else [*floats(start.x0).split(), double(start.x0_log_snr or 0.0)]
        rest = [double(start.log_snr), *x0_words]
        assert words[7 : 7 + len(rest)] == rest
        tables = words[7 + len(rest) :]
        expected = f"{table_text(start.table)} {table_text(start.idle)}".split()
        assert len(tables) == len(expected)
        assert sum(a != b for a, b in zip(tables, expected, strict=True)) <= 2  # interpolated timesteps
        ways.add((bool(start.idle.steps), start.log_snr == level, bool(start.table.steps)))
    assert len(ways) >= 5


def _request_line(fields: dict[str, Any]) -> str:
    grid = fields["grid"]
    axes = [f"{json.dumps(a.name)} {_texts(a.values)}" for a in grid.axes]
    phrases = [f"{json.dumps(n)} {_numbers(p.axes)} {_texts(p.text)}" for n, p in grid.phrases.items()]
    rows = ["-1"] if grid.rows is None else [str(len(grid.rows)), *map(_numbers, grid.rows)]
    return " ".join(
        [
            "request", json.dumps(fields["model"]), json.dumps(fields["lexicon"]), json.dumps(grid.template),
            str(len(axes)), *axes, str(len(phrases)), *phrases, *rows, f"{fields['seed']:016x}",
            double(fields["guidance_scale"]), json.dumps(fields["negative_prompt"]), json.dumps(fields["sampler"]),
            str(fields["steps"]), str(fields["cloud_steps"]), json.dumps(fields["handover"]), json.dumps(fields["plan"]),
        ]
    )  # fmt: skip


def _texts(texts: Sequence[str]) -> str:
    return " ".join([str(len(texts)), *map(json.dumps, texts)])


def _numbers(numbers: Sequence[int]) -> str:
    return " ".join([str(len(numbers)), *map(str, numbers)])


def _grid(data: dict[str, Any]) -> PromptGrid:
    rows = data.get("rows")
    return PromptGrid(
        data["template"],
        tuple(Axis(a["name"], tuple(a["values"])) for a in data["axes"]),
        {n: Phrase(tuple(p["axes"]), tuple(p["text"])) for n, p in data["phrases"].items()},
        None if rows is None else tuple(map(tuple, rows)),
    )


def _asked(fields: dict[str, Any]) -> str:
    try:
        made = GenerateRequest(**fields)
    except RequestError as e:
        return refused(INPUT, e)
    return f"{json.dumps(made.to_bytes().decode())} {made.sha256} {double(made.guidance_scale)}"


def test_requests_of_the_vectors() -> None:
    run, data = probe("contract"), VECTORS["request"]
    for case in data["accepted"]:
        fields = {**case["fields"], "grid": _grid(case["fields"]["grid"]), "seed": int(case["fields"]["seed"], 16)}
        fields.pop("version", None)
        (line,) = run([_request_line(fields)])
        assert line.startswith(f"{json.dumps(case['body'])} {case['sha256']} ")
        assert line == _asked(fields)
    # Refused bodies that a device could have built, had it no limits: by the same field.
    tried = 0
    for case in data["refused"]:
        try:
            raw = json.loads(case["body"])
            fields = {k: raw[k] for k in ("model", "lexicon", "negative_prompt", "sampler", "steps", "cloud_steps", "handover", "plan")}
            fields |= {"grid": _grid(raw["grid"]), "seed": int(raw["seed"], 16), "guidance_scale": float(raw["guidance_scale"])}
            line = _request_line(fields)
        except (ValueError, KeyError, TypeError, AttributeError, RequestError):
            continue
        if not all(isinstance(fields[k], int) and not isinstance(fields[k], bool) for k in ("steps", "cloud_steps")):
            continue
        assert run([line]) == [_asked(fields)]
        tried += 1
    assert tried >= 5


def test_any_request_has_the_same_body_or_the_same_refusal() -> None:
    rng, run = random.Random("requests"), probe("contract")
    grids = [_grid(case["fields"]["grid"]) for case in VECTORS["request"]["accepted"]]
    grids += [PromptGrid(c * n, (), {}) for c in ("a", "é", "\U0001d4b6", '"', "\\") for n in (0, 1, 40, 63, 64, 65, 2000)]
    texts = ["", "ugly", "é\u2028\"\\", "\x7f", "\x01", "\ud800", "x" * 2000, "x" * 2001, "\U0001f600" * 500, "\ud800" * 2001]
    names = ["stickers", "1", "a" * 64, "a" * 65, "", "-a", "a\n", "a b", "é", "A.b_c-9", "\udfff"]
    lines, want = [], []
    for _ in range(4000):
        fields: dict[str, Any] = {
            "model": rng.choice(names[:1] * 9 + names),
            "lexicon": rng.choice(names[:1] * 9 + names),
            "grid": rng.choice(grids),
            "seed": rng.choice([0, 2**64 - 1, rng.getrandbits(64)]),
            "guidance_scale": rng.choice([1.0, 5.0, 7.5, 0.0, 30.0, rng.uniform(0, 30), rng.randrange(300000) / 1e4 + 5e-5, -1e-9, 30.1, math.nan, math.inf, -0.0]),
            "negative_prompt": rng.choice(texts[:3] * 3 + texts),
            "sampler": rng.choice(["ddim", "dpmpp_2m"] * 6 + ["", "euler", "\ud900"]),
            "steps": rng.choice([25, 25, 50, 200, 1, 0, 201, -1]),
            "cloud_steps": rng.choice([10, 1, 1, 1, 25, 26, 200, 0, 201]),
            "handover": rng.choice(["restart", "carry"] * 6 + ["x"]),
            "plan": rng.choice(names[:1] * 9 + names),
        }  # fmt: skip
        lines.append(_request_line(fields))
        want.append(_asked(fields))
    assert run(lines) == want
    assert 200 < sum(w.startswith("refused") for w in want) < 3900
    assert len({w for w in want if w.startswith("refused")}) >= 15


def _response_line(body: bytes, case: dict[str, Any]) -> str:
    shape = " ".join(map(str, case["latent_shape"]))
    return (
        f"response x{body.hex()} {case['candidates']} {shape} {case['request_sha256']} {case['pair_sha256']} "
        f"{int(case['carry'])}"
    )


def _read(body: bytes, case: dict[str, Any]) -> str:
    names = ("candidates", "latent_shape", "request_sha256", "pair_sha256", "carry")
    try:
        read = LatentsResponse.from_bytes(body, **{n: case[n] for n in names})
    except ResponseError as e:
        return refused(RESPONSE, e)
    level = "none" if read.x0_log_snr is None else double(read.x0_log_snr)
    out = [str(read.cloud_steps), double(read.log_snr), read.plan, level]
    for i in range(case["candidates"]):
        try:
            start = select(read, i)
        except LatentError as e:
            return " ".join([*out, refused(LATENT, e)])
        out += [floats(start.latent)] + ([] if start.x0 is None else [floats(start.x0)])
    return " ".join(out)


def test_responses_of_the_vectors() -> None:
    run, data = probe("contract"), VECTORS["response"]
    for case in data["accepted"]:
        body = base64.b64decode(case["body_base64"])
        (line,) = run([_response_line(body, case)])
        assert line == _read(body, case) and not line.startswith("refused")
        assert sorted(read_floats(" ".join(line.split()[4:]))) == sorted([*case["latents"], *(case["x0"] or [])])
    for case in data["refused"]:
        body = base64.b64decode(case["body_base64"])
        (line,) = run([_response_line(body, case)])
        assert line == _read(body, case) and line.startswith("refused"), case


def _damaged(rng: random.Random, body: bytes) -> bytes:
    out = bytearray(body)
    length = struct.unpack("<Q", body[:8])[0]
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        at = rng.randrange(rng.choice([8, 8 + length, len(out)])) if out else 0
        what = rng.randrange(7)
        if what == 0:
            out[at : at + 1] = rng.randbytes(1)
        elif what == 1:
            del out[at : at + rng.choice([1, 2, 8])]
        elif what == 2:
            out[at:at] = rng.choice([b" ", b'"', b"{", b"}", b"[", b"\\u0041", b"\x00", b"\xff", b",", b"1", b"\n", b"NaN"])
        elif what == 3:
            out[at : at + 1] = bytes([out[at] ^ 1 << rng.randrange(8)]) if at < len(out) else b""
        elif what == 4:
            out = out[:at]
        else:  # inside the header, its length kept right
            text = bytes(out[8 : 8 + length]).decode("latin-1")
            old, new = rng.choice(
                [("naive", "na/ve"), ("0010", "0000"), ("0010", "0201"), ("e+00", "e+02"), ("e+00", "e-99"), ('"2"', '"1"'),
                 ("none", " inf"), ("F16", "F32"), ("{", "{ "), ("0010", "001\\u0030"), ("-", "+"), ("+", "-"),
                 ("version", "plan"), ('"x0_log_snr"', '"x"'), ("}}", "},\"a\":[1.5e3,-0,null,true]}"), ("__metadata__", "metadata"),
                 ('"0010"', "10"), ("0", "9"), ("a", "A"), ("  ", "  "), ("}", "},\"__metadata__\":{}", ), ("e+00", "E+00")]
            )  # fmt: skip
            text = text.replace(old, new, 1)
            out[8 : 8 + length] = text.encode("latin-1")
            length = len(text)
            out[:8] = struct.pack("<Q", length)
    return bytes(out)


def test_damaged_responses_are_refused_in_the_same_words() -> None:
    rng, run = random.Random("responses"), probe("contract")
    lines, want = [], []
    for _ in range(6000):
        case = dict(rng.choice(VECTORS["response"]["accepted"]))
        body = _damaged(rng, base64.b64decode(case["body_base64"]))
        if rng.random() < 0.1:
            case["carry"] = not case["carry"]
        if rng.random() < 0.1:
            case["candidates"] += 1
        lines.append(_response_line(body, case))
        want.append(_read(body, case))
    answers = run(lines)
    for line, got, expected in zip(lines, answers, want, strict=True):
        assert got == expected, line
    assert len({w for w in want if "refused" in w}) > 14


def test_responses_that_are_too_long() -> None:
    case = {"candidates": 1, "latent_shape": [1, 1, 1], "request_sha256": "a" * 64, "pair_sha256": "b" * 64, "carry": False}
    run = probe("contract")
    for body in (b"\xff" * 8, b"\x01\x40" + bytes(6) + b"x" * 20000, b"\x00\x40" + bytes(6) + b" " * 16384, b"", b"12345678"):
        assert run([_response_line(body, case)]) == [_read(body, case)]
    huge = {**case, "candidates": 64, "latent_shape": [2**31 - 1, 2**31 - 1, 2**31 - 1]}
    good = base64.b64decode(VECTORS["response"]["accepted"][0]["body_base64"])
    huge |= {k: VECTORS["response"]["accepted"][0][k] for k in ("request_sha256", "pair_sha256")}
    (line,) = run([_response_line(good, huge)])
    assert line.startswith(f"refused {RESPONSE}")


def test_levels_out_of_range_are_one_members_or_anothers() -> None:
    rng, run = np.random.default_rng(11), probe("contract")
    for value in (64.0, -64.0, 64.0625, -65504.0, np.inf, np.nan):
        for where in range(3):
            latents = rng.normal(size=(3, 1, 2, 2)).astype(np.float16)
            case = {"candidates": 3, "latent_shape": [1, 2, 2], "request_sha256": "a" * 64, "pair_sha256": "b" * 64, "carry": False}
            body = LatentsResponse(latents, "a" * 64, "b" * 64, 10, 0.5, "naive").to_bytes()
            body = body[: -2 * latents.size] + b""
            latents[where, 0, 1, 0] = value
            body += latents.astype("<f2").tobytes()
            assert run([_response_line(body, case)]) == [_read(body, case)]


def _answers(rng: random.Random) -> Iterator[tuple[int, bytes, bool, str, str]]:
    good = {"status": "ok", "model": "stickers", "pair_sha256": "ab" * 32, "plans": ["naive"], "limits": {"steps": 200}}
    values: list[Any] = [
        good, {**good, "model": 5}, {**good, "pair_sha256": None}, {}, [], "x", 5, None, [good], {"model": "a"},
        {"error": {"code": "busy", "field": None, "message": "wait"}},
        {"error": {"code": "bad_request", "field": "grid.axes", "message": "too\nmany \u202e axes \ud83d\ude00 é"}},
        {"error": {"code": 5, "field": ["a"], "message": {"a": 1}}}, {"error": "no"}, {"error": {"message": "m" * 400}},
        {"error": {"field": "\u0000", "message": "\u2028"}}, {"detail": "x"}, {"error": None}, {"error": {"field": "only"}},
    ]  # fmt: skip
    raw = [
        b"", b"<html>", b"\xff\xfe", b'{"error":{"message":"a"},"error":{"message":"b"}}', b'{"error":{"message":"a","message":2}}',
        b'{"error":{"message":"a"},"error":3}', b'{"model":"a","pair_sha256":"b","model":1}', b'{"model":"a","pair_sha256":"b"} x',
        b'\xef\xbb\xbf{"model":"a","pair_sha256":"b"}', b'{"error":{"message":"a"}', b'{"a":NaN,"error":{"message":"n"}}', b"[" * 5000,
        b'{"error":{"message":"\\ud800"}}', b'{"error":{"message":"tab\\there"}}', b'{"error":{"message":"\t"}}',
    ]  # fmt: skip
    for body in [*(json.dumps(v).encode() for v in values), *(json.dumps(v, ensure_ascii=False).encode("utf-8", "replace") for v in values), *raw]:
        for status in (200, 301, 400, 401, 403, 404, 407, 500, 503):
            encoding = rng.choice(["identity"] * 6 + ["gzip", "Identity", "br'\x07" + "q" * 60])
            kind = rng.choice(["no content type", "text/html", "application/json; charset=\u202eutf-8" + "x" * 80])
            yield status, body, rng.random() < 0.1, encoding, kind


def test_what_a_cloud_says_instead_of_latents() -> None:
    rng, run = random.Random("answers"), probe("contract")
    lines, want = [], []
    for status, body, cut, encoding, kind in _answers(rng):
        headers = {"content-encoding": encoding, "content-type": kind}
        answer, shown = Answer(status, headers, body, cut), "https://host/é"
        tail = f"{status} x{body.hex()} {int(cut)} {json.dumps(encoding)} {json.dumps(kind)} {json.dumps(shown)}"
        lines += [f"health {tail}", f"refusal {tail}"]
        health = read_health(answer, shown)
        if isinstance(health, CloudError):
            want.append(refused(CLOUD, health))
        else:
            want.append(f"{json.dumps(health['model'])} {json.dumps(health['pair_sha256'])}")
        want.append(refused(CLOUD, refusal(answer, shown)))
    for line, got, expected in zip(lines, run(lines), want, strict=True):
        assert got == expected, line


def test_json_is_what_pythons_is() -> None:
    rng, run = random.Random("json"), probe("contract")
    pieces = ['{', '}', '[', ']', '"a"', '"', ':', ',', '1', '-', '0', '.5', 'e3', 'E+1', 'true', 'false', 'null', 'NaN', 'Infinity',
              '-Infinity', ' ', '\n', '\\u00e9', '\\ud83d', '\\ude00', '\\n', '\\x', '\\', 'é', '\x00', '\x1f', '\x7f', '"b":1', '[]', '{}',
              '01', '1.', '/*', "'", '\ufeff']  # fmt: skip
    texts = ["".join(rng.choices(pieces, k=rng.randrange(1, 9))) for _ in range(20000)]
    base = json.dumps({"a": [1, -2.5e3, "x\u00e9\n", None, True, {"b": []}], "c": {}})
    for _ in range(10000):
        text = list(base)
        for _ in range(rng.choice([1, 1, 2])):
            at = rng.randrange(len(text) + 1)
            text[at : at + rng.randrange(2)] = [rng.choice(pieces)]
        texts.append("".join(text))
    want = []
    for text in texts:
        try:
            json.loads(text)
            want.append("fine")
        except ValueError:
            want.append("refused")
    got = run([f"json x{t.encode().hex()}" for t in texts])
    differing = [(t, a, b) for t, a, b in zip(texts, got, want, strict=True) if a != b]
    assert not differing, differing[:5]
    assert want.count("fine") > 1000
