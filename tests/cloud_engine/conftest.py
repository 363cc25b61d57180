"""A cloud bundle without ONNX graphs, for tests of the torch backend and of plans."""

from __future__ import annotations

from pathlib import Path

import pytest

from testing.torch_bundle import write_torch_bundle


@pytest.fixture(scope="session")
def torch_bundle(random_pair: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The random pair's cloud bundle without ONNX graphs."""
    return write_torch_bundle(random_pair / "large", tmp_path_factory.mktemp("torch") / "cloud", 3.5)
