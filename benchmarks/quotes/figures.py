"""What a Markdown document quotes: numbers with a unit, decimals, and the numbers of tables whose head names a unit.

Code, link targets and headings hold none. A number whose unit stands behind the last of a list has it too
("5, 23 and 40 %"). Versions, guidance scales and counts of parameters are no measurements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from .units import WRITTEN, unit_of_head

_NUMBER: Final = re.compile(r"(?<![\w.,×])(?<![A-Za-z]-)[+−-]?\d+(?:,\d{3})*(?:\.\d+)?(?![\w]|\.\d|,\d{3}|-[a-z])")
_UNIT: Final = re.compile(
    r"[  ]?("
    + "|".join(re.escape(u) + (r"(?!\w)" if u[-1].isalpha() else "") for u in sorted(WRITTEN, key=len)[::-1])
    + ")"
)
#: What may stand between the numbers of a list whose last names the unit.
_BETWEEN: Final = re.compile(r"\s*(?:,|;|/|–|-|to|and|or|beside|against|of|from|\*|\()+\s*(?:and |or )?")
#: In a cell a comma divides two things.
_RANGE: Final = re.compile(r"\s*(?:–|-|to|and|or|\()\s*")
_NO_MEASUREMENT_BEFORE: Final = re.compile(
    r"(?:\b[A-Z][\w.+-]*(?:\.js)?|\barXiv|\btorch|\bnumpy|\bpandas|\bnode|\bdiffusers|\bversion|\blexicon|\bopset|[Gg]uidance"
    r"|[Gg]uidance (?:of|scale)|§|§ ?|[Ff]igure|[Ss]ection|CC-BY-|=|>=|==) ?v?$"
)
_SENTENCE_STARTS: Final = frozenset(
    {
        *("At", "Of", "In", "On", "By", "To", "The", "A", "It", "Its", "Beside", "Within", "Over", "Under", "About"),
        *("With", "From", "And", "Or", "PSNR", "FLOPs", "Aim", "Aims", "After", "Before", "Then", "Takes", "Alone"),
        *("Measured", "Median", "Here", "LiteRT"),
    }
)
_NO_MEASUREMENT_BEHIND: Final = re.compile(
    r"\s?(?:M\b|M,|B\b|million|×\s?\d|\s?× ?\d|(?:or|and) (?:later|newer|older))"
)
#: Heads of columns that divide one number of the row by another, whatever the row's unit is.
_QUOTIENT: Final = re.compile(r"\bratio\b|\brelative\b|\bby plain\b|time / ")
_FENCE: Final = re.compile(r"^(?:```|~~~).*?^(?:```|~~~)\s*$", re.M | re.S)
_BLANKED: Final = (
    re.compile(r"<!--.*?-->", re.S),
    re.compile(r"`[^`\n]*`"),
    re.compile(r"\]\([^)\s]*\)"),
    re.compile(r"https?://\S+"),
    re.compile(r"\b\d{4}-\d\d-\d\d\b"),
    re.compile(r"^#+ .*$", re.M),
    re.compile(r"^---\n.*?^---$", re.M | re.S),
)


@dataclass(frozen=True)
class Figure:
    """A quoted number: where it stands, what it says, and the numbers beside it in its row of a table."""

    line: int
    start: int
    """Offset in the document."""
    end: int
    text: str
    """With its unit."""
    value: float
    decimals: int
    unit: str | None
    section: str
    """The heading that it stands under."""
    inherited: bool
    """The unit stands behind a later number of the list, so that this one may have none."""
    row: int | None
    """Offset of the table's row that holds it; ``None`` in prose."""


def blank(text: str) -> str:
    """The document with everything that is no prose or table as spaces; offsets stay."""

    def spaces(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", match.group())

    text = _FENCE.sub(spaces, text)
    for pattern in _BLANKED:
        text = pattern.sub(spaces, text)
    return text


def sections(text: str) -> list[tuple[int, int, str]]:
    """Start, end and title of every section, from a heading to the next of any level; the first may have no title."""
    hidden = _FENCE.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)
    starts = [(m.start(), m.group(1).strip()) for m in re.finditer(r"^#+ (.*)$", hidden, re.M)]
    if not starts or starts[0][0] > 0:
        starts.insert(0, (0, ""))
    ends = [at for at, _ in starts[1:]] + [len(text)]
    return [(at, end, title) for (at, title), end in zip(starts, ends, strict=True)]


