"""Slots: the product of a prompt's axes before any mechanism has chosen what is sent."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from obclip_contract import Axis, Phrase, PromptGrid
from obclip_contract.grid import expand_member

from .detector import Detector
from .lexicon import UNSPECIFIED
from .loading import lexicon
from .scope import Scope
from .spans import Span

_SCOPE = Scope()


@dataclass(frozen=True)
class CandidateSlots:
    """Template, axes and phrases of a prompt, of any size, and the true value's index on each axis.

    ``choice``, ``attributes`` and ``notes`` speak of the truth: they stay on the device and out of the ``repr``.
    Without axes the product is the prompt alone.
    """

    template: str
    axes: tuple[Axis, ...]
    phrases: Mapping[str, Phrase]
    choice: tuple[int, ...] = field(repr=False)
    attributes: tuple[Span, ...] = field(repr=False, default=())
    notes: tuple[str, ...] = field(repr=False, default=())
    #: What the set is over the lexicon's whole domains: equal exactly for the members of one set.
    whole: tuple[str, tuple[Axis, ...], tuple[tuple[str, Phrase], ...]] = field(repr=False, default=("", (), ()))
    #: What looks at the members too, and the words that the person allowed it to find.
    looks: Detector | None = field(repr=False, default=None, compare=False)
    allowed: frozenset[str] = field(repr=False, default=frozenset(), compare=False)
    #: What the prompt was read with; members are read with the same.
    scope: Scope = field(repr=False, default=_SCOPE)

    @property
    def count(self) -> int:
        """Members of the whole product; not limited (1 without axes)."""
        return math.prod(len(a.values) for a in self.axes)

    @property
    def whole_count(self) -> int:
        """Members over the lexicon's whole domains, however the axes were narrowed since."""
        return math.prod(len(a.values) for a in self.whole[1])

    @property
    def large(self) -> tuple[bool, ...]:
        """By axis, whether the lexicon calls it large (nationality): meant for a cover, not for enumeration."""
        return tuple(a.name.split(".")[0] in lexicon().large for a in self.axes)

    def member(self, choice: Sequence[int]) -> str:
        """The prompt with value ``choice[i]`` on axis ``i``."""
        return expand_member(self.template, self.axes, self.phrases, choice)

    def same_set(self, other: CandidateSlots) -> bool:
        """Whether both came from prompts of one set, however their axes were narrowed since."""
        return self.whole == other.whole

    def grid(self) -> PromptGrid:
        """The wire form of the whole product.

        Raises:
            obclip_contract.RequestError: it breaks a limit of the contract.
        """
        return PromptGrid(self.template, self.axes, self.phrases)

    def distance(self, axis: int, first: int, second: int) -> int:
        """How far two values of axis ``axis`` lie apart by the lexicon's public order; 0 for the same value."""
        values = self.axes[axis].values
        return lexicon(self.scope.opt_in).distance(self.axes[axis].name.split(".")[0], values[first], values[second])

    def nearest(self, axis: int, kept: Sequence[int], value: int) -> int:
        """The value among ``kept`` that is nearest to ``value`` (the first of several)."""
        return min(kept, key=lambda k: (self.distance(axis, k, value), k))

    def covering(self, most: int) -> list[tuple[int, ...]]:
        """Members to look at: all of them up to ``most``, else choices that together hold every value of every axis
        and every pair of values of two axes; of :attr:`large` ones, the public representatives, without pairs. (That
        a long list is read alike in all its values is a property of the lexicon, and tested there.)

        They depend on the axes alone.
        """
        sizes = [len(a.values) for a in self.axes]
        if self.count <= most:
            return list(itertools.product(*map(range, sizes)))
        looked = [self._looked_at(i) for i in range(len(sizes))]
        large = self.large
        pairs = [(i, j) for i, j in itertools.combinations_with_replacement(range(len(sizes)), 2)]
        pairs = [(i, j) for i, j in pairs if i == j or not (large[i] or large[j])]
        left = {(i, v, j, w) for i, j in pairs for v in looked[i] for w in looked[j] if i != j or v == w}
        chosen: list[tuple[int, ...]] = []
        while left:
            # The first pair that is left, and on the other axes what covers most of the pairs that are left.
            i, v, j, w = min(left)
            row = {i: v, j: w}
            for axis in range(len(sizes)):
                if axis not in row:
                    row[axis] = max(looked[axis], key=lambda value: (self._gained(row, axis, value, left), -value))
            chosen.append(tuple(row[axis] for axis in range(len(sizes))))
            left -= {(i, row[i], j, row[j]) for i, j in pairs}
        return chosen

    def _looked_at(self, axis: int) -> list[int]:
        """The values of an axis that members are looked at for."""
        name, values = self.axes[axis].name.split(".")[0], self.axes[axis].values
        few = lexicon(self.scope.opt_in).large.get(name, values)
        return [i for i, v in enumerate(values) if v in few or v == UNSPECIFIED]

    @staticmethod
    def _gained(row: Mapping[int, int], axis: int, value: int, left: set[tuple[int, int, int, int]]) -> int:
        """How many of the pairs that are left hold ``value`` on ``axis``, alone or with a value of ``row``."""
        pairs = ((axis, value, other, v) if axis < other else (other, v, axis, value) for other, v in row.items())
        return ((axis, value, axis, value) in left) + sum(pair in left for pair in pairs)

    def narrowed(self, keep: Sequence[Sequence[int]]) -> CandidateSlots:
        """The same slots with axis ``i`` cut to the values at the rising positions ``keep[i]``.

        The choice moves to the nearest value left. What is kept must not depend on the choice.
        """
        phrases = {}
        for name, phrase in self.phrases.items():
            rows = [0]
            for a in phrase.axes:
                rows = [r * len(self.axes[a].values) + v for r in rows for v in keep[a]]
            phrases[name] = Phrase(phrase.axes, tuple(phrase.text[r] for r in rows))
        axes = tuple(Axis(a.name, tuple(a.values[v] for v in kept)) for a, kept in zip(self.axes, keep, strict=True))
        choice = tuple(
            list(kept).index(self.nearest(i, kept, value))
            for i, (kept, value) in enumerate(zip(keep, self.choice, strict=True))
        )
        return replace(self, axes=axes, phrases=phrases, choice=choice)
