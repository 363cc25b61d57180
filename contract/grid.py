"""The closed set as data: a template, ordered axes, and the phrases that depend on them.

Device and cloud expand it with the same rules (SPEC.md), so the request is a function of the template
alone and names no member as the real one.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from . import limits
from .errors import RequestError

_PLACEHOLDER: Final = re.compile(r"\{\{|\}\}|\{([A-Za-z][A-Za-z0-9_]*)\}|[{}]")
_NAME: Final = re.compile(r"[a-z][a-z0-9_.]*")
#: Stands for the article until the words around it are known; cannot come from text (control character).
_ARTICLE: Final = {"a": "\x01", "A": "\x02"}

#: Words whose first sound is not what their first letter says, lower case.
AN_PREFIXES: Final = ("hour", "honest", "honor", "honour", "heir", "8")
AN_WORDS: Final = ("11", "18", "f", "h", "l", "m", "n", "r", "s", "x")
A_PREFIXES: Final = (
    "eu", "ewe", "one", "once", "ubi", "ugand", "uk", "unani", "unic", "unif", "unil", "union", "uniq", "unis",
    "unit", "univ", "ura", "uru", "usab", "usag", "use", "usu", "uten", "util", "uto",
)  # fmt: skip
A_WORDS: Final = ("ufo", "us", "usa")


def article(following: str) -> str:
    """"a" or "an" before ``following``, by the fixed public table (SPEC.md, article rule)."""
    match = re.search(r"[^\W_]+", following)
    if match is None:
        return "a"
    word = match.group().lower()
    if word in AN_WORDS or word.startswith(AN_PREFIXES):
        return "an"
    if word in A_WORDS or word.startswith(A_PREFIXES):
        return "a"
    return "an" if word[0] in "aeiou" else "a"


@dataclass(frozen=True)
class Axis:
    """One independent dimension of the grid: a name ("gender", "gender.2") and its ordered values."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Phrase:
    """Text that depends on some axes: ``text`` is row-major over the product of those axes' values."""

    axes: tuple[int, ...]
    text: tuple[str, ...]


@dataclass(frozen=True)
class PromptGrid:
    """A template with ``{name}`` placeholders, its axes and its phrases.

    ``{a}`` and ``{A}`` are the indefinite article, ``{{`` and ``}}`` literal braces.

    Raises:
        RequestError: a limit or rule of the contract is broken (checked on construction).
    """

    template: str
    axes: tuple[Axis, ...]
    phrases: Mapping[str, Phrase]

    def __post_init__(self) -> None:
        _check_axes(self.axes)
        _check_phrases(self.axes, self.phrases)
        _check_template(self.template, self.phrases)

    @property
    def count(self) -> int:
        """N, the number of members (1 without axes)."""
        return math.prod(len(a.values) for a in self.axes)

    def expand(self) -> tuple[str, ...]:
        """All members, row-major over the axes in order (the last axis moves fastest)."""
        return tuple(self.member(c) for c in itertools.product(*(range(len(a.values)) for a in self.axes)))

    def member(self, choice: tuple[int, ...]) -> str:
        """The member with value ``choice[i]`` on axis ``i``."""

        def fill(match: re.Match[str]) -> str:
            token = match.group()
            if token in ("{{", "}}"):
                return token[0]
            name = match.group(1)
            if name in _ARTICLE:
                return _ARTICLE[name]
            phrase = self.phrases[name]
            index = 0
            for axis in phrase.axes:
                index = index * len(self.axes[axis].values) + choice[axis]
            return phrase.text[index]

        text = _tidy(_PLACEHOLDER.sub(fill, self.template))
        parts = re.split("([\x01\x02])", text)
        for i in range(1, len(parts), 2):
            word = article("".join(parts[i + 1 :]))
            parts[i] = word if parts[i] == "\x01" else word.capitalize()
        return "".join(parts)

    def index(self, choice: tuple[int, ...]) -> int:
        """Position of that member in :meth:`expand`."""
        out = 0
        for axis, value in zip(self.axes, choice, strict=True):
            out = out * len(axis.values) + value
        return out


