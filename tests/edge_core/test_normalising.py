"""What the core makes of a prompt's characters before it is read: normalising, spelling, language."""

from __future__ import annotations

import json
import os
import random
from functools import cache
from string import ascii_lowercase

import pytest

from edge_sdk.attributes import language, lexicon, normalising, spelling
from edge_sdk.attributes.document import Document
from edge_sdk.attributes.matching import plain, tokens
from edge_sdk.attributes.passes import MARKING
from edge_sdk.attributes.scope import Scope
from tests.edge_core.building import LEXICON, ROOT, probe
from tests.edge_sdk.attributes import test_invariant
from tests.edge_sdk.closure_grammar import prompt as sentence

EXAMPLES = int(os.environ.get("OBCLIP_CORE_EXAMPLES", "2000"))
OPT_IN = ("", "profession", "hair", "body,first_names", "body,first_names,hair,profession")
#: What people write around words, and what hides them.
FRAMES = (
    "({}:1.2)", "(({}))", "({})", "[{}]", "[[{}]]", "({}:1.)", "({}, {})", "({}", "{})", "{}++", "{}+",
    "({}:-0.5), {}", "{{{}|{}}}", "[{}|{}]", "{{{}}}", "[{}|{}|{}]", "<lora:{}{}:0.6>", "<lora:{}Face_v2:1>, {}",
    "<{}", "{}>", "<{}> {}", "{}\U0001f469\u200d\U0001f9b3{}", "\U0001f474\U0001f3ff{}",
    "{} \U0001f1ee\U0001f1f3", "\U0001f468\u200d\U0001f469", "1{}", "2 {}", "by {}", "painting by {} {}",
    "{}\u200b{}", "\u0430{}", "{}\u0301", "\uff21{}", "\u24d0{}", "{}\u00ad",
)  # fmt: skip
#: What one letter may be put for.
STRAYS = "\u0435|\u00df|\u0130|\u0131|\u00e9|\u00f1|\ufe0f|\u200d|\u200b|\ud55c|\ufb01|\u2019|\n|\u0085|\u1e9b|@|$"
LEET = str.maketrans("oileast", "0113457")
ELSEWHERE = (
    "eine alte Frau mit dunkler Haut", "una mujer joven con el pelo negro", "un homme \u00e2g\u00e9 dans la rue",
    "\u0441\u0442\u0430\u0440\u0430\u044f \u0436\u0435\u043d\u0449\u0438\u043d\u0430", "\u5973\u6027",
    "de oude man en het kind", "uma mulher velha", "portrait einer Frau", "une femme",
    "una ragazza sulla spiaggia con il cane", "\u03a3\u03bf\u03c6\u03af\u03b1\u03a3",
)  # fmt: skip


@cache
def _emoji() -> list[str]:
    return sorted(lexicon().emoji)


def _slipped(rng: random.Random, text: str) -> str:
    """One letter otherwise: a slip, an accent, a look-alike, a digit."""
    if not text:
        return text
    i = rng.randrange(len(text))
    c = text[i]
    wide = chr(0xFEE0 + ord(c)) if "!" < c < "~" else c
    any_one = chr(rng.choice((rng.randrange(0xA0, 0xD800), rng.randrange(0xE000, 0x20000))))
    made = [
        "",
        c + c,
        rng.choice(ascii_lowercase),
        c + "\u0301",
        c + "\u0327\u0323",
        c.translate(LEET),
        c.upper(),
        wide,
    ]
    instead = rng.choice([*made, text[i + 1 : i + 2] + c, any_one, *STRAYS.split("|")])
    return text[:i] + instead + text[i + 1 :]


def made(rng: random.Random) -> str:
    """A prompt with something in it that is put right before it is read."""
    way = rng.choice((sentence, test_invariant.written, test_invariant.salad, test_invariant.tags))
    text = rng.choice(ELSEWHERE) if rng.random() < 0.1 else way(rng)
    words = text.split(" ")
    for _ in range(rng.randint(0, 3)):
        i = rng.randrange(len(words))
        roll = rng.random()
        if roll < 0.4:
            beside = (words[i], *(rng.choice(test_invariant._words()) for _ in range(2)))
            words[i] = rng.choice(FRAMES).format(*rng.sample(beside, 3))
        elif roll < 0.5:
            words.insert(i, rng.choice(_emoji()))
        elif roll < 0.55:
            words[i] += rng.choice(ELSEWHERE)
        elif roll < 0.65:
            words[i] = words[i].translate(LEET)
        else:
            words[i] = _slipped(rng, words[i])
    return rng.choice((" ", " ", " ", "  ", ", ", "_", "")).join(words)


