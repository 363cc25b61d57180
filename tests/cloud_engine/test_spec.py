"""SPEC.md's table of errors is what the engine answers."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import httpx

import cloud_engine
from cloud_engine.errors import EngineError
from cloud_engine.plans import PlanError
from edge_sdk.cloud import retries

_SPEC = Path(__file__).resolve().parents[2] / "obclip_contract" / "SPEC.md"
#: What the HTTP face answers itself, beside the engine's errors (cloud_engine/service).
_FACE = {
    *((400, "bad_http"), (403, "origin"), (404, "not_found"), (405, "method"), (409, "bundle")),
    *((422, "bad_request"), (431, "header"), (500, "response")),
}

#: Raised while an engine is made, before anybody can ask it.
_AT_START = {(500, "unsupported_unet"), (500, "no_device"), (500, "no_tensorrt"), (500, "foreign_engine")}


def _section(name: str) -> str:
    return _SPEC.read_text("utf-8").split(f"\n## {name}\n")[1].split("\n## ")[0]


def _table() -> dict[tuple[int, str], bool]:
    """Status and code to whether a later try may help."""
    rows = re.findall(r"^\| (\d{3}) \| `(\w+)` \| .* \| (yes|no) \|$", _section("Errors"), re.MULTILINE)
    return {(int(status), code): again == "yes" for status, code, again in rows}


def _raised() -> set[tuple[int, str]]:
    for module in ("errors", "plans", "step_graphs.anatomy", "backends.tensorrt.library", "backends.tensorrt.engines"):
        importlib.import_module(f"cloud_engine.{module}")
    todo: list[type[EngineError]] = [EngineError, PlanError]
    found = set()
    while todo:
        error = todo.pop()
        found.add((error.status, error.code))
        todo += error.__subclasses__()
    return found - _AT_START


def test_every_error_of_the_engine_is_in_the_table_and_no_other() -> None:
    assert set(_table()) == _raised() | _FACE


def test_what_is_asked_again_is_what_the_device_asks_again() -> None:
    assert {status for (status, _), again in _table().items() if again} <= retries.AGAIN
    assert not {status for (status, _), again in _table().items() if not again} & retries.AGAIN
    told = _section("Retries").split("- Again later:")[1].split(", and")[0]
    assert {int(n) for n in re.findall(r"\d{3}", told)} == retries.AGAIN
    assert "0.5 s and 2 s" in _section("Retries")
    assert retries.WAITS == (0.5, 2.0)


def test_the_health_report_has_the_keys_of_the_table(cloud_url: str) -> None:
    report = httpx.get(cloud_url + "/v1/health", trust_env=False).json()
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", _section("Health"), re.MULTILINE)
    assert set(report) == {name for row in rows for name in re.findall(r"\w+", row)}
    limits = re.search(r'`\{("candidates".*?)\}`', _section("Health"))
    assert limits is not None
    assert set(report["limits"]) == set(re.findall(r"\w+", limits[1]))
    assert all(type(value) is int for value in report["limits"].values())


def test_the_face_answers_what_the_spec_says_it_does() -> None:
    source = "".join(f.read_text() for f in (Path(cloud_engine.__file__).parent / "service").glob("*.py"))
    for _, code in _FACE:
        assert f'"{code}"' in source
