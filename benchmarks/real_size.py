"""The whole path at real size: ``python -m benchmarks.real_size --work FOLDER --json FILE``.

Two published architectures with random weights (the pictures are noise; sizes and times are not) go through the
commands that people type: ``obclip export cloud`` and ``edge``, ``obclip serve``, ``obclip generate`` for a set of six.
Each command is a process of its own, with its seconds and its peak memory. What is in FOLDER is used again.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

from export.families import architecture
from export.families.random_models import write_random
from testing.folders import edit_json
from testing.random_pair import write_tokenizer

from .errors import BenchmarkError
from .export_scale import Peak
from .machine import describe

__all__ = ["command"]

_LARGE: Final = "sd-1.4"
_SMALL: Final = "bk-sdm-small"
_PROMPT: Final = "an old woman pilot"
_TOKENS: Final = 77
_LIMIT_GIB: Final = 22.0


def _obclip(arguments: Sequence[str | Path]) -> dict[str, Any]:
    """A command of ours: its seconds, its peak memory in GiB, and what it printed."""
    began = time.monotonic()
    line = [sys.executable, "-m", "edge_sdk", *map(str, arguments)]
    child = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    peak = Peak(child, _LIMIT_GIB)
    out, err = child.communicate()
    measured = {"seconds": round(time.monotonic() - began, 1), "peak_memory_gib": round(peak.stop(), 2)}
    if child.returncode != 0:
        said = f"grew over {_LIMIT_GIB} GiB" if peak.over else err.strip()[-600:]
        raise BenchmarkError(f"obclip {' '.join(map(str, arguments[:2]))} ended with {child.returncode}: {said}")
    return {**measured, "out": out}


def _models(work: Path) -> None:
    for name, part in ((_LARGE, "large"), (_SMALL, "small")):
        folder = work / part
        if (folder / "model_index.json").is_file():
            continue
        shutil.rmtree(folder, ignore_errors=True)
        if part == "large":
            write_tokenizer(folder / "tokenizer")
            edit_json(folder / "tokenizer/tokenizer_config.json", model_max_length=_TOKENS)
        else:
            shutil.copytree(work / "large/tokenizer", folder / "tokenizer")
        vocabulary = len(json.loads((folder / "tokenizer/tokenizer.json").read_text())["model"]["vocab"])
        write_random(architecture(name), folder, architecture(name).configs, vocabulary)


def _size(folder: Path) -> int:
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())


def _serve(bundle: Path, work: Path, runs: Sequence[Sequence[str]]) -> dict[str, Any]:
    """The service's start and peak, and each run's."""
    began = time.monotonic()
    # torch holds the weights once, ONNX Runtime for each step graph.
    serve = [sys.executable, "-m", "edge_sdk", "serve", "--bundle", str(bundle), "--backend", "torch"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen([*serve, "--port", "0", "--json"], **pipes, text=True)
    peak = Peak(server, _LIMIT_GIB)
    try:
        assert server.stdout is not None
        url = json.loads(server.stdout.readline())["url"]
        started = round(time.monotonic() - began, 1)
        found = []
        for run in runs:
            line: list[str | Path] = ["generate", _PROMPT, "--out", work / "picture.png", "--overwrite", *run]
            told = _obclip([*line, "--bundle", work / "b/edge", "--cloud", url, "--seed", "5", "--json"])
            receipt = json.loads(told.pop("out"))
            kept = ("n", "plan", "steps", "cloud_steps", "bytes_up", "bytes_down", "ms")
            found.append({**{k: receipt[k] for k in kept}, "device": told})
    finally:
        server.terminate()
        server.wait(timeout=300)
    return {"seconds_to_start": started, "peak_memory_gib": round(peak.stop(), 2), "runs": found}


@click.command(name="real_size")
@click.option("--work", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder with 40 GB free.")
@click.option("--json", "out", type=click.Path(path_type=Path, dir_okay=False), help="Write the result here.")
@click.option("--steps", default=4, show_default=True)
@click.option("--cloud-steps", default=2, show_default=True)
def command(work: Path, out: Path | None, steps: int, cloud_steps: int) -> None:
    """SD-1.4 in the cloud, BK-SDM-Small on the device, 512×512, six candidates."""
    work.mkdir(parents=True, exist_ok=True)
    load, machine = os.getloadavg()[0], describe()
    _models(work)
    result: dict[str, Any] = {"machine": machine, "load_before": round(load, 1), "large": _LARGE, "small": _SMALL}
    previous = json.loads((work / "exports.json").read_text()) if (work / "exports.json").is_file() else {}
    for side in ("cloud", "edge"):
        if side not in previous or not (work / "b" / side / "bundle.json").is_file():
            more: list[str | Path] = ["--small", work / "small", "--pictures", "0"] if side == "edge" else []
            made = _obclip(["export", side, "--large", work / "large", *more, "--out", work / "b", "--overwrite"])
            made.pop("out")
            previous[side] = {**made, "bytes": _size(work / "b" / side)}
            (work / "exports.json").write_text(json.dumps(previous))
        click.echo(f"export {side}: {previous[side]}")
    result["export"] = previous
    base = ["--steps", str(steps), "--cloud-steps", str(cloud_steps), "--guidance", "7.5"]
    result["service"] = _serve(work / "b/cloud", work, [[*base, "--plan", plan] for plan in ("balanced", "naive")])
    click.echo(json.dumps(result["service"], indent=1))
    if out is not None:
        out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    command()
