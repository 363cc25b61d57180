"""The device's benchmark in the page's settings: a document that ``obclip bench report`` takes beside all others."""

from __future__ import annotations

from pathlib import Path

from benchmarks.device.report import table
from benchmarks.device.result import read_result
from obclip_contract.bundle import read_manifest

from .conftest import SLOW, Opens
from .relay import Relay


@SLOW
def test_the_page_measures_and_saves(opens: Opens, pair: Path, cloud: Relay, tmp_path: Path) -> None:
    with opens() as phone:
        phone("click", at="#open-settings")
        phone("click", at="#measure")
        phone.says("#measured", "one step")
        assert phone("saved", file=str(tmp_path / "web.json")) == "obclip-device.json"
    found = read_result(tmp_path / "web.json")
    assert found.pair.pair_sha256 == read_manifest(pair / "edge").pair_sha256
    assert (found.runner.sdk, found.accelerator.used) == ("web", "cpu")
    assert found.faults == ()
    assert "LiteRT.js" in table([found])
    assert cloud.seen == []
