"""Captions of scenes: what a person would type, from a tag list to a sentence.

The person's own words are those of today's pair (:mod:`..captions`), so that all it understands stays understood. A
style is one public word; none means the Noto drawing. What a caption leaves out has one meaning: no tone is yellow,
no gender is the neutral drawing, no background is white, no style is Noto.
"""

from __future__ import annotations

import random
from typing import Final

from ..captions import TONE_WORDS, Parts, article, head_of, join_words
from ..glyphs import Glyph
from .people import Person
from .scenes import Scene
from .things import THINGS

#: Style -> words before "sticker", canonical first.
STYLE_WORDS: Final = {
    "noto": ("",),
    "flat": ("flat", "flat", "flat vector", "flat design"),
    "3d": ("3D", "3D", "3D rendered", "3D cartoon"),
}
_NOUNS: Final = ("sticker", "sticker", "sticker", "emoji", "picture", "drawing", "icon", "illustration")
_FILLER: Final = (
    "smiling",
    "cute",
    "happy",
    "high quality",
    "highly detailed",
    "simple",
    "looking at the camera",
    "cartoon",
    "centered",
    "vibrant colors",
    "soft light",
    "clean lines",
    "best quality",
    "masterpiece",
    "trending",
)
#: Forms of a caption and how often each is drawn.
_CANONICAL, _TAGS = 0.35, 0.15
#: Share of captions whose thing, style or background is said in the words of a sentence's end rather than its start.
_EXTRA_SHARE: Final = 0.25


def _glyph(person: Person, tone: str) -> Glyph:
    """The labels as today's captions read them."""
    return Glyph(person.base, "", person.role, person.gender, person.age, tone, person.hair, False)


def _words(phrase: str) -> str:
    """A thing with its article: "a cat", "cherries"."""
    return phrase if phrase in ("cherries", "french fries", "broccoli", "popcorn", "sushi", "beer") else article(phrase)


def _who(head: Parts, tone: str, prefix: bool) -> str:
    phrase = join_words(f"{tone}-skinned" if prefix and tone else "", head.adjective, head.noun, head.suffix)
    return phrase if head.proper and not (prefix and tone) else article(phrase)


def _opening(style: str, noun: str) -> str:
    return article(join_words(style, noun)) + " of "


def plain(person: Person, scene: Scene) -> str:
    """The canonical wording.

    "a 3D sticker of a woman firefighter with dark skin holding a pizza on a blue background".
    """
    tone = "" if scene.tone == "yellow" else f"with {scene.tone} skin"
    thing = join_words(scene.words, _words(scene.thing_name)) if scene.thing >= 0 else ""
    who = _who(head_of(_glyph(person, scene.tone), None), "", False)
    text = _opening(STYLE_WORDS[scene.style][0], "sticker") + join_words(who, tone, thing)
    return text + ("" if scene.background == "white" else f" on {article(scene.background)} background")


def caption(person: Person, scene: Scene, rng: random.Random) -> str:
    """One caption of the grammar for this scene."""
    form = rng.random()
    if form < _CANONICAL:
        text = plain(person, scene)
        return text.removeprefix("a sticker of ") if scene.style == "noto" and rng.random() < 0.5 else text
    if form < _CANONICAL + _TAGS:
        return _tags(person, scene, rng)
    return _sentence(person, scene, rng)


def _sentence(person: Person, scene: Scene, rng: random.Random) -> str:
    tone = "" if scene.tone == "yellow" else rng.choice(TONE_WORDS[scene.tone])
    prefix = rng.random() < 0.2
    text = _who(head_of(_glyph(person, scene.tone), rng), tone, prefix)
    style = rng.choice(STYLE_WORDS[scene.style])
    late_style = bool(style) and rng.random() < _EXTRA_SHARE
    if style and not late_style:
        text = _opening(style, rng.choice(_NOUNS)) + text
    elif rng.random() < 0.7:
        text = _opening("", rng.choice(_NOUNS)) + text
    if tone and not prefix:
        text += rng.choice((f" with {tone} skin", f" with a {tone} skin tone", f", {tone} skin tone", f", {tone} skin"))
    if scene.thing >= 0:
        thing = _words(rng.choice(THINGS[scene.thing].names))
        text += rng.choice((f" {scene.words} {thing}", f" {scene.words} {thing}", f", {scene.words} {thing}"))
    extras = _extras(scene, rng)
    if late_style:
        extras.append(f", {style} style")
    rng.shuffle(extras)
    return text + "".join(extras)


def _extras(scene: Scene, rng: random.Random) -> list[str]:
    extras = [", " + filler for filler in rng.sample(_FILLER, rng.choice((0, 0, 0, 1, 1, 2)))]
    if scene.background != "white" or rng.random() < 0.4:
        ground = scene.background
        extras.append(
            rng.choice(
                (
                    f" on {article(ground)} background",
                    f", {ground} background",
                    f" against {article(ground)} background",
                )
            )
        )
    return extras


def _tags(person: Person, scene: Scene, rng: random.Random) -> str:
    """ "3D sticker, woman firefighter, dark skin, pizza, blue background, best quality"."""
    head = head_of(_glyph(person, scene.tone), rng)
    tags = [
        join_words(rng.choice(STYLE_WORDS[scene.style]), rng.choice(_NOUNS)),
        join_words(head.adjective, head.noun, head.suffix),
    ]
    if scene.tone != "yellow":
        tags.append(f"{rng.choice(TONE_WORDS[scene.tone])} skin")
    if scene.thing >= 0:
        named = rng.choice(THINGS[scene.thing].names)
        tags.append(rng.choice((named, join_words(scene.words, _words(named)))))
    if scene.background != "white" or rng.random() < 0.4:
        tags.append(f"{scene.background} background")
    tags += rng.sample(_FILLER, rng.choice((0, 1, 2, 3)))
    if rng.random() < 0.3:
        first = tags.pop(0)
        rng.shuffle(tags)
        tags.insert(0, first)
    return ", ".join(tags)
