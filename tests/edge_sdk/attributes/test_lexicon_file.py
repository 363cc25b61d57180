"""lexicon.bin: what the data give, and nothing but it; a file that is not whole is refused."""

from __future__ import annotations

import hashlib
import os
import statistics
import subprocess
import sys

import pytest

from edge_sdk.attributes import OPT_IN, lexicon_file, lexicon_writing
from edge_sdk.attributes.compiling import compile_lexicon
from edge_sdk.attributes.lexicon_file import FLAGS, HASHED_FROM, HEADER, LexiconFile, Ref, opened
from edge_sdk.errors import LexiconError

CONTENT = lexicon_writing.PATH.read_bytes()
#: All 32 sets of flags with OBCLIP_LEXICON_ALL=1: half a minute.
MASKS = range(32) if "OBCLIP_LEXICON_ALL" in os.environ else (0, 1, 2, 4, 8, 16, 25, 31)


@pytest.mark.parametrize("mask", MASKS)
def test_every_variant_is_what_the_data_compile_to(mask: int) -> None:
    flags = {flag for i, flag in enumerate(FLAGS) if mask >> i & 1}
    opt_in, neutral = frozenset(flags - {"neutral"}), "neutral" in flags
    made = lexicon_writing.flat(compile_lexicon(opt_in, neutral))
    read = lexicon_writing.flat(opened().variant(opt_in, neutral))
    differ = [name for name in made if read[name] != made[name]]
    assert differ == [], "lexicon.bin is stale: run 'obclip lexicon build' and commit it"
    assert list(read["values"].items()) == list(made["values"].items())


def test_the_flags_are_the_opt_in_axes() -> None:
    assert (*OPT_IN, "neutral") == FLAGS


def test_phrases_are_found_before_and_after_they_are_asked_for() -> None:
    lex = opened().variant(frozenset(), False)
    assert "king" in lex.phrases
    assert lex.phrases["king"]["penguin"][""].noun is None
    assert lex.phrases.get("no such word", 7) == 7
    assert dict(lex.nouns) == lex.nouns
    for made in (dict(lex.nouns), {**lex.nouns}, lex.nouns.copy(), lex.nouns | {}, {} | lex.nouns):
        assert all(type(noun).__name__ == "Noun" for noun in made.values())


def damaged(at: int, value: int) -> bytes:
    return CONTENT[:at] + bytes([value]) + CONTENT[at + 1 :]


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "no compiled lexicon"),
        (b"OBCLEX", "no compiled lexicon"),
        (b"{}" * 100, "no compiled lexicon"),
        (damaged(40, 9), "format 9"),
        (CONTENT[:-1], "cut or damaged"),
        (CONTENT + b"\0", "cut or damaged"),
        (damaged(63, 255), "cut or damaged"),
        (damaged(len(CONTENT) // 2, CONTENT[len(CONTENT) // 2] ^ 1), "SHA-256"),
        (damaged(20, CONTENT[20] ^ 1), "SHA-256"),
    ],
)
def test_what_is_not_whole_is_refused(content: bytes, match: str) -> None:
    with pytest.raises(LexiconError, match=match):
        LexiconFile(content)


def signed(body: bytes) -> bytes:
    return body[:8] + hashlib.sha256(body[HASHED_FROM:]).digest() + body[HASHED_FROM:]


def test_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicon_file, "LEXICON_VERSION", "another")
    with pytest.raises(LexiconError, match="obclip lexicon build"):
        LexiconFile(CONTENT)


def test_another_record_is_refused() -> None:
    name = b"\0gender_adjectives\0"
    assert CONTENT.count(name) == 1
    with pytest.raises(LexiconError, match="another Lexicon"):
        LexiconFile(signed(CONTENT.replace(name, b"\0gender_adjectivet\0"))).variant(frozenset(), False)


def test_the_header_is_as_documented() -> None:
    magic, digest, version, text, strings, *_, root = HEADER.unpack_from(CONTENT)
    assert (magic, version, root >> 28) == (b"OBCLEX\r\n", 1, Ref.TUPLE)
    assert digest == hashlib.sha256(CONTENT[40:]).digest()
    found = CONTENT[68 : 68 + text].split(b"\0")[:-1]
    assert len(found) == strings
    assert found == sorted(found)


def test_no_data_file_is_read_when_a_prompt_is() -> None:
    code = (
        "import builtins, io, json, sys\n"
        "def refuse(*a, **k): raise AssertionError('JSON was read')\n"
        "json.loads = json.load = refuse\n"
        "from edge_sdk.attributes import implied, other_language, read, spans, build, lexicon\n"
        "d = read('an old nun and her friend Peter in a kimono')\n"
        "assert implied(d, spans(d)) and build(d).axes and other_language('a woman', lexicon()) is None\n"
        "assert 'edge_sdk.attributes.compiling' not in sys.modules\n"
    )
    environment = {k: v for k, v in os.environ.items() if k != "OBCLIP_LEXICON_FROM_DATA"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, timeout=120)


def test_it_is_loaded_quickly() -> None:
    """30 ms on a machine that does nothing else; processor time and a wide margin here, against a relapse."""
    code = (
        "import time\nfrom edge_sdk.attributes import lexicon_file\nbegan = time.process_time()\n"
        "lexicon_file.opened().variant(frozenset(), False)\nprint(time.process_time() - began)"
    )
    runs = [subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True) for _ in range(3)]
    assert statistics.median(float(r.stdout) for r in runs) < 0.15


@pytest.mark.skipif("OBCLIP_LEXICON_ALL" not in os.environ, reason="half a minute: OBCLIP_LEXICON_ALL=1")
def test_the_same_bytes_every_time() -> None:
    code = (
        "import hashlib\nfrom edge_sdk.attributes import lexicon_writing as w\n"
        "print(hashlib.sha256(w.build()).hexdigest())"
    )
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        made = subprocess.run([sys.executable, "-c", code], check=True, env=environment, capture_output=True, text=True)
        assert made.stdout.strip() == hashlib.sha256(CONTENT).hexdigest()
