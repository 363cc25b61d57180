"""The arithmetic against values worked out by hand, and tests that can fail."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import friedmanchisquare

from benchmarks import stats


def test_spread_is_median_and_quartiles() -> None:
    s = stats.spread([4.0, 1.0, 3.0, 2.0, 100.0])
    assert (s.median, s.low_quartile, s.high_quartile, s.least, s.most, s.n) == (3.0, 2.0, 4.0, 1.0, 100.0, 5)
    with pytest.raises(ValueError, match="no value"):
        stats.spread([])


def test_ratios_divide_round_by_round() -> None:
    assert stats.ratios([2.0, 9.0, 4.0], [1.0, 3.0, 4.0]).median == 2.0
    with pytest.raises(ValueError, match="shorter"):
        stats.ratios([1.0, 2.0], [1.0])


def test_a_favoured_position_is_found() -> None:
    rng = np.random.default_rng(5)
    values = rng.normal(size=(60, 6)) + rng.normal(scale=20, size=(60, 1))  # sets differ much, positions not
    fair = stats.flatness(values, draws=999)
    assert fair.p_value > 0.05
    assert fair.largest < fair.half_width
    values[:, 0] += 1.0  # a pivot that is always the first member
    unfair = stats.flatness(values, draws=999)
    assert unfair.p_value == 1 / 1000
    assert unfair.deviation[0] > unfair.half_width
    assert sum(unfair.deviation) == pytest.approx(0.0, abs=1e-9)


def test_the_test_keeps_its_level_and_agrees_with_friedman() -> None:
    rng = np.random.default_rng(2)
    ours = [stats.flatness(rng.normal(size=(12, 4)), seed=i, draws=199).p_value for i in range(120)]
    assert 0.0 < np.mean(np.array(ours) <= 0.05) < 0.12
    values = rng.normal(size=(40, 5)) + np.array([0.0, 0.1, 0.2, 0.3, 0.4])
    assert abs(stats.flatness(values, draws=999).p_value - friedmanchisquare(*values.T).pvalue) < 0.1


def test_values_without_any_difference_are_flat() -> None:
    assert stats.flatness(np.zeros((5, 3)), draws=99).p_value == 1.0
    with pytest.raises(ValueError, match="two sets"):
        stats.flatness(np.zeros((1, 3)))


def test_holm_stops_at_the_first_that_holds() -> None:
    assert stats.holm({"a": 0.001, "b": 0.02, "c": 0.04}) == {"a": True, "b": True, "c": True}
    assert stats.holm({"a": 0.001, "b": 0.03, "c": 0.04}) == {"a": True, "b": False, "c": False}


def test_differences_are_drawn_by_set() -> None:
    per_set = np.repeat(np.array([[1.0], [-1.0], [1.0], [-1.0]]), 50, axis=1)
    d = stats.difference(per_set)
    assert d.mean == 0.0
    assert (d.low, d.high) == (-1.0, 1.0)  # 200 values, but only four independent ones
