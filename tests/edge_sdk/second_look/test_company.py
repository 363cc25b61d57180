"""Names of the kinds that prompts hold where a person is shown, and where nobody is."""

from __future__ import annotations

import pytest

from edge_sdk.errors import ImpliedError
from edge_sdk.privacy import Privacy, release
from edge_sdk.second_look import default_detector


def named(prompt: str) -> str:
    return " ".join(s.surface for s in default_detector().find(prompt) if s.axis == "identity" and s.surface[:1] != "<")


@pytest.mark.parametrize(
    "prompt",
    [
        "photo of {}, a woman",
        "photo of 1girl, {} wearing a coat, street",
        "portrait of a handsome {}, 1man, dark",
        "masterpiece, {}, 1girl, solo, twintails",
        "1girl, solo, smile, {}, halo",
    ],
)
@pytest.mark.parametrize("name", ["steph1", "hcavi69", "AiriV4"])
def test_a_trigger_with_a_number_is_a_name_wherever_it_stands(prompt: str, name: str) -> None:
    assert name in named(prompt.format(name))


@pytest.mark.parametrize("word", ["GlowingRunesAIV2", "unreal5", "RTX3090", "bronzepunkai2", "blender3"])
def test_styles_and_tools_with_a_number_are_none(word: str) -> None:
    assert not named(f"a woman in armor, {word}, highly detailed")


def test_a_tag_that_repeats_its_model_is_a_name() -> None:
    assert named("1girl, Meltryllis, black dress, <lora:meltryllisFateLora_v1:0.6>") == "Meltryllis"
    assert named("ionojacket, 1 girl, smile, <lora:iono3:1>") == "ionojacket"
    assert named("a girl, koharu smiling, <lora:BlueArchivea_koharuV10:1>") == "koharu"
    assert not named("<lora:bronzepunkai2:.55> bronzepunkai, girl, armor")
    assert not named("1girl, braixen, pokemon, <lora:Braixen:0.8>")
    assert not named("(1girl), (mathayom shirt), <lora:mathayom_shirt16:0.8>")


def test_an_unknown_item_of_a_tag_list_is_a_name_and_tag_words_are_none() -> None:
    assert named("1girl, solo, koharu, halo") == "koharu"
    assert not named("1girl, solo, tsurime, eating, full body")
    assert not named("forest, xarivo, halo, mist")


@pytest.mark.parametrize(
    "prompt",
    [
        "full-body portrait doctor strange, cinematic",
        "alice in wonderland, 1girl, long black hair",
        "an illustration of a Wonder Woman, centered",
        "photo of [a bald man with a monobrow:ElectroBoom:0.3], as a hero",
        "a beautiful woman, nbdy-isabella-sd15, sharp focus",
    ],
)
def test_who_is_pictured_is_asked_about(prompt: str) -> None:
    with pytest.raises(ImpliedError):
        release(prompt, Privacy())


@pytest.mark.parametrize(
    "prompt",
    [
        "people putting christmas ornaments on a christmas tree",
        "a young woman with messy vibrant ariel red hair",
        "a female cyborg with curved metal Loki horns",
        "(armani:1) sweater, jeans, woman, portrait",
        "a man wearing a mario outfit",
        "a girl, she is dressed as captain america, spider - man and captain marvel",
        "portrait of a black widow spider",
        "Bird takes a bath in an old ceramic bowl",
        "a landscape from the Moon with the Earth on the horizon",
        "james-web-space-telescope",
        "poster, (lada car), clean lines",
        "Diesel-powered, machinery, alternate history, steam engines",
        "Found in the Baths of Trajan, 1506",
        "rembrandt painting of a futuristic robot",
        "a magical girl, studio ghibli, makoto shinkai yuji yamaguchi",
        "a worker in rags, moody, messy stylestyle of Alexey Savrasov, Ivan Shishkin",
        "a goddess, artwork by Guy Denning, very coherent",
        "a goddess by jean delville, iris van herpen and marco mazzoni, art nouveau",
    ],
)
def test_things_feasts_brands_and_artists_name_nobody(prompt: str) -> None:
    assert not named(prompt)


def test_a_single_name_is_still_asked_about() -> None:
    assert named("Hope wearing a red hat") == "Hope"
    assert named("Loki's horns, a man") or named("portrait of Loki Hansen, a man")
    assert named("a woman, Emma, red hair") == "Emma"


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("1girl, solo, koharu, halo, <lora:BlueArchivea_koharuV10:1>, chibi", "koharu"),
        ("1girl, blorvanith, <lora:blorvanithLeagueOfLegends:1>", "blorvanith"),
        ("jinx, 1girl, smile, <lora:jinxLeagueOfLegends:1>", "jinx"),
    ],
)
def test_a_repeated_name_goes_with_its_model(prompt: str, name: str) -> None:
    with pytest.raises(ImpliedError):
        release(prompt, Privacy())
    released = release(prompt, Privacy(on_implied="generalise"))
    assert all(name not in member.lower() for member in released.members)
