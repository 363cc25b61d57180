"""The closed set as data: a template, ordered axes, and the phrases that depend on them.

Device and cloud expand it with the same rules (SPEC.md, section "Grid"), so the request is a function of
the template alone and names no member as the real one.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from . import limits
from .articles import article
from .errors import RequestError

#: Literal braces, a placeholder, or a brace that is neither. ASCII classes only: the same in every language.
_TOKEN: Final = re.compile(r"\{\{|\}\}|\{([A-Za-z][A-Za-z0-9_]*)\}|[{}]")
_AXIS_NAME: Final = re.compile(r"[a-z][a-z0-9_.]*")
_PHRASE_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
#: Stands for the article until the words around it are known; text cannot hold it (control characters).
_MARKS: Final = {"a": "\x01", "A": "\x02"}
#: Stands for a text of no characters, which takes the spaces beside it along.
_EMPTY: Final = "\x03"


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

    ``{a}`` and ``{A}`` are the indefinite article, ``{{`` and ``}}`` literal braces. Without ``rows`` the members
    are the whole product of the axes; with them, these choices alone, in rising order.

    Raises:
        RequestError: a limit or rule of the contract is broken (checked on construction).
    """

    template: str
    axes: tuple[Axis, ...]
    phrases: Mapping[str, Phrase]
    rows: tuple[tuple[int, ...], ...] | None = None

    def __post_init__(self) -> None:
        _check_axes(self.axes)
        _check_rows(self.axes, self.rows)
        _check_phrases(self.axes, self.phrases)
        _check_template(self.template, self.phrases)

    @property
    def count(self) -> int:
        """N, the number of members (1 without axes)."""
        return math.prod(len(a.values) for a in self.axes) if self.rows is None else len(self.rows)

    def choices(self) -> tuple[tuple[int, ...], ...]:
        """The members' choices: ``rows``, or row-major over the axes in order (the last axis moves fastest)."""
        if self.rows is not None:
            return self.rows
        return tuple(itertools.product(*(range(len(a.values)) for a in self.axes)))

    def expand(self) -> tuple[str, ...]:
        """All members, in the order of :meth:`choices`."""
        return tuple(self.member(c) for c in self.choices())

    def member(self, choice: Sequence[int]) -> str:
        """The member with value ``choice[i]`` on axis ``i``."""
        return expand_member(self.template, self.axes, self.phrases, choice)

    def index(self, choice: Sequence[int]) -> int:
        """Position of that member in :meth:`expand`.

        Raises:
            ValueError: ``rows`` lack it.
        """
        if self.rows is not None:
            return self.rows.index(tuple(choice))
        out = 0
        for axis, value in zip(self.axes, choice, strict=True):
            out = out * len(axis.values) + value
        return out


def expand_member(template: str, axes: Sequence[Axis], phrases: Mapping[str, Phrase], choice: Sequence[int]) -> str:
    """One member of a product of any size, by the rules of :class:`PromptGrid` but without its limits."""

    def fill(match: re.Match[str]) -> str:
        token = match.group()
        if token in ("{{", "}}"):
            return token[0]
        name = match.group(1)
        if name in _MARKS:
            return _MARKS[name]
        phrase = phrases[name]
        index = 0
        for axis in phrase.axes:
            index = index * len(axes[axis].values) + choice[axis]
        return phrase.text[index] or _EMPTY

    return _with_articles(_tidy(_TOKEN.sub(fill, template)))


def escape(text: str) -> str:
    """``text`` as literal template text: braces doubled."""
    return text.replace("{", "{{").replace("}", "}}")


def _tidy(text: str) -> str:
    """An empty text takes the U+0020 behind it along, and those before it if then a sign or the end follows."""
    text = re.sub("\x03 *", "\x03", text)
    return re.sub(" *\x03+(?=[,.;:!?]|\\Z)", "", text).replace(_EMPTY, "")


def _with_articles(text: str) -> str:
    parts = re.split("([\x01\x02])", text)
    for i in range(1, len(parts), 2):
        # Marks further right are no word characters, so the article looks through them.
        word = article("".join(parts[i + 1 :]))
        parts[i] = word if parts[i] == _MARKS["a"] else word.capitalize()
    return "".join(parts)


def _is_plain(text: str) -> bool:
    """No control characters (U+0000–1F, U+007F–9F) and no lone surrogates: what JSON and UTF-8 carry alike."""
    return not any(ord(c) < 0x20 or 0x7F <= ord(c) <= 0x9F or 0xD800 <= ord(c) <= 0xDFFF for c in text)


def check_text(where: str, text: str, most: int) -> None:
    """Refuse text that is too long or not plain.

    Raises:
        RequestError: ``where`` names the field.
    """
    if len(text) > most:
        raise RequestError(where, f"at most {most} characters are allowed, got {len(text)}")
    if not _is_plain(text):
        raise RequestError(where, "control characters and lone surrogates are not allowed")


