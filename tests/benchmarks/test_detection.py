"""The detection table: labels, what counts as in clear, odd members, and that the sets are what the page says."""

from __future__ import annotations

from benchmarks.detection import SETS, in_clear, parse, sentences, shares
from benchmarks.oddities import oddities


def test_labels_are_read_from_braces() -> None:
    s = parse("an {elderly:age} {man:gender} and a {little:?age} {boy:gender,age}")
    assert s.text == "an elderly man and a little boy"
    assert [(x.axis, s.text[x.start : x.end], x.optional) for x in s.labels] == [
        ("age", "elderly", False),
        ("gender", "man", False),
        ("age", "little", True),
        ("gender", "boy", False),
        ("age", "boy", False),
    ]


def test_every_set_is_labelled_and_no_label_is_left_in_a_text() -> None:
    for name in SETS:
        rows = sentences(name)
        assert len(rows) > 60
        assert not any("{" in r.text or "}" in r.text for r in rows)
        assert sum(bool(r.labels) for r in rows) > 50


def test_in_clear_counts_what_is_shown_more_often_than_unlabelled() -> None:
    s = parse("a {black:ethnicity} woman in a black dress")
    assert (
        in_clear(s, "a {s0} in a black dress", ["an Asian man in a black dress", "a Black man in a black dress"]) == []
    )
    assert in_clear(s, "a black {s0} in a black dress", ["x"]) == ["black"]
    assert in_clear(parse("a {deaf:disability} cat"), "a {s0}", ["a deaf cat", "a Deaf dog"]) == ["deaf"]
    assert in_clear(parse("a {little:?age} girl"), "a little {s0}", ["a little boy"]) == []


def test_shares_of_prompts_that_the_door_hides_and_leaves_alone() -> None:
    rows = [parse("a {young:age} {woman:gender} in a garden"), parse("a red car")]
    result = shares(rows)
    assert (result["persons"], result["others"]) == (1, 1)
    assert result["refused"] == result["clear"] == result["odd"] == result["others_refused_or_changed"] == 0.0


def test_oddities_are_those_that_the_prompt_did_not_have() -> None:
    assert oddities("a woman", ["a man", "a woman"]) == []
    assert [x.split(":")[0] for x in oddities("a woman", ["a a man"])] == ["doubled word", "two articles"]
    assert [x.split(":")[0] for x in oddities("an apple", ["a apple"])] == ["article"]
    assert oddities("very very old", ["very very young"]) == []
    assert [x.split(":")[0] for x in oddities("two women", ["two woman"])] == ["number"]
