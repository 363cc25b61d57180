"""The reader in many threads at once: cold caches that are filled by all of them together."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from importlib import resources
from typing import Any

import pytest

from edge_sdk.attributes.lexicon_file import LexiconFile
from edge_sdk.second_look import table as tables
from edge_sdk.second_look.table import PATH, Table


def test_a_full_cache_of_words_is_emptied_while_another_thread_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_SEEN", 3)
    table = Table(PATH.read_bytes())
    truth = table.known(["woman", "skip", "table"])
    search = table._searched

    def interrupted(words: list[str]) -> list[int]:
        if "table" in words:  # between the look into the cache and the answer, others fill it over
            for i in range(9):
                table.known([f"word{i}"])
        return search(words)

    table = Table(PATH.read_bytes())
    table.known(["woman", "skip"])
    search = table._searched
    monkeypatch.setattr(table, "_searched", interrupted)
    assert table.known(["woman", "skip", "table"]) == truth


class _Slow(list[Any]):
    """Another thread always comes in between."""

    def append(self, item: Any) -> None:
        super().append(item)
        time.sleep(0.0005)


def test_variants_made_at_once_do_not_mix() -> None:
    """Each has the words that its own layers hang into the tries."""
    flags = [frozenset(some) for some in ((), ("profession",), ("body",), ("hair",))]
    raw = resources.files("edge_sdk.attributes").joinpath("lexicon.bin").read_bytes()
    wanted = [LexiconFile(raw).variant(f, True) for f in flags]
    shared = LexiconFile(raw)
    shared._pending = _Slow()
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda f: shared.variant(f, True), flags))
    for one, other in zip(made, wanted, strict=True):
        for field in fields(one):
            assert _plain(getattr(one, field.name)) == _plain(getattr(other, field.name)), field.name


def _plain(value: Any) -> Any:
    """Dictionaries with every value made."""
    return {key: _plain(value[key]) for key in value} if isinstance(value, dict) else value
