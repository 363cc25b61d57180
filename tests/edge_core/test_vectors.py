"""The golden vectors are what the reference gives, and what the core gives."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from edge_sdk.privacy.vectors.store import _texts, read_lines

from . import transcripts
from .binding import ACTIONS, NAMES, REFUSALS, CallError, Options, Session, opened
from .building import LEXICON, SECOND_LOOK, probe
from .lines import KINDS, bits, line, text
from .test_slots import request
from .test_tokenizer import PAIR, core
from .transcripts import COINS, Event, Picture, drive, read_detected, read_receipt, tokenizer_bytes
from .vectors import check, read_rows, write
from .vectors.pictures import Simple, constants, told
from .vectors.store import differences

#: All of the reader's with OBCLIP_VECTORS_ALL=1.
EVERY = 1 if "OBCLIP_VECTORS_ALL" in os.environ else 9


def test_the_files_are_what_the_reference_gives() -> None:
    assert check() == [], "if they are meant, run python -m tests.edge_core.vectors"


def test_a_change_is_seen(tmp_path: Path) -> None:
    with patch("tests.edge_core.vectors.store.FILES", {"tokenizer": lambda: read_rows("tokenizer")[:9]}):
        assert len(list(write(tmp_path))) == 2
        assert check(tmp_path, ("tokenizer",)) == []
        assert check(tmp_path / "none", ("tokenizer",))[0].startswith("common.json")
    assert check(tmp_path, ("tokenizer",))[0].startswith("tokenizer: the file has [{")
    assert differences("a", {"b": [1, 2.0]}, {"b": [1, 2.1]}) == ["a:b:1: the file has 2.0, the reference gives 2.1"]


def _session(row: dict[str, Any]) -> Session:
    common = constants()
    options = Options(opened(), {**common["options"], **row["options"]}, tokenizer_bytes())
    if row["options"].get("mechanism") != "k-subset":
        return Session(options, row["prompt"], common["seed"])
    options.set_ledger(b"", bytes.fromhex(common["key"]), common["now"])
    return Session(options, row["prompt"], common["seed"], COINS)


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _released(row: dict[str, Any]) -> dict[str, Any]:
    """A row of release.jsonl.gz as the core gives it."""
    try:
        session = _session(row)
    except CallError as error:
        return {"stopped": [str(error)]}
    action = ACTIONS[session.next()]
    if action == "STORE":
        session.give_stored(True)
        action = ACTIONS[session.next()]
    if action == "STOPPED":
        refusal = REFUSALS[int(session.number(NAMES.REFUSAL))]
        return {"stopped": [refusal, int(session.number(NAMES.EXIT_CODE)), session.text(NAMES.MESSAGE)]}
    assert action == "DETECTED"
    receipt = read_receipt(session)
    return {"detected": told(("detected", read_detected(session)))[1], "told": receipt}


def test_the_core_releases_the_vectors() -> None:
    rows = read_rows("release")
    assert len(rows) > 300
    assert 20 < sum("stopped" in row for row in rows) < len(rows) / 2
    for row in rows:
        got = _plain(_released(row))
        want = {key: row[key] for key in row if key not in ("prompt", "options")}
        if "told" in got and "told" in want:
            got["told"] = {key: got["told"][key] for key in want["told"]}
        assert differences(row["prompt"], want, got) == []


def test_the_core_plays_the_sessions() -> None:
    ends = set()
    for row in read_rows("session"):
        answers = iter(row["answers"])

        def cloud(*_: Any) -> tuple[int, bytes]:
            status, body = next(answers)  # noqa: B023 - used within the turn
            return status, base64.b64decode(body)

        picture = Picture(row["prompt"], cloud=cloud, cancel_at=row["cancel_at"], decide=lambda *_: row["decision"])  # noqa: B023
        events: list[Event] = []
        with patch.object(transcripts, "Graphs", Simple):
            drive(_session(row), picture, events)
        assert differences(row["prompt"], row["events"], _plain([told(event) for event in events])) == []
        assert next(answers, None) is None
        ends.add(events[-1][0:2] if events[-1][0] == "stopped" else "done")
    assert {"done", ("stopped", "CANCELLED"), ("stopped", "IMPLIED")} <= ends


def test_the_core_has_the_tokens() -> None:
    rows = read_rows("tokenizer")
    assert core(PAIR)([row["text"] for row in rows]) == [row["ids"] for row in rows]


def _spoken(step: dict[str, Any]) -> Iterator[object]:
    yield from ("open", step["now"], step["do"])
    if step["do"] in ("budget", "account"):
        yield text(step["axis"])
    if step["do"] == "budget":
        yield from (int(step["epsilon"] is not None), bits(step["epsilon"] or 0.0))
    if "charge" in step:
        c = step["charge"]
        yield from (c["mechanism"], text(c["template"]), len(c["axes"]), *map(text, c["axes"]), text(c["lexicon"]))
        yield from (text(c["domain"]), c["size"], c["rows"], c["ratio"], bits(c["bits"]))
    if step["do"] == "permanent":
        yield from (len(step["rows"]), len(step["charge"]["axes"]), *(v for row in step["rows"] for v in row))


def _said(gives: Any) -> Any:
    """What a step gives, in the form of probe_ledger."""
    if gives is None:
        return None
    if "refused" in gives:
        return {"error": gives["message"], "kind": KINDS.index(gives["refused"])}
    if "rows" in gives:
        return [gives["rows"], bits(gives["spent"])]
    return [
        bits(gives["basic"]),
        bits(gives["tight"]),
        gives["draws"],
        None if gives["budget"] is None else bits(gives["budget"]),
    ]


def test_the_core_keeps_the_ledgers() -> None:
    rows = read_rows("ledger")
    lines = [line([row["key"], *(word for step in row["steps"] for word in _spoken(step))]) for row in rows]
    refused = 0
    for row, answer in zip(rows, probe("ledger")(lines), strict=True):
        for step, said in zip(row["steps"], json.loads(answer), strict=True):
            want = _said(step["gives"])
            assert (said[:4] if step["do"] == "account" else said) == want, step
            refused += isinstance(want, dict)
    assert refused > 10


@pytest.mark.parametrize("start", range(3))
def test_the_core_reads_the_vectors(start: int) -> None:
    rows = [json.loads(row) for row in read_lines()[start::3][::EVERY]]
    base = {"axes": None, "opt_in": [], "domains": {}, "strict": False, "unspecified": False, "looks": False}
    asked = [request(row["prompt"], {**base, "on_implied": "allow", **row.get("options", {})}) for row in rows]
    run = probe("slots", LEXICON, SECOND_LOOK)
    for row, found in zip(rows, run([f"found {json.dumps(row['prompt'])}" for row in rows]), strict=True):
        assert json.loads(found) == [row["text"], row["spans"], row["findings"]], row
    for row, answer in zip(rows, map(json.loads, run(asked)), strict=True):
        if "refused" in row:
            assert ["InputError", "PrivacyError", "ImpliedError"][answer["refused"]] == row["refused"], row
            continue
        slots = answer["slots"]
        assert slots["template"] == row["template"]
        assert {name: len(values) for name, values in slots["axes"]} == row["axes"]
        phrases = {name: {"axes": axes, "text": _texts(tuple(words))} for name, axes, words in slots["phrases"]}
        assert phrases == row["phrases"]
        assert (slots["choice"], slots["notes"]) == (row["choice"], row["notes"])
