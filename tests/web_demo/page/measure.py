"""A picture in the page beside one by the Python SDK, on this machine, in turns: milliseconds of each phase, and the
graphs alone as the device's benchmark has them.

    python -m tests.web_demo.page.measure --pair build/bundles/stickers --rounds 5 --out build/web_figures

Writes ``web.json`` and ``python.json`` (``obclip bench report`` reads both) and prints two tables.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Final

from benchmarks.device.report import table
from benchmarks.device.result import read_result
from benchmarks.device.run import run_device
from edge_sdk import ObliviousPipeline

from ...conftest import RunningServer
from ..building import page as build_page
from .conftest import hosted
from .phone import Phone, phone
from .relay import Relay, relaying

PROMPT: Final = "an old woman pilot with a red scarf"
PHASES: Final = ("detect", "cloud", "finish", "decode", "total")


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("--pair", type=Path, default=Path("build/bundles/stickers"), help="folder with cloud and edge")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("build/web_figures"))
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    from cloud_engine.engine import Engine
    from cloud_engine.service import create_app

    engine = Engine.from_bundle(given.pair / "cloud", "onnxruntime")
    server = RunningServer(create_app(engine, origins=["*"]))
    with (
        tempfile.TemporaryDirectory() as folder,
        relaying(server.url) as cloud,
        hosted(build_page(), given.pair / "edge", cloud.url) as host,
        phone(Path(folder) / "phone") as browser,
        ObliviousPipeline.from_bundle(given.pair / "edge", cloud=cloud.url) as pipe,
    ):
        browser.open(host.url)
        print(tell_bytes(host))
        print(tell_pictures(browser, pipe, given.rounds))
        save_graphs(browser, given.out / "web.json")
    (given.out / "python.json").write_text(run_device(given.pair / "edge").to_json())
    print(table([read_result(given.out / name) for name in ("python.json", "web.json")]))
    server.stop()


def tell_pictures(browser: Phone, pipe: ObliviousPipeline, rounds: int) -> str:
    """Medians of each phase, the two in turns; the first round is not counted."""
    browser("click", at="#open-settings")
    browser("click", at="#set-preview")  # Python shows none
    browser("click", at="#settings-done")
    browser.write(PROMPT)
    page: dict[str, list[float]] = {phase: [] for phase in PHASES}
    python: dict[str, list[float]] = {phase: [] for phase in PHASES}
    for turn in range(rounds + 1):
        browser.draw()
        receipt = browser.receipt()["ms"]
        other = pipe(PROMPT).receipt
        for phase in PHASES if turn else ():
            page[phase].append(receipt[phase])
            python[phase].append(other.ms[phase])
    lines = [f"milliseconds, median of {rounds} (least to most)", "phase | page | Python", "---|---|---"]
    return "\n".join([*lines, *(f"{phase} | {spread(page[phase])} | {spread(python[phase])}" for phase in PHASES)])


def spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.0f} ({min(values):.0f} to {max(values):.0f})"


def tell_bytes(host: Relay) -> str:
    """What the first visit fetched, by kind: as it is, and packed by the two ways that a host may use."""
    kinds: dict[str, list[bytes]] = {"page": [], "core": [], "litert": [], "bundle": []}
    for line in {seen.line for seen in host.seen if seen.line.startswith("GET /")}:
        part = line.removeprefix("GET /").partition("/")[0]
        kinds[part if part in kinds else "page"].append(fetch(f"{host.target}/{line.removeprefix('GET /')}"))
    lines = ["first visit, kB", "part | raw | gzip | brotli", "---|---|---|---"]
    for kind, files in [*kinds.items(), ("all", list(chain(*kinds.values())))]:
        sizes = [sum(map(len, packed)) / 1e3 for packed in (files, map(pack_gzip, files), map(pack_brotli, files))]
        lines.append(f"{kind} | {sizes[0]:.0f} | {sizes[1]:.0f} | {sizes[2]:.0f}")
    return "\n".join(lines)


def fetch(url: str) -> bytes:
    from urllib.request import urlopen

    with urlopen(url) as answer:
        found: bytes = answer.read()
    return found


def pack_gzip(data: bytes) -> bytes:
    return gzip.compress(data, 9, mtime=0)


def pack_brotli(data: bytes) -> bytes:
    if shutil.which("brotli") is None:
        raise SystemExit("there is no brotli on this machine (apt-get install brotli)")
    return subprocess.run(["brotli", "-q", "9", "-c"], input=data, capture_output=True, check=True).stdout


def save_graphs(browser: Phone, file: Path) -> None:
    """The benchmark of the page's settings."""
    browser("click", at="#open-settings")
    browser("click", at="#measure")
    browser.says("#measured", "one step")
    browser("saved", file=str(file))
    json.loads(file.read_text())


if __name__ == "__main__":
    main()
