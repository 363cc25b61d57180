"""The person's choices, and which mechanism serves a domain. Public facts only: the truth is no argument here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from obclip_contract.limits import MAX_CANDIDATES

from ..errors import InputError
from ..mechanisms import Cells, Closed, Cover, Domain, KSubset, Local, Mechanism, Neutral
from ..mechanisms.cells import DEFAULT_CELL
from ..mechanisms.cover import DEFAULT_COVER
from ..mechanisms.k_subset import DEFAULT_K
from ..privacy_names import NAMES, ON_MISS

if TYPE_CHECKING:
    from ..attributes import Detector, Finding

__all__ = ["NAMES", "ON_MISS", "OnImplied", "Privacy", "privacy_from"]

#: A choice for all findings ("refuse", "ask", "slot", "generalise", "allow"), or a function that decides each.
OnImplied: TypeAlias = "str | Callable[[Finding], str]"


@dataclass(frozen=True)
class Privacy:
    """How a prompt is read, and how it is hidden.

    Attributes:
        mechanism: a name, or "auto": ``closed`` where the product fits ``max_candidates``, else ``cover``. What gives
            bits away (``cells``) or spends ε (``k-subset``) is taken by its name alone.
        epsilon: of one k-subset draw; needed for it and for nothing else.
        cell_size: choices in a cell at most.
        max_candidates: N at most; by default 64 for closed, 24 for cover, 8 for k-subset.
        on_miss: where the truth may not be among the rows and is not: begin from the "nearest" one at higher
            noise, or make the picture on the device alone ("local").
        axes: the axes to hide; all default and opt-in ones if ``None``. Words of the others stay as they are.
        opt_in: axes beside the default ones: profession, body, hair, first_names.
        domains: public sub-lists of values by axis; a true value outside moves to the nearest one left.
        strict: refuse words that are not canonical values instead of moving to the nearest one.
        unspecified: add the value "unspecified" to ``axes`` (gender alone if ``None``) and expand them for every
            person, so that whether they were mentioned is hidden too.
        on_implied: what is done about words that imply an axis: "refuse" (and "ask", for callers that ask and come
            again), "slot", "generalise", "allow", or a function from a finding to one of these.
        detector: finds more words; they count as implied.

    Raises:
        InputError: an unknown name, or a number out of range.
    """

    mechanism: str = "auto"
    epsilon: float | None = None
    cell_size: int = DEFAULT_CELL
    max_candidates: int | None = None
    on_miss: str = "nearest"
    axes: tuple[str, ...] | None = None
    opt_in: tuple[str, ...] = ()
    domains: Mapping[str, Sequence[str]] = field(default_factory=dict)
    strict: bool = False
    unspecified: bool = False
    on_implied: OnImplied = "refuse"
    detector: Detector | None = None

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
        for name in ("axes", "opt_in"):
            if isinstance(getattr(self, name), str):
                raise InputError(f"{name} is a list of names, not the text {getattr(self, name)!r}")
        _ = Cells(self.cell_size)

    def choose(self, domain: Domain) -> Mechanism:
        """The mechanism for a domain.

        Raises:
            InputError: a parameter is out of range.
        """
        n = self.max_candidates
        if self.mechanism == "auto":
            return Closed(n or MAX_CANDIDATES) if domain.size <= (n or MAX_CANDIDATES) else Cover(n or DEFAULT_COVER)
        if self.mechanism == "closed":
            return Closed(n or MAX_CANDIDATES)
        if self.mechanism == "cover":
            return Cover(n or DEFAULT_COVER)
        if self.mechanism == "cells":
            return Cells(min(self.cell_size, n or self.cell_size))
        if self.mechanism == "k-subset":
            assert self.epsilon is not None
            return KSubset.of(self.epsilon, n or DEFAULT_K)
        return Neutral() if self.mechanism == "neutral" else Local()


_NAMED: Final = frozenset(f.name for f in fields(Privacy))
_LISTS: Final = ("axes", "opt_in")
_FLAGS: Final = ("strict", "unspecified")
_NUMBERS: Final = ("epsilon", "cell_size", "max_candidates")


def privacy_from(options: Mapping[str, Any], mechanism: str | None = None) -> Privacy:
    """The choices that plain data says (a JSON object, a form), by the names of :class:`Privacy`'s fields.

    Args:
        options: fields that are not named, or ``None`` there, keep their defaults.
        mechanism: goes before ``options["mechanism"]``.

    Raises:
        InputError: an unknown name, or a value of another kind.
    """
    given = {name: value for name, value in options.items() if value is not None}
    if mechanism is not None:
        given["mechanism"] = mechanism
    if unknown := sorted(set(given) - _NAMED):
        raise InputError(f"there is no option {unknown[0]!r}; there are: {', '.join(sorted(_NAMED))}")
    for name in _LISTS:
        if name in given:
            given[name] = _names(name, given[name])
    for name in _FLAGS:
        if not isinstance(given.get(name, False), bool):
            raise InputError(f"{name} is true or false, not {given[name]!r}")
    for name in _NUMBERS:
        number = given.get(name, 1)
        if isinstance(number, bool) or not isinstance(number, int | float) or (name != "epsilon" and number % 1):
            raise InputError(f"{name} is a number, not {number!r}")
    if "domains" in given:
        if not isinstance(given["domains"], Mapping):
            raise InputError("domains is a list of values for each axis")
        given["domains"] = {axis: _names(f"domains of {axis}", values) for axis, values in given["domains"].items()}
    return Privacy(**given)


def _names(what: str, values: Any) -> tuple[str, ...]:
    if isinstance(values, str) or not isinstance(values, Sequence | set | frozenset):
        raise InputError(f"{what} is a list of names, not {values!r}")
    names = tuple(values) if isinstance(values, Sequence) else tuple(sorted(values))
    if not all(isinstance(v, str) for v in names):
        raise InputError(f"{what} is a list of names, not {values!r}")
    return names
