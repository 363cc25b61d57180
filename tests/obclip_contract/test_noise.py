import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obclip_contract import philox4x32, standard_normal

#: Random123's published known answers for philox4x32, 10 rounds (kat_vectors).
KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN)
def test_philox_gives_random123s_known_answers(counter, key, words):
    assert tuple(philox4x32(np.array([counter], np.uint32), key)[0]) == words


def slow_philox(counter, key):
    """The paper's definition in plain integers, written apart from the array version."""
    c, k = list(counter), list(key)
    for _ in range(10):
        low = [0xD2511F53 * c[0], 0xCD9E8D57 * c[2]]
        c = [(low[1] >> 32) ^ c[1] ^ k[0], low[1] % 2**32, (low[0] >> 32) ^ c[3] ^ k[1], low[0] % 2**32]
        k = [(k[0] + 0x9E3779B9) % 2**32, (k[1] + 0xBB67AE85) % 2**32]
    return c


words = st.integers(0, 2**32 - 1)


@settings(max_examples=300, deadline=None)
@given(st.tuples(words, words, words, words), st.tuples(words, words))
def test_philox_is_the_papers_definition(counter, key):
    assert list(philox4x32(np.array([counter], np.uint32), key)[0]) == slow_philox(counter, key)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**64 - 1), words, st.integers(0, 2000))
def test_one_value_by_the_specs_steps(seed, stream, i):
    """SPEC.md, section Noise, in plain floats: equal to one float32 ulp."""
    block = slow_philox((i // 4, 0, stream, 0), (seed % 2**32, seed >> 32))
    u, v = ((w + 0.5) / 2**32 for w in block[i % 4 // 2 * 2 :][:2])
    radius = math.sqrt(-2 * math.log(u))
    want = np.float32(radius * (math.cos if i % 2 == 0 else math.sin)(2 * math.pi * v))
    got = standard_normal(seed, (i + 1,), stream)[i]
    assert abs(got - want) <= np.spacing(np.abs(want))


def test_a_shorter_shape_is_a_prefix():
    long = standard_normal(7, (3, 5, 7)).reshape(-1)
    for n in (1, 2, 3, 4, 5, 50):
        assert np.array_equal(standard_normal(7, (n,)), long[:n])


def test_streams_and_seeds_differ():
    base = standard_normal(1, (64,))
    assert not np.array_equal(base, standard_normal(2, (64,)))
    assert not np.array_equal(base, standard_normal(1, (64,), stream=1))
    assert not np.array_equal(standard_normal(1 << 40, (64,)), standard_normal(1, (64,)))


def test_values_are_standard_normal_over_many_seeds():
    means, squares, fourth = [], [], []
    for seed in range(600):
        z = standard_normal(seed, (4096,)).astype(np.float64)
        means.append(z.mean())
        squares.append((z**2).mean())
        fourth.append((z**4).mean())
    # Standard errors of the grand means over 2.5 million values; five of them is the bound.
    n = 600 * 4096
    assert abs(np.mean(means)) < 5 / n**0.5
    assert abs(np.mean(squares) - 1) < 5 * (2 / n) ** 0.5
    assert abs(np.mean(fourth) - 3) < 5 * (96 / n) ** 0.5
    # The means themselves spread as they should: no seed family is biased.
    assert 0.9 < np.std(means) * 64 < 1.1


@pytest.mark.parametrize(("seed", "stream"), [(-1, 0), (2**64, 0), (0, 2**32), (0, -1)])
def test_out_of_range_is_refused(seed, stream):
    with pytest.raises(ValueError, match="seed"):
        standard_normal(seed, (4,), stream)
