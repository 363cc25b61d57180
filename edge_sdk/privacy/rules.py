"""Public rules that narrow what the axes of a template may say, or refuse the template.

A closed set makes prompts that nobody typed. Over the age axis of a sexual template they would be about minors.
So a rule looks at the template's public words and drops values, or refuses.

Theorem (closure is kept). A rule is a function of the template and the axes alone; members of one set have the
same template and axes, so the same rule hits all of them and leaves the same narrowed set. In particular a
refusal does not depend on the truth. ∎  Test: tests/edge_sdk/privacy/test_rules.py, over all members.

A truth whose value was dropped moves to the nearest one that is left, in the set and in the picture, and is told.
The lists are data (``data/rules.json``); they are short, public and no content filter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from ..attributes import CandidateSlots
from ..errors import InputError
from ..mechanisms import base_axis


@dataclass(frozen=True)
class Rule:
    """Hits a template that holds one of ``words`` outside its slots.

    ``drop``: by axis, values that may not stand there. ``refuse_words``: with one of these as well, the template
    is refused. ``refuse_axes``: with a slot on one of these, the template is refused.
    """

    name: str
    words: tuple[str, ...]
    says: str
    drop: Mapping[str, frozenset[str]]
    refuse_words: tuple[str, ...] = ()
    refuse_axes: frozenset[str] = frozenset()


@cache
def rules() -> tuple[Rule, ...]:
    """The rules in their order."""
    text = resources.files(__package__).joinpath("data", "rules.json").read_text(encoding="utf-8")
    return tuple(
        Rule(
            name=r["name"],
            words=tuple(r["words"]),
            says=r["says"],
            drop={axis: frozenset(values) for axis, values in r.get("drop", {}).items()},
            refuse_words=tuple(r.get("refuse_words", ())),
            refuse_axes=frozenset(r.get("refuse_axes", ())),
        )
        for r in json.loads(text)["rules"]
    )


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    any_of = "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{any_of})(?![\w-])", re.IGNORECASE)


def public_words(template: str) -> str:
    """A template without its placeholders."""
    return re.sub(r"\{[A-Za-z][A-Za-z0-9_]*\}", " ", template.replace("{{", " ").replace("}}", " "))


def apply_rules(slots: CandidateSlots) -> tuple[CandidateSlots, tuple[str, ...]]:
    """The slots with what the rules drop left out, and what the person should know.

    Raises:
        InputError: a rule refuses the template; the same for every truth. Nothing was sent.
    """
    text = public_words(slots.template)
    notes: list[str] = []
    for rule in rules():
        if not _pattern(rule.words).search(text):
            continue
        _refuse(rule, text, [base_axis(a.name) for a in slots.axes])
        slots, dropped = _narrow(rule, slots)
        # What the slots still can say after that: "schoolgirl" and "schoolboy" have no age to drop.
        _refuse(rule, " | ".join(text for phrase in slots.phrases.values() for text in phrase.text), [])
        if dropped:
            notes.append(f"by the rule {rule.name!r} ({rule.says}) these values are left out: {', '.join(dropped)}")
    return slots, tuple(notes)


def refuse_alone(prompt: str) -> None:
    """What is refused even where nothing is sent: by the words alone.

    Raises:
        InputError: a rule with ``refuse_words`` hits.
    """
    for rule in rules():
        if rule.refuse_words and _pattern(rule.words).search(prompt):
            _refuse(rule, prompt, [])


def _refuse(rule: Rule, text: str, axes: Sequence[str]) -> None:
    if rule.refuse_words and _pattern(rule.refuse_words).search(text):
        raise InputError(f"the prompt is refused by the rule {rule.name!r}: {rule.says}. Nothing was sent")
    if hit := sorted(rule.refuse_axes.intersection(axes)):
        raise InputError(
            f"the prompt is refused by the rule {rule.name!r}: {rule.says} ({', '.join(hit)}). Reword it, or make the "
            "picture with --mechanism local. Nothing was sent"
        )


def _narrow(rule: Rule, slots: CandidateSlots) -> tuple[CandidateSlots, list[str]]:
    keep: list[list[int]] = []
    dropped: set[str] = set()
    for axis in slots.axes:
        bad = rule.drop.get(base_axis(axis.name), frozenset())
        keep.append([i for i, v in enumerate(axis.values) if v not in bad])
        dropped.update(v for v in axis.values if v in bad)
        if not keep[-1]:
            raise InputError(f"the prompt is refused by the rule {rule.name!r}: {rule.says}. Nothing was sent")
    return (slots.narrowed(keep) if dropped else slots), sorted(dropped)
