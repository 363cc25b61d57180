"""Every attack in its quick setting: bounds hold, baselines fall, broken devices are caught. Exact, but small."""

from __future__ import annotations

import pytest

from attacks import ATTACKS, Lab


@pytest.mark.parametrize("name", list(ATTACKS))
def test_every_row_is_as_it_must_be(lab: Lab, name: str) -> None:
    rows = list(ATTACKS[name].run(lab))
    assert rows
    assert {r.attack for r in rows} == {name}
    wrong = [(r.target, r.recovered, r.bound, r.detail) for r in rows if not r.ok]
    assert wrong == []
