"""closed, cover, cells, local, neutral: their theorems by enumeration, with rational numbers."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_sdk.attributes import lexicon
from edge_sdk.errors import InputError
from edge_sdk.mechanisms import Cells, Closed, Cover, Domain, Local, Mechanism, Neutral, View
from edge_sdk.mechanisms.cells import balanced
from edge_sdk.mechanisms.cover import allocate, cells_of
from edge_sdk.privacy.closing import slots
from edge_sdk.privacy.metric import domain_of, measure
from obclip_contract import Axis, Phrase

from ..door import released

AGE = Axis("age", ("child", "adult", "old"))
TONE = Axis("skin_tone", ("light", "medium-light", "medium", "medium-dark", "dark"))


def numbered(*sizes: int, names: Sequence[str] = ()) -> Domain:
    """A domain with these sizes, one phrase for each axis and one over the first two."""
    names = names or [f"axis{i}" for i in range(len(sizes))]
    axes = tuple(Axis(n, tuple(f"v{v}" for v in range(size))) for n, size in zip(names, sizes, strict=True))
    phrases = {f"p{i}": Phrase((i,), tuple(f"{a.name} {v}" for v in a.values)) for i, a in enumerate(axes)}
    if len(axes) > 1:
        pairs = itertools.product(axes[1].values, axes[0].values)
        phrases["q"] = Phrase((1, 0), tuple(f"{b}/{a}" for b, a in pairs))
    return Domain("a picture of " + " ".join("{" + n + "}" for n in phrases), axes, phrases, measure)


DOMAINS = [
    numbered(2),
    numbered(3),
    numbered(2, 3),
    numbered(5, 4, 2),
    numbered(24, 2),
    numbered(2, 40),
    numbered(7, 7),
]
EVERY: list[Mechanism] = [Closed(), Cover(4), Cover(8), Cover(64), Cells(3), Cells(8), Cells(64), Local(), Neutral()]
BLIND: list[Mechanism] = [m for m in EVERY if m.name != "cells"]


def fits(mechanism: Mechanism, domain: Domain) -> bool:
    return not isinstance(mechanism, Closed) or domain.size <= mechanism.max_candidates


CASES = [(m, d) for m in EVERY for d in DOMAINS if fits(m, d)]


@pytest.mark.parametrize(("mechanism", "domain"), CASES)
def test_every_law_is_a_probability_and_the_view_has_it(mechanism: Mechanism, domain: Domain) -> None:
    def no_coins(_: int) -> int:
        raise AssertionError("deterministic mechanisms toss no coins")

    for truth in domain.choices():
        law = mechanism.law(domain, truth)
        assert sum(law.values()) == 1
        assert all(isinstance(p, Fraction) for p in law.values())
        view = mechanism.view(domain, truth, no_coins)
        assert law == {view: Fraction(1)}
        assert list(view) == sorted(set(view))


@pytest.mark.parametrize(("mechanism", "domain"), [(m, d) for m, d in CASES if m in BLIND])
def test_blind_mechanisms_give_every_pair_of_truths_the_same_view(mechanism: Mechanism, domain: Domain) -> None:
    """ε = 0: the ratio of any view's probabilities under any two truths is 1."""
    laws = [mechanism.law(domain, x) for x in domain.choices()]
    assert all(a == b for a, b in itertools.combinations(laws, 2))
    assert mechanism.guarantee(domain).ratio == 1
    assert (mechanism.guarantee(domain).epsilon, mechanism.guarantee(domain).bits) == (0.0, 0.0)


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("size", [1, 3, 8, 24, 64])
def test_cells_are_a_partition_and_leak_at_most_what_is_printed(domain: Domain, size: int) -> None:
    mechanism = Cells(size)
    cells: dict[View, list[tuple[int, ...]]] = {}
    for truth in domain.choices():
        cells.setdefault(mechanism.view(domain, truth), []).append(truth)
    # Closed within the cell: the view is the set of exactly those truths that give it.
    assert all(list(view) == truths for view, truths in cells.items())
    assert max(map(len, cells)) <= size
    promise = mechanism.guarantee(domain)
    # H(cell) for two priors: uniform, and geometric over the positions; both within the bound.
    for weights in ([1] * domain.size, [2 ** (domain.size - i) for i in range(domain.size)]):
        total = sum(weights)
        mass = [Fraction(sum(weights[domain.position(t)] for t in truths), total) for truths in cells.values()]
        entropy = -sum(float(p) * math.log2(p) for p in mass)
        assert entropy <= promise.bits + 1e-9
    assert 2**promise.bits == pytest.approx(len(cells))
    assert math.fsum(promise.bits_by_axis.values()) == pytest.approx(promise.bits)


