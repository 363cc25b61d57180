"""Names and words for persons written as one token, models of persons, trigger words, characters, and what passes."""

from __future__ import annotations

import pytest

from edge_sdk.errors import ImpliedError, InputError
from edge_sdk.privacy import Privacy, release
from edge_sdk.second_look import default_detector
from edge_sdk.second_look.glued import holds_name, pieces, readings
from edge_sdk.second_look.table import load


def found(prompt: str) -> list[tuple[str, str]]:
    return [(s.axis, s.surface) for s in default_detector().find(prompt)]


def models(prompt: str) -> list[str]:
    return [s.surface for s in default_detector().find(prompt) if s.axis == "model"]


def test_a_token_is_taken_apart_at_capitals_signs_and_digits() -> None:
    assert pieces("RezeChainsawMan2") == ["reze", "chainsaw", "man"]
    assert pieces("RSEEmma") == ["rse", "emma"]
    assert pieces("locon_olga_v1") == ["locon", "olga", "v"]


def test_digits_between_letters_are_read_as_letters() -> None:
    assert "livvydunne" in readings("l1vvydunne")
    assert "emmawatson" in readings("3mmawats0n")
    assert readings("portrait") == []


@pytest.mark.parametrize(
    "token",
    [
        "ingridbauer", "OlgaSmirnova", "MarcoDeLuca", "peterhansen2", "l4ur4schmidt", "PJohansson", "FaithKowalski",
        "anna_petrova", "ErikSorensen", "HammettV1", "VanellopeVon", "x7karen", "hannahgreen",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "frame", ["photo of {}, a woman in a park", "1girl, solo, {}, night sky", "{}, 8k, masterpiece"]
)
def test_a_name_in_one_token_is_found_in_every_place(token: str, frame: str) -> None:
    prompt = frame.format(token)
    start = prompt.index(token)
    names = [s for s in default_detector().find(prompt) if s.axis == "identity"]
    assert any(s.start <= start and s.end >= start + len(token.rstrip("2")) for s in names), names


@pytest.mark.parametrize(
    "token",
    [
        "headwrap", "photorealistic", "DragonScaleAI", "SportsCar", "HoarfrostDiary", "watercolour", "jackhammered",
        "AzulejoAI", "raytracing", "radiosity", "cathederal", "marblework", "ultradetailed", "ADDCOMM", "EdobCar",
        "Moxin",
    ],
)  # fmt: skip
def test_words_in_one_token_are_no_name(token: str) -> None:
    assert found(f"a castle, {token}, 8k") == []


@pytest.mark.parametrize(
    ("word", "axis"),
    [
        ("Icfgirl", "gender"),
        ("MoonWaifu", "gender"),
        ("koreandoll", "ethnicity"),
        ("1girk", "gender"),
        ("2gilrs", "gender"),
    ],
)
def test_a_word_for_a_person_inside_another_is_found(word: str, axis: str) -> None:
    assert (axis, word) in found(f"masterpiece, {word}, a bridge at night")


@pytest.mark.parametrize(
    "tag",
    [
        "<lora:locon_ingrid_v1:0.8>", "<lora:peterHansen:1>", "<lyco:emmaStone_v10:1>", "<lora:k4r3nm1l:1>",
        "<lora:koreanDollLikeness_v15:0.5>", "<lora:Icfgirl_LoRa:0.5>", "<lora:samus_aran_v2:1>",
        "<lora:jinxLeagueOfLegends_v10:.7>", "<hypernet:anna_petrova:1>", "embedding:olga_smirnova",
    ],
)  # fmt: skip
def test_a_persons_model_is_left_out_and_told(tag: str) -> None:
    prompt = f"a woman in a garden, {tag}, oil painting"
    assert models(prompt) == [tag]
    sent = release(prompt)
    assert sent.template == "{a} {s0} in a garden, oil painting"
    assert any(tag in note for note in sent.notes)


@pytest.mark.parametrize(
    "tag",
    [
        "<lora:chinaDragon_v2:0.4>", "<lora:skeletonStyle:1>", "<lora:contrastFix:0.4>", "<lora:add_detail:1>",
        "<lora:inkStyle_v3:0.7>", "<lora:animeMagazineCover_animeMagazineCover:0.6>", "<lora:Moxin_10:1>",
        "<lora:EdobCar_v1.0:0.8>", "<lora:epiNoiseoffset_v2:1>", "<hypernet:iconMaker:1>",
        "<lora:wlopStyleLora_30Epochs:0.2>", "<lora:jellyfish_lora:1>",
    ],
)  # fmt: skip
def test_a_model_of_something_else_stays(tag: str) -> None:
    prompt = f"a castle at dusk, {tag}, oil painting"
    assert release(prompt).template == prompt


def test_nothing_is_left_of_a_prompt_of_models() -> None:
    with pytest.raises(InputError, match="models of persons"):
        release("<lora:peterHansen:1>")


def test_who_is_photographed_is_no_artist() -> None:
    names = [
        s for axis, s in found("fashion photography of a witch [daisy ridley|luna lovegood] with a wand, octane render")
    ]
    assert "luna lovegood" in names


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("photo of tabiquat, a woman on a red carpet", "tabiquat"),
        ("portrait of rotunwoka person in a suit", "rotunwoka"),
        ("award winning photo of jenq1f1850, 8k", "jenq1f1850"),
        ("portrait photo of stoqa-v2 beautiful woman at a bar", "stoqa-v2"),
        ("photo of 1girl, (v1tell-2500:0.99), studio", "v1tell-2500"),
    ],
)
def test_an_unknown_token_in_the_place_of_who_is_pictured_is_a_name(prompt: str, name: str) -> None:
    assert ("identity", name) in found(prompt)


