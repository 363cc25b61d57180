"""What a mechanism works on: the public part of a prompt, and the choices its slots allow.

A domain may hold more choices than a request; :meth:`Domain.grid` cuts it down to the rows that are sent.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, TypeAlias

from obclip_contract import Axis, Phrase, PromptGrid
from obclip_contract.grid import expand_member

from .ruler import Metric, Ruler, plain

#: One value index for each axis.
Choice: TypeAlias = tuple[int, ...]
#: What is sent, in the order in which it is sent; empty: nothing is.
View: TypeAlias = tuple[Choice, ...]


def base_axis(name: str) -> str:
    """``"gender.2"`` -> ``"gender"``: the axis without the person's number."""
    return name.partition(".")[0]


class Slots(Protocol):
    """What a domain is made of: a prompt's slots, or a grid."""

    @property
    def template(self) -> str: ...

    @property
    def axes(self) -> tuple[Axis, ...]: ...

    @property
    def phrases(self) -> Mapping[str, Phrase]: ...


@dataclass(frozen=True)
class Domain:
    """A template, its axes and phrases, without a limit on the size of the product.

    It is the same for every truth that a prompt's slots could hold, so whatever is computed from it is public.
    ``metric`` says how far apart the values of an axis lie.
    """

    template: str
    axes: tuple[Axis, ...]
    phrases: Mapping[str, Phrase]
    metric: Metric = field(default=plain, repr=False, compare=False)

    @classmethod
    def of(cls, slots: Slots, metric: Metric = plain) -> Domain:
        """The public part of a prompt's slots, or the whole product of a grid."""
        return cls(slots.template, slots.axes, slots.phrases, metric)

    @cached_property
    def rulers(self) -> tuple[Ruler, ...]:
        """The ruler of each axis."""
        return tuple(self.metric(axis) for axis in self.axes)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of values of each axis."""
        return tuple(len(a.values) for a in self.axes)

    @property
    def size(self) -> int:
        """d, the number of choices (1 without axes)."""
        return math.prod(self.sizes)

    def choices(self) -> Iterator[Choice]:
        """Every choice, row-major (the last axis moves fastest)."""
        return itertools.product(*(range(n) for n in self.sizes))

    def position(self, choice: Choice) -> int:
        """Position of a choice in :meth:`choices`."""
        out = 0
        for size, value in zip(self.sizes, choice, strict=True):
            out = out * size + value
        return out

    def at(self, position: int) -> Choice:
        """The choice at a position of :meth:`choices`."""
        out = []
        for size in reversed(self.sizes):
            position, value = divmod(position, size)
            out.append(value)
        return tuple(reversed(out))

    def member(self, choice: Choice) -> str:
        """The prompt of one choice, worded as the cloud words it."""
        return expand_member(self.template, self.axes, self.phrases, choice)

    def nearest(self, view: View, choice: Choice) -> tuple[int, int]:
        """Position in ``view`` of the row nearest to ``choice``, and its distance (0: the choice itself is there)."""
        tables = [r.apart for r in self.rulers]
        apart = [sum(t[a][b] for t, a, b in zip(tables, row, choice, strict=True)) for row in view]
        best = min(range(len(view)), key=lambda i: (apart[i], i))
        return best, apart[best]

    def grid(self, view: View) -> PromptGrid:
        """The grid that is sent for a view: values that no row uses are left out, order is kept.

        Raises:
            obclip_contract.RequestError: no row, or more than a request may have.
            ValueError: rows that do not rise.
        """
        if any(a >= b for a, b in itertools.pairwise(view)):
            raise ValueError("the rows of a view must rise")
        used = [sorted({row[i] for row in view}) for i in range(len(self.axes))]
        axes = tuple(Axis(a.name, tuple(a.values[v] for v in kept)) for a, kept in zip(self.axes, used, strict=True))
        phrases = {name: self._cut(phrase, used) for name, phrase in self.phrases.items()}
        whole = len(view) == math.prod(len(kept) for kept in used)
        places = [{v: n for n, v in enumerate(kept)} for kept in used]
        rows = None if whole else tuple(tuple(p[v] for p, v in zip(places, row, strict=True)) for row in view)
        return PromptGrid(self.template, axes, phrases, rows)

    def _cut(self, phrase: Phrase, used: Sequence[Sequence[int]]) -> Phrase:
        sizes = self.sizes
        text = []
        for values in itertools.product(*(used[a] for a in phrase.axes)):
            index = 0
            for axis, value in zip(phrase.axes, values, strict=True):
                index = index * sizes[axis] + value
            text.append(phrase.text[index])
        return Phrase(phrase.axes, tuple(text))
