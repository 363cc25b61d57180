"""Characters and strings of the core against Python's own: every code point, and random strings."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import unicodedata

import pytest

from edge_sdk.attributes.matching import _styled
from edge_sdk.attributes.spelling import fold

from .building import ROOT, probe

pytestmark = pytest.mark.skipif(unicodedata.unidata_version != "14.0.0", reason="the core's tables are Unicode 14's")
LATIN = ("LATIN", "MODIFIER", "FEMININE", "MASCULINE")
FORMS = ("NFC", "NFD")
STYLED = _styled()


def flags(c: str) -> str:
    category, name = unicodedata.category(c), unicodedata.name(c, "LATIN")
    said = (
        c.isspace(), c.isalpha(), c.isalnum(), c.isdecimal(), c.isdigit(), c.isupper(), c.islower(),
        category in ("Cf", "Co", "Cn", "Cs"), category == "Mn", c.isprintable(), name.startswith(LATIN),
        name.startswith("FULLWIDTH LATIN"),
    )  # fmt: skip
    forms = (unicodedata.normalize(f, c) for f in FORMS)
    made = [c.lower(), c.upper(), c.capitalize(), *forms, fold(c), STYLED.get(c, c)]
    return "".join("01"[b] for b in said) + "".join(f" {json.dumps(m)}" for m in made) + f" {unicodedata.combining(c)}"


def whole(s: str) -> str:
    said = (
        s.isascii(),
        s.isalpha(),
        s.isalnum(),
        s.isdecimal(),
        s.isdigit(),
        s.isspace(),
        s.isupper(),
        s.islower(),
        s.istitle(),
    )
    made = [
        s.lower(), s.upper(), s.capitalize(), *(unicodedata.normalize(f, s) for f in FORMS), s.strip(), s.lstrip("aA "),
        "|".join(s.split()), "|".join(s.split("a")), s.replace("a", "bb"), repr(s),
    ]  # fmt: skip
    return "".join("01"[b] for b in said) + "".join(f" {json.dumps(m)}" for m in made)


def test_every_code_point() -> None:
    codes = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    answers = probe("text")([f"char {c}" for c in codes])
    bad = [(hex(c), a, flags(chr(c))) for c, a in zip(codes, answers, strict=True) if a != flags(chr(c))]
    assert bad[:5] == []


def test_random_strings() -> None:
    rng = random.Random(3)
    pools = [
        "abcAZ az \t\u00a0\u3000'\"\\\n",
        "\u03a3\u03c3\u0391\u03b1 .'\u00ad\u0301a",
        "e\u0301\u0327\u0323o\u0302a\u030a\u1e9b\u0323",
        "\uac00\u11a8\u1100\u1161\u11a7\ud7a3",
        "\ufb01\u00df\u0149\u01c5\u1e9e\u0130\u0131\u212a",
        "\U0001f469\u200d\U0001f3fd\ufe0f\U000e0001\U0001d400",
    ]
    texts = []
    for _ in range(6000):
        pool = rng.choice(pools) + rng.choice(pools)
        texts.append("".join(rng.choice(pool) for _ in range(rng.randint(0, 9))))
    texts += [
        "".join(chr(rng.choice((rng.randrange(0xD800), rng.randrange(0xE000, 0x110000)))) for _ in range(5))
        for _ in range(4000)
    ]
    answers = probe("text")([json.dumps(t) for t in texts])
    bad = [(t, a, whole(t)) for t, a in zip(texts, answers, strict=True) if a != whole(t)]
    assert bad[:3] == []


def test_utf_8_is_read_strictly() -> None:
    rng = random.Random(5)
    edges = (0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xED, 0xEE, 0xEF)
    edges += (0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF)
    texts = [bytes(rng.choice(edges) for _ in range(rng.randint(1, 5))) for _ in range(20000)]
    texts += [
        "".join(chr(rng.randrange(0x110000)) for _ in range(3)).encode("utf-8", "surrogatepass") for _ in range(4000)
    ]

    def read(text: bytes) -> str:
        try:
            return json.dumps(text.decode("utf-8"))
        except UnicodeDecodeError:
            return "bad"

    answers = probe("text")([f"bytes {text.hex()}" for text in texts])
    bad = [(t, a, read(t)) for t, a in zip(texts, answers, strict=True) if a != read(t)]
    assert bad[:3] == []


def test_the_tables_are_up_to_date() -> None:
    done = subprocess.run([sys.executable, ROOT / "scripts/unicode_tables", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
