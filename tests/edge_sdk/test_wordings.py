"""Wordings beyond the canonical ones: what is found, what is rewritten, what is left and told, what is refused."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_sdk.attributes import AXES, LEXICON_VERSION, detect, implied, lexicon, read
from edge_sdk.errors import ImpliedError, InputError, PrivacyError
from edge_sdk.privacy.closing import slots

from .door import released


def body(prompt: str) -> bytes:
    return released(prompt, on_implied="allow").request(seed=0).to_bytes()


@pytest.mark.parametrize(
    ("prompt", "value"),
    [
        ("two females", "woman"),
        ("santa", "man"),
        ("a mum", "woman"),
        ("a granny", "woman"),
        ("a superheroine", "woman"),
        ("a milkman", "man"),
        ("a barmaid", "woman"),
        ("a spokeswoman", "woman"),
        ("a woman’s hand", "woman"),
        ("a mother-in-law", "woman"),
        ("two boy scouts", "man"),
        ("a fair maiden", "woman"),
        ("ｗｏｍａｎ", "woman"),
        ("ſanta clauſ", "man"),
    ],
)
def test_gendered_words(prompt: str, value: str) -> None:
    assert [s.value for s in detect(prompt) if s.axis == "gender"] == [value]


@pytest.mark.parametrize(
    ("prompt", "value"),
    [
        ("a young girl", "child"),
        ("a little boy", "child"),
        ("a young woman", "adult"),
        ("a seventy-year-old man", "old"),
        ("a sixty-five year old man", "old"),
        ("a 17-yr-old nurse", "child"),
        ("a man, age 40", "adult"),
        ("a woman in her 60s", "old"),
        ("a man in his late seventies", "old"),
        ("a firefighter in her thirties", "adult"),
        ("an 80-year-old with a cane", "old"),
        ("two 8-year-olds", "child"),
        ("old sheriffs", "old"),
    ],
)
def test_ages_in_words_and_numbers(prompt: str, value: str) -> None:
    assert {s.value for s in detect(prompt) if s.axis == "age"} == {value}


@pytest.mark.parametrize(
    ("prompt", "value"),
    [
        ("a woman, skin tone: dark", "dark"),
        ("a woman whose skin is dark", "dark"),
        ("a pale smiling girl", "light"),
        ("a brown female doctor", "medium-dark"),
        ("a tanned man", "medium"),
        ("a dark‑skinned firefighter", "dark"),
        ("a woman with dark\u00a0brown skin", "dark"),
    ],
)
def test_skin_wordings(prompt: str, value: str) -> None:
    assert [s.value for s in detect(prompt) if s.axis == "skin_tone"] == [value]
    assert value in released(prompt).true_member


@pytest.mark.parametrize(
    ("prompt", "axes"),
    [
        ("a black knight", set()),
        ("a white mage", set()),
        ("a fair judge", set()),
        ("a 3 year old car", set()),
        ("the car is 3 years old", set()),
        ("a cowboy hat", set()),
        ("a man in a black skin-tight suit", {"gender"}),
        ("a woman in a white shirt with black hair and brown eyes", {"gender"}),
        ("a black and white photo of a man", {"gender"}),
        ("a little dog", set()),
        ("a black and white cat", set()),
        ("black and white film still of a family", set()),
        ("a white wedding", set()),
        ("a Chinese tea ceremony", set()),
        ("an old wedding", set()),
    ],
)
def test_other_senses_beside_persons(prompt: str, axes: set[str]) -> None:
    assert {s.axis for s in detect(prompt)} == axes


@pytest.mark.parametrize(
    ("prompt", "true_member"),
    [
        ("a black woman", "a Black woman"),
        ("a brown woman", "a medium-dark-skinned woman"),
        ("a heroine", "a female hero"),
        ("a little girl", "a girl"),
        ("1girl, dark skin", "1 girl, dark skin"),
        ("AN OLD WOMAN", "An old woman"),
        ("a firefighter. He smiles", "a firefighter. He smiles"),
        ("a firefighter in her 60s", "a firefighter in her seventies"),
        ("a person in his twenties", "an adult man"),
        ("an 80-year-old with a cane", "an old person with a cane"),
    ],
)
def test_canonical_words(prompt: str, true_member: str) -> None:
    assert released(prompt).true_member == true_member


@pytest.mark.parametrize(
    ("hers", "his"),
    [
        ("a woman and her dog", "a man and his dog"),
        ("a woman in her red boat", "a man in his red boat"),
        ("a woman with her elderly cat", "a man with his elderly cat"),
        ("a woman, the cat follows her gently", "a man, the cat follows him gently"),
        ("a woman, a dog behind her in the park", "a man, a dog behind him in the park"),
        ("a woman and her 3 dogs", "a man and his 3 dogs"),
        ("a woman in her sixties", "a man in his sixties"),
        ("a firefighter in her 20s", "a firefighter in his 20s"),
        ("the dog is hers", "the dog is his"),
        ("she looks at herself. Her hat", "he looks at himself. His hat"),
        ("A GIRL", "AN OLD MAN"),
        ("a little girl", "an old man"),
        ("an actress", "an actor"),
        ("a pregnant grandma", "a pregnant grandpa"),
    ],
)
def test_what_two_people_would_type_is_one_request(hers: str, his: str) -> None:
    """Closure speaks of canonical members; this is the same for prompts as typed by hand."""
    assert body(hers) == body(his)


def test_several_persons_have_axes_of_their_own() -> None:
    chosen = released("a girl and a firefighter with dark skin")
    assert [(a.name, len(a.values)) for a in chosen.grid.axes] == [("gender", 2), ("age", 3), ("skin_tone.2", 5)]
    assert chosen.true_member == "a girl and a firefighter with dark skin"


def test_what_stays_readable_is_told() -> None:
    chosen = released("a man with a beard and a tie", on_implied="allow")
    assert any("'beard' stays readable" in n and "gender" in n for n in chosen.notes)
    assert any("'tie' stays readable" in n for n in chosen.notes)
    assert "dark" in released("👩🏿‍🚒 with a hose").true_member
    hidden = "a woman with dark skin"
    assert implied(read(hidden), detect(hidden)) == []
    seen = implied(read("a woman with freckled skin"), detect("a woman with freckled skin"))
    assert [(f.axis, f.surface) for f in seen] == [("skin_tone", "freckled"), ("skin_tone", "skin")]


@pytest.mark.parametrize(
    ("prompt", "template"),
    [
        ("a man kisses her", "{a} {s0} kisses {a} {s1}"),
        ("a girl in a boat, he waves", "{a} {s0} in a boat, {a} {s1} waves"),
    ],
)
def test_a_pronoun_for_somebody_else_is_said_as_a_noun(prompt: str, template: str) -> None:
    chosen = released(prompt)
    assert chosen.template == template
    assert {released(m).request(seed=0).to_bytes() for m in chosen.members} == {chosen.request(seed=0).to_bytes()}


@pytest.mark.parametrize("hidden", ["\u00ad", "\u200b", "\u2060", "\ufeff"])
def test_invisible_characters_are_refused(hidden: str) -> None:
    with pytest.raises(InputError, match="invisible"):
        released(f"a wo{hidden}man")


def test_too_many_members_says_what_to_do() -> None:
    prompt = "a woman with dark skin and a man with light skin"
    with pytest.raises(InputError, match="fewer persons"):
        released(prompt, mechanism="closed")
    assert released(prompt).mechanism == "cover"
    assert len(released(prompt, {"skin_tone": ["light", "dark"]}).members) == 16


WORDS = sorted(
    {
        *lexicon().nouns,
        *("Chinese", "Muslim", "German", "Germans", "Latina", "deaf", "blind", "Jewish", "Black", "white", "Asian"),
        *("from China", "in a wheelchair", "with Down syndrome", "atheist", "who is", "they", "person"),
        *lexicon().ages,
        *lexicon().tones,
        *("a", "an", "the", "with", "skin", "tone", "in", "her", "his", "him", "she", "he", "hers", "and", ".", ","),
        *("car", "dog", "8-year-old", "60s", "dark-skinned"),
    }
)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join))
def test_any_words_of_the_lexicon_close_or_are_refused(prompt: str) -> None:
    try:
        chosen = released(prompt)
    except InputError:
        return
    sent = chosen.request(seed=0).to_bytes()
    some = {chosen.members[0], chosen.true_member, chosen.members[-1]}
    assert {released(m).request(seed=0).to_bytes() for m in some} == {sent}


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_handled(prompt: str) -> None:
    assert all(prompt[s.start : s.end] == s.surface for s in detect(prompt))
    try:
        chosen = released(prompt)
        chosen.request(seed=0)
    except InputError:
        return
    assert chosen.exact == (chosen.members[chosen.index] == chosen.true_member)


def test_the_same_prompt_gives_the_same_set_quickly() -> None:
    prompt = "a sticker of an old woman firefighter with dark skin, smiling, on a blue background"
    first = released(prompt)
    times = []
    for _ in range(10):
        start = time.perf_counter()
        assert released(prompt) == first
        times.append(time.perf_counter() - start)
    assert min(times) < 1.0  # about 6 ms on an idle core; benchmarks.detection measures it


def test_the_lexicon_is_public_and_symmetric() -> None:
    lex = lexicon()
    assert (lex.axes, "9") == (AXES, LEXICON_VERSION)
    for noun in lex.nouns.values():
        if noun.forms is not None:
            assert noun.forms[0] != noun.forms[1]
            for i, form in enumerate(noun.forms):
                known = lex.nouns.get(form.lower()) or lex.nouns[form.split()[0].lower()]
                assert known.gender == i


@pytest.mark.parametrize(
    ("prompt", "axis", "value"),
    [
        ("an African-American girl", "ethnicity", "Black"),
        ("a white woman in a white shirt", "ethnicity", "White"),
        ("a Latina", "ethnicity", "Hispanic"),
        ("a man of Asian descent", "ethnicity", "Asian"),
        ("two Germans at a bar", "nationality", "German"),
        ("a Frenchman with bread", "nationality", "French"),
        ("a nurse from Brazil", "nationality", "Brazilian"),
        ("a young Muslim reading", "religion", "Muslim"),
        ("a teacher who is Jewish", "religion", "Jewish"),
        ("a person with Down syndrome", "disability", "Down syndrome"),
        ("a wheelchair user", "disability", "wheelchair user"),
        ("a Deaf dancer", "disability", "deaf"),
        ("a mixed-race couple", "ethnicity", "unlisted"),
    ],
)
def test_traits(prompt: str, axis: str, value: str) -> None:
    assert [s.value for s in detect(prompt) if s.axis == axis] == [value]


@pytest.mark.parametrize(
    "prompt",
    [
        "a Chinese restaurant",
        "an American flag",
        "French toast",
        "the White House",
        "a blind corner",
        "the Indian Ocean",
        "noodles from China",
        "a Polish sausage and nail polish",
        "a painting in the style of Frida Kahlo",
    ],
)
def test_traits_of_things_are_left_alone(prompt: str) -> None:
    assert detect(prompt) == []
    assert released(prompt, on_implied="refuse").mechanism == "none"


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("a person with a five o'clock shadow", "five o'clock shadow"),
        ("a woman in a hijab", "hijab"),
        ("a pregnant firefighter", "pregnant"),
        ("a portrait of Fatima", "Fatima"),
        ("a nun", "nun"),
    ],
)
def test_implied_words_are_refused_with_the_words_and_why(prompt: str, words: str) -> None:
    with pytest.raises(ImpliedError, match=rf"['\"]{words}['\"] gives the .* away.*Nothing was sent") as caught:
        released(prompt)
    assert [f.surface for f in caught.value.implied] == [words]


@pytest.mark.parametrize(
    ("prompt", "choice", "true_member"),
    [
        ("a man with a beard and glasses", "generalise", "a man with glasses"),
        ("a bearded pilot", "slot", "a male pilot"),
        ("a woman in a red hijab", "slot", "a Muslim woman in a red head covering"),
        ("a grandmother knitting", "slot", "an old woman knitting"),
        ("a grandmother knitting", "generalise", "a mother knitting"),
        ("a portrait of Emma with her dog", "generalise", "a portrait of a person with her dog"),
        ("a portrait of Emma with her dog", "slot", "a portrait of Emma with her dog"),
        ("a woman in a dress", "generalise", "a woman in an outfit"),
    ],
)
def test_implied_words_can_be_slotted_or_generalised(prompt: str, choice: str, true_member: str) -> None:
    chosen = released(prompt, on_implied=choice)
    assert chosen.true_member == true_member
    again = released(chosen.members[0], opt_in=("first_names",) if "Emma" in true_member else (), on_implied=choice)
    assert again.grid == chosen.grid


def test_kin_say_an_age_and_are_told() -> None:
    chosen = released("a grandmother knitting")
    assert chosen.members == ("a grandmother knitting", "a grandfather knitting")
    assert any("'grandmother' stays readable" in n and "age" in n for n in chosen.notes)


def test_each_implied_word_can_be_decided_alone() -> None:
    chosen = released("a bearded man in a kilt", on_implied=lambda f: "allow" if f.surface == "kilt" else "generalise")
    assert chosen.members == ("a woman in a kilt", "a man in a kilt")


@pytest.mark.parametrize("prompt", ["una mujer vieja con piel oscura", "eine alte Frau mit Hund", "年老的女人"])
def test_other_languages_are_told(prompt: str) -> None:
    with pytest.raises(PrivacyError, match="English"):
        released(prompt)
    assert any("English only" in n for n in released(prompt, on_implied="allow").notes)


def test_strict_refuses_what_is_on_no_list() -> None:
    with pytest.raises(PrivacyError, match="'30-year-old'"):
        released("a 30-year-old man", strict=True)
    with pytest.raises(PrivacyError, match="'Tibetan'"):
        released("a Tibetan man", strict=True)
    assert released("an old Chinese man", strict=True).true_member == "an old Chinese man"


def test_a_large_axis_is_cut_to_its_representatives() -> None:
    chosen = released("a Mongolian woman")
    assert (chosen.mechanism, len(chosen.members), chosen.true_member) == ("cover", 24, "a Mongolian woman")
    assert chosen.members[chosen.index] == "a Chinese woman"
    assert any("not among the candidates" in n for n in chosen.notes)
    assert slots("a Mongolian woman").count == 2 * len(lexicon().values["nationality"])
    assert body("a Mongolian woman") == body("a Chinese man")


def test_axes_that_are_not_asked_for_stay_as_they_are() -> None:
    chosen = released("an old Chinese woman with dark skin", axes=["gender"])
    assert chosen.members == ("an old Chinese woman with dark skin", "an old Chinese man with dark skin")


@pytest.mark.parametrize(
    "prompts",
    [
        ("a pilot", "a female pilot", "a woman pilot", "a male pilot"),
        ("a person with a dog", "a lady with a dog", "a man with a dog"),
        ("a nurse and their dog", "a nurse and her dog"),
        ("a person who says they are tired", "a woman who says she is tired"),
        ("a waiter", "a waitress", "a server"),
    ],
)
def test_unspecified_hides_whether_it_was_said(prompts: tuple[str, ...]) -> None:
    sets = [released(p, unspecified=True) for p in prompts]
    assert len({s.request(seed=0).to_bytes() for s in sets}) == 1
    assert [len(a.values) for a in sets[0].grid.axes] == [3]
