"""``obclip lexicon``: compile the lists of words, and say why a word is hidden, asked about or left alone."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

import click

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
#: What a word alone is, by the kinds of its meanings, the first that fits.
_VERDICTS = (
    (("decoy", "animal"), "dismissed", "it has another sense here, and its words say nothing of a person"),
    (("trait", "age", "skin", "title", "pronoun", "decade"), "slot", "it says an axis: beside a person it is hidden"),
    (("tone", "little"), "slot", "directly before a person it says an axis and is hidden"),
    (("cue", "hint"), "cue", "beside a person it hints at an axis: it is asked about, or told"),
    (("origin",), "slot", "in a phrase of origin, faith or condition it says an axis and is hidden"),
    (("given name",), "cue", "as the name of a person it is asked about"),
    (("noun", "profession"), "person", "a word for a person that says no axis"),
    (("stop", "class"), "known", "it has its place in the grammar and says nothing"),
)


@click.group(
    name="lexicon",
    short_help="Compile the lists of words; why is a word hidden.",
    epilog='Examples: obclip lexicon show grandmother; obclip lexicon show "king penguin" --json; '
    'obclip lexicon explain "a portrait of a woman, Asian, 30 years old"; obclip lexicon build --check',
)
def command() -> None:
    """The lists of words that give an axis of a person away. All of it is looked up on this device."""


@command.command(epilog="Examples: obclip lexicon build; obclip lexicon build --check")
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 if the file is not what the lists give.")
@_JSON
def build(check: bool, as_json: bool) -> None:
    """Compile edge_sdk/attributes/data into lexicon.bin: the same bytes every time, in half a minute."""
    from ..attributes import lexicon_writing as writing

    if check:
        stale = writing.is_stale(writing.PATH)
        if as_json:
            click.echo(json.dumps({"path": str(writing.PATH), "stale": stale}))
            sys.exit(int(stale))
        if stale:
            click.echo(f"{writing.PATH.name} is not what the lists give; run 'obclip lexicon build'", err=True)
            sys.exit(1)
        click.echo(f"{writing.PATH.name} is what the lists give")
        return
    content = writing.write(writing.PATH)
    told = {"path": str(writing.PATH), "bytes": len(content)}
    click.echo(json.dumps(told) if as_json else f"{writing.PATH}: {len(content)} bytes")


@command.command(epilog='Examples: obclip lexicon show grandmother; obclip lexicon show "from Peru" --json')
@click.argument("words", nargs=-1, required=True, metavar="WORD|PHRASE…")
@_JSON
def show(words: tuple[str, ...], as_json: bool) -> None:
    """Say why a word or phrase is a slot, dismissed, a cue or unknown; several words are one phrase."""
    from ..attributes import lexicon
    from ..attributes.explaining import lists, meanings

    phrase = " ".join(" ".join(words).split())
    if not phrase:
        raise click.UsageError("name a word or a phrase")
    found = meanings(phrase, lexicon())
    verdict, why = _verdict(found)
    listed = lists(phrase)
    if as_json:
        told = {"phrase": phrase, "verdict": verdict, "why": why, "meanings": found, "lists": listed}
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    click.echo(f"{phrase}: {verdict}: {why}")
    for meaning in found:
        rest = ", ".join(f"{k} {v}" if v is not True else k for k, v in meaning.items() if k != "kind")
        click.echo(f"  {meaning['kind']}{': ' if rest else ''}{rest}")
    for where in listed:
        click.echo(f"  in {where}")


def _verdict(found: list[dict[str, Any]]) -> tuple[str, str]:
    kinds = {m["kind"] for m in found}
    if any(m["kind"] == "noun" and ("gender" in m or "age" in m) for m in found):
        return "slot", "it says an axis: beside a person it is hidden"
    for wanted, verdict, why in _VERDICTS:
        if kinds.intersection(wanted):
            return verdict, why
    return "unknown", "the lexicon does not have it; the second look may still ask about it"


@command.command(epilog='Example: obclip lexicon explain "an old woman with a beard beside an old car"')
@click.argument("prompt")
@_JSON
def explain(prompt: str, as_json: bool) -> None:
    """Say what became of every word of PROMPT: a slot of which person, dismissed and why, or a finding."""
    from ..attributes import read
    from ..attributes.explaining import explain as told_of
    from ..privacy.limits import check_prompt

    check_prompt(prompt)
    document = read(prompt)
    told = told_of(document)
    if as_json:
        click.echo(json.dumps({"prompt": document.prompt, "marks": [asdict(t) for t in told]}, ensure_ascii=False))
        return
    width = max((len(t.surface) for t in told), default=0)
    for t in told:
        person = "" if t.person is None else f" of person {t.person + 1}"
        about = {"slot": f"{', '.join(t.axes)}{person}", "person": person.removeprefix(" of ")}.get(t.verdict, t.why)
        click.echo(f"{t.surface:<{width}}  {t.verdict}{': ' if about else ''}{about}")
