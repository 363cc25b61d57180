"""Ledger entries to fill in: what stands in the documents without a source."""

from __future__ import annotations

import textwrap
from pathlib import Path

from .check import cited_files, cover_text, without_file
from .figures import find_figures, sections
from .ledger import Ledger


def propose(name: str, text: str, ledger: Ledger, results: Path) -> str:
    """Ledger entries, to be filled in, for the figures of a document that have no source."""
    figures, covered = find_figures(text), set()
    for entry in ledger.entries:
        if entry.document == name and entry.text:
            covered |= cover_text(entry, text, figures, results)[0]
    named = {e.section for e in ledger.entries if e.document == name and not e.text}
    out = []
    for start, end, title in sections(text):
        mine = [f for f in figures if start <= f.start < end and f.start not in covered]
        left = without_file(mine, cited_files(text[start:end], ledger.reads.get((name, title), ()), results), results)
        if left and title not in named:
            told = textwrap.fill(" | ".join(" ".join(f.text.split()) for f in left), 118)
            head = f"[[quoted]]\ndocument = {name!r}\nsection = {title!r}\nkind = ''\nhow = ''\ndate = ''"
            out.append(f"{head}\nfigures = '''\n{told}\n'''\n")
    return "\n".join(out)
