"""Render every one-person glyph of Noto Color Emoji and label it from Unicode's own names.

Input: the font (Debian ``fonts-noto-color-emoji``) and Unicode's ``emoji-test.txt`` (Debian
``unicode-data``). Output: ``glyphs.npz`` with ``rgba`` uint8 ``[G, 128, 128, 4]`` (straight alpha)
and ``glyphs.json`` with one label record per glyph.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import uharfbuzz as hb
from PIL import Image

SIZE = 128
FONT = Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
EMOJI_TEST = Path("/usr/share/unicode/emoji/emoji-test.txt")

GENDERS = ("woman", "man", "person")
TONES = ("light", "medium-light", "medium", "medium-dark", "dark", "yellow")
AGES = ("child", "adult", "old", "baby")

#: Plain backgrounds. White is what a caption without a background means.
BACKGROUNDS: dict[str, tuple[int, int, int]] = {
    "white": (255, 255, 255),
    "black": (20, 20, 20),
    "gray": (140, 140, 140),
    "red": (220, 50, 47),
    "orange": (245, 140, 40),
    "green": (60, 170, 80),
    "blue": (50, 110, 220),
    "purple": (130, 70, 190),
    "pink": (250, 150, 190),
}

#: Share of role × gender × tone triples that no part of the pair ever sees.
HELD_OUT = 0.10

_SUBGROUPS = {
    "person",
    "person-gesture",
    "person-role",
    "person-fantasy",
    "person-activity",
    "person-sport",
    "person-resting",
}
#: Glyphs that show no single person, or a creature without a human face or skin.
_SKIP = re.compile(
    r"people|^men |^women |bunny|wrestling|facing right|genie|zombie|troll|fencing|skier|horse|holding hands"
)
#: Names that Unicode does not build as "<gender> <role>": name -> (role, gender, age).
_SPECIAL: dict[str, tuple[str, str, str]] = {
    "baby": ("portrait", "person", "baby"),
    "child": ("portrait", "person", "child"),
    "boy": ("portrait", "man", "child"),
    "girl": ("portrait", "woman", "child"),
    "person": ("portrait", "person", "adult"),
    "man": ("portrait", "man", "adult"),
    "woman": ("portrait", "woman", "adult"),
    "older person": ("portrait", "person", "old"),
    "old man": ("portrait", "man", "old"),
    "old woman": ("portrait", "woman", "old"),
    "person with crown": ("royal", "person", "adult"),
    "prince": ("royal", "man", "adult"),
    "princess": ("royal", "woman", "adult"),
    "person with skullcap": ("with skullcap", "man", "adult"),
    "woman with headscarf": ("with headscarf", "woman", "adult"),
    "breast-feeding": ("breast-feeding", "woman", "adult"),
    "Santa Claus": ("claus", "man", "old"),
    "Mrs. Claus": ("claus", "woman", "old"),
    "mx claus": ("claus", "person", "adult"),
    "merperson": ("mer", "person", "adult"),
    "merman": ("mer", "man", "adult"),
    "mermaid": ("mer", "woman", "adult"),
    "baby angel": ("angel", "person", "baby"),
    "person in suit levitating": ("in suit levitating", "man", "adult"),
}
_SPECIAL_ROLES = {
    # One drawing for "person", another for woman and man: not the same role to the eye.
    "woman dancing": ("dancing woman", "woman", "adult"),
    "man dancing": ("dancing man", "man", "adult"),
}


@dataclass(frozen=True)
class Glyph:
    """Labels of one rendered glyph."""

    sequence: str
    name: str
    role: str
    gender: str
    age: str
    tone: str
    hair: str
    held_out: bool


def _labels(name: str) -> Glyph | None:
    base, _, mods = name.partition(": ")
    tones = [m.removesuffix(" skin tone") for m in mods.split(", ") if m.endswith("skin tone")]
    hair = [m for m in mods.split(", ") if m and not m.endswith("skin tone")]
    if _SKIP.search(base) or len(tones) > 1:
        return None
    if base in _SPECIAL_ROLES:
        role, gender, age = _SPECIAL_ROLES[base]
    elif base in _SPECIAL:
        role, gender, age = _SPECIAL[base]
    else:
        gender = "person"
        role, age = base, "adult"
        for g in GENDERS:
            if base.startswith(g + " "):
                gender, role = g, base[len(g) + 1 :]
            elif base.startswith("deaf "):
                gender, role = base.split(" ")[1], "deaf"
            elif base.startswith("pregnant "):
                gender, role = base.split(" ")[1], "pregnant"
    tone = tones[0] if tones else "yellow"
    return Glyph("", name, role, gender, age, tone, hair[0] if hair else "", False)


def _held_out(role: str, gender: str, tone: str) -> bool:
    """A fixed tenth of the triples, by hash, portraits and yellow left in.

    Portraits carry the age axis and the plain words (woman, man); yellow is "no tone given".
    """
    if role == "portrait" or tone == "yellow" or gender == "person":
        return False
    digest = hashlib.sha256(f"held-out/{role}/{gender}/{tone}".encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32 < HELD_OUT


def read_names(emoji_test: Path = EMOJI_TEST) -> list[Glyph]:
    """Every one-person sequence of Unicode's list, labelled, in the list's order."""
    out: list[Glyph] = []
    subgroup = ""
    for line in emoji_test.read_text(encoding="utf-8").splitlines():
        if line.startswith("# subgroup:"):
            subgroup = line.split(":", 1)[1].strip()
        m = re.match(r"([0-9A-F ]+?)\s*; fully-qualified\s*# \S+ E[\d.]+ (.*)", line)
        if not m or subgroup not in _SUBGROUPS:
            continue
        glyph = _labels(m.group(2))
        if glyph is None:
            continue
        out.append(
            Glyph(
                **{
                    **asdict(glyph),
                    "sequence": m.group(1),
                    "held_out": _held_out(glyph.role, glyph.gender, glyph.tone),
                }
            )
        )
    return out


def render(sequences: list[str], font: Path = FONT, size: int = SIZE) -> dict[str, np.ndarray]:
    """RGBA uint8 ``[size, size, 4]`` per sequence; sequences without a single glyph are left out."""
    face = hb.Face(hb.Blob.from_file_path(str(font)))
    hb_font = hb.Font(face)
    out: dict[str, np.ndarray] = {}
    for sequence in sequences:
        buf = hb.Buffer()
        buf.add_str("".join(chr(int(c, 16)) for c in sequence.split()))
        buf.guess_segment_properties()
        hb.shape(hb_font, buf)
        gids = [i.codepoint for i in buf.glyph_infos if i.codepoint != 0]
        if len(gids) != 1:
            continue
        blob = hb_font.get_glyph_color_png(gids[0])
        if blob is None or not len(blob.data):
            continue
        image = Image.open(io.BytesIO(bytes(blob.data))).convert("RGBA")
        side = max(image.size)
        square = Image.new("RGBA", (side, side))
        square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
        premultiplied = square.convert("RGBa").resize((size, size), Image.Resampling.LANCZOS)
        out[sequence] = np.asarray(premultiplied.convert("RGBA"))
    return out


def composite(rgba: np.ndarray, background: tuple[int, int, int]) -> np.ndarray:
    """Straight-alpha ``[..., H, W, 4]`` uint8 over a colour -> uint8 ``[..., H, W, 3]``."""
    alpha = rgba[..., 3:].astype(np.float32) / 255
    colour = np.asarray(background, np.float32)
    return np.round(rgba[..., :3] * alpha + colour * (1 - alpha)).astype(np.uint8)


def build(out: Path, font: Path = FONT, emoji_test: Path = EMOJI_TEST) -> list[Glyph]:
    """Render all labelled glyphs into ``out/glyphs.npz`` and ``out/glyphs.json``."""
    for need, package in ((font, "fonts-noto-color-emoji"), (emoji_test, "unicode-data")):
        if not need.exists():
            raise SystemExit(f"{need} is missing: install the Debian package {package}, or pass the path")
    names = read_names(emoji_test)
    pictures = render([g.sequence for g in names], font)
    names = [g for g in names if g.sequence in pictures]
    out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out / "glyphs.npz", rgba=np.stack([pictures[g.sequence] for g in names]))
    (out / "glyphs.json").write_text(json.dumps([asdict(g) for g in names], indent=0))
    return names


def load(folder: Path) -> tuple[np.ndarray, list[Glyph]]:
    """``(rgba [G,128,128,4] uint8, labels)`` as written by :func:`build`."""
    rgba = np.load(folder / "glyphs.npz")["rgba"]
    return rgba, read_labels(folder / "glyphs.json")


def read_labels(path: Path) -> list[Glyph]:
    """The labels of a ``glyphs.json``."""
    return [Glyph(**g) for g in json.loads(path.read_text())]
