"""k-subset: its law, ratio, inclusion and sampler by exact enumeration; opendp as a second opinion."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from fractions import Fraction

import pytest

from edge_sdk.errors import InputError
from edge_sdk.mechanisms import Coins, Domain, KSubset, View
from edge_sdk.mechanisms.k_subset import ratio_below

from .test_deterministic import numbered

RATIOS = [Fraction(1), Fraction(3, 2), Fraction(3), Fraction(20)]
SMALL = [(d, k) for d in (2, 3, 4, 6) for k in range(1, d)]


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize(("d", "k"), [*SMALL, (12, 3), (12, 8)])
def test_the_law_sums_to_one_and_its_worst_ratio_is_r(d: int, k: int, ratio: Fraction) -> None:
    domain, mechanism = numbered(d), KSubset(ratio, k)
    laws = {x: mechanism.law(domain, x) for x in domain.choices()}
    assert all(sum(law.values()) == 1 for law in laws.values())
    supports = {frozenset(law) for law in laws.values()}
    assert len(supports) == 1
    assert len(next(iter(supports))) == math.comb(d, k)
    worst = max(a[s] / b[s] for a, b in itertools.permutations(laws.values(), 2) for s in a)
    assert worst == ratio == mechanism.guarantee(domain).ratio


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize(("d", "k"), [*SMALL, (12, 5)])
def test_inclusion_probabilities_are_exact(d: int, k: int, ratio: Fraction) -> None:
    domain, mechanism = numbered(d), KSubset(ratio, k)
    truth = domain.at(d // 2)
    law = mechanism.law(domain, truth)
    assert sum(p for s, p in law.items() if truth in s) == mechanism.inclusion(domain)
    assert mechanism.inclusion(domain) == k * ratio / (k * ratio + d - k)
    for other in domain.choices():
        if other != truth:
            assert sum(p for s, p in law.items() if other in s) == mechanism.other_inclusion(domain)


def every_run(run: Callable[[Coins], View]) -> Iterator[tuple[View, Fraction]]:
    """Each outcome of a sampler with its probability, by walking the whole tree of its coins."""
    paths: list[list[int]] = [[]]
    while paths:
        path = paths.pop()
        at, weight = 0, Fraction(1)

        def coins(n: int, path: list[int] = path) -> int:
            nonlocal at, weight
            if at == len(path):
                paths.extend([*path, value] for value in range(1, n))
                path.append(0)
            weight /= n
            at += 1
            return path[at - 1]

        yield run(coins), weight


@pytest.mark.parametrize("ratio", [Fraction(1), Fraction(3, 2), Fraction(5)])
@pytest.mark.parametrize(("d", "k"), [*SMALL, (6, 2)])
def test_the_sampler_has_exactly_the_law(d: int, k: int, ratio: Fraction) -> None:
    domain, mechanism = numbered(d), KSubset(ratio, k)
    for truth in domain.choices():
        found: dict[View, Fraction] = {}
        for view, weight in every_run(lambda coins, truth=truth: mechanism.view(domain, truth, coins)):  # type: ignore[misc]
            found[view] = found.get(view, Fraction(0)) + weight
        assert found == mechanism.law(domain, truth)


def test_over_several_axes_the_rows_are_choices_in_order() -> None:
    domain = numbered(3, 4)
    mechanism = KSubset.of(1.0, 5)
    for _ in range(50):
        view = mechanism.view(domain, (2, 1))
        assert len(view) == 5
        assert list(view) == sorted(set(view))
        assert domain.grid(view).expand() == tuple(domain.member(r) for r in view)


def test_a_subset_of_everything_is_the_closed_set() -> None:
    domain = numbered(4)
    mechanism = KSubset.of(1.0, 4)
    assert mechanism.view(domain, (0,)) == tuple(domain.choices())
    assert mechanism.law(domain, (1,)) == mechanism.law(domain, (0,)) == {tuple(domain.choices()): Fraction(1)}
    assert mechanism.guarantee(domain).epsilon == 0.0
    assert mechanism.inclusion(domain) == 1


def test_huge_domains_are_drawn_without_being_enumerated() -> None:
    domain = numbered(200, 200, 200)
    view = KSubset.of(2.0, 8).view(domain, (199, 0, 7))
    assert len(view) == 8
    assert domain.grid(view).count == 8


@pytest.mark.parametrize("epsilon", [1e-6, 0.01, 0.5, 1.0, math.log(2), 3.0, 10.0, 16.0])
def test_epsilon_is_rounded_down_to_an_exact_ratio(epsilon: float) -> None:
    ratio = ratio_below(epsilon)
    # e^ε from below by its series with rational numbers, from above by one more term's bound.
    x = Fraction(epsilon)
    terms, term = Fraction(1), Fraction(1)
    for n in range(1, 80):
        term *= x / n
        terms += term
    assert 1 <= ratio <= terms or ratio == 1
    assert terms - ratio < Fraction(3, 1 << 20) + terms / (1 << 40)
    # what is charged is never below ln of the ratio, and not above what was asked for by more than a rounding
    charged = KSubset(ratio, 2).guarantee(numbered(5)).epsilon
    assert math.exp(charged) >= float(ratio) * (1 - 1e-12)
    assert charged <= epsilon + 1e-9


@pytest.mark.parametrize("epsilon", [0.0, -1.0, 16.5, float("nan"), float("inf")])
def test_an_epsilon_out_of_range_is_refused(epsilon: float) -> None:
    with pytest.raises(InputError, match="epsilon"):
        KSubset.of(epsilon)


@pytest.mark.parametrize("k", [0, 65])
def test_a_k_out_of_range_is_refused(k: int) -> None:
    with pytest.raises(InputError, match="candidates"):
        KSubset.of(1.0, k)


def test_with_one_row_it_is_randomized_response_and_opendp_agrees() -> None:
    """k = 1 is generalised randomised response; opendp's own map gives the same ε from the same probability."""
    transformations = pytest.importorskip("opendp.measurements")
    features = pytest.importorskip("opendp.mod")
    features.enable_features("contrib")
    d, ratio = 6, Fraction(7, 2)
    domain, mechanism = numbered(d), KSubset(ratio, 1)
    p = mechanism.inclusion(domain)
    assert p == ratio / (ratio + d - 1)
    response = transformations.make_randomized_response([str(i) for i in range(d)], prob=float(p))
    assert response.map(1) == pytest.approx(math.log(ratio), rel=1e-9)


def test_bayes_with_a_skewed_prior_gains_at_most_the_ratio() -> None:
    """Posterior odds <= r · prior odds for every view and pair, exactly."""
    domain: Domain = numbered(5)
    mechanism = KSubset(Fraction(4), 2)
    prior = [Fraction(w, 31) for w in (16, 8, 4, 2, 1)]
    laws = [mechanism.law(domain, x) for x in domain.choices()]
    for view in laws[0]:
        post = [p * law[view] for p, law in zip(prior, laws, strict=True)]
        for i, j in itertools.permutations(range(5), 2):
            assert post[i] / post[j] <= 4 * prior[i] / prior[j]
