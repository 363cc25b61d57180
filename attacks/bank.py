"""The harness's own prompts. Short ones go over real sockets; all of them are enumerated byte for byte."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from edge_sdk.errors import InputError
from edge_sdk.privacy import Privacy, Release, release
from obclip_contract import GenerateRequest

__all__ = ["Truths", "bank", "closed_set", "closed_sets", "plain_request", "wire_prompts"]

MODEL: Final = "stickers"


@cache
def _data(name: str) -> Any:
    return json.loads(resources.files(__package__).joinpath("data", f"{name}.json").read_text(encoding="utf-8"))


def bank(part: str) -> Any:
    """One part of ``data/prompts.json``."""
    return _data("prompts")[part]


def captions() -> list[list[str]]:
    """The shipped captions, grouped by picture (see ``data/SOURCES.md``)."""
    groups: list[list[str]] = _data("captions")
    return groups


@dataclass(frozen=True)
class Truths:
    """A prompt and every prompt that must look like it: the members of its set."""

    prompt: str
    chosen: Release

    @property
    def members(self) -> tuple[str, ...]:
        """All truths of the set, in canonical words."""
        return self.chosen.members


def closed_set(prompt: str) -> Release:
    """What the device sends for a prompt whose whole product fits a request.

    Raises:
        InputError: it does not fit, or the device refuses.
    """
    return release(prompt, Privacy("closed"))


def closed_sets(prompts: list[str], most: int) -> Iterator[Truths]:
    """The prompts that have a set of 2 to ``most`` members; others are skipped (nothing hidden, or refused)."""
    for prompt in prompts:
        try:
            chosen = closed_set(prompt)
        except InputError:
            continue
        if 2 <= len(chosen.members) <= most:
            yield Truths(prompt, chosen)


def wire_prompts(quick: bool) -> list[str]:
    """The prompts for real sockets."""
    prompts: list[str] = bank("wire")
    return prompts[:4] if quick else prompts


def plain_request(chosen: Release, seed: int) -> GenerateRequest:
    """The request that a device with default parameters sends for this set."""
    return chosen.request(model=MODEL, seed=seed)
