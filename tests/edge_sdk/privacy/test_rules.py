"""Public rules on templates: they hit every member of a set alike, and no child is left in a sexual or violent one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_sdk.errors import InputError
from edge_sdk.mechanisms import Closed
from edge_sdk.privacy import Privacy, release
from edge_sdk.privacy.closing import slots
from edge_sdk.privacy.metric import domain_of
from edge_sdk.privacy.rules import apply_rules, public_words, refuse_alone, rules
from obclip_contract import Phrase

CHILD = ("child", "girl", "boy", "kid", "baby", "toddler", "teen")
HIT = [
    "a naked old woman on a bed",
    "a naked girl on a bed",
    "an erotic drawing of an adult man with dark skin",
    "a murdered young woman, her eyes open",
    "an old man covered in blood and his dog",
    "a boy covered in blood",
    "a sexy schoolgirl",
]


@pytest.mark.parametrize("prompt", HIT)
def test_no_member_is_a_child_and_closure_holds(prompt: str) -> None:
    chosen = release(prompt)
    assert not any(word in member.lower().split() for member in chosen.members for word in CHILD)
    body = chosen.request(seed=0).to_bytes()
    whole = domain_of(slots(prompt))
    assert whole.size > len(chosen.members)
    # Every truth, also one that the rule dropped, sends the same bytes.
    assert {release(whole.member(c)).request(seed=0).to_bytes() for c in whole.choices()} == {body}
    assert any("rule" in note for note in chosen.notes)


def test_a_dropped_truth_moves_in_the_picture_too() -> None:
    chosen = release("a naked girl on a bed")
    assert chosen.true_member == "a naked adult woman on a bed"
    assert chosen.members[chosen.index] == chosen.true_member


@pytest.mark.parametrize(
    "prompt",
    [
        "a naked woman on a playground",
        "an erotic picture of an old man in a school",
        "a nude woman at a school",
    ],
)
def test_a_template_with_a_child_beside_the_slots_is_refused_for_every_truth(prompt: str) -> None:
    said = set()
    whole = domain_of(slots(prompt))
    for choice in whole.choices():
        with pytest.raises(InputError, match="sexual") as caught:
            release(whole.member(choice))
        said.add(str(caught.value))
    assert len(said) == 1
    with pytest.raises(InputError, match="sexual"):
        refuse_alone(prompt)


def test_defamatory_sets_are_refused_alike() -> None:
    said = set()
    for tone in ("light", "medium", "dark"):
        with pytest.raises(InputError, match="defamatory") as caught:
            release(f"a terrorist with {tone} skin")
        said.add(str(caught.value))
    assert len(said) == 1
    refuse_alone("a terrorist with dark skin")


@pytest.mark.parametrize(
    "prompt", ["a girl with dark skin", "an old woman in a sextet", "a boy's bedroom", "a woman judge"]
)
def test_other_prompts_are_left_as_they_are(prompt: str) -> None:
    found = slots(prompt)
    assert apply_rules(found) == (found, ())
    refuse_alone(prompt)


def test_local_refuses_by_the_words_alone() -> None:
    with pytest.raises(InputError, match="sexual"):
        refuse_alone("a naked girl on a bed")
    refuse_alone("a naked woman on a bed")


def test_a_child_that_no_age_axis_covers_is_refused() -> None:
    found = slots("a sexy cowgirl")
    nouns = Phrase((0,), ("schoolgirl", "schoolboy"))
    with pytest.raises(InputError, match="sexual"):
        apply_rules(replace(found, template="a sexy {s0}", axes=found.axes[:1], phrases={"s0": nouns}, choice=(0,)))


def test_words_in_a_slot_are_not_public() -> None:
    assert public_words("a {s0} with {{braces}} and {a} hat").split() == ["a", "with", "braces", "and", "hat"]


def test_the_data_is_well_formed() -> None:
    for rule in rules():
        assert rule.words
        assert rule.says
        assert all(w == w.lower() for w in (*rule.words, *rule.refuse_words))
        assert rule.drop or rule.refuse_axes


def test_a_domain_of_children_alone_is_refused() -> None:
    with pytest.raises(InputError, match="refused by the rule"):
        release("a naked girl", Privacy(domains={"age": ["child"]}))


def test_the_whole_domain_is_sent_where_no_rule_hits() -> None:
    domain = domain_of(slots("a girl with dark skin"))
    assert len(release("a girl with dark skin").members) == domain.size == Closed().max_candidates // 64 * domain.size
