"""The Swift sources: short files, and a word of documentation on every public name of the package."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = ROOT / "ios_demo/ObclipKit/Sources"
SOURCES: Final = [
    *sorted((ROOT / "ios_demo").rglob("*.swift")),
    *sorted((ROOT / "tests/ios_demo").rglob("*.swift")),
    ROOT / "Package.swift",
]
#: The command is no library: nobody imports it.
PUBLIC: Final = sorted(p for p in PACKAGE.rglob("*.swift") if p.parent.name != "obclip-swift")
#: Enough to be read at once.
MOST_LINES: Final = 300
_DECLARED: Final = re.compile(r"\s*(?:@\w+(?:\([^)]*\))?\s+)*public\s+(?!extension)")
_ATTRIBUTE: Final = re.compile(r"\s*@\w+(?:\([^)]*\))?\s*")
#: What the standard library's protocols ask for; DocC takes their words.
_STANDARD: Final = {"init(from", "errorDescription", "description", "debugDescription", "customMirror"}
_NAME: Final = re.compile(r"(?:func|var) (\w+)|(init\(from)")
_MEMBERS: Final = {
    "enum": re.compile(r"\s*(?:indirect )?case\s"),
    "protocol": re.compile(r"\s*(?:static |mutating )?(?:func|var|init|associatedtype|subscript)\b"),
}


def test_files_are_short() -> None:
    assert len(SOURCES) > 60
    for path in SOURCES:
        assert len(path.read_text().splitlines()) < MOST_LINES, path.relative_to(ROOT)


@pytest.mark.parametrize("path", PUBLIC, ids=lambda path: path.name)
def test_every_public_name_is_documented(path: Path) -> None:
    assert list(undocumented(path.read_text(), required())) == []


@cache
def required() -> frozenset[str]:
    """What the package's own protocols ask for: it is documented there, and DocC takes the words along."""
    bodies = [re.findall(r"^public protocol .*?^\}", path.read_text(), re.M | re.S) for path in PUBLIC]
    return frozenset(re.findall(r"^    func (\w+)", "\n".join(chain.from_iterable(bodies)), re.M))


def undocumented(text: str, inherited: frozenset[str] = frozenset()) -> Iterator[str]:
    """Lines with public names that no `///` stands above: declarations, cases of enums, what a protocol asks for."""
    lines = text.splitlines()
    inside: list[str] = []  # of each open brace: what it belongs to
    for number, line in enumerate(lines):
        code = re.sub(r'"(?:[^"\\]|\\.)*"', '""', line.partition("//")[0])
        is_member = bool(inside) and inside[-1] in _MEMBERS and bool(_MEMBERS[inside[-1]].match(code))
        name = _NAME.search(code)
        is_inherited = bool(name) and not is_member and (name[1] or name[2]) in inherited | _STANDARD  # type: ignore[index]
        if (_DECLARED.match(code) or is_member) and not is_inherited and not is_documented(lines, number):
            yield line.strip()
        kind = re.match(r"\s*public (?:indirect )?(enum|protocol)\b", code)
        for brace in re.findall(r"[{}]", code):
            if brace == "{":
                inside.append(kind[1] if kind else "")
                kind = None
            else:
                inside.pop()
    assert inside == []


def is_documented(lines: list[str], number: int) -> bool:
    """Attributes and conditions may stand between a declaration and its words."""
    above = number - 1
    while above >= 0 and (_ATTRIBUTE.fullmatch(lines[above]) or lines[above].lstrip().startswith("#if")):
        above -= 1
    return above >= 0 and lines[above].lstrip().startswith("///")


def test_what_is_missing_is_seen() -> None:
    text = """
/// Colours.
public enum Colour: String {
    /// As blood.
    case red
    case blue
    var shown: String {
        switch self {
        case .red: return "{"
        default: return ""
        }
    }
    public var more: Int { 1 }
}

/// A gauge.
public protocol Gauge: Sendable {
    func read() -> Int
}

/// In a box.
@available(iOS 16, *)
public struct Box {
    let hidden: Int
    public init() {}
}
"""
    assert list(undocumented(text)) == [
        "case blue",
        "public var more: Int { 1 }",
        "func read() -> Int",
        "public init() {}",
    ]
