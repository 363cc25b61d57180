"""Every outcome of a program that tosses coins, with its exact probability.

A mechanism's own ``law`` is what it says of itself. Here its ``view`` is run on every tape of coins there is,
so that the probabilities are those of the code that really draws.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable
from fractions import Fraction
from typing import Final, TypeVar

__all__ = ["enumerate_law"]

V = TypeVar("V", bound=Hashable)
#: A program with more tapes than this is not for enumeration.
_MOST_TAPES: Final = 200_000


def enumerate_law(program: Callable[[Callable[[int], int]], V]) -> dict[V, Fraction]:
    """The exact law of ``program(coins)``, where ``coins(n)`` is uniform on 0..n-1.

    Raises:
        ValueError: more than 200,000 tapes.
    """
    law: dict[V, Fraction] = defaultdict(Fraction)
    tape: list[list[int]] = []  # [what came, out of how many]
    for _ in range(_MOST_TAPES):
        at = 0

        def coins(n: int) -> int:
            nonlocal at
            if at == len(tape):
                tape.append([0, n])
            assert tape[at][1] == n, "the program must depend on its coins alone"
            at += 1
            return tape[at - 1][0]

        view = program(coins)
        weight = Fraction(1)
        for _, n in tape[:at]:
            weight /= n
        law[view] += weight
        del tape[at:]
        while tape and tape[-1][0] + 1 == tape[-1][1]:
            tape.pop()
        if not tape:
            return dict(law)
        tape[-1][0] += 1
    raise ValueError(f"more than {_MOST_TAPES} tapes of coins")
