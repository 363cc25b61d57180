"""The real-size conversions' guard: what does not fit is refused before it starts, what is done is not run again."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

import pytest

from benchmarks import export_scale, scale_jobs
from benchmarks.errors import BenchmarkError
from export.families import architecture
from export.families.random_models import scaled


def test_needs_grow_with_the_weights() -> None:
    by_name = {job.name: export_scale.needed(job) for job in export_scale.JOBS}
    assert len(by_name) == len(export_scale.JOBS)
    assert by_name["sd-1.4 unet to onnx fp32"][1] > by_name["sd-1.4 unet to onnx fp16"][1]
    assert by_name["sd-1.4 unet to onnx fp16"][0] > by_name["bk-sdm-small unet to onnx fp16"][0]
    assert all(memory < 24 for memory, _ in by_name.values()), "every job must fit into 24 GB"


def test_too_little_memory_or_disk_is_refused_with_the_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "result.json"
    result = export_scale.run(["sdxl unet to onnx fp16"], file, tmp_path, 2.0, False, lambda _: None)
    (entry,) = result["jobs"].values()
    assert entry["status"] == "refused"
    assert f"needs {entry['needs_memory_gib']:.1f} GiB of memory" in entry["why"]
    assert "refused: needs" in export_scale.table(result)
    assert json.loads(file.read_text())["jobs"] == result["jobs"]
    huge = dataclasses.replace(export_scale.JOBS[0], memory=0.0, disk=1e9)
    monkeypatch.setattr(export_scale, "JOBS", (huge,))
    (entry,) = export_scale.run([], None, tmp_path, 20.0, False, lambda _: None)["jobs"].values()
    assert "GiB of disk" in entry["why"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["result.json"]


def test_a_done_job_is_not_run_again(tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    job = export_scale.JOBS[-1]
    file.write_text(json.dumps({"jobs": {job.name: {"status": "done", "seconds": 1.0, "bytes": {"a": 5}}}}))
    said: list[str] = []
    export_scale.run([job.name], file, tmp_path, 2.0, False, said.append)
    assert said == [f"{job.name}: there already"]
    export_scale.run([job.name], file, tmp_path, 2.0, True, said.append)
    assert said[1:] == [job.name]


def test_a_child_over_the_limit_is_stopped_and_a_failing_one_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = dataclasses.replace(export_scale.JOBS[0], memory=0.0)
    eats = tmp_path / "eats"
    eats.write_text(
        "#!/bin/sh\nexec " + sys.executable + " -c 'import time; x = b\"1\" * 400_000_000; time.sleep(60)'\n"
    )
    fails = tmp_path / "fails"
    fails.write_text("#!/bin/sh\necho no such converter >&2\nexit 3\n")
    for script in (eats, fails):
        script.chmod(0o755)
    monkeypatch.setattr(export_scale.sys, "executable", str(eats))
    entry = export_scale._measured(job, tmp_path, 0.2)
    assert entry["status"] == "stopped"
    assert entry["peak_memory_gib"] > 0.2
    monkeypatch.setattr(export_scale.sys, "executable", str(fails))
    entry = export_scale._measured(job, tmp_path, 0.2)
    assert (entry["status"], entry["why"]) == ("failed", "no such converter")


def test_unknown_jobs_and_foreign_files(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="unknown job; there are: bk-sdm-small"):
        export_scale.run(["flux"], None, None, 2.0, False, lambda _: None)
    (tmp_path / "other.json").write_text("[]")
    with pytest.raises(BenchmarkError, match="not a result of this benchmark"):
        export_scale.run(["sdxl"], tmp_path / "other.json", None, 2.0, False, lambda _: None)


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("sd-1.4 unet to onnx fp16", ["step.full.onnx"]),
        ("bk-sdm-small unet to mlpackage fp16", ["unet.fp16.mlpackage"]),
        ("bk-sdm-small unet to tflite fp16, int8", ["unet.fp32.tflite", "unet.fp16.tflite", "unet.int8.tflite"]),
    ],
)
def test_a_job_converts_and_holds_its_files_to_torch(
    name: str, files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole of a job on a UNet of two narrow blocks."""
    job = next(j for j in export_scale.JOBS if j.name == name)
    configs = scaled(architecture(job.architecture))
    kinds = {
        "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
        "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
    }
    configs["unet"] |= {**kinds, "block_out_channels": [32, 64], "layers_per_block": 1}
    monkeypatch.setattr(scale_jobs, "_config", lambda _: configs)
    made = scale_jobs.convert(job, tmp_path)
    assert made["parameters"] > 100_000
    assert sorted({Path(f).parts[0] for f in made["bytes"]}) == sorted(files)
    found = scale_jobs.check(job, tmp_path)["checks"]
    assert list(found) == files
    assert all(c["kept"] and c["psnr_db"] >= 30 and c["seconds"] > 0 for c in found.values()), found
    assert all(c["max_error"] > 0 for c in found.values()), "not the same computation"
    table = export_scale.table(
        {"jobs": {name: {"status": "done", **made, "check": {"status": "done", "checks": found}}}}
    )
    assert f"{files[-1]} {found[files[-1]]['psnr_db']} dB" in table
    assert "under its bound" not in table
