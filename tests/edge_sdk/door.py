"""The one door with its options as keywords, as most tests want it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from edge_sdk.privacy import Privacy, Release, release


def released(prompt: str, domains: Mapping[str, Sequence[str]] | None = None, **options: Any) -> Release:
    """What is sent for ``prompt``; ``options`` as in :class:`Privacy`."""
    return release(prompt, Privacy(domains=domains or {}, **options))
