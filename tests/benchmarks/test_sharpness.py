"""Blur lowers the gradient; a picture near another has a high PSNR."""

from __future__ import annotations

import numpy as np

from benchmarks.sharpness import gradient


def test_blur_lowers_the_gradient() -> None:
    checks = np.indices((16, 16)).sum(0) % 2 * 2.0 - 1
    picture = np.stack([checks] * 3)
    soft = (picture[:, :, :-1] + picture[:, :, 1:]) / 2
    assert gradient(picture) == 2.0
    assert gradient(soft) < 0.1
    assert gradient(np.zeros((3, 8, 8))) == 0.0
