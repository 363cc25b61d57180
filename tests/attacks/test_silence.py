"""The scan of what is sent: it finds known words in clear, and none where the device dealt with them."""

from __future__ import annotations

import pytest

from attacks.silence import SILENT, silent_words
from edge_sdk.privacy import Privacy, release


@pytest.mark.parametrize("prompt", [p for _, prompts, _ in SILENT for p in prompts])
def test_the_sound_device_leaves_no_known_word(prompt: str) -> None:
    assert silent_words(release(prompt, Privacy(on_implied="allow"))) == []


@pytest.mark.parametrize(("number", "prompt"), [(n, p) for n, (_, ps, _) in enumerate(SILENT) for p in ps])
def test_each_fault_is_seen_on_each_of_its_prompts(number: int, prompt: str) -> None:
    assert silent_words(SILENT[number][0](prompt))


def test_a_word_that_is_dismissed_with_certainty_is_no_fault() -> None:
    for prompt in ("a woman with a black cat", "a man in front of a Chinese restaurant", "an old house and a girl"):
        assert silent_words(release(prompt)) == []


def test_the_same_word_in_a_slot_and_in_clear_is_told_apart() -> None:
    made = release("a Muslim woman and a Christian man", Privacy(axes=("gender",)))
    assert silent_words(made) == ["Muslim", "Christian"]
