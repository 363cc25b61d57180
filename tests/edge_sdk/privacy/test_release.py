"""From prompt to release: the right mechanism by public facts, exact views, the ledger, and every refusal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from edge_sdk.errors import BudgetError, InputError, LedgerError, PrivacyError
from edge_sdk.ledger import Ledger
from edge_sdk.mechanisms import Cells, Closed, Cover
from edge_sdk.privacy import Privacy, release
from edge_sdk.privacy.closing import slots
from edge_sdk.privacy.metric import domain_of
from obclip_contract import GenerateRequest

from ..mechanisms.test_deterministic import numbered

PROMPT = "an old woman pilot with dark skin"
SETTINGS: list[dict[str, Any]] = [
    {"mechanism": "auto"},
    {"mechanism": "closed"},
    {"mechanism": "cover", "max_candidates": 7},
    {"mechanism": "neutral"},
]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path)


def members_of(prompt: str) -> list[str]:
    domain = domain_of(slots(prompt))
    return [domain.member(c) for c in domain.choices()]


@pytest.mark.parametrize("settings", SETTINGS)
def test_blind_mechanisms_send_the_same_bytes_for_every_truth(settings: dict[str, Any]) -> None:
    privacy = Privacy(**settings)
    releases = [release(m, privacy) for m in members_of(PROMPT)]
    assert len({r.request(seed=1).to_bytes() for r in releases}) == 1
    assert {(r.epsilon, r.guarantee.bits, r.spent) for r in releases} == {(0.0, 0.0, 0.0)}
    assert len({(r.may_miss, r.on_miss, repr(r)) for r in releases}) == 1
    for member, r in zip(members_of(PROMPT), releases, strict=True):
        assert r.true_member == member
        assert r.exact == (r.members[r.index] == member)
        assert r.exact or r.may_miss


def words(texts: Sequence[str]) -> list[int]:
    return [len(t.split()) for t in texts]


def test_cells_send_the_same_bytes_within_a_cell_and_say_what_leaks() -> None:
    privacy = Privacy("cells", cell_size=6)
    cells: dict[bytes, set[str]] = {}
    for member in members_of(PROMPT):
        chosen = release(member, privacy)
        assert chosen.exact
        assert not chosen.may_miss
        cells.setdefault(chosen.request(seed=1).to_bytes(), set()).add(member)
        assert set(chosen.members) >= cells[chosen.request(seed=1).to_bytes()]
    assert all(set(GenerateRequest.from_bytes(body).grid.expand()) == truths for body, truths in cells.items())
    assert 2**chosen.guarantee.bits == pytest.approx(len(cells))
    assert "bits" in chosen.guarantee.says
    assert chosen.epsilon is None  # across cells no ε holds, so none is said


def test_cells_are_as_few_as_can_be() -> None:
    for size, want in ((5, 6), (6, 5), (10, 3), (15, 2), (30, 1), (1, 30)):
        domain = numbered(2, 3, 5)
        assert 2 ** Cells(size).guarantee(domain).bits == pytest.approx(want)
    assert 2 ** Cells(24).guarantee(numbered(*[4] * 9)).bits >= 4**9 / 24


def test_a_subset_is_drawn_once_for_a_template_whatever_the_truth_is_then(ledger: Ledger) -> None:
    privacy = Privacy("k-subset", epsilon=1.0, max_candidates=4)
    first = release(PROMPT, privacy, ledger=ledger)
    assert first.spent == pytest.approx(1.0, abs=1e-5)
    for member in members_of(PROMPT):
        again = release(member, privacy, ledger=ledger)
        assert again.request(seed=1).to_bytes() == first.request(seed=1).to_bytes()
        assert (again.spent, again.mechanism) == (0.0, "k-subset")
        assert again.exact == (member in again.members)
        assert any("not among" in n for n in again.notes) != again.exact
    assert ledger.account().basic == pytest.approx(1.0, abs=1e-5)
    other = release("an old woman judge with dark skin", privacy, ledger=ledger)
    assert other.account is not None
    assert other.account.basic == pytest.approx(2.0, abs=1e-5)


def test_a_subset_that_is_everything_spends_nothing(ledger: Ledger) -> None:
    chosen = release("a woman", Privacy("k-subset", epsilon=1.0), ledger=ledger)
    assert (chosen.epsilon, chosen.spent, chosen.may_miss) == (0.0, 0.0, False)
    assert ledger.account().draws == 0


def test_an_exhausted_budget_refuses_before_anything_is_drawn(ledger: Ledger) -> None:
    ledger.set_budget(1.5)
    privacy = Privacy("k-subset", epsilon=1.0, max_candidates=4)
    release(PROMPT, privacy, ledger=ledger)
    with pytest.raises(BudgetError, match="exhausted"):
        release("an old woman judge with dark skin", privacy, ledger=ledger)
    release(PROMPT, privacy, ledger=ledger)


def test_a_broken_ledger_stops_what_spends_and_is_told_where_nothing_is_spent(tmp_path: Path) -> None:
    broken = Ledger(tmp_path / "file" / "x")
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerError):
        release(PROMPT, Privacy("k-subset", epsilon=1.0), ledger=broken)
    assert any("not in the ledger" in n for n in release(PROMPT, ledger=broken).notes)


def test_what_spends_nothing_is_recorded(ledger: Ledger) -> None:
    release(PROMPT, ledger=ledger)
    release(PROMPT, Privacy("cells", cell_size=6), ledger=ledger)
    entries = ledger.export()["entries"]
    assert {(e["axis"], e["mechanism"]) for e in entries} == {
        (axis, mechanism) for axis in ("gender", "age", "skin_tone") for mechanism in ("closed", "cells")
    }


def test_nothing_found_is_none_with_every_mechanism(ledger: Ledger) -> None:
    for privacy in (
        Privacy(),
        Privacy("cover"),
        Privacy("cells"),
        Privacy("neutral"),
        Privacy("k-subset", epsilon=1.0),
    ):
        chosen = release("a red bus", privacy, ledger=ledger)
        assert (chosen.mechanism, chosen.epsilon, chosen.members, chosen.exact) == ("none", None, ("a red bus",), True)
        assert not chosen.may_miss
        assert "nothing is hidden" in chosen.notes[0]
    assert ledger.export()["entries"] == []


def test_the_mechanism_is_chosen_by_the_domains_sizes_alone() -> None:
    assert isinstance(Privacy().choose(numbered(8, 8)), Closed)
    assert isinstance(Privacy().choose(numbered(5, 5, 5)), Cover)
    assert isinstance(Privacy().choose(numbered(2, 200)), Cover)
    assert isinstance(Privacy(max_candidates=10).choose(numbered(3, 4)), Cover)
    assert isinstance(Privacy("cells").choose(numbered(5, 5, 5)), Cells)
    assert isinstance(Privacy(max_candidates=10).choose(numbered(20)), Cover)
    assert isinstance(Privacy(max_candidates=10).choose(numbered(10)), Closed)


def test_a_large_product_is_served_and_closed_says_what_helps() -> None:
    crowd = "a girl, a boy, a woman, an old man and a child with dark skin"
    size = domain_of(slots(crowd)).size
    assert size > 64
    with pytest.raises(InputError, match=r"fewer persons, use --mechanism cover"):
        release(crowd, Privacy("closed"))
    chosen = release(crowd)
    assert (chosen.mechanism, chosen.epsilon, chosen.guarantee.bits) == ("cover", 0.0, 0.0)
    assert 6 < len(release(crowd, Privacy("cover", max_candidates=12)).members) <= 12


@pytest.mark.parametrize("negative", ["beard", "ugly old man", "woman, blurry", "dark skin"])
def test_a_negative_prompt_that_names_an_attribute_is_refused(negative: str) -> None:
    said = set()
    for member in members_of("a woman pilot"):
        with pytest.raises(PrivacyError, match="negative prompt says") as caught:
            release(member, negative_prompt=negative)
        said.add(str(caught.value))
    assert len(said) == 1
    release(PROMPT, negative_prompt="blurry, low quality, watermark, dark, light")


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ({"mechanism": "magic"}, "no mechanism"),
        ({"mechanism": "k-subset"}, "needs --epsilon"),
        ({"epsilon": 1.0}, "belongs to"),
        ({"mechanism": "cover", "epsilon": 1.0}, "belongs to"),
        ({"max_candidates": 0}, "between 1 and 64"),
        ({"max_candidates": 65}, "between 1 and 64"),
        ({"cell_size": 0}, "1 to 64"),
        ({"on_miss": "pray"}, "on a miss"),
    ],
)
def test_bad_settings_are_named(bad: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        Privacy(**bad)


def test_the_truth_is_not_in_the_repr() -> None:
    assert repr(release("a woman pilot")) == repr(release("a man pilot"))


def test_the_lengths_that_are_checked_do_not_depend_on_the_truth() -> None:
    privacy = Privacy("cover", max_candidates=2)
    measured = {release(m, privacy).most_tokens(words) for m in members_of(PROMPT)}
    assert measured == {max(words(members_of(PROMPT)))}


@pytest.mark.parametrize(
    ("prompt", "sent"), [("an old woman pilot", "a pilot"), ("a Muslim judge", "a judge"), ("a girl", "a person")]
)
def test_neutral_sends_no_attribute_where_the_grammar_allows_it(prompt: str, sent: str) -> None:
    releases = [release(m, Privacy("neutral")) for m in members_of(prompt)]
    assert {r.members for r in releases} == {(sent,)}
    assert len({r.request(seed=1).to_bytes() for r in releases}) == 1
    assert [r.true_member for r in releases] == members_of(prompt)
    assert not any(r.exact for r in releases)
    assert "stand" not in releases[0].guarantee.says