def test_conventional_tokens_mean_nobody() -> None:
    assert found("a photo of sks person as a thief") == []
    assert found("portrait of ohwx man in a tuxedo") == []


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("Hermione Granger, castle, night", "Hermione Granger"),
        ("1girl, kamado nezuko, bamboo", "kamado nezuko"),
        ("1girl, makima \\(chainsaw man\\), office", "makima"),
        ("asuka langley, red bodysuit", "asuka langley"),
        ("((texas \\(willpower\\) \\(arknights\\))), 1girl", "texas"),
        ("1boy, david bowie, long hair, cinematic lighting", "david bowie"),
        ("Bob Ross as a pirate, film still", "Bob Ross"),
    ],
)
def test_characters_and_well_known_persons_are_identity(prompt: str, name: str) -> None:
    assert ("identity", name) in found(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "half body photo of a castle, Kodak Ultra Max, 85mm", "shot on Canon EOS R5, wide Angle lens, Leica M10",
        "a lake, octane render, Unreal Engine, trending on artstation",
        "a castle, artgerm, greg rutkowski, ilya kuvshinov, wlop, sharp focus",
        "an oil painting of a city by artgerm and greg rutkowski and James Jean and Andrei Riabovitchev",
        "a boat by (James C. Christensen:1.2|Jeremy Lipking:1.1)", "a red Winnie the Pooh t-shirt on a chair",
        "lily \\(flower\\), star \\(sky\\), a hill", "a Harry Potter book on a table",
    ],
)  # fmt: skip
def test_style_words_cameras_artists_and_prints_pass(prompt: str) -> None:
    assert found(prompt) == []
    assert release(prompt).template == prompt


def test_an_artist_with_a_surname_that_is_a_word_stays() -> None:
    sent = release("a portrait of a woman, oil painting by Jeremy Mann, Greg Manchess")
    assert sent.template == "{a} portrait of {a} {s0}, oil painting by Jeremy Mann, Greg Manchess".replace(
        "{a} p", "a p"
    )


def test_a_name_behind_a_title_that_is_a_slot_is_asked_about() -> None:
    with pytest.raises(ImpliedError, match="Marika"):
        release("Queen Marika, blond hair, forest")


def test_where_gender_is_hidden_a_word_that_says_it_is_left_out() -> None:
    sent = release("1girl, MoonWaifu, night sky")
    assert "Waifu" not in sent.template
    assert any("MoonWaifu" in note for note in sent.notes)


def test_the_names_of_the_lists_decide_and_not_their_neighbours() -> None:
    table = load()
    assert holds_name("selenagomez", table.known)
    assert not holds_name("selenography", table.known)


def test_a_model_stays_where_the_person_allows_it() -> None:
    prompt = "a castle, <lora:peterHansen:1>"
    assert release(prompt, Privacy(on_implied="allow")).template == prompt
