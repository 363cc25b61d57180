"""Memory, descriptors and threads stay level; benchmarks/endurance.py is the long form."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.endurance import endure
from edge_sdk import ObliviousPipeline

from ..conftest import Scripted
from ..http_server import serving

#: MiB that the allocator may still take after the warm-up; a leak of one latent or connection a run is more.
_ROOM = 6.0


@pytest.mark.skipif(not Path("/proc/self/statm").is_file(), reason="needs Linux's /proc")
def test_many_runs_leave_nothing_behind(random_bundles: Path, honest: Scripted) -> None:
    with serving(honest) as server, ObliviousPipeline.from_bundle(random_bundles / "edge", server.url, 1) as pipe:
        samples = list(endure(pipe, 48, 12, 2))
    first, last = samples[1], samples[-1]
    assert last.rss_mib - first.rss_mib < _ROOM
    assert last.descriptors <= first.descriptors + 1  # a connection that is just being closed
    assert last.threads <= first.threads + 1
