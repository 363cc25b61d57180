"""The core's tokenizer against the library `tokenizers`: the pair's own files, and every form of CLIP's file."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Regex, Tokenizer, normalizers
from tokenizers.pre_tokenizers import Split

from obclip_contract import TokenizerSpec, frame_tokens
from tests.edge_core.building import ROOT, probe

PAIR = ROOT / "models/stickers/small/tokenizer/tokenizer.json"
BUNDLE = 6
MARKS = ["<|startoftext|>", "<|endoftext|>"]
#: What the words and marks of the pattern begin and end with, and letters that other rules are for.
PIECES = [
    "'", "'s", "'S", "'t", "'re", "'ve", "'m", "'ll", "'d", "'r", "’s", "it's", "we'LL", "a", "A", "woman",
    "sticker of ", "12", "3½",
    "Ⅷ", " ", "  ", "\t", "\n", "\u00a0", "\u3000", "\u2028", "\u200b", "\u00ad", "\u001c", "!", "!!", "...", "<|",
    "|>", "<", "|",
    *MARKS, "<|StartOfText|>", "<|ENDOFTEXT|>", "é", "e\u0301", "\u0301", "\u0323\u0301", "İ", "I\u0307", "Σ", "ΑΣ",
    "ß", "ẞ",
    "ﬁ", "Ångström", "\u212b", "한국", "\u1112\u1161\u11ab", "漢字", "が", "か\u3099", "😀", "👩🏽\u200d🚒", "\ufe0f",
    "\U0001d4b6", "\u0000", "\x7f",
    "\x85", "Æ", "œ", "Ł", "ł", "ñandú", "-", "--", "_", "#", "@x", "\u0660", "\u0967", "²", "\U0001f3fb", "\ufeff",
    "\u0898\u0323",
    "\U00011935\U00011930", "\U00011938", "\u1c89", "\ua7cb", "\U00010d50", "\U00016ea0", "\u10a0", "Ǆ", "ǅ",
    "\ufffd", "\U0010ffff",
]  # fmt: skip
Encode = Callable[[list[str]], list[list[int]]]


def library(path: Path) -> Encode:
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda texts: [e.ids for e in tokenizer.encode_batch(texts, add_special_tokens=False)]


def core(path: Path) -> Encode:
    run = probe("tokenizer", path)
    return lambda texts: [list(map(int, line.split())) for line in run([f"encode {json.dumps(t)}" for t in texts])]


def prompts() -> list[str]:
    lines = (ROOT / "edge_sdk/privacy/vectors/prompts.txt").read_text(encoding="utf-8").splitlines()
    shared = ROOT.parent / "shared/prompts"
    for path in sorted(shared.rglob("*.txt")) if shared.is_dir() else []:
        lines += path.read_text(encoding="utf-8").splitlines()
    return lines


def random_texts(rng: random.Random, count: int) -> list[str]:
    out = []
    for _ in range(count):
        if rng.random() < 0.6:
            out.append("".join(rng.choices(PIECES, k=rng.randrange(1, 10))))
        else:
            spans = [
                (0, 0x7F),
                (0x80, 0x24F),
                (0x250, 0x2FFF),
                (0x3000, 0xD7FF),
                (0xE000, 0xFFFF),
                (0x10000, 0x1FFFF),
                (0x20000, 0x10FFFF),
            ]
            out.append("".join(chr(rng.randint(*rng.choice(spans))) for _ in range(rng.randrange(1, 12))))
    return out


def same(path: Path, texts: list[str]) -> None:
    want = library(path)(texts)
    for text, a, b in zip(texts, core(path)(texts), want, strict=True):
        assert a == b, (text, a, b)


def variant(folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    data = json.loads(PAIR.read_text(encoding="utf-8"))
    change(data)
    path = folder / "tokenizer.json"
    path.write_text(json.dumps(data, ensure_ascii=bool(len(str(path)) % 2)), encoding="utf-8")
    return path


def test_prompts_and_random_texts_get_the_librarys_tokens() -> None:
    rng = random.Random("tokens")
    same(PAIR, ["", *prompts(), *random_texts(rng, 20000)])
    same(PAIR, ["a" * 4000, "'" * 4000, "woman " * 600, "!?" * 2000, "\u0301" * 1000])


def test_every_code_point() -> None:
    """All of the first two planes; behind them letters stand in large blocks, and every seventh is enough."""
    points = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000 and (c < 0x20000 or c % 7 == 0)]
    # One alone says its class and its lower case; between others, how it is joined, split and composed.
    texts = ["".join(f"a{c}1{c}! {c}\u0301a" for c in points[i : i + 16]) for i in range(0, len(points), 16)]
    same(PAIR, texts)


def test_the_normal_form_is_the_librarys() -> None:
    tokenizer = Tokenizer.from_file(str(PAIR))
    rng = random.Random("normal")
    marks = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000 and _is_mark(c)]
    texts = random_texts(rng, 5000)
    texts += [
        "".join(rng.choices([*marks, "a", "e", "ㄱ", "\u0915", *PIECES], k=rng.randrange(2, 9))) for _ in range(20000)
    ]
    assert tokenizer.normalizer is not None
    want = [json.dumps(tokenizer.normalizer.normalize_str(t)) for t in texts]
    got = probe("tokenizer", PAIR)([f"normal {json.dumps(t)}" for t in texts])
    for text, a, b in zip(texts, got, want, strict=True):
        assert a == b, [hex(ord(c)) for c in text]


def _is_mark(code: int) -> bool:
    import unicodedata

    return unicodedata.category(chr(code)) in ("Mn", "Mc") or code in (0x11930, 0x11935, 0x11938)


def test_the_classes_of_the_pattern_are_the_librarys() -> None:
    """Kept apart from the encoding, so that a new version of the library is told by name."""
    splits = {name: Split(Regex(name), "removed", invert=True) for name in (r"\p{L}", r"\p{N}", r"\s")}
    lower = normalizers.Lowercase()
    assert splits[r"\p{L}"].pre_tokenize_str("\u1c89")
    assert splits[r"\p{N}"].pre_tokenize_str("\U00010d40")
    assert not splits[r"\s"].pre_tokenize_str("\x1c")
    assert lower.normalize_str("\u1c89") == "\u1c8a"


def _strings(data: dict[str, Any]) -> None:
    data["model"]["merges"] = [" ".join(m) for m in data["model"]["merges"]]


def _old(data: dict[str, Any]) -> None:
    """As transformers 4 wrote it."""
    split, byte_level = data["pre_tokenizer"]["pretokenizers"]
    split["pattern"]["Regex"] = split["pattern"]["Regex"].removeprefix("<\\|startoftext\\|>|<\\|endoftext\\|>|")
    del byte_level["use_regex"]
    for name in ("byte_fallback", "ignore_merges"):
        del data["model"][name]
    for token in data["added_tokens"]:
        token["normalized"] = True
    _strings(data)


def _more_tokens(data: dict[str, Any]) -> None:
    vocabulary = data["model"]["vocab"]
    for content, normalized in (("!", False), ("wo", True), ("woman", True), ("a b", False)):
        vocabulary.setdefault(content, len(vocabulary))
        token = {**data["added_tokens"][0], "content": content, "id": vocabulary[content], "normalized": normalized}
        data["added_tokens"].append(token)


def _shuffled(data: dict[str, Any]) -> None:
    random.Random(3).shuffle(data["model"]["merges"])
    # Merges that share a result: the queue's stale entries.
    vocabulary = data["model"]["vocab"]
    extra = []
    for left, right in (("a", "bc"), ("ab", "c"), ("b", "c"), ("a", "b"), ("abc", "a"), ("a", "abc"), ("c", "ab")):
        for part in (left, right, left + right):
            vocabulary.setdefault(part, len(vocabulary))
        if [left, right] not in data["model"]["merges"]:
            extra.append([left, right])
    data["model"]["merges"] = extra + data["model"]["merges"]


@pytest.mark.parametrize("change", [_strings, _old, _more_tokens, _shuffled], ids=lambda f: f.__name__.strip("_"))
def test_other_files_of_the_form(change: Callable[[dict[str, Any]], None], tmp_path: Path) -> None:
    path = variant(tmp_path, change)
    rng = random.Random(change.__name__)
    texts = prompts()[:300] + random_texts(rng, 4000)
    texts += ["".join(rng.choices("abc", k=rng.randrange(1, 30))) for _ in range(3000)]
    texts += [
        "".join(rng.choices(["wo", "man", "woman", "WOMAN", "!", " ", "a b", "<|endoftext|>"], k=6))
        for _ in range(1000)
    ]
    same(path, texts)


def test_a_large_vocabulary(tmp_path: Path) -> None:
    """Thousands of random merges: long words, deep merges, ties."""
    rng = random.Random("large")

    def change(data: dict[str, Any]) -> None:
        vocabulary, merges = data["model"]["vocab"], data["model"]["merges"]
        known = {tuple(m) for m in merges}
        names = [n for n in vocabulary if not n.startswith("<|")]
        while len(merges) < 6000:
            left, right = rng.choice(names), rng.choice(names)
            if left.endswith("</w>") or (left, right) in known or len(left + right) > 12:
                continue
            vocabulary.setdefault(left + right, len(vocabulary))
            known.add((left, right))
            merges.append([left, right])
            names.append(left + right)

    path = variant(tmp_path, change)
    letters = "abcdefghijklmnopqrstuvwxyz"
    texts = prompts() + random_texts(rng, 3000)
    texts += ["".join(rng.choices(letters, k=rng.randrange(1, 60))) for _ in range(4000)]
    same(path, texts)


def _set(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        *folders, name = path.split("/")
        at: Any = data
        for folder in folders:
            at = at[int(folder)] if isinstance(at, list) else at[folder]
        if value is None:
            at.pop(int(name) if isinstance(at, list) else name)
        elif isinstance(at, list):
            at[int(name)] = value
        else:
            at[name] = value

    return change


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("version", "2.0"), ("extra", 1), ("normalizer", None), ("normalizer/type", "Other"),
        ("normalizer/normalizers/0", None),
        ("normalizer/normalizers/0/type", "NFKC"), ("normalizer/normalizers/1/content", "_"), ("pre_tokenizer", None),
        ("pre_tokenizer/pretokenizers/0/invert", False), ("pre_tokenizer/pretokenizers/0/behavior", "Isolated"),
        ("pre_tokenizer/pretokenizers/1/add_prefix_space", True), ("pre_tokenizer/pretokenizers/1/use_regex", False),
        ("pre_tokenizer/pretokenizers/0/pattern/Regex", r"\w+"), ("model/type", "WordPiece"), ("model/dropout", 0.1),
        ("model/continuing_subword_prefix", "##"), ("model/end_of_word_suffix", ""), ("model/end_of_word_suffix", None),
        ("model/ignore_merges", True), ("model/byte_fallback", True), ("model/fuse_unk", True), ("model/what", 1),
        ("model/vocab/a", None), ("model/vocab/a", -1), ("model/vocab/a", 2**31), ("model/vocab/a", 1.5),
        ("model/vocab/a", "1"),
        ("model/merges/0", ["zz", "qq"]), ("model/merges/0", ["a"]), ("model/merges/0", ["a", "b", "c"]),
        ("model/merges/0", "a"),
        ("model/merges/0", "a  b"), ("model/merges/1", ["c", "k"]), ("added_tokens/0/lstrip", True),
        ("added_tokens/0/single_word", True),
        ("added_tokens/0/id", 5), ("added_tokens/0/content", ""), ("added_tokens/0/content", "<|other|>"),
        ("added_tokens/0/new", True),
        ("model", None),
    ],
)  # fmt: skip
def test_files_of_another_form_are_refused(path: str, value: Any, tmp_path: Path) -> None:
    broken = variant(tmp_path, _set(path, value))
    (line,) = probe("tokenizer")([f"open {json.dumps(str(broken))}"])
    assert line.startswith(f"refused {BUNDLE} "), line


def test_files_that_are_no_json_are_refused(tmp_path: Path) -> None:
    good = PAIR.read_bytes()
    path = tmp_path / "tokenizer.json"
    rng = random.Random("broken")
    for content in (
        b"",
        b"{}",
        b"[]",
        good[:-1],
        good + b"x",
        b"\xff" + good,
        good.replace(b'"merges"', b'"vocab"', 1),
        b"[" * 100_000,
    ):
        path.write_bytes(content)
        (line,) = probe("tokenizer")([f"open {json.dumps(str(path))}"])
        assert line.startswith(f"refused {BUNDLE} "), content[:50]
    for _ in range(30):  # cut anywhere
        path.write_bytes(good[: rng.randrange(len(good) - 2)])
        (line,) = probe("tokenizer")([f"open {json.dumps(str(path))}"])
        assert line.startswith(f"refused {BUNDLE} ")


def test_rows_for_the_text_encoder() -> None:
    encode = library(PAIR)
    texts = ["", "a sticker of a woman", "é" * 3, "woman " * 29, "woman " * 30, "woman " * 31, "x" * 200]
    run = probe("tokenizer", PAIR)
    spec = TokenizerSpec(file="t", max_length=32, bos_id=1185, eos_id=1186, pad_id=7)
    for some in ([texts[0]], texts[:3], texts[:4], texts[3:5], texts, [texts[-1]]):
        ids = encode(some)
        (line,) = run([f"rows 32 1185 1186 7 {len(some)} {' '.join(map(json.dumps, some))}"])
        most = max(map(len, ids))
        if most > 30:
            said = f"the prompt has {most} tokens in its longest form; the model reads 30: shorten it"
            assert line == f"refused 0 {json.dumps(said)}"
        else:
            assert np.array_equal(list(map(int, line.split())), frame_tokens(ids, spec).reshape(-1))
