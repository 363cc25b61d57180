"""Words about persons written as one: "youngman", "#BlackGirlMagic"; English words that could be cut so stay."""

import pytest

from edge_sdk.attributes import LEXICON_VERSION
from edge_sdk.attributes.loading import lexicon
from edge_sdk.attributes.parting import without_glue
from edge_sdk.errors import PrivacyError
from edge_sdk.privacy import release

LEX = lexicon(frozenset(), False)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("youngman", "young man"),
        ("a whiteboy running", "a white boy running"),
        ("indianbride", "indian bride"),
        ("olddoctor, muslimnurse", "old doctor, muslim nurse"),
        ("oldwhiteman", "old white man"),
        ("cuteasiangirl", "cute asian girl"),
        ("cuteasian girl", "cute asian girl"),
        ("youngasian", "young asian"),
        ("hotlatina", "hot latina"),
        ("teenboy", "teen boy"),
        ("#womenintech", "#women in tech"),
        ("girlasian", "asian girl"),
        ("#blackgirlmagic", "#black girl magic"),
        ("#BlackGirlMagic", "#Black Girl Magic"),
        ("afroamericanman", "afroamerican man"),
        ("BLACKWOMAN", "BLACK WOMAN"),
        ("YoungMan", "Young Man"),
        ("1blackgirl, 2oldmen", "1black girl, 2old men"),
        ("photo_of_youngman", "photo_of_young man"),
        ("(asianwoman:1.2)", "(asian woman:1.2)"),
        ("bl4ckgirl", "bl4ck girl"),
        ("bläckwoman", "bläck woman"),
        ("ｂｌａｃｋｗｏｍａｎ", "ｂｌａｃｋ ｗｏｍａｎ"),
        ("Whiteman in suit", "White man in suit"),
        ("3yearoldboy", "3year old boy"),
        ("18yearoldgirl", "18year old girl"),
        ("lesbianbride", "lesbian bride"),
        ("rabbiportrait", "rabbi portrait"),
        ("kingportrait, sad", "king portrait, sad"),
        ("handymanselfie", "handyman selfie"),
        ("a personofcolor", "a person of color"),
        ("a sixtyyearold man", "a sixty year old man"),
        ("twentyfiveyearold", "twenty five year old"),
    ],
)
def test_words_about_persons_are_taken_apart(typed: str, read: str) -> None:
    assert without_glue(typed, LEX) == read


@pytest.mark.parametrize(
    "typed",
    [
        "blackboard and whiteboard", "oldsmobile", "a youngster", "womanhood and manhood", "manhattan", "romance",
        "germane", "mankind", "englishman", "blacksmith", "blackbird", "whitefish", "goodman", "Gary Oldman",
        "Henny Youngman", "oldmansion in fog", "old manuscript", "blackmanta", "whitemanga", "thinking", "managing",
        "diligent", "transparent", "transporter", "fairchild", "ApiAgent", "moorman", "tangent", "hanson", "localhost",
        "snowman", "gentleman", "weeknight", "mammalian", "turkomen", "<lora:oldman:1>", "old4sale", "man2man",
        "lightyear toy", "yearling", "yearbook",
        "panamahat", "christmas", "humanoid", "salesmanship", "ladybird", "boysenberry", "kingfisher",
        "kingsize bed", "knighthood", "blackface", "peoplemover", "personality", "queensland", "telephoto", "fairycore",
    ],
)  # fmt: skip
def test_words_that_only_look_like_it_stay(typed: str) -> None:
    assert without_glue(typed, LEX) == typed


@pytest.mark.parametrize(
    "prompt",
    [
        "youngman", "whiteboy", "#blackgirlmagic", "asianwoman portrait", "oldlady", "a blackman", "bl4ckgirl",
        "a portrait of an oldman with a hat", "wht woman", "a yng blck male", "wmn smiling", "asin woman",
        "southasian girl", "a middleeastern man", "kingportrait", "dukephoto",
    ],
)  # fmt: skip
def test_nothing_of_them_goes_out(prompt: str) -> None:
    sent = release(prompt)
    assert len(sent.members) > 1
    for word in (
        "young",
        "white",
        "black",
        "asian",
        "old",
        "woman",
        "girl",
        "lady",
        "wht",
        "yng",
        "blck",
        "wmn",
        "king",
        "duke",
    ):
        assert word not in sent.template


@pytest.mark.parametrize(
    "prompt",
    [
        "blackgirlsurf", "#womenwhowhittle", "#girlmakers", "#mensfashion", "#hijabistyle", "#wheelchairlife",
        "kpopboy", "a nunportrait", "monkportrait", "japanesegeisha", "gaycouple", "25yogirl smiling",
        "rabbiportrait", "a femalesamurai", "malewizardry", "a samuraiman",
    ],
)  # fmt: skip
def test_what_cannot_be_cut_surely_is_asked_about(prompt: str) -> None:
    with pytest.raises(PrivacyError, match="gives the"):
        release(prompt)


def test_a_model_whose_name_is_glued_is_left_out() -> None:
    assert release("<lora:blackgirlmagic:1> castle").members == ("castle",)
    assert release("<lora:oldmansion:1> castle").members == ("<lora:oldmansion:1> castle",)


@pytest.mark.parametrize(
    "prompt",
    [
        "handsome turk", "a young pole", "young poles drinking", "a beautiful dane", "old finn", "the danes",
        "a brit smiling", "portrait of a smiling swede", "two scots in a pub", "a swede on a hill", "pretty swede",
        "an old pole, smiling", "portrait of a pole", "a pole who waves", "two swedes",
        "swedes in a sauna", "scots playing pipes",
    ],
)  # fmt: skip
def test_a_people_without_its_capital_behind_what_is_said_of_persons(prompt: str) -> None:
    found = release(prompt)
    assert "nationality" in [a.axis for a in found.attributes]


@pytest.mark.parametrize(
    "prompt",
    [
        "a roast turkey", "polish the floor", "pole dancing", "a long pole", "a tall pole", "scandinavian design",
        "great dane", "mashed swede", "a norman church", "a kiwi on a plate", "a moor at sunset", "an old pole",
        "a pole in a field", "yank the rope",
        "the us flag",
    ],
)  # fmt: skip
def test_a_thing_of_the_same_spelling_stays(prompt: str) -> None:
    assert release(prompt).members == (prompt,)


def test_compounds_and_choices() -> None:
    assert release("sikh-taxi-driver").template == "{s0} taxi-driver"
    assert release("black-taxi-driver portrait").template == "{s0} taxi-driver portrait"
    assert release("old/young woman").template == "{s0}"
    assert release("black-cab driver").members == ("black-cab driver",)


def test_the_version_says_that_prompts_are_read_otherwise() -> None:
    assert int(LEXICON_VERSION) >= 9
