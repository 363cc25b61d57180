"""The attackers' learners do learn: a weak attacker would prove nothing."""

from __future__ import annotations

import numpy as np

from attacks.classifiers import by_key, by_numbers
from attacks.context import train_and_predict
from attacks.ngram import LanguageModel
from attacks.plausibility import mirrored, noun_swap


def test_a_key_that_tells_is_used() -> None:
    labels = [0, 1] * 20
    assert by_key([f"k{n}" for n in labels], labels, ["k1", "k0", "new"]) == [1, 0, 0]


def test_times_that_tell_are_found_among_others_that_do_not() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(120) % 2
    x = rng.exponential(1.0, (120, 8))
    guess = by_numbers(x[:60], labels[:60], x[60:])
    assert np.mean(guess == labels[60:]) < 0.75
    x[:, 3] += 3.0 * labels
    guess = by_numbers(x[:60], labels[:60], x[60:])
    assert np.mean(guess == labels[60:]) > 0.85


def test_words_that_tell_are_learned_across_groups() -> None:
    texts = [{"a", "skirt" if i % 2 else "tie", f"w{i % 7}"} for i in range(100)]
    labels = np.arange(100) % 2
    p = train_and_predict(texts, labels, [i // 2 for i in range(100)], 2)
    assert np.mean(p.argmax(axis=1) == labels) == 1.0
    noise = train_and_predict([{"a", f"w{i % 7}"} for i in range(100)], labels, list(range(100)), 2)
    assert np.mean(noise.argmax(axis=1) == labels) < 0.75


def test_the_language_model_hears_agreement() -> None:
    model = LanguageModel(
        ["a man walks his dog", "a woman walks her dog", "a man reads to his son", "a woman feeds her cat"] * 5
    )
    assert model.best(("a woman in a park with his dog", "a woman in a park with her dog")) == 1
    assert model.best(("a man in a park with his dog", "a man in a park with her dog")) == 0
    assert model.score("a man walks his dog") > model.score("dog his walks man a")


def test_swaps_and_mirrors() -> None:
    assert noun_swap("a man and his dog") == ("a man and his dog", "a woman and his dog")
    assert mirrored("a man and his dog") == "a woman and her dog"
    assert mirrored("a man sees him") is None
    assert mirrored("a dog") is None
