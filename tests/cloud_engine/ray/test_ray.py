"""The engine on Ray Serve, started and stopped here: the same answers, replicas that go, and nothing told or left."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from testing.watching import ROOT, Seen, hindrance, watch

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None,
    reason="RAY SERVE IS NOT TESTED: Ray is not installed; scripts/test installs it, or: pip install 'obclip[ray]'",
)
#: What a client may be told while replicas go and come: to send the same bytes again.
CLEAN = {"429 busy", "503 stopping", "503 unavailable"}


@pytest.fixture(scope="module")
def seen(random_bundles: Path, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    command = [sys.executable, "-m", "tests.cloud_engine.ray.scenario", str(random_bundles / "cloud")]
    done = watch(command, tmp_path_factory.mktemp("ray"), {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"})
    # Without the service's log of each request, which is long and hides where it failed.
    errors = "\n".join(line for line in done.stderr.splitlines() if '"event": "request"' not in line)
    assert done.code == 0, errors[-6000:]
    return done


@pytest.fixture(scope="module")
def found(seen: Seen) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(seen.stdout.splitlines()[-1])
    return told


def test_answers_are_the_plain_services_byte_for_byte(found: dict[str, Any]) -> None:
    assert found["different"] == []


def test_more_than_there_is_room_for_is_refused_in_the_contracts_words(found: dict[str, Any]) -> None:
    kinds = found["burst"]
    assert kinds["200 application/vnd.obclip.latents+safetensors"] >= 1
    assert kinds["429 application/json after 2"] >= 1
    assert all(kind.startswith(("200 ", "429 application/json after ")) for kind in kinds)


@pytest.mark.parametrize("event", ["killed", "rolled"])
def test_no_answer_is_wrong_or_lost_while_replicas_go(found: dict[str, Any], event: str) -> None:
    load = dict(found[event])
    asked, right = load.pop("asked"), load.pop("right")
    assert right == asked
    assert right >= 20
    assert {kind for kind in load if not kind.startswith("broken")} <= CLEAN


def test_an_id_that_a_client_chose_is_not_repeated(found: dict[str, Any]) -> None:
    (name,) = found["ids"]
    assert name != "chosen"
    assert len(name) == 32


def test_nothing_of_a_request_is_in_what_was_written(found: dict[str, Any]) -> None:
    assert found["marks"] == []
    assert found["in output"] == []
    assert found["files"] > 20
    assert found["control"] > 0
    assert found["logged"] > 20


def test_it_ends_as_asked_and_leaves_nothing(found: dict[str, Any]) -> None:
    assert found["code"] == 0, found["errors"]
    assert found["alive"] == []
    assert found["left"] == []


def test_nothing_but_this_machine_was_contacted(seen: Seen) -> None:
    if hindrance():
        pytest.skip(f"THE NETWORK IS NOT WATCHED: {hindrance()}")
    # Ray's parts talk to each other over this machine's own addresses, whose ports its C++ never asks for: as IPv4, or
    # as IPv4 written in IPv6 (::ffff:127.0.0.2), by the socket that asks.
    own = ("127.", "::ffff:127.")
    assert [address for address in seen.strangers if not address.startswith(own)] == []
    assert seen.files == []