@pytest.mark.parametrize("domain", DOMAINS)
def test_by_axis_the_cell_leaks_what_is_printed(domain: Domain) -> None:
    """Two truths that agree on the axes said to leak share a cell."""
    mechanism = Cells(6)
    leaking = [i for i, a in enumerate(domain.axes) if a.name in mechanism.guarantee(domain).bits_by_axis]
    told: dict[tuple[int, ...], set[View]] = {}
    for truth in domain.choices():
        told.setdefault(tuple(truth[i] for i in leaking), set()).add(mechanism.view(domain, truth))
    assert all(len(views) == 1 for views in told.values())


def test_a_partition_depends_on_the_axes_alone() -> None:
    one = slots("an old woman pilot with dark skin")
    other = slots("a girl with light skin in a red coat")
    assert one.axes == other.axes
    assert one.template != other.template
    assert Cells(5).partition(domain_of(one)) == Cells(5).partition(domain_of(other))


def test_blocks_balance_the_prior() -> None:
    axis = Axis("nationality", ("indian", "chinese", "american", "swiss", "dutch", "belgian"))
    assert measure(axis).prior[0] > 50 * measure(axis).prior[-1]
    blocks = balanced(measure(axis), 2)
    assert sorted(map(len, blocks)) == [3, 3]
    mass = [sum(measure(axis).prior[v] for v in b) for b in blocks]
    assert max(mass) < 1.4 * min(mass)
    assert all(Counter(itertools.chain(*balanced(measure(TONE), n))) == Counter(range(5)) for n in range(1, 6))


def test_the_closed_set_is_the_whole_product() -> None:
    chosen = released("an old woman pilot with dark skin")
    domain = domain_of(slots("an old woman pilot with dark skin"))
    assert domain.grid(Closed().view(domain, (0, 0, 0))) == chosen.grid
    with pytest.raises(InputError, match="cover"):
        Closed(29).view(domain, (0, 0, 0))


@pytest.mark.parametrize("mechanism", [Closed(), Cover(9), Cover(4), Cells(4), Neutral()])
def test_what_is_sent_are_members_of_the_product(mechanism: Mechanism) -> None:
    domain = domain_of(slots("an old woman pilot with dark skin and her dog"))
    for truth in domain.choices():
        view = mechanism.view(domain, truth)
        grid = domain.grid(view)
        assert grid.expand() == tuple(domain.member(row) for row in view)
        assert grid.template == domain.template


def test_cutting_a_grid_keeps_the_text_of_every_row() -> None:
    domain = numbered(5, 4, 3)
    rows = list(domain.choices())
    for step in (1, 2, 7, 11, 59):
        view = tuple(rows[1::step])[:64]
        grid = domain.grid(view)
        assert grid.expand() == tuple(domain.member(row) for row in view)
        assert all(len(a.values) <= len(view) for a in grid.axes)
    with pytest.raises(ValueError, match="rise"):
        domain.grid((rows[1], rows[0]))
    assert [domain.position(domain.at(i)) for i in range(60)] == list(range(60))


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("limit", [1, 4, 8, 24])
def test_a_cover_is_bounded_and_leaves_nothing_far(domain: Domain, limit: int) -> None:
    view = Cover(limit).view(domain, next(iter(domain.choices())))
    assert 1 <= len(view) <= limit
    assert len(view) > min(limit, domain.size) // 2  # the budget is used
    for row in view:
        assert domain.nearest(view, row) == (view.index(row), 0)


