import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obclip_contract import Axis, Phrase, PromptGrid, RequestError, article, escape, limits

GENDER, TONE = Axis("gender", ("woman", "man")), Axis("skin_tone", ("light", "dark"))


def grid(template="{a} {s0} with {s1} skin", axes=(GENDER, TONE), phrases=None, rows=None):
    given = {"s0": Phrase((0,), ("woman", "old man")), "s1": Phrase((1,), ("light", "dark"))}
    return PromptGrid(template, axes, given if phrases is None else phrases, rows)


def test_members_are_row_major_and_articles_fit():
    assert grid().expand() == (
        "a woman with light skin",
        "a woman with dark skin",
        "an old man with light skin",
        "an old man with dark skin",
    )
    assert [grid().index(c) for c in ((0, 0), (0, 1), (1, 0), (1, 1))] == [0, 1, 2, 3]


def test_rows_pick_members_of_a_product_over_the_limit():
    rows = ((0, 1), (1, 0))
    g = grid(rows=rows)
    assert g.expand() == ("a woman with dark skin", "an old man with light skin")
    assert (g.count, g.choices(), g.index((1, 0))) == (2, rows, 1)
    with pytest.raises(ValueError, match="not in"):
        g.index((0, 0))
    values = tuple(map(str, range(64)))
    axes = (Axis("age", values), Axis("age.2", values))
    texts = {"p": Phrase((0,), values), "q": Phrase((1,), values)}
    many = PromptGrid("{p} {q}", axes, texts, tuple((v, 63 - v) for v in range(64)))
    assert many.expand()[1] == "1 62"
    with pytest.raises(RequestError, match="texts") as error:
        PromptGrid("{p}", axes, {"p": Phrase((0, 1), ("x",) * 4096)}, many.rows)
    assert error.value.field == "grid.phrases.p.axes"


def test_a_phrase_over_two_axes_is_row_major_over_its_own_order():
    phrases = {"s0": Phrase((1, 0), ("lw", "lm", "dw", "dm"))}
    assert grid("{s0}", phrases=phrases).expand() == ("lw", "dw", "lm", "dm")


def test_spaces_punctuation_and_braces():
    phrases = {"s0": Phrase((0,), ("", "x"))}
    g = grid("  {s0}  hello , {{world}} ! ", (GENDER,), phrases)
    assert g.expand() == ("  hello , {world} ! ", "  x  hello , {world} ! ")
    gone = grid("a {s0} man , {s0}  {s0}, {s0}  b {s0} {s0}", (GENDER,), phrases)
    assert gone.expand()[0] == "a man ,, b"
    assert grid(escape("a {weird} prompt"), (), {}).expand() == ("a {weird} prompt",)


