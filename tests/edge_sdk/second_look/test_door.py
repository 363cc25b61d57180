"""The second look behind the one door: it asks about the prompt, is silent on ordinary members, and can be left out."""

from __future__ import annotations

import pytest

from edge_sdk.attributes import NoDetector, detect
from edge_sdk.errors import ImpliedError
from edge_sdk.privacy import Privacy, release
from edge_sdk.second_look import default_detector


def test_a_name_that_no_lexicon_lists_is_asked_about_and_can_be_allowed() -> None:
    prompt = "Oluwadamilola playing a violin"
    with pytest.raises(ImpliedError, match="Oluwadamilola"):
        release(prompt)
    assert release(prompt, Privacy(on_implied="allow")).members == (prompt,)
    assert release(prompt, Privacy(detector=NoDetector())).members == (prompt,)


def test_a_name_beside_a_slot_does_not_go_out() -> None:
    with pytest.raises(ImpliedError, match="Thandiwe"):
        release("an old woman and Thandiwe in a garden")
    sent = release("an old woman and Thandiwe in a garden", Privacy(on_implied="generalise"))
    assert not any("Thandiwe" in m for m in sent.members)


@pytest.mark.parametrize(
    "prompt",
    [
        "a young Japanese woman reading in a park",
        "portrait of an old man with dark skin, studio light, 85mm",
        "1girl, korean, long hair, school uniform, masterpiece",
        "a Sikh groom and a Hindu bride at a wedding",
        "a blind boy with a guide dog, by greg rutkowski and alphonse mucha",
        "two Mexican men playing chess",
    ],
)
def test_members_of_ordinary_prompts_have_no_open_words(prompt: str) -> None:
    members = release(prompt).members
    assert len(members) > 1
    assert members == release(prompt, Privacy(detector=NoDetector())).members
    for member in members:
        slots = detect(member)  # what the lexicon hides is no open word
        found = default_detector().find(member)
        assert not [s for s in found if not any(s.start < k.end and k.start < s.end for k in slots)]
