"""A lab on the session's random pair and its running engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from attacks import Lab


@pytest.fixture(scope="session")
def lab(random_bundles: Path, cloud_url: str) -> Iterator[Lab]:
    with Lab(seed=0, quick=True, bundles=random_bundles, engine_url=cloud_url) as made:
        yield made
