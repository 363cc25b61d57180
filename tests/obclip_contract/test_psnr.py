"""PSNR: by hand, of equal arrays, and where the signal has no range."""

from __future__ import annotations

import numpy as np
import pytest

from obclip_contract import MAX_PSNR, psnr


def test_by_hand() -> None:
    reference = np.array([[0.0, 1.0], [0.0, -1.0]])  # range 2
    value = np.array([[0.2, 1.2], [0.0, -1.0]])
    got = psnr(value, reference)
    assert got[0] == pytest.approx(10 * np.log10(4 / 0.04))
    assert got[1] == MAX_PSNR  # equal: finite all the same
    assert psnr(value, reference, peak=1.0)[0] == pytest.approx(10 * np.log10(1 / 0.04))


def test_pictures_of_the_full_range() -> None:
    black, white = -np.ones((1, 3, 4, 4), np.float32), np.ones((1, 3, 4, 4), np.float32)
    assert psnr(black, white, 2.0).tolist() == [0.0]
    assert psnr(black, black, 2.0).tolist() == [MAX_PSNR]
    assert psnr(black, black + np.float32(0.2), 2.0)[0] == pytest.approx(20.0, abs=1e-3)


def test_a_signal_without_a_range_is_right_or_wrong() -> None:
    flat = np.ones((2, 4))
    assert psnr(flat + np.array([[0.0], [0.1]]), flat).tolist() == [MAX_PSNR, 0.0]