def test_a_large_axis_gives_way_and_small_ones_stay_whole() -> None:
    domain = numbered(2, 40, names=("gender", "nationality"))
    view = Cover(24).view(domain, (0, 0))
    assert {row[0] for row in view} == {0, 1}
    assert len(view) == 24
    for truth in domain.choices():
        assert view[Cover(24).start(domain, view, truth)][0] == truth[0]  # gender begins exactly


PERSONS = numbered(2, 3, 5, 2, 3, 5, names=("gender", "age", "skin_tone", "gender.2", "age.2", "skin_tone.2"))


def own_cells(domain: Domain, cover: Cover, choice: tuple[int, ...]) -> tuple[int, ...]:
    """By axis, the cell of the choice's value."""
    out = []
    for ruler, count, value in zip(domain.rulers, cover.allocation(domain), choice, strict=True):
        out.append(next(k for k, cell in enumerate(cells_of(ruler, count)) if value in cell))
    return tuple(out)


@pytest.mark.parametrize("domain", [*DOMAINS, PERSONS])
@pytest.mark.parametrize("limit", [1, 4, 8, 24])
def test_every_truth_begins_near_on_every_axis_at_once(domain: Domain, limit: int) -> None:
    """Theorem 2 of ``cover``, for every truth: so no person's nearness is paid for with another's."""
    cover = Cover(limit)
    counts, view = cover.allocation(domain), cover.view(domain, (0,) * len(domain.axes))
    rows = {own_cells(domain, cover, row): row for row in view}
    assert len(rows) == len(view) == math.prod(counts)  # one row for every combination of cells
    for truth in domain.choices():
        begun = view[cover.start(domain, view, truth)]
        own = rows[own_cells(domain, cover, truth)]
        assert all(a == b for a, b, c, n in zip(begun, truth, counts, domain.sizes, strict=True) if c == n)
        assert domain.nearest((begun,), truth)[1] <= domain.nearest((own,), truth)[1]
        assert truth not in view or begun == truth


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from([("gender", 2), ("age", 3), ("skin_tone", 5), ("ethnicity", 6), ("nationality", 190)]),
        min_size=1,
        max_size=12,
    ),
    st.integers(2, 64),
)
def test_every_axis_of_every_person_varies(axes: list[tuple[str, int]], limit: int) -> None:
    """No value stands in all rows, whoever's it is; with rows enough, every value of a short list stands in some."""
    domain = numbered(*(n for _, n in axes), names=[f"{name}.{i + 1}" for i, (name, _) in enumerate(axes)])
    view = Cover(limit).view(domain, (0,) * len(axes))
    domain.grid(view)  # within the contract's limits: also where one phrase hangs on two axes
    for i, size in enumerate(domain.sizes):
        shown = {row[i] for row in view}
        assert len(shown) >= 2
        if len(view) >= 24 and size <= 6 and len(axes) > 2:
            assert len(shown) == size
        if len(view) >= 16 and i > 1:  # one phrase hangs on the first two axes, and holds 64 texts at most
            assert len(shown) >= min(size, 4)


@pytest.mark.parametrize("count", range(1, 6))
def test_cells_are_a_partition_with_their_centre_first(count: int) -> None:
    for axis in (TONE, AGE, Axis("ethnicity", tuple(f"e{i}" for i in range(6)))):
        ruler = measure(axis)
        cells = cells_of(ruler, min(count, ruler.size))
        assert sorted(v for cell in cells for v in cell) == list(range(ruler.size))
        for cell in cells:
            for value in cell:
                assert ruler.apart[value][cell[0]] == min(ruler.apart[value][other[0]] for other in cells)
    assert sorted(map(len, cells_of(measure(axis), 3))) == [2, 2, 2]  # of values that are all equally near