def _check_axes(axes: tuple[Axis, ...]) -> None:
    if len(axes) > limits.MAX_AXES:
        raise RequestError("grid.axes", f"at most {limits.MAX_AXES} axes are allowed, got {len(axes)}")
    seen: set[str] = set()
    for i, axis in enumerate(axes):
        where = f"grid.axes.{i}"
        check_text(f"{where}.name", axis.name, limits.MAX_NAME_CHARS)
        if not _AXIS_NAME.fullmatch(axis.name) or axis.name in seen:
            raise RequestError(f"{where}.name", "an axis needs a lower-case name of its own")
        seen.add(axis.name)
        most = limits.MAX_VALUES_PER_AXIS
        if not 1 <= len(axis.values) <= most or len(set(axis.values)) != len(axis.values):
            raise RequestError(f"{where}.values", f"an axis needs 1 to {most} values, all different")
        for value in axis.values:
            check_text(f"{where}.values", value, limits.MAX_NAME_CHARS)
            if not value:
                raise RequestError(f"{where}.values", "a value needs a name")


def _check_rows(axes: tuple[Axis, ...], rows: tuple[tuple[int, ...], ...] | None) -> None:
    """A list of rows has one form: rising, without repeats, every value in use, and not the whole product."""
    sizes = [len(a.values) for a in axes]
    whole = math.prod(sizes)
    count = whole if rows is None else len(rows)
    if not 1 <= count <= limits.MAX_CANDIDATES:
        raise RequestError("grid", f"1 to {limits.MAX_CANDIDATES} candidates are allowed, the grid has {count}")
    if rows is None:
        return
    for i, row in enumerate(rows):
        if len(row) != len(sizes) or any(not 0 <= v < n for v, n in zip(row, sizes, strict=True)):
            raise RequestError(f"grid.rows.{i}", "a row is the position of one value of each axis")
    if any(a >= b for a, b in itertools.pairwise(rows)):
        raise RequestError("grid.rows", "rows must rise: each after the one before, none twice")
    if count == whole:
        raise RequestError("grid.rows", "rows that are the whole product must be left out")
    for i, size in enumerate(sizes):
        if len({row[i] for row in rows}) != size:
            raise RequestError(f"grid.axes.{i}.values", "every value must be in use by a row")


def _check_phrases(axes: tuple[Axis, ...], phrases: Mapping[str, Phrase]) -> None:
    if len(phrases) > limits.MAX_PHRASES:
        raise RequestError("grid.phrases", f"at most {limits.MAX_PHRASES} phrases are allowed, got {len(phrases)}")
    for name, phrase in phrases.items():
        if not _PHRASE_NAME.fullmatch(name) or len(name) > limits.MAX_NAME_CHARS or name in _MARKS:
            raise RequestError(
                "grid.phrases", f"a phrase needs a lower-case name of 1 to {limits.MAX_NAME_CHARS} characters, not 'a'"
            )
        where = f"grid.phrases.{name}"
        if len(set(phrase.axes)) != len(phrase.axes) or any(not 0 <= a < len(axes) for a in phrase.axes):
            raise RequestError(f"{where}.axes", "each must be the position of an axis, and occur once")
        want = math.prod(len(axes[a].values) for a in phrase.axes)
        if want > limits.MAX_CANDIDATES:  # can only be with rows
            raise RequestError(f"{where}.axes", f"at most {limits.MAX_CANDIDATES} texts are allowed, not {want}")
        if len(phrase.text) != want:
            raise RequestError(f"{where}.text", f"{want} texts are needed, got {len(phrase.text)}")
        for text in phrase.text:
            check_text(f"{where}.text", text, limits.MAX_PHRASE_CHARS)


def _check_template(template: str, phrases: Mapping[str, Phrase]) -> None:
    check_text("grid.template", template, limits.MAX_TEMPLATE_CHARS)
    used: set[str] = set()
    longest = len(template)
    for match in _TOKEN.finditer(template):
        if match.group() in ("{", "}"):
            raise RequestError("grid.template", f"unbalanced brace at character {match.start()}; double it to mean it")
        name = match.group(1)
        if name is None or name in _MARKS:
            continue
        if name not in phrases:
            raise RequestError("grid.template", f"the placeholder at character {match.start()} has no phrase")
        used.add(name)
        longest += max(len(t) for t in phrases[name].text)
    if used != set(phrases):
        raise RequestError("grid.phrases", "every phrase must occur in the template")
    if longest > limits.MAX_MEMBER_CHARS:
        raise RequestError("grid.template", f"a member could exceed {limits.MAX_MEMBER_CHARS} characters")