def _tidy(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip()
    return re.sub(r" ([,.;:!?])", r"\1", text)


def _check_axes(axes: tuple[Axis, ...]) -> None:
    if len(axes) > limits.MAX_AXES:
        raise RequestError("grid.axes", f"at most {limits.MAX_AXES} axes are allowed, got {len(axes)}")
    seen: set[str] = set()
    count = 1
    for i, axis in enumerate(axes):
        where = f"grid.axes.{i}"
        if not _NAME.fullmatch(axis.name) or len(axis.name) > limits.MAX_NAME_CHARS or axis.name in seen:
            raise RequestError(where, "an axis needs a unique lower-case name")
        seen.add(axis.name)
        if not 1 <= len(axis.values) <= limits.MAX_VALUES_PER_AXIS or len(set(axis.values)) != len(axis.values):
            raise RequestError(where, f"an axis needs 1 to {limits.MAX_VALUES_PER_AXIS} different values")
        if any(not 1 <= len(v) <= limits.MAX_NAME_CHARS for v in axis.values):
            raise RequestError(where, f"a value's name has 1 to {limits.MAX_NAME_CHARS} characters")
        count *= len(axis.values)
    if count > limits.MAX_CANDIDATES:
        raise RequestError("grid", f"at most {limits.MAX_CANDIDATES} candidates are allowed, the grid has {count}")


def _check_phrases(axes: tuple[Axis, ...], phrases: Mapping[str, Phrase]) -> None:
    if len(phrases) > limits.MAX_PHRASES:
        raise RequestError("grid.phrases", f"at most {limits.MAX_PHRASES} phrases are allowed")
    for name, phrase in phrases.items():
        where = "grid.phrases"
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or len(name) > limits.MAX_NAME_CHARS or name in _ARTICLE:
            raise RequestError(where, "a phrase needs a lower-case name other than 'a'")
        if len(set(phrase.axes)) != len(phrase.axes) or any(not 0 <= a < len(axes) for a in phrase.axes):
            raise RequestError(where, f"phrase {name} names an axis that does not exist, or one twice")
        want = math.prod(len(axes[a].values) for a in phrase.axes)
        if len(phrase.text) != want:
            raise RequestError(where, f"phrase {name} needs {want} texts, got {len(phrase.text)}")
        if any(len(t) > limits.MAX_PHRASE_CHARS or _control(t) for t in phrase.text):
            raise RequestError(where, f"a text of phrase {name} is too long or holds a control character")


def _control(text: str) -> bool:
    return any(ord(c) < 32 or ord(c) == 127 for c in text)


def _check_template(template: str, phrases: Mapping[str, Phrase]) -> None:
    if len(template) > limits.MAX_TEMPLATE_CHARS:
        raise RequestError("grid.template", f"at most {limits.MAX_TEMPLATE_CHARS} characters are allowed")
    if _control(template):
        raise RequestError("grid.template", "control characters are not allowed")
    used: set[str] = set()
    longest = len(template)
    for match in _PLACEHOLDER.finditer(template):
        if match.group() in ("{", "}"):
            raise RequestError("grid.template", f"unbalanced brace at character {match.start()}")
        name = match.group(1)
        if name is None or name in _ARTICLE:
            continue
        if name not in phrases:
            raise RequestError("grid.template", f"placeholder {name} has no phrase")
        used.add(name)
        longest += max(len(t) for t in phrases[name].text)
    if used != set(phrases):
        raise RequestError("grid.phrases", "every phrase must occur in the template")
    if longest > limits.MAX_MEMBER_CHARS:
        raise RequestError("grid.template", f"a member could exceed {limits.MAX_MEMBER_CHARS} characters")


def escape(text: str) -> str:
    """``text`` as literal template text: braces doubled."""
    return text.replace("{", "{{").replace("}", "}}")
