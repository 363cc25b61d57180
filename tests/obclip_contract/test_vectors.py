"""Replays obclip_contract/vectors/*.json through the public names, as every other language does."""

import hashlib
import json
import math
import re
import shutil
import subprocess
import sys
from base64 import b64decode

import numpy as np
import pytest

from obclip_contract import (
    Axis,
    BundleError,
    GenerateRequest,
    LatentsResponse,
    NoiseSchedule,
    Phrase,
    PromptGrid,
    RequestError,
    ResponseError,
    apply_step,
    article,
    finish_table,
    limits,
    open_bundle,
    philox4x32,
    read_manifest,
    sampler_table,
    standard_normal,
)
from obclip_contract import articles as rules
from obclip_contract.vectors import FILES, FOLDER, check, write


def load(name):
    return json.loads((FOLDER / f"{name}.json").read_text())


def close(a, b, tolerance):
    return np.allclose(a, b, rtol=tolerance, atol=tolerance)


def test_noise():
    data = load("noise")
    for case in data["philox"]:
        counter, key = ([int(w, 16) for w in case[k]] for k in ("counter", "key"))
        assert [f"{w:08x}" for w in philox4x32(np.array([counter], np.uint32), tuple(key))[0]] == case["words"]
    for case in data["normal"]:
        values = standard_normal(int(case["seed"], 16), (case["first"] + len(case["values"]),), case["stream"])
        assert close(values[case["first"] :], case["values"], data["tolerance"])


def test_schedules():
    data = load("schedule")
    for case in data["cases"]:
        schedule = NoiseSchedule.from_dict(case["schedule"])
        for t, value in case["alphas_cumprod"].items():
            assert math.isclose(schedule.alphas_cumprod()[int(t)], value, rel_tol=data["tolerance"])
        for grid in case["grids"]:
            assert schedule.timesteps(grid["steps"], grid["extra_node"]).tolist() == grid["timesteps"]


def same_table(table, want, columns, tolerance):
    assert table.end_log_snr == float(want["end_log_snr"])
    assert len(table.steps) == len(want["rows"])
    return all(
        close([getattr(step, c) for c in columns], row, tolerance)
        for step, row in zip(table.steps, want["rows"], strict=True)
    )


def test_sampler_tables():
    data = load("sampler")
    for case in data["whole"]:
        table = sampler_table(case["kind"], NoiseSchedule.from_dict(case["schedule"]), case["steps"])
        assert same_table(table, case["table"], data["columns"], data["tolerance"])


def run(table, x, previous):
    for step in table.steps:
        model = 0.25 * x + 0.1 * np.roll(x, -1) - 0.0002 * step.timestep
        x, previous = apply_step(step, x, model, previous)
    return x, previous


def test_hand_overs():
    data = load("sampler")
    for case in data["hand_over"]:
        cloud, device = (NoiseSchedule.from_dict(case[k]) for k in ("cloud", "device"))
        head = sampler_table(case["kind"], cloud, case["steps"]).head(case["cloud_steps"])
        assert math.isclose(head.end_log_snr, float(case["start_log_snr"]), rel_tol=data["tolerance"])
        tail = finish_table(
            case["kind"], device, case["device_steps"], float(case["start_log_snr"]), case["previous_log_snr"]
        )
        assert same_table(tail, case["table"], data["columns"], data["tolerance"])
        x, x0 = run(head, np.array(case["start"]), None)
        assert close(x, case["handed_over"], data["tolerance"])
        x, _ = run(tail, x, None if case["previous_log_snr"] is None else x0)
        assert close(x, case["final"], data["tolerance"])


def grid_of(case):
    return PromptGrid(
        case["template"],
        tuple(Axis(a["name"], tuple(a["values"])) for a in case["axes"]),
        {n: Phrase(tuple(p["axes"]), tuple(p["text"])) for n, p in case["phrases"].items()},
        tuple(map(tuple, case["rows"])) if "rows" in case else None,
    )