def find_figures(text: str) -> list[Figure]:
    """All figures of a document, in order."""
    hidden = blank(text)
    found: list[Figure] = []
    for start, end, title in sections(text):
        table: list[str] | None = None
        before, offset = "", start
        for line in hidden[start:end].splitlines(keepends=True):
            number = hidden.count("\n", 0, offset) + 1
            if line.lstrip().startswith("|"):
                if table is None:
                    table = _cells(text[offset : offset + len(line)])
                elif not re.fullmatch(r"[\s|:-]+", line):
                    found += _of_row(line, text[offset : offset + len(line)], offset, number, title, table, before)
            else:
                if table is not None:
                    before = ""
                table = None
                before = (before + " " + line) if line.strip() else before[-400:]
                found += _of_prose(line, offset, number, title)
            offset += len(line)
    return found


def _cells(line: str) -> list[str]:
    return [c.strip() for c in line.strip().strip("|").split("|")]


def _of_row(
    line: str, whole: str, offset: int, number: int, title: str, head: list[str], before: str
) -> Iterator[Figure]:
    """Figures of a row: by their own unit, else the column's, the row's, or the one that the text above names."""
    above = unit_of_head(before[-300:]) if re.search(r"\b(milliseconds|percent)\b", before, re.I) else None
    label = unit_of_head(_cells(whole)[0]) if _cells(whole) else None
    at = line.index("|") + 1
    for index, cell in enumerate(line[at:].rstrip("\n").rstrip().rstrip("|").split("|")):
        column = unit_of_head(head[index]) if index < len(head) else None
        quotient = index < len(head) and _QUOTIENT.search(head[index])
        counts = index < len(head) and bool(re.fullmatch(r"N|k|T|sets|d|runs?|rows|nodes", head[index].strip()))
        if not counts:
            default = None if quotient else column or label or (above if index else None)
            for f in _of_prose(cell, offset + at, number, title, default, True):
                yield replace(f, row=offset)
        at += len(cell) + 1


def _of_prose(
    line: str, offset: int, number: int, title: str, default: str | None = None, in_table: bool = False
) -> list[Figure]:
    """Figures of one line; ``default`` is the unit of numbers that name none (``None``: only decimals count then)."""
    numbers = list(_NUMBER.finditer(line))
    units: list[tuple[str, int] | None] = []
    for m in numbers:
        behind = _UNIT.match(line, m.end())
        units.append(
            (behind.group(1), behind.end()) if behind and not re.match(r"\s?×\s?\d", line[m.end() :]) else None
        )
    inherited: list[str | None] = [u[0] if u else None for u in units]
    for i in range(len(numbers) - 2, -1, -1):
        between = line[numbers[i].end() : numbers[i + 1].start()]
        if inherited[i] is None and inherited[i + 1] and (_RANGE if in_table else _BETWEEN).fullmatch(between):
            inherited[i] = inherited[i + 1]
    out = []
    for m, own, unit in zip(numbers, units, inherited, strict=True):
        raw = m.group().replace(",", "").replace("−", "-")
        decimals = len(raw.partition(".")[2])
        unit = unit or default
        if unit is None and not decimals:
            continue
        if own is None and (_is_named(line[: m.start()]) or _NO_MEASUREMENT_BEHIND.match(line, m.end())):
            continue
        end = own[1] if own else m.end()
        out.append(
            Figure(
                number,
                offset + m.start(),
                offset + end,
                line[m.start() : end],
                float(raw),
                decimals,
                unit,
                title,
                own is None,
                None,
            )
        )
    return out


def _is_named(before: str) -> bool:
    """Whether a number is a version or a setting by what stands before it."""
    match = _NO_MEASUREMENT_BEFORE.search(before)
    return bool(match) and (match.group().strip() if match else "") not in _SENTENCE_STARTS
