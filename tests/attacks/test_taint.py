"""The taint attack with a vocabulary that knows the marked words, as a real pair's does."""

from __future__ import annotations

from typing import Any

import pytest

from attacks import Lab, taint
from attacks.taint import MARKED, Places, watched_run
from attacks.wire import forward
from edge_sdk.cloud.client import CloudClient
from edge_sdk.privacy import Privacy

_ENCODER, _ALONE = "device's text encoder", "wire of device-only runs"
_DEVICE_ONLY: list[dict[str, Any]] = [{"cloud_steps": 0}, {"privacy": Privacy("local")}]


class _Knows:
    """A tokenizer to whose ids the words as typed belong."""

    @classmethod
    def from_file(cls, _: str) -> _Knows:
        return cls()

    def decode(self, _: list[int]) -> str:
        return MARKED[0]


@pytest.mark.parametrize("options", _DEVICE_ONLY)
def test_device_only_may_draw_what_was_typed(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    monkeypatch.setattr(taint, "Tokenizer", _Knows)
    places = Places()
    watched_run(lab, places, forward(lab.engine_url, lab.memory), **options)
    assert not any(places.found.values())
    assert places.looked["logs"] == 1


@pytest.mark.parametrize("options", _DEVICE_ONLY)
def test_a_device_that_talks_though_it_is_alone_is_noticed(lab: Lab, options: dict[str, Any]) -> None:
    def talking(url: str) -> CloudClient:
        client = CloudClient(url)
        client.health()
        return client

    places = Places()
    watched_run(lab, places, forward(lab.engine_url, lab.memory), client=talking, **options)
    assert places.found[_ALONE] == 1


def test_typed_words_in_the_encoder_of_a_run_that_sends_are_noticed(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taint, "Tokenizer", _Knows)
    places = Places()
    watched_run(lab, places, forward(lab.engine_url, lab.memory))
    assert places.found[_ENCODER] > 0
