"""The person's choices: typed, named when they are wrong, and the same from plain data."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from edge_sdk.errors import InputError
from edge_sdk.privacy import Privacy, privacy_from, release


def test_plain_data_says_what_the_fields_say() -> None:
    options = {"axes": ["age", "gender"], "opt_in": [], "unspecified": True, "domains": {"age": ["old", "adult"]}}
    assert privacy_from(options) == Privacy(axes=("age", "gender"), unspecified=True, domains={"age": ("old", "adult")})
    assert privacy_from({}, "neutral") == privacy_from({"mechanism": "neutral"}) == Privacy("neutral")
    assert privacy_from({"mechanism": "cells", "cell_size": 6}, "cover").mechanism == "cover"
    assert privacy_from({f.name: None for f in fields(Privacy)}) == Privacy()
    assert privacy_from({"axes": {"age"}}).axes == ("age",)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"axis": ["age"]}, "no option 'axis'"),
        ({"axes": "age"}, "list of names"),
        ({"axes": [1]}, "list of names"),
        ({"strict": "yes"}, "true or false"),
        ({"domains": ["old"]}, "for each axis"),
        ({"domains": {"age": "old"}}, "list of names"),
        ({"cell_size": "6"}, "a number"),
        ({"max_candidates": 2.5}, "a number"),
        ({"epsilon": True, "mechanism": "k-subset"}, "a number"),
        ({"mechanism": "magic"}, "no mechanism"),
    ],
)
def test_what_is_wrong_is_named(options: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        privacy_from(options)


def test_a_text_is_no_list_of_axes() -> None:
    with pytest.raises(InputError, match="list of names"):
        Privacy(axes="age")  # type: ignore[arg-type]


def test_nothing_chooses_what_gives_bits_away_but_its_name() -> None:
    for prompt in (
        "a Black man and a White woman",
        "a Sikh bride and a Hindu groom",
        "an old Asian woman with dark skin",
    ):
        chosen = release(prompt)
        assert (chosen.mechanism, chosen.epsilon, chosen.guarantee.bits) == ("cover", 0.0, 0.0)
        assert release(prompt, Privacy("cells")).epsilon is None


def test_local_has_nothing_to_release() -> None:
    with pytest.raises(InputError, match="sends nothing"):
        release("a woman", Privacy("local"))
