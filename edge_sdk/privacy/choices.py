"""The person's choices, and which mechanism serves a domain. Public facts only: the truth is no argument here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from contract.limits import MAX_CANDIDATES

from ..errors import InputError
from ..mechanisms import Cells, Closed, Cover, Domain, KSubset, Local, Mechanism, Neutral
from ..mechanisms.cells import DEFAULT_CELL
from ..mechanisms.cover import DEFAULT_COVER, LARGE_AXIS
from ..mechanisms.k_subset import DEFAULT_K

Name = Literal["auto", "closed", "cover", "cells", "k-subset", "local", "neutral"]
NAMES: Final[tuple[str, ...]] = get_args(Name)
OnMiss = Literal["nearest", "local"]
ON_MISS: Final[tuple[str, ...]] = get_args(OnMiss)
#: Mechanisms whose rows may lack the truth. Public: the device does the same number of steps for all of theirs.
MAY_MISS: Final = frozenset({"cover", "k-subset", "neutral"})


@dataclass(frozen=True)
class Privacy:
    """How a prompt is hidden.

    Attributes:
        mechanism: a name, or "auto": ``closed`` where the product fits ``max_candidates``, ``cover`` where an axis is
            large, ``cells`` where small axes make a large product.
        epsilon: of one k-subset draw; needed for it and for nothing else.
        cell_size: choices in a cell at most.
        max_candidates: N at most; by default 64 for closed, 24 for cover, 8 for k-subset.
        on_miss: where the truth may not be among the rows and is not: begin from the "nearest" one at higher
            noise, or make the picture on the device alone ("local").
        reading: keyword arguments of :func:`edge_sdk.privacy.closing.slots` (domains and more).

    Raises:
        InputError: an unknown name, or a number out of range.
    """

    mechanism: str = "auto"
    epsilon: float | None = None
    cell_size: int = DEFAULT_CELL
    max_candidates: int | None = None
    on_miss: str = "nearest"
    reading: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.mechanism not in NAMES:
            raise InputError(f"there is no mechanism {self.mechanism!r}; there are: {', '.join(NAMES)}")
        if self.on_miss not in ON_MISS:
            raise InputError(f"on a miss the device can go on from: {', '.join(ON_MISS)}; not {self.on_miss!r}")
        if self.max_candidates is not None and not 1 <= self.max_candidates <= MAX_CANDIDATES:
            raise InputError(f"the number of candidates is between 1 and {MAX_CANDIDATES}, not {self.max_candidates}")
        if self.mechanism == "k-subset" and self.epsilon is None:
            raise InputError("k-subset needs --epsilon, for instance 1; what it spends is kept in the ledger")
        if self.mechanism != "k-subset" and self.epsilon is not None:
            raise InputError("--epsilon belongs to --mechanism k-subset; the others spend nothing")
        _ = Cells(self.cell_size)

    def choose(self, domain: Domain) -> Mechanism:
        """The mechanism for a domain.

        Raises:
            InputError: a parameter is out of range.
        """
        n = self.max_candidates
        if self.mechanism == "closed":
            return Closed(n or MAX_CANDIDATES)
        if self.mechanism == "cover":
            return Cover(n or DEFAULT_COVER)
        if self.mechanism == "cells":
            return Cells(min(self.cell_size, n or self.cell_size))
        if self.mechanism == "k-subset":
            assert self.epsilon is not None
            return KSubset.of(self.epsilon, n or DEFAULT_K)
        if self.mechanism == "neutral":
            return Neutral()
        return Local() if self.mechanism == "local" else self._auto(domain)

    def _auto(self, domain: Domain) -> Mechanism:
        n = self.max_candidates
        if domain.size <= (n or MAX_CANDIDATES):
            return Closed(n or MAX_CANDIDATES)
        if any(size > LARGE_AXIS for size in domain.sizes):
            return Cover(n or DEFAULT_COVER)
        return Cells(min(self.cell_size, n or self.cell_size))


def privacy_from(options: Mapping[str, Any], mechanism: str | None = None) -> Privacy:
    """The choices that plain options say, and a mechanism's name ("auto" if ``None``)."""
    return Privacy(mechanism=mechanism or "auto", reading=dict(options))
