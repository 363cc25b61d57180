"""How long a prompt can get in a model's tokens, whatever its slots hold: a refusal must not depend on the truth.

Theorem. Let a tokenizer split at white space, so that the tokens of a text are the sum over its words. Then the longest
member has max over choices x of Σ_j f_j(x), where f_j counts word j of the template with its slots filled. Each f_j
depends on the axes of its own slots alone, so the maximum is found axis by axis (variable elimination), without
making the product. ∎  An article is one token, "a" or "an". Where the tables would grow beyond :data:`_MOST_CELLS`, the
sum of the largest f_j is taken, which is at least the maximum. Both are functions of the public domain.
Test: tests/edge_sdk/privacy/test_tokens.py, against every member.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from obclip_contract.grid import expand_member

from ..errors import InputError
from ..mechanisms import Domain
from ..mechanisms.domain import Slots

__all__ = ["Count", "check_forms", "most_tokens"]

#: Number of tokens of each text, without the marks at both ends.
Count: TypeAlias = Callable[[Sequence[str]], Sequence[int]]
#: A word's counts: an array with one dimension for each of its axes.
_Table: TypeAlias = tuple[tuple[int, ...], NDArray[np.int64]]
_PLACEHOLDER: Final = re.compile(r"\{\{|\}\}|\{([A-Za-z][A-Za-z0-9_]*)\}")
#: Cells of a table at most; no prompt that people write comes near.
_MOST_CELLS: Final = 1 << 16
#: Forms of all words at most, each of which is put together and counted: a second's work. Twelve attributes that stand
#: apart have some thousands; four nationalities without a space between them 1.3 billion.
_MOST_FORMS: Final = 1 << 16


def check_forms(slots: Slots) -> None:
    """Refuse a prompt whose words have too many forms to be counted, by its public parts alone.

    Raises:
        InputError: many slots stand together without a space between them.
    """
    sizes = [len(axis.values) for axis in slots.axes]
    forms = sum(math.prod(sizes[a] for a in _axes(slots, word)) for word in _words(slots))
    if forms > _MOST_FORMS:
        raise InputError(
            f"attributes that stand together without a space have more than {_MOST_FORMS} forms, too many to measure "
            "the prompt: put spaces between them, or describe fewer. Nothing was sent"
        )


def most_tokens(domain: Domain, count: Count) -> int:
    """Tokens of the domain's longest member, whether it is sent or not.

    Raises:
        InputError: as :func:`check_forms`.
    """
    check_forms(domain)
    words = _words(domain)
    axes = [_axes(domain, word) for word in words]
    texts = [_texts(domain, word, of) for word, of in zip(words, axes, strict=True)]
    flat = list(dict.fromkeys(itertools.chain(*texts)))
    counted = dict(zip(flat, count(flat), strict=True))
    tables = [
        (of, np.array([counted[t] for t in some], np.int64).reshape([domain.sizes[a] for a in of] or [1]))
        for of, some in zip(axes, texts, strict=True)
    ]
    fixed = sum(int(table.max()) for of, table in tables if not of)
    return fixed + _maximum([(of, table) for of, table in tables if of])


def _words(slots: Slots) -> list[str]:
    """The template's words; a sign belongs to the word before it."""
    return re.sub(r" +([,.;:!?])", r"\1", slots.template).split()


def _axes(slots: Slots, word: str) -> tuple[int, ...]:
    names = [m.group(1) for m in _PLACEHOLDER.finditer(word)]
    return tuple(sorted({a for n in names if n in slots.phrases for a in slots.phrases[n].axes}))


def _texts(domain: Domain, word: str, axes: tuple[int, ...]) -> list[str]:
    """The word for every choice of its axes, row-major."""
    choice = [0] * len(domain.axes)
    out = []
    for values in itertools.product(*(range(domain.sizes[a]) for a in axes)):
        for axis, value in zip(axes, values, strict=True):
            choice[axis] = value
        out.append(expand_member(word, domain.axes, domain.phrases, choice))
    return out


def _maximum(tables: list[_Table]) -> int:
    """The largest sum of one cell of each table that agree on the axes which they share."""
    while tables and any(of for of, _ in tables):
        axis = min({a for of, _ in tables for a in of}, key=lambda a: (_cells(tables, a), a))
        if _cells(tables, axis) > _MOST_CELLS:
            break
        touched = [t for t in tables if axis in t[0]]
        union = sorted({a for of, _ in touched for a in of})
        total = sum((_spread(t, union) for t in touched), np.zeros([1] * len(union), np.int64))
        rest = tuple(a for a in union if a != axis)
        tables = [t for t in tables if axis not in t[0]] + [(rest, total.max(axis=union.index(axis)))]
    return sum(int(table.max()) for _, table in tables)


def _cells(tables: Sequence[_Table], axis: int) -> int:
    """Cells of the table that takes the place of all tables with ``axis``."""
    sizes = {a: n for of, table in tables if axis in of for a, n in zip(of, table.shape, strict=True)}
    return math.prod(sizes.values())


def _spread(table: _Table, union: Sequence[int]) -> NDArray[np.int64]:
    """The table over ``union``'s dimensions; those that it lacks have size 1."""
    of, cells = table
    return cells.reshape([cells.shape[of.index(a)] if a in of else 1 for a in union])