@pytest.mark.parametrize(
    ("word", "want"),
    [
        ("old", "an"), ("woman", "a"), ("hour", "an"), ("honest", "an"), ("house", "a"), ("university", "a"),
        ("uninvited", "an"), ("European", "a"), ("one-eyed", "a"), ("umbrella", "an"), ("8-year-old", "an"),
        ("18", "an"), ("180", "a"), ("11", "an"), ("80-year-old", "an"), ("7", "a"), ('"old"', "an"), ("user", "a"),
        ("X", "an"), ("US", "a"), ("usher", "an"), ("", "a"), ("unique", "a"), ("Ugandan", "a"), ("unicorn", "a"),
        ("11th-century", "an"), ("18th", "an"), ("1800s", "an"), ("1950s", "a"), ("110", "a"), ("81", "an"),
        ("800", "an"), ("one", "a"), ("onerous", "an"), ("Once", "a"), ("étude", "an"), ("Élan", "an"),
        ("Œuvre", "an"), ("über", "an"), ("ñandú", "a"), ("“old”", "an"), ("(hour)", "an"), ("LGBT", "an"),
        ("FBI", "an"), ("Ukrainian", "a"), ("Uyghur", "a"), ("Uzbek", "an"), ("猫 image", "a"), ("— old", "an"),
        ("heirloom", "an"), ("u-turn", "a"), ("X-ray", "an"), ("...", "a"),
    ],
)  # fmt: skip
def test_the_article_rule(word, want):
    assert article(word) == want


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"template": "{s0} {s1} {nobody}"}, "grid.template"),
        ({"template": "{s0}"}, "grid.phrases"),
        ({"template": "{s0} {s1} {"}, "grid.template"),
        ({"template": "{s0} {s1} \x07"}, "grid.template"),
        ({"template": "{s0} {s1} " + "x" * limits.MAX_TEMPLATE_CHARS}, "grid.template"),
        ({"axes": (GENDER, GENDER)}, "grid.axes.1.name"),
        ({"axes": (GENDER, Axis("Tone", ("a",)))}, "grid.axes.1.name"),
        ({"axes": (GENDER, Axis("tone", ("a", "a")))}, "grid.axes.1.values"),
        ({"axes": (GENDER, Axis("tone", ()))}, "grid.axes.1.values"),
        ({"axes": tuple(Axis(f"x{i}", ("a", "b")) for i in range(7))}, "grid"),
        ({"axes": tuple(Axis(f"x{i}", ("a",)) for i in range(13))}, "grid.axes"),
        ({"phrases": {"s0": Phrase((0,), ("x",)), "s1": Phrase((1,), ("l", "d"))}}, "grid.phrases.s0.text"),
        ({"phrases": {"s0": Phrase((5,), ("x", "y")), "s1": Phrase((1,), ("l", "d"))}}, "grid.phrases.s0.axes"),
        ({"phrases": {"s0": Phrase((0,), ("x" * 201, "y")), "s1": Phrase((1,), ("l", "d"))}}, "grid.phrases.s0.text"),
        ({"phrases": {"s0": Phrase((0,), ("x\x01", "y")), "s1": Phrase((1,), ("l", "d"))}}, "grid.phrases.s0.text"),
        ({"phrases": {"s0": Phrase((0, 0), ("x",) * 4), "s1": Phrase((1,), ("l", "d"))}}, "grid.phrases.s0.axes"),
        ({"phrases": {"a": Phrase((), ("x",))}}, "grid.phrases"),
        ({"phrases": {"S0": Phrase((), ("x",))}}, "grid.phrases"),
        ({"phrases": {f"p{i}": Phrase((), ("x",)) for i in range(limits.MAX_PHRASES + 1)}}, "grid.phrases"),
        ({"axes": (GENDER, Axis("t" * 65, ("a",)))}, "grid.axes.1.name"),
        ({"axes": (GENDER, Axis("tone", ("a" * 65,)))}, "grid.axes.1.values"),
        ({"axes": (GENDER, Axis("tone", ("",)))}, "grid.axes.1.values"),
        ({"axes": (GENDER, Axis("tone", ("a\n",)))}, "grid.axes.1.values"),
        ({"axes": (Axis("tone", tuple(map(str, range(65)))),)}, "grid.axes.0.values"),
        ({"rows": ()}, "grid"),
        ({"rows": ((0, 0), (1, 2))}, "grid.rows.1"),
        ({"rows": ((0, 0), (1,))}, "grid.rows.1"),
        ({"rows": ((0, 0), (1, -1))}, "grid.rows.1"),
        ({"rows": ((1, 0), (0, 1))}, "grid.rows"),
        ({"rows": ((0, 1), (0, 1), (1, 0))}, "grid.rows"),
        ({"rows": ((0, 0), (0, 1), (1, 0), (1, 1))}, "grid.rows"),
        ({"rows": ((0, 0), (1, 0))}, "grid.axes.1.values"),
        ({"axes": (), "phrases": {}, "template": "x", "rows": ((),)}, "grid.rows"),
        ({"template": "{s0} {s1} \ud800"}, "grid.template"),
        ({"template": "{s0} {s1} \x85"}, "grid.template"),
        (
            {
                "template": "{s0} {s1}" * 50,
                "phrases": {"s0": Phrase((0,), ("x" * 50, "")), "s1": Phrase((1,), ("y" * 50, ""))},
            },
            "grid.template",
        ),
    ],
)
def test_every_limit_names_its_field(change, field):
    with pytest.raises(RequestError) as error:
        grid(**change)
    assert error.value.field == field


def test_capital_article_and_two_in_a_row():
    g = PromptGrid("{A} {s0} and {a} {a} {s0}", (GENDER,), {"s0": Phrase((0,), ("old woman", "man"))})
    assert g.expand() == ("An old woman and an an old woman", "A man and a a man")


def test_text_that_no_slot_touches_stays_as_it_is():
    assert PromptGrid(" x\u00a0 \u2003 ,  y ", (), {}).expand() == (" x\u00a0 \u2003 ,  y ",)
    assert PromptGrid("", (), {}).expand() == ("",)
    assert PromptGrid("", (), {}).count == 1


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=40)


@settings(max_examples=200, deadline=None)
@given(texts, st.lists(texts, min_size=2, max_size=2))
def test_any_escaped_text_survives_expansion(text, values):
    g = PromptGrid(escape(text) + "{p}", (GENDER,), {"p": Phrase((0,), tuple(values))})
    for member, value in zip(g.expand(), values, strict=True):
        assert member == (text + value if value else text.rstrip(" "))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_template_is_taken_or_refused(template):
    with contextlib.suppress(RequestError):
        assert len(PromptGrid(template, (), {}).expand()) == 1