@pytest.mark.parametrize("domain", [*DOMAINS, PERSONS])
@pytest.mark.parametrize("limit", [1, 3, 8, 24, 64])
def test_no_other_allocation_is_nearer(domain: Domain, limit: int) -> None:
    """Theorem 3 of ``cover``, against every way to give the axes counts."""
    costs = tuple(r.costs for r in domain.rulers)
    ways = itertools.product(*(range(1, min(len(c), limit) + 1) for c in costs))
    fitting = [c for c in ways if math.prod(c) <= limit]

    def cost(counts: tuple[int, ...]) -> int:
        return sum(c[n - 1] for c, n in zip(costs, counts, strict=True))

    assert allocate(costs, limit) == min(fitting, key=lambda c: (cost(c), [-n for n in c]))


def test_several_persons_each_begin_with_their_own_gender() -> None:
    cover = Cover(24)
    view = cover.view(PERSONS, (0,) * 6)
    for truth in PERSONS.choices():
        begun = view[cover.start(PERSONS, view, truth)]
        assert (begun[0], begun[3]) == (truth[0], truth[3])


def test_representatives_of_an_ordered_axis_lie_in_the_middle_of_what_they_stand_for() -> None:
    ruler = measure(TONE)
    assert ruler.representatives[0] == (2,)
    assert ruler.representatives[4] == (0, 1, 2, 3, 4)
    for count in range(1, 6):
        every = {c: max(min(row[v] for v in c) for row in ruler.apart) for c in itertools.combinations(range(5), count)}
        assert every[ruler.representatives[count - 1]] == min(every.values())
    assert list(ruler.costs) == sorted(ruler.costs, reverse=True)
    assert ruler.costs[-1] == 0


def test_the_representatives_of_a_long_list_are_within_twice_the_best_radius() -> None:
    ruler = measure(numbered(40, names=("nationality",)).axes[0])
    for chosen in ruler.representatives:
        away = max(min(row[v] for v in chosen) for row in ruler.apart)
        # Gonzalez's argument: were the radius larger, the next one chosen would be further from all of them.
        assert all(ruler.apart[a][b] >= away for a, b in itertools.combinations(chosen, 2))
    assert [len(c) for c in ruler.representatives] == list(range(1, 41))


def test_what_the_ruler_puts_first_stands_for_others_first() -> None:
    ruler = measure(Axis("nationality", tuple(lexicon().values["nationality"])))
    few = ruler.representatives[len(ruler.first) - 1]
    assert set(few) == set(ruler.first)


def test_neutral_takes_the_middle_or_says_unspecified() -> None:
    domain = Domain("{p}", (AGE,), {"p": Phrase((0,), AGE.values)}, measure)
    assert Neutral().view(domain, (2,)) == ((1,),)
    assert "age 'adult'" in Neutral().guarantee(domain).says
    open_age = Axis("age", (*AGE.values, "unspecified"))
    domain = Domain("{p}", (open_age,), {"p": Phrase((0,), open_age.values)}, measure)
    assert Neutral().view(domain, (0,)) == ((3,),)
    assert "stand" not in Neutral().guarantee(domain).says
    assert measure(TONE).central == 2


def test_distances_are_a_metric_on_each_axis() -> None:
    for axis in (AGE, TONE, Axis("gender", ("woman", "man", "unspecified")), numbered(9).axes[0]):
        table = measure(axis).apart
        n = range(len(axis.values))
        assert all(table[i][j] == table[j][i] and (table[i][j] == 0) == (i == j) for i in n for j in n)
        if "unspecified" not in axis.values:
            assert all(table[i][j] <= table[i][k] + table[k][j] for i in n for j in n for k in n)


@pytest.mark.parametrize("bad", [0, 65, -1])
def test_limits_of_the_parameters(bad: int) -> None:
    with pytest.raises(InputError, match="1 to 64"):
        Cover(bad)
    with pytest.raises(InputError, match="1 to 64"):
        Cells(bad)
