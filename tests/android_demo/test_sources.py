"""The Kotlin and Java sources: short files, and a word of documentation on every public name of the SDK."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
DEMO: Final = ROOT / "android_demo"
SOURCES: Final = sorted(
    path
    for path in DEMO.rglob("*")
    if path.suffix in (".kt", ".java", ".kts", ".cc") and not {"build", ".gradle"} & set(path.relative_to(DEMO).parts)
)
#: What an app sees of the SDK, on Android and on a JVM.
PUBLIC: Final = sorted(p for n in ("main", "android", "host") for p in (DEMO / f"sdk/src/{n}/kotlin").rglob("*.kt"))
#: Enough to be read at once.
MOST_LINES: Final = 300
MOST_JNI_LINES: Final = 200

_KDOC: Final = re.compile(r"/\*\*(.*?)\*/\s*", re.DOTALL)
_ANNOTATION: Final = re.compile(r"@\w+(\([^)\n]*\))?\s+")
#: A declaration that says it is public; explicit API mode sees to it that all are said.
_DECLARED: Final = re.compile(
    r"^[ \t]*(?:@\w+(?:\([^)\n]*\))?[ \t]+)*public (?!companion|override|final override)", re.MULTILINE
)
_NAME: Final = re.compile(r"(?:class|interface|object|fun(?! interface)|val|var|constructor)\b(?:\s*<[^>]*>)?\s*(\w*)")
_CLASS: Final = re.compile(r"public (?:\w+ )*(?:class|interface) (\w+)[^({\n]*")


def test_files_are_short() -> None:
    assert len(SOURCES) > 60
    for path in SOURCES:
        most = MOST_JNI_LINES if path.suffix == ".cc" else MOST_LINES
        assert len(path.read_text().splitlines()) < most, path.relative_to(ROOT)


@pytest.mark.parametrize("path", PUBLIC, ids=lambda path: path.name)
def test_every_public_name_is_documented(path: Path) -> None:
    assert list(undocumented(path.read_text())) == []


def undocumented(text: str) -> Iterator[str]:
    """Public names without a KDoc of their own, and properties and entries that their class' KDoc does not name."""
    headers = [header(text, found) for found in _CLASS.finditer(text)]
    for found in _DECLARED.finditer(text):
        if any(start < found.start() < end for start, end, *_ in headers):
            continue  # a property in a class' head: below
        if documentation(text, found.start()) is None:
            name = _NAME.search(text, found.end())
            yield name[1] or name[0] if name else text[found.start() : found.end() + 40]
    for start, end, name, said in headers:
        properties = re.finditer(r"(?<![\w.])(?:(?:public|override|private|internal) )*va[lr] (\w+)", text[start:end])
        names = [(p[1], start + p.start()) for p in properties if not re.match(r"override|private|internal", p[0])]
        names += [(entry, at) for entry, at in entries(text, end, name)]
        for one, at in names:
            named = rf"@property {one}\b|\[(?:{name}\.)?{one}\]"
            if documentation(text, at) is None and not re.search(named, said):
                yield f"{name}.{one}"


def documentation(text: str, at: int) -> str | None:
    """The KDoc that ends where a declaration (its annotations included) begins."""
    before = text[:at].rstrip()
    while (last := before.rpartition("\n")[2]) and _ANNOTATION.fullmatch(last.strip() + " "):
        before = before[: -len(last)].rstrip()
    if not before.endswith("*/"):
        return None
    return _KDOC.fullmatch(text, text.rindex("/**", 0, len(before)), len(before))[1]  # type: ignore[index]


def header(text: str, found: re.Match[str]) -> tuple[int, int, str, str]:
    """Where a class' head begins and ends, its name, and what its KDoc says."""
    end = found.end()
    if end < len(text) and text[end] == "(":
        end = closing(text, end)
    line = text.rindex("\n", 0, found.start()) + 1
    return found.end(), end, found[1], documentation(text, line) or ""


def closing(text: str, at: int) -> int:
    """Behind the bracket that closes the one at ``at``."""
    pairs, depth = {"(": ")", "{": "}"}, 0
    for end in range(at, len(text)):
        depth += (text[end] == text[at]) - (text[end] == pairs[text[at]])
        if depth == 0:
            return end + 1
    raise AssertionError("a bracket is not closed")


def entries(text: str, end: int, name: str) -> Iterator[tuple[str, int]]:
    """Of an enum whose head ends at ``end``."""
    if not re.search(rf"enum class {name}\b", text):
        return
    start = text.index("{", end - 1)
    body = re.sub(
        r"/\*\*.*?\*/", lambda m: " " * len(m[0]), text[start + 1 : closing(text, start) - 1], flags=re.DOTALL
    )
    for found in re.finditer(r"\b([A-Z][A-Z0-9_]*)\b(?=\s*(?:\(|,|;|$))", body.partition(";")[0]):
        yield found[1], start + 1 + found.start()


def test_what_is_missing_is_seen() -> None:
    text = """package a

/** Colours. [RED] as blood. */
public enum class Colour(internal val word: String) { RED("red"), BLUE("blue") }

/**
 * A box.
 *
 * @property width of it.
 */
public data class Box(val width: Int, val height: Int, private val secret: Int) {
    public fun open(): Unit = Unit

    /** Its end. */
    @JvmStatic
    public fun close(): Unit = Unit

    public companion object {
        public const val MOST: Int = 1
    }
}

public fun interface Gauge {
    /** How much. */
    public fun read(): Long
}
"""
    assert list(undocumented(text)) == ["open", "MOST", "Gauge", "Colour.BLUE", "Box.height"]
