"""The second look's recipe: the shipped file is what it makes, and training learns what it is shown."""

from __future__ import annotations

import numpy as np

from edge_sdk.second_look import Known, Table
from edge_sdk.second_look.table import NAME, PATH, axis_bits, axis_of
from models.second_look.lists import entries, key
from models.second_look.recipe import build, examples, pack, quantise, train
from models.second_look.templates import Maker


def test_the_lists_in_the_shipped_file_are_the_committed_ones() -> None:
    lists = entries()
    shipped = Table(PATH.read_bytes())
    words = sorted(lists)
    bits = shipped.known(words)
    differ = [w for w, b in zip(words, bits, strict=True) if b & lists[w] != lists[w]]
    assert differ == []


def test_small_builds_have_the_same_bytes_twice() -> None:
    assert build(prompts=300) == build(prompts=300)


def test_training_separates_names_from_things() -> None:
    lists = entries()
    maker = Maker(lists, seed=3)
    found = [e for _ in range(1500) for e in examples(maker.draw(), lists)]
    weights = train(found)
    right = sum(int(weights[at].sum(axis=0).argmax()) == label for at, label in found)
    assert {label for _, label in found} == {0, 1, 2}
    assert right / len(found) > 0.9


def test_quantised_weights_keep_signs_and_range() -> None:
    weights = np.arange(-3000, 3000, dtype=np.int64).reshape(-1, 3)
    small = quantise(weights)
    assert small.min() == -127
    assert small.max() == 127
    assert np.all((small.astype(int) * weights) >= 0)


def test_packing_keeps_bits_and_thresholds() -> None:
    lists = {"maria": Known.GIVEN | Known.TOP, "tuareg": axis_bits("ethnicity")}
    table = Table(pack(lists, np.zeros((8, 3), np.int8), (5, -7)))
    assert table.thresholds == (5, -7)
    assert table.known(["maria", "nobody", "tuareg"]) == [lists["maria"], 0, lists["tuareg"]]
    assert axis_of(lists["tuareg"]) == "ethnicity"


def test_list_rules() -> None:
    lists = entries()
    assert lists["maria"] & Known.TOP
    assert not lists["man"] & NAME
    assert lists["rose"] & Known.WORD
    assert axis_of(lists["himba"]) == "ethnicity"
    assert axis_of(lists["ragazza"]) == "gender"
    assert lists["greg"] & Known.BEGINS
    assert lists[key("Greg Rutkowski")] & Known.STYLE
