"""(b) The Bayes-optimal attacker: unbounded, knows the mechanism and the prior, computes exact posteriors.

Bound for ε = 0 (edge_sdk/candidates.py): the posterior equals the prior for every prior, so success is
exactly that of guessing without looking. For other mechanisms the bound is the one their module states,
checked as an exact ratio and an exact success probability. All in rational numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from .bank import bank, closed_sets
from .exact import bayes_success, check, posterior, prior_success, priors
from .lab import Lab
from .outcome import Outcome, exact
from .targets import closed_channel, targets

__all__ = ["run"]


def _closed(lab: Lab) -> Iterator[Outcome]:
    """Over many sets: the largest gain over the prior, and the largest shift of any posterior."""
    gain: dict[str, Fraction] = {}
    shift: dict[str, Fraction] = {}
    sets = 0
    prompts = [*bank("wire"), *bank("bytes")]
    for truths in closed_sets(prompts[:16] if lab.quick else prompts, 12 if lab.quick else 36):
        lab.tick("bayes: closed")
        channel = closed_channel(truths.members, lab.seed)
        check(channel)
        sets += 1
        for name, prior in priors(truths.members).items():
            got = bayes_success(channel, prior) - prior_success(prior)
            gain[name] = max(gain.get(name, Fraction(0)), got)
            moved = max(
                abs(posterior(channel, prior, view)[x] - prior[x])
                for view in {v for row in channel.values() for v in row}
                for x in prior
            )
            shift[name] = max(shift.get(name, Fraction(0)), moved)
    for name, value in gain.items():
        worst = max(value, shift[name])
        yield exact(
            "bayes",
            f"closed, {name} prior",
            worst,
            Fraction(0),
            equal=True,
            what="largest change of a belief",
            detail=f"{sets} sets; success minus prior and |posterior − prior|, exact fractions",
        )


def run(lab: Lab) -> Iterator[Outcome]:
    """``closed`` over the bank, then every mechanism against its stated bound."""
    yield from _closed(lab)
    for target in targets(lab.seed, lab.quick):
        lab.tick(f"bayes: {target.name}")
        yield from target.outcomes()