def test_timesteps_by_the_specs_formulas():
    """SPEC.md, section Noise schedule, without numpy."""
    for case in load("schedule")["cases"]:
        n, stated = case["schedule"]["num_train_timesteps"], case["schedule"]["timestep_spacing"]
        for grid in case["grids"]:
            steps, default = grid["steps"], "linspace" if grid["extra_node"] else "leading"
            spacing = default if stated == "by_sampler" else stated
            nodes = steps + 1 if grid["extra_node"] else steps
            if spacing == "trailing":
                d = (n - n / steps) - n
                want = [round(n + i * d) - 1 for i in range(steps)]
            elif spacing == "leading":
                want = [j * (n // nodes) + case["schedule"]["steps_offset"] for j in range(nodes)][::-1][:steps]
            else:
                s = (n - 1) / max(nodes - 1, 1)
                want = [round(j * s) for j in range(nodes)][::-1][:steps]
            assert want == grid["timesteps"]


def test_the_spec_lists_what_the_code_holds():
    """SPEC.md is prose; its tables and limits are compared with the code here."""
    spec = (FOLDER.parent / "SPEC.md").read_text(encoding="utf-8")
    words, prefixes = zip(*re.findall(r"one of `([^`]*)`, or begins with `([^`]*)`", spec), strict=True)
    assert [set(w.split()) for w in words] == [set(rules.AN_WORDS), {"one", *rules.A_WORDS}]
    assert [set(p.split()) for p in prefixes] == [set(rules.AN_PREFIXES), set(rules.A_PREFIXES)]
    for value in (v for k, v in vars(limits).items() if k.startswith("MAX_") and isinstance(v, (int, float))):
        assert re.search(rf"\b{value:g}\b|\b{value:.0f}\b", spec), value


def test_grids():
    data = load("grid")
    for text, want in data["article"]:
        assert article(text) == want, text
    for case in data["expand"]:
        assert list(grid_of(case).expand()) == case["members"]
    for case in data["refused"]:
        with pytest.raises(RequestError) as error:
            grid_of(case)
        assert error.value.field == case["field"]


def test_requests():
    data = load("request")
    for case in data["accepted"]:
        fields = {**case["fields"], "grid": grid_of(case["fields"]["grid"]), "seed": int(case["fields"]["seed"], 16)}
        body = case["body"].encode()
        assert GenerateRequest(**fields).to_bytes() == body
        assert GenerateRequest.from_bytes(body) == GenerateRequest(**fields)
        assert (len(body), hashlib.sha256(body).hexdigest()) == (case["bytes"], case["sha256"])
        assert list(GenerateRequest.from_bytes(body).grid.expand()) == case["members"]
    for case in data["refused"]:
        with pytest.raises(RequestError) as error:
            GenerateRequest.from_bytes(case["body"].encode())
        assert error.value.field == case["field"]


def parse(case):
    asked = {k: case[k] for k in ("candidates", "latent_shape", "request_sha256", "pair_sha256", "carry")}
    return LatentsResponse.from_bytes(b64decode(case["body_base64"]), **asked)


def test_responses():
    data = load("response")
    for case in data["accepted"]:
        got = parse(case)
        assert got.latents.reshape(-1).tolist() == case["latents"]
        assert (None if got.x0 is None else got.x0.reshape(-1).tolist()) == case["x0"]
        assert (got.log_snr, got.x0_log_snr) == (float(case["log_snr"]), case["x0_log_snr"])
        assert (got.cloud_steps, got.plan) == (case["cloud_steps"], case["plan"])
        assert got.to_bytes() == b64decode(case["body_base64"])
    for case in data["refused"]:
        with pytest.raises(ResponseError):
            parse(case)


def make(root, files):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())


def test_bundles(tmp_path):
    data = load("bundle")
    make(tmp_path / "good", {**data["files"], "bundle.json": data["manifest"]})
    assert open_bundle(tmp_path / "good", data["kind"]).manifest.to_bytes() == data["manifest"].encode()
    assert read_manifest(tmp_path / "good").kind == data["kind"]
    for i, case in enumerate(data["refused"]):
        root = tmp_path / str(i)
        make(root, {**data["files"], "bundle.json": data["manifest"], **case["write"]})
        for name in case["remove"]:
            (root / name).unlink()
        with pytest.raises(BundleError):
            open_bundle(root, case["kind"])


def test_the_files_are_what_the_code_gives(tmp_path):
    assert check() == []
    assert sorted(p.stem for p in FOLDER.glob("*.json")) == sorted(FILES)
    written = write(tmp_path)
    assert check(tmp_path) == []
    assert all(p.read_text().isascii() for p in written)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("noise", '"6627e8d5"', '"6627e8d4"'),
        ("sampler", '"kind": "ddim"', '"kind": "ddjm"'),
        ("grid", "firefighter", "firefigther"),
        ("request", '"bytes": 2048', '"bytes": 2049'),
        ("schedule", '"steps": 25', '"steps": 25.0'),
    ],
)
def test_a_changed_file_is_found(tmp_path, name, old, new):
    for file in FOLDER.glob("*.json"):
        shutil.copy(file, tmp_path)
    path = tmp_path / f"{name}.json"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    found = check(tmp_path)
    assert found
    assert all(line.startswith(f"{name}.json:") for line in found)
    path.unlink()
    assert any("cannot be read" in line for line in check(tmp_path))


def test_the_command():
    def run(*arguments):
        command = [sys.executable, "-m", "obclip_contract.vectors", *arguments]
        return subprocess.run(command, capture_output=True, text=True)

    assert run("--check").returncode == 0
    assert run("--help").returncode == 0
    assert run("--chekc").returncode == 2