def _marked(text: str, opt_in: frozenset[str], neutral: bool) -> Document:
    lex = lexicon(opt_in, neutral)
    read = plain(text)
    document = Document(text, text, read, spelling.spell(tokens(read), lex), lex, Scope(opt_in=opt_in))
    for run in MARKING:
        run(document)
    return document


def questions(text: str, opt_in: str, neutral: bool) -> list[tuple[str, str]]:
    """Lines for the probe, and what the reference answers."""
    axes = frozenset(opt_in.split(",")) - {""}
    lex = lexicon(axes, neutral)
    left, names = normalising.without_models(text, lex)
    spelled = spelling.spell(tokens(plain(text)), lex)
    other = language.other_language(text, lex)
    places = "".join(f" {a}:{b}" for a, b in zip(spelled.starts, spelled.ends, strict=True))
    answers = {
        "compose": json.dumps(normalising.compose(text)),
        "plain": json.dumps(plain(text)),
        "hidden": json.dumps(normalising.hidden_characters(text, lex)),
        "mixed": json.dumps(normalising.mixed_script(text)),
        "emoji": json.dumps(normalising.without_emoji(text, lex)),
        "choices": json.dumps(normalising.without_choices(text, lex)),
        "fold": json.dumps(spelling.fold(text)),
        "models": f"{json.dumps(left)} {json.dumps(list(names))}",
        "language": "null" if other is None else f"{json.dumps(other[0])} {json.dumps(list(other[1]))}",
    }
    out = [(f"{what} {opt_in or '-'} {int(neutral)} {json.dumps(text)}", answer) for what, answer in answers.items()]
    out.append((f"spell {opt_in or '-'} {int(neutral)} {json.dumps(plain(text))}", json.dumps(spelled.texts) + places))
    document = _marked(text, axes, neutral)
    marks = "".join(f" {m.start} {m.end} {json.dumps(m.kind)} {json.dumps(m.word)}" for m in document.marks)
    out.append(
        (
            f"weights {opt_in or '-'} {int(neutral)} {json.dumps(text)} {len(document.marks)}{marks}",
            json.dumps(normalising.without_weights(document)),
        )
    )
    return out


def _compare(rows: list[tuple[str, str]]) -> None:
    answers = probe("normalising", LEXICON)([line for line, _ in rows])
    bad = [(line, said, wanted) for (line, wanted), said in zip(rows, answers, strict=True) if said != wanted]
    assert bad[:5] == [], f"{len(bad)} of {len(rows)}"


def test_prompts_with_something_to_put_right() -> None:
    rows = []
    for i in range(EXAMPLES):
        rng = random.Random(f"normalising/{i}")
        rows += questions(made(rng), rng.choice(OPT_IN) if rng.random() < 0.3 else "", rng.random() < 0.1)
    _compare(rows)


def test_every_emoji_of_the_lexicon() -> None:
    rows = []
    for emoji in _emoji():
        for text in (
            emoji,
            f"an {emoji} in a park",
            f"x{emoji}\ufe0f1",
            f"one of {emoji}{emoji}",
            f"({emoji}\u200d\U0001f525",
        ):
            rows += [(f"emoji - 0 {json.dumps(text)}", json.dumps(normalising.without_emoji(text, lexicon())))]
            rows += [(f"hidden - 0 {json.dumps(text)}", json.dumps(normalising.hidden_characters(text, lexicon())))]
    _compare(rows)


@pytest.mark.parametrize("what", ["mixed", "hidden", "language", "compose", "plain", "fold"])
def test_every_character_in_a_word(what: str) -> None:
    lex = lexicon()
    of = {
        "mixed": normalising.mixed_script,
        "hidden": lambda t: normalising.hidden_characters(t, lex),
        "compose": normalising.compose,
        "plain": plain,
        "fold": spelling.fold,
        "language": lambda t: language.other_language(t, lex),
    }[what]
    rows = []
    for code in range(0, 0x110000, 1 if what in ("mixed", "plain") else 7):
        if 0xD800 <= code < 0xE000:
            continue
        text = f"a{chr(code)}x{chr(code)}"
        said = of(text)
        told = f"{json.dumps(said[0])} {json.dumps(list(said[1]))}" if isinstance(said, tuple) else json.dumps(said)
        rows.append((f"{what} - 0 {json.dumps(text)}", told))
    _compare(rows)


def test_the_folder_of_prompts() -> None:
    folder = ROOT.parent / "shared" / "prompts"
    if not folder.is_dir():
        pytest.skip("no shared/prompts beside this checkout")
    lines = sorted({line for path in folder.iterdir() for line in path.read_text(encoding="utf-8").splitlines()})
    rows = []
    for text in random.Random(4).sample(lines, min(len(lines), EXAMPLES // 2)):
        rows += questions(text[:300], "", False)
    _compare(rows)
