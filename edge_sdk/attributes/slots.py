"""Slots: the product of a prompt's axes before any mechanism has chosen what is sent."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from contract import Axis, Phrase, PromptGrid
from contract.grid import expand_member

from .lexicon import lexicon
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
            contract.RequestError: it breaks a limit of the contract.
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
        and every pair of values of two axes that are not :attr:`large`.

        They depend on the sizes of the axes alone.
        """
        sizes = [len(a.values) for a in self.axes]
        if self.count <= most:
            return list(itertools.product(*map(range, sizes)))
        left: set[tuple[tuple[int, int], ...]] = {((i, v),) for i, n in enumerate(sizes) for v in range(n)}
        small = [i for i, large in enumerate(self.large) if not large]
        for i, j in itertools.combinations(small, 2):
            left |= {((i, v), (j, w)) for v in range(sizes[i]) for w in range(sizes[j])}
        rng = random.Random(str(sizes))
        chosen: list[tuple[int, ...]] = []
        for wanted in sorted(left, key=lambda pairs: (-len(pairs), pairs)):
            if wanted not in left:
                continue
            row = [rng.randrange(n) for n in sizes]
            for axis, value in wanted:
                row[axis] = value
            # Values that no member has yet come first, so that a large axis is gone through on the way.
            for i in {*range(len(sizes))} - {axis for axis, _ in wanted}:
                row[i] = next((v for v in range(sizes[i]) if ((i, v),) in left), row[i])
            chosen.append(tuple(row))
            left -= {((i, v),) for i, v in enumerate(row)}
            left -= {((i, row[i]), (j, row[j])) for i, j in itertools.combinations(small, 2)}
        return chosen

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
