"""The negative prompt is sent as it is: what speaks of a person is refused, what speaks of a picture passes."""

from __future__ import annotations

import pytest

from edge_sdk.errors import PrivacyError
from edge_sdk.privacy import check_negative


@pytest.mark.parametrize(
    ("negative", "word"),
    [
        ("(old:1.4), (african:1.2)", "african"),
        ("mature, matronly", "matronly"),
        ("non-white", "non-white"),
        ("young, teen, childish", "young"),
        ("woman, female", "woman"),
        ("elderly, bad hands", "elderly"),
        ("hijab", "hijab"),
        ("blurry, wheelchair", "wheelchair"),
        ("bearded", "bearded"),
        ("brunette", "brunette"),
        ("chinese girl", "chinese"),
        ("a man", "man"),
        ("Maria", "Maria"),
        ("dark skin", "dark"),
        ("her hands", "her"),
        ("muslim", "muslim"),
        ("👩", "woman"),
        ("grandma", "grandma"),
        ("lowres, deaf", "deaf"),
        ("kimono", "kimono"),
    ],
)
def test_what_speaks_of_a_person_is_refused(negative: str, word: str) -> None:
    with pytest.raises(PrivacyError, match=f"the negative prompt says .*'{word}'.*Nothing was sent"):
        check_negative(negative)


@pytest.mark.parametrize(
    "negative",
    [
        "",
        "bad artist, missing arms, missing legs",
        "extra people, missing legs, blurry",
        "bad anatomy, extra limbs, fused fingers, mutated hands",
        "lowres, text, error, cropped, worst quality, jpeg artifacts",
        "ugly, duplicate, morbid, mutilated, out of frame",
        "cloned face",
        "old photo, sepia",
        "blind spots",
        "young leaves, chinese lantern, persian rug",
        "poorly drawn face, long neck",
        "black and white",
        "a cat, a dog",
        "white background",
        "(blurry:1.3), [noise]",
    ],
)
def test_what_speaks_of_a_picture_passes(negative: str) -> None:
    check_negative(negative)
