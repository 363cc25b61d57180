"""The attacker's arithmetic, against brute force and against the figures of the literature."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

import pytest
from scipy.stats import beta

from attacks.baselines import TEMPLATE_6, decoy_channel, decoy_success, decoy_zipf, paper_set
from attacks.coins import enumerate_law
from attacks.exact import (
    bayes_success,
    check,
    deterministic,
    posterior,
    prior_success,
    priors,
    repeated,
    total_variation,
    worst_ratio,
)
from attacks.intervals import clopper_pearson
from edge_sdk.mechanisms import Cells, Closed, Cover, KSubset, Local, Mechanism, Neutral
from edge_sdk.privacy.closing import slots
from edge_sdk.privacy.metric import domain_of


def test_the_posterior_is_bayes_rule() -> None:
    channel = {"x": {"a": Fraction(1, 2), "b": Fraction(1, 2)}, "y": {"a": Fraction(1)}}
    prior = {"x": Fraction(2, 3), "y": Fraction(1, 3)}
    assert posterior(channel, prior, "a") == {"x": Fraction(1, 2), "y": Fraction(1, 2)}
    assert posterior(channel, prior, "b") == {"x": Fraction(1), "y": Fraction(0)}
    with pytest.raises(ValueError, match="impossible"):
        posterior(channel, prior, "c")


def test_success_is_that_of_the_best_guess_per_view() -> None:
    rng = random.Random(1)
    rows = {x: [rng.randint(0, 5) for _ in range(4)] for x in range(3)}
    channel = {x: {v: Fraction(w, sum(r) or 1) for v, w in enumerate(r)} for x, r in rows.items()}
    check(channel)
    prior = priors(list(channel))["Zipf"]
    strategies = itertools.product(range(3), repeat=4)
    best = max(sum((prior[x] * channel[x][v] for v, x in enumerate(strategy)), Fraction(0)) for strategy in strategies)
    assert bayes_success(channel, prior) == best


def test_a_device_that_ignores_the_truth_gains_nothing() -> None:
    channel = deterministic(lambda _: b"same", list("abcde"))
    for prior in priors(list("abcde")).values():
        assert bayes_success(channel, prior) == prior_success(prior)
        assert posterior(channel, prior, b"same") == prior
    assert worst_ratio(channel) == 1
    assert total_variation(channel) == 0


def test_a_channel_must_sum_to_one() -> None:
    with pytest.raises(ValueError, match="exactly 1"):
        check({"x": {"a": Fraction(1, 3)}})


def test_repeats_by_multiset_are_repeats_by_sequence() -> None:
    channel = {x: {v: Fraction(1 + (x == v), 4) for v in range(3)} for x in range(3)}
    prior = priors(list(channel))["Zipf"]
    sequences = {
        x: {s: math.prod((channel[x][v] for v in s), start=Fraction(1)) for s in itertools.product(range(3), repeat=3)}
        for x in channel
    }
    many = repeated(channel, 3)
    check(many)
    assert bayes_success(many, prior) == bayes_success(sequences, prior)
    assert worst_ratio(many) == worst_ratio(sequences) == 8


def test_random_decoys_fall_as_the_literature_says() -> None:
    assert [round(float(decoy_success(40, 8, t)), 2) for t in (1, 2, 3, 4)] == [0.12, 0.54, 0.89, 0.98]
    assert round(float(decoy_zipf(40, 8)), 2) == 0.48
    channel = decoy_channel(5, 3)
    check(channel)
    assert worst_ratio(channel) is None
    assert total_variation(channel) == Fraction(5 - 3, 5 - 1)
    for prior, value in (("uniform", decoy_success(5, 3, 1)), ("Zipf", decoy_zipf(5, 3))):
        assert bayes_success(channel, priors(list(channel))[prior]) == value
    assert bayes_success(repeated(channel, 2), priors(list(channel))["uniform"]) == decoy_success(5, 3, 2)


def test_the_papers_set_keeps_the_pronoun() -> None:
    prompt = TEMPLATE_6.format(age="old", ethnicity="asian", gender="female", own="her")
    members = paper_set(prompt)
    assert len(members) == 30
    assert prompt in members
    assert all("her eyes" in m for m in members)
    assert "a portrait of a young caucasian male with fine lines around her eyes" in members


@pytest.mark.parametrize(("hits", "n"), [(0, 1), (1, 1), (0, 20), (20, 20), (3, 10), (50, 100), (199, 400), (1, 1000)])
@pytest.mark.parametrize("confidence", [0.95, 0.999])
def test_clopper_pearson_is_the_beta_quantile(hits: int, n: int, confidence: float) -> None:
    tail = (1 - confidence) / 2
    low = 0.0 if hits == 0 else float(beta.ppf(tail, hits, n - hits + 1))
    high = 1.0 if hits == n else float(beta.ppf(1 - tail, hits + 1, n - hits))
    assert clopper_pearson(hits, n, confidence) == pytest.approx((low, high), abs=1e-9)


def test_no_interval_for_nonsense() -> None:
    for bad in ((-1, 3, 0.9), (4, 3, 0.9), (0, 0, 0.9), (1, 2, 1.0)):
        with pytest.raises(ValueError, match="no interval"):
            clopper_pearson(*bad)


def test_all_tapes_of_coins() -> None:
    law = enumerate_law(lambda coins: coins(2) and coins(3))
    assert law == {0: Fraction(1, 2) + Fraction(1, 6), 1: Fraction(1, 6), 2: Fraction(1, 6)}
    with pytest.raises(ValueError, match="tapes"):
        enumerate_law(lambda coins: coins(10**9))


@pytest.mark.parametrize(
    "mechanism",
    [Closed(), Cover(3), Cells(3), Cells(4), KSubset(Fraction(3), 2), KSubset(Fraction(5, 4), 4), Neutral(), Local()],
    ids=lambda m: m.name,
)
def test_the_code_draws_by_the_law_it_states(mechanism: Mechanism) -> None:
    own = slots("an old man in a hat")
    domain = domain_of(own)
    assert domain.size >= 6
    for truth in domain.choices():
        drawn = enumerate_law(lambda coins, truth=truth: mechanism.view(domain, truth, coins))  # type: ignore[misc]
        stated = {view: p for view, p in mechanism.law(domain, truth).items() if p}
        assert drawn == stated
