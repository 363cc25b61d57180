"""Captions as a person would type them: synonyms, orders, articles, with or without each attribute.

``caption(glyph, background, rng)`` draws one caption for a glyph; ``plain(...)`` is the canonical
wording that benchmarks use. What a caption leaves out has one fixed meaning in the data: no tone is
yellow, no gender is the "person" drawing, no background is white.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from .glyphs import Glyph

_PEOPLE = {
    "woman": (("woman", 12), ("lady", 1), ("female person", 1)),
    "man": (("man", 12), ("guy", 1), ("male person", 1)),
    "person": (("person", 6), ("human", 1)),
}
_CHILDREN = {"woman": ("girl",), "man": ("boy",), "person": ("child", "kid")}
_ADULT = ("adult", "adult", "adult", "middle-aged", "grown-up")
_OLD = ("old", "old", "elderly", "older", "senior")

TONE_WORDS: dict[str, tuple[str, ...]] = {
    "light": ("light", "light", "light", "pale", "fair"),
    "medium-light": ("medium-light", "medium-light", "light brown"),
    "medium": ("medium", "medium", "medium", "tan", "olive"),
    "medium-dark": ("medium-dark", "medium-dark", "brown"),
    "dark": ("dark", "dark", "dark", "deep", "very dark", "black"),
}

#: Roles named by a noun: "a woman firefighter". First word canonical, the rest synonyms.
NOUN_ROLES: dict[str, tuple[str, ...]] = {
    "health worker": ("health worker", "doctor", "nurse", "medic"),
    "student": ("student", "graduate"),
    "teacher": ("teacher", "professor"),
    "judge": ("judge",),
    "farmer": ("farmer",),
    "cook": ("cook", "chef"),
    "mechanic": ("mechanic",),
    "factory worker": ("factory worker", "welder"),
    "office worker": ("office worker", "clerk"),
    "scientist": ("scientist", "chemist"),
    "technologist": ("technologist", "programmer", "software developer"),
    "singer": ("singer", "rock star"),
    "artist": ("artist", "painter"),
    "pilot": ("pilot",),
    "astronaut": ("astronaut",),
    "firefighter": ("firefighter", "fire fighter"),
    "police officer": ("police officer", "cop"),
    "detective": ("detective", "spy"),
    "guard": ("guard", "royal guard"),
    "construction worker": ("construction worker", "builder"),
    "superhero": ("superhero", "hero"),
    "supervillain": ("supervillain", "villain"),
    "mage": ("mage", "wizard", "magician"),
    "fairy": ("fairy",),
    "vampire": ("vampire",),
    "elf": ("elf",),
    "ninja": ("ninja",),
    "snowboarder": ("snowboarder",),
}
#: Roles that are something a person does or wears: "a woman surfing", "a man in a tuxedo".
PHRASE_ROLES: dict[str, tuple[str, ...]] = {
    "frowning": ("frowning", "looking sad"),
    "pouting": ("pouting", "looking angry"),
    "gesturing NO": ("gesturing no", "making a no gesture"),
    "gesturing OK": ("gesturing ok", "making an ok gesture"),
    "tipping hand": ("tipping a hand", "tipping hand"),
    "raising hand": ("raising a hand", "raising hand"),
    "bowing": ("bowing",),
    "facepalming": ("facepalming",),
    "shrugging": ("shrugging",),
    "getting massage": ("getting a massage",),
    "getting haircut": ("getting a haircut",),
    "walking": ("walking",),
    "standing": ("standing",),
    "kneeling": ("kneeling",),
    "running": ("running", "jogging"),
    "in steamy room": ("in a steamy room", "in a sauna"),
    "climbing": ("climbing",),
    "golfing": ("golfing", "playing golf"),
    "surfing": ("surfing",),
    "rowing boat": ("rowing a boat", "rowing"),
    "swimming": ("swimming",),
    "bouncing ball": ("bouncing a ball", "playing basketball"),
    "lifting weights": ("lifting weights",),
    "biking": ("biking", "riding a bike", "cycling"),
    "mountain biking": ("mountain biking", "riding a mountain bike"),
    "cartwheeling": ("cartwheeling", "doing a cartwheel"),
    "playing water polo": ("playing water polo",),
    "playing handball": ("playing handball",),
    "juggling": ("juggling",),
    "in lotus position": ("in lotus position", "meditating", "doing yoga"),
    "taking bath": ("taking a bath",),
    "in bed": ("in bed", "sleeping in bed"),
    "feeding baby": ("feeding a baby",),
    "breast-feeding": ("breast-feeding",),
    "dancing woman": ("dancing",),
    "dancing man": ("dancing",),
    "in suit levitating": ("in a suit levitating", "levitating"),
    "wearing turban": ("wearing a turban", "in a turban"),
    "in tuxedo": ("in a tuxedo", "wearing a tuxedo"),
    "with veil": ("with a veil", "wearing a veil"),
    "with white cane": ("with a white cane",),
    "in motorized wheelchair": ("in a motorized wheelchair", "in an electric wheelchair"),
    "in manual wheelchair": ("in a manual wheelchair", "in a wheelchair"),
    "with skullcap": ("with a skullcap", "wearing a skullcap"),
    "with headscarf": ("with a headscarf", "wearing a headscarf"),
}
#: Roles with a noun of their own for each gender.
LEXICAL_ROLES: dict[str, dict[str, tuple[str, ...]]] = {
    "royal": {"woman": ("princess",), "man": ("prince",), "person": ("person with a crown",)},
    "claus": {"woman": ("Mrs. Claus",), "man": ("Santa Claus",), "person": ("Mx Claus",)},
    "mer": {"woman": ("mermaid",), "man": ("merman",), "person": ("merperson",)},
    "angel": {"person": ("baby angel", "angel")},
}
#: Roles that are an adjective: "a deaf woman".
ADJECTIVE_ROLES = {"deaf": "deaf", "pregnant": "pregnant"}

_HAIR = {
    "beard": ("with a beard",),
    "red hair": ("with red hair",),
    "curly hair": ("with curly hair",),
    "white hair": ("with white hair",),
    "blond hair": ("with blond hair",),
    "bald": ("with a bald head",),
}
_PREFIX = (
    ("a sticker of ", 5),
    ("sticker of ", 5),
    ("an emoji of ", 2),
    ("emoji of ", 2),
    ("a picture of ", 1),
    ("a portrait of ", 1),
    ("a drawing of ", 1),
    ("", 5),
)
_FILLER = ("smiling", "cute", "happy", "high quality", "simple", "flat design", "looking at the camera", "cartoon")
_NOUN_GENDER = {
    "woman": (("woman", 8), ("female", 5), ("lady", 1)),
    "man": (("man", 8), ("male", 5)),
    "person": (("", 1),),
}

#: Most glyphs are asked for in full; some leave a default (white, yellow) unsaid.
CANONICAL_SHARE = 0.4


def _weighted(rng: random.Random, options: tuple[tuple[str, int], ...]) -> str:
    return rng.choices([o for o, _ in options], [w for _, w in options])[0]


def article(phrase: str) -> str:
    """``phrase`` with its indefinite article."""
    return ("an " if phrase[0].lower() in "aeio" else "a ") + phrase


@dataclass(frozen=True)
class Parts:
    adjective: str  # tone as a prefix, age, role adjective
    noun: str
    suffix: str
    proper: bool = False


def head_of(g: Glyph, rng: random.Random | None) -> Parts:
    """Noun phrase without tone and background; ``rng`` None is the canonical wording."""

    def pick(options: tuple[str, ...]) -> str:
        return options[0] if rng is None else rng.choice(options)

    def people(gender: str) -> str:
        return _PEOPLE[gender][0][0] if rng is None else _weighted(rng, _PEOPLE[gender])

    if g.role in LEXICAL_ROLES:
        noun = pick(LEXICAL_ROLES[g.role][g.gender])
        return Parts("", noun, "", proper="Claus" in noun)
    if g.role in NOUN_ROLES:
        word = NOUN_ROLES[g.role][0]
        if rng is not None and rng.random() < 0.3:
            word = rng.choice(NOUN_ROLES[g.role])
        gender = _NOUN_GENDER[g.gender][0][0] if rng is None else _weighted(rng, _NOUN_GENDER[g.gender])
        return Parts(gender, word, "")
    if g.role in PHRASE_ROLES:
        options = PHRASE_ROLES[g.role]
        suffix = options[0] if rng is None or rng.random() < 0.6 else rng.choice(options)
        return Parts("", people(g.gender), suffix)
    if g.role in ADJECTIVE_ROLES:
        return Parts(ADJECTIVE_ROLES[g.role], people(g.gender), "")
    if g.age == "baby":
        return Parts("", "baby", "")
    hair = pick(_HAIR[g.hair]) if g.hair else ""
    if g.age == "child":
        return Parts("", pick(_CHILDREN[g.gender]), hair)
    if g.age == "old":
        return Parts(pick(_OLD), people(g.gender), hair)
    age = "" if rng is None or rng.random() < 0.6 else rng.choice(_ADULT)
    return Parts(age, people(g.gender), hair)


def join_words(*parts: str) -> str:
    return " ".join(p for p in parts if p)


def plain(g: Glyph, background: str) -> str:
    """The canonical wording: "a sticker of a woman firefighter with dark skin on a blue background"."""
    head = head_of(g, None)
    phrase = join_words(head.adjective, head.noun, head.suffix)
    tone = "" if g.tone == "yellow" else f"with {g.tone} skin"
    joined = join_words("a sticker of", phrase if head.proper else article(phrase), tone)
    return joined + (f" on {article(background)} background" if background != "white" else "")


def caption(g: Glyph, background: str, rng: random.Random) -> str:
    """One caption of the grammar for this glyph on this background."""
    if rng.random() < CANONICAL_SHARE:
        text = plain(g, background)
        return text if rng.random() < 0.5 else text.removeprefix("a sticker of ")
    head = head_of(g, rng)
    tone = "" if g.tone == "yellow" else rng.choice(TONE_WORDS[g.tone])
    as_prefix = bool(tone) and rng.random() < 0.2
    phrase = join_words(f"{tone}-skinned" if as_prefix else "", head.adjective, head.noun, head.suffix)
    bare = head.proper and not as_prefix
    text = _weighted(rng, _PREFIX) + (phrase if bare or rng.random() < 0.1 else article(phrase))
    if tone and not as_prefix:
        text += rng.choice((f" with {tone} skin", f" with a {tone} skin tone", f", {tone} skin tone", f", {tone} skin"))
    extras = []
    if rng.random() < 0.15:
        extras.append(", " + rng.choice(_FILLER))
    if background != "white" or rng.random() < 0.5:
        behind = rng.choice(
            (
                f" on {article(background)} background",
                f" on {article(background)} background",
                f", {background} background",
                f" against {article(background)} background",
            )
        )
        extras.append(behind)
        rng.shuffle(extras)
        if rng.random() < 0.05:
            return f"{background} background, " + text
    return text + "".join(extras)
