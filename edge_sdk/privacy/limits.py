"""What a request can hold, checked on a prompt's public parts: before the costly closure check, and for every truth.

Each refusal is a function of the template, the axes and the phrases, which all members of a set share; so it does not
depend on the truth. The longest member is bounded here over the whole product, sent or not.
"""

from __future__ import annotations

import re
from typing import Final

from obclip_contract import limits

from ..errors import InputError
from ..mechanisms.domain import Slots
from .tokens import check_forms

__all__ = ["check_axes", "check_limits", "check_prompt"]

_PLACEHOLDER: Final = re.compile(r"\{\{|\}\}|\{([A-Za-z][A-Za-z0-9_]*)\}")
_FEWER: Final = "describe fewer persons, or less of each of them. Nothing was sent"


def check_prompt(prompt: str) -> None:
    """Refuse what is no prompt and what no request could hold, before it is read, whether anything is sent or not.

    What a member may be is never refused here alone: a member of this length is over the limit of
    :func:`check_limits` for all members of its set.

    Raises:
        InputError: the prompt is empty, too long, or holds what is no text.
    """
    if not prompt.strip():
        raise InputError("the prompt is empty")
    if any((ord(c) < 32 and c not in "\t\n\r") or 0xD800 <= ord(c) < 0xE000 for c in prompt):
        raise InputError("the prompt holds control characters")
    if len(prompt) > limits.MAX_MEMBER_CHARS:
        raise InputError(
            f"the prompt has {len(prompt)} characters and a request holds {limits.MAX_MEMBER_CHARS}: shorten it"
        )


def check_axes(slots: Slots) -> None:
    """Refuse more axes than a request has. Cheap, and the same before and after closure.

    Raises:
        InputError: with the number of persons and axes.
    """
    axes = len(slots.axes)
    if axes > limits.MAX_AXES:
        persons = len({a.name.partition(".")[2] for a in slots.axes})
        raise InputError(
            f"{axes} attributes of {persons} persons were found and a request holds {limits.MAX_AXES}: {_FEWER}"
        )


def check_limits(slots: Slots) -> None:
    """Refuse what a request cannot hold, whichever mechanism and truth.

    Raises:
        InputError: too many axes or phrases, too long in its longest form, or too many forms of one word.
    """
    check_axes(slots)
    phrases = slots.phrases
    if len(phrases) > limits.MAX_PHRASES:
        raise InputError(f"the prompt has {len(phrases)} slots and a request holds {limits.MAX_PHRASES}: {_FEWER}")
    if len(slots.template) > limits.MAX_TEMPLATE_CHARS:
        raise InputError(
            f"the prompt's public part has {len(slots.template)} characters and a request holds "
            f"{limits.MAX_TEMPLATE_CHARS}: shorten it"
        )
    longest = {name: max(map(len, phrase.text)) for name, phrase in phrases.items()}
    if bad := [name for name, length in longest.items() if length > limits.MAX_PHRASE_CHARS]:
        raise InputError(f"{len(bad)} slots can be longer than {limits.MAX_PHRASE_CHARS} characters: say them shorter")
    total = len(slots.template) + sum(longest.get(m.group(1), 0) for m in _PLACEHOLDER.finditer(slots.template))
    if total > limits.MAX_MEMBER_CHARS:
        raise InputError(
            f"the prompt has up to {total} characters and a request holds {limits.MAX_MEMBER_CHARS}: shorten it"
        )
    check_forms(slots)
