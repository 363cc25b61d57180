"""``index.html``: what it loads, that it fits the content policy, and the same page with every hash in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser
from typing import Final
from urllib.parse import unquote, urlsplit

from ..errors import InputError

__all__ = ["Index", "pin_index", "read_index"]

#: Of a link's ``rel``: what the browser fetches because of it.
_FETCHED: Final = ("stylesheet", "modulepreload", "preload", "icon", "apple-touch-icon", "manifest", "mask-icon")
#: The same: whose bytes the browser compares with ``integrity``.
_COMPARED: Final = ("stylesheet", "modulepreload", "preload")
#: Types of an inline script that is data, which no content policy stops.
_DATA: Final = ("application/json", "application/ld+json")
_LOADING: Final = {"img": "src", "source": "src", "iframe": "src", "video": "src", "audio": "src", "object": "data"}
_UNDONE: Final = "mend the page's source and build it again (scripts/build_web)"


@dataclass(frozen=True)
class _Tag:
    """A start tag: where it is in the text, and the file whose hash belongs into it ("" if none)."""

    name: str
    begin: int
    end: int
    given: tuple[tuple[str, str | None], ...] = ()
    file: str = ""
    dropped: bool = False


@dataclass(frozen=True)
class Index:
    """A page's ``index.html``, taken apart.

    Attributes:
        files: what it names of its own folder, each once, in order.
    """

    text: str
    files: tuple[str, ...]
    tags: tuple[_Tag, ...]


class _Reader(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[_Tag] = []
        self.files: list[str] = []
        self.faults: list[str] = []
        self._lines = [0]
        for line in text.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._refuse_inline(tag, given)
        if tag == "script" and "src" in given:
            self._keep(tag, attrs, self._take(given["src"]))
        elif tag == "link":
            kinds = given.get("rel", "").lower().split()
            if any(kind in _FETCHED for kind in kinds):
                file = self._take(given.get("href", ""))
                compared = any(kind in _COMPARED for kind in kinds)
                self._keep(tag, attrs, file if compared else "")
            elif any(kind in ("preconnect", "dns-prefetch", "prefetch", "prerender") for kind in kinds):
                self._take(given.get("href", ""))
        elif tag == "meta":
            policy = given.get("http-equiv", "").lower() == "content-security-policy"
            self._keep("charset" if "charset" in given else tag, attrs, dropped=policy)
        elif tag == "head":
            self._keep(tag, attrs)
        elif tag in _LOADING and _LOADING[tag] in given:
            self._take(given[_LOADING[tag]])

    def _refuse_inline(self, tag: str, given: Mapping[str, str]) -> None:
        if tag == "script" and "src" not in given and given.get("type", "").lower() not in _DATA:
            self.faults.append("a script in the page itself")
        if tag in ("style", "base"):
            self.faults.append(f"<{tag}>")
        if "style" in given:
            self.faults.append(f"a style attribute of <{tag}>")
        self.faults += [f"{name} of <{tag}>" for name in given if name.startswith("on")]

    def _take(self, address: str) -> str:
        """The file that an address means; what is not beside the page is a fault."""
        if address.startswith("data:"):
            return ""
        parts = urlsplit(address)
        file = unquote(parts.path).removeprefix("./").removeprefix("/")
        if parts.scheme or parts.netloc or not file or ".." in file.split("/"):
            self.faults.append(f"{address!r}, which is not beside the page")
            return ""
        if file not in self.files:
            self.files.append(file)
        return file

    def _keep(self, name: str, given: list[tuple[str, str | None]], file: str = "", dropped: bool = False) -> None:
        line, column = self.getpos()
        begin = self._lines[line - 1] + column
        end = begin + len(self.get_starttag_text() or "")
        self.tags.append(_Tag(name, begin, end, tuple(given), file, dropped))


def read_index(text: str) -> Index:
    """Take the page apart.

    Raises:
        InputError: something in it comes from another host, or would be stopped by the content policy.
    """
    text = "\n".join(text.splitlines()) + "\n"  # positions are counted by line
    read = _Reader(text)
    if read.faults:
        raise InputError(f"the page's index.html holds {read.faults[0]}, which its content policy forbids: {_UNDONE}")
    if not any(tag.name == "head" for tag in read.tags):
        raise InputError(f"the page's index.html has no <head>: {_UNDONE}")
    return Index(text, tuple(read.files), tuple(read.tags))


def pin_index(index: Index, hashes: Mapping[str, str], policy: str) -> bytes:
    """``index.html`` with ``integrity`` in every tag that loads a script or style, and this content policy in the place
    of its own.

    Args:
        hashes: of every file, as ``sha384-…``.
    """
    text = index.text
    top = [t for t in index.tags if t.name == "charset"] or [t for t in index.tags if t.name == "head"]
    head = f'\n    <meta http-equiv="Content-Security-Policy" content="{policy}">'
    for tag in sorted(index.tags, key=lambda t: t.begin, reverse=True):
        whole = text[tag.begin : tag.end]
        if tag.dropped:
            whole = ""
        elif tag.file:
            whole = _with_integrity(tag, hashes[tag.file])
        text = text[: tag.begin] + whole + (head if tag is top[0] else "") + text[tag.end :]
    return text.encode()


def _with_integrity(tag: _Tag, digest: str) -> str:
    """A start tag with this hash, and no other."""
    kept = [(k, v) for k, v in tag.given if k != "integrity"]
    written = "".join(f" {k}" if v is None else f' {k}="{escape(v)}"' for k, v in kept)
    return f'<{tag.name}{written} integrity="{digest}">'
