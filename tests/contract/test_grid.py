import pytest
from contract import Axis, Phrase, PromptGrid, RequestError, article, escape, limits

GENDER, TONE = Axis("gender", ("woman", "man")), Axis("skin_tone", ("light", "dark"))


def grid(template="{a} {s0} with {s1} skin", axes=(GENDER, TONE), phrases=None):
    given = {"s0": Phrase((0,), ("woman", "old man")), "s1": Phrase((1,), ("light", "dark"))}
    return PromptGrid(template, axes, given if phrases is None else phrases)


def test_members_are_row_major_and_articles_fit():
    assert grid().expand() == (
        "a woman with light skin",
        "a woman with dark skin",
        "an old man with light skin",
        "an old man with dark skin",
    )
    assert [grid().index(c) for c in ((0, 0), (0, 1), (1, 0), (1, 1))] == [0, 1, 2, 3]


def test_a_phrase_over_two_axes_is_row_major_over_its_own_order():
    phrases = {"s0": Phrase((1, 0), ("lw", "lm", "dw", "dm"))}
    assert grid("{s0}", phrases=phrases).expand() == ("lw", "dw", "lm", "dm")


def test_spaces_punctuation_and_braces():
    phrases = {"s0": Phrase((0,), ("", "x"))}
    g = grid("  {s0}  hello , {{world}} ! ", (GENDER,), phrases)
    assert g.expand() == ("hello, {world}!", "x hello, {world}!")
    assert grid(escape("a {weird} prompt"), (), {}).expand() == ("a {weird} prompt",)


@pytest.mark.parametrize(
    ("word", "want"),
    [
        ("old", "an"), ("woman", "a"), ("hour", "an"), ("honest", "an"), ("house", "a"), ("university", "a"),
        ("uninvited", "an"), ("European", "a"), ("one-eyed", "a"), ("umbrella", "an"), ("8-year-old", "an"),
        ("18", "an"), ("180", "a"), ("11", "an"), ("80-year-old", "an"), ("7", "a"), ('"old"', "an"), ("user", "a"),
        ("X", "an"), ("US", "a"), ("usher", "an"), ("", "a"), ("unique", "a"), ("Ugandan", "a"), ("unicorn", "a"),
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
        ({"axes": (GENDER, GENDER)}, "grid.axes.1"),
        ({"axes": (GENDER, Axis("Tone", ("a",)))}, "grid.axes.1"),
        ({"axes": (GENDER, Axis("tone", ("a", "a")))}, "grid.axes.1"),
        ({"axes": (GENDER, Axis("tone", ()))}, "grid.axes.1"),
        ({"axes": tuple(Axis(f"x{i}", ("a", "b")) for i in range(7))}, "grid"),
        ({"axes": tuple(Axis(f"x{i}", ("a",)) for i in range(13))}, "grid.axes"),
        ({"phrases": {"s0": Phrase((0,), ("x",)), "s1": Phrase((1,), ("l", "d"))}}, "grid.phrases"),
        ({"phrases": {"s0": Phrase((5,), ("x", "y")), "s1": Phrase((1,), ("l", "d"))}}, "grid.phrases"),
        ({"phrases": {"s0": Phrase((0,), ("x" * 201, "y")), "s1": Phrase((1,), ("l", "d"))}}, "grid.phrases"),
    ],
)
def test_every_limit_names_its_field(change, field):
    with pytest.raises(RequestError) as error:
        grid(**change)
    assert error.value.field == field
