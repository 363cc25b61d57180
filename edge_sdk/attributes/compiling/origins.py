"""Places, peoples and faiths, and the frames of words around them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..lexicon import Origin
from ..matching import Trie, tokens, trie


def origin_entries(specs: dict[str, dict[str, Any]]) -> Iterator[tuple[str, Origin]]:
    """Places, peoples and faiths by their words."""
    for value, (adjective, about) in enumerate(specs["nationality"]["about"].items()):
        for word in (*about["countries"], *about.get("places", ())):
            yield word, Origin("nationality", value, "place")
        for word in (adjective, *about.get("near", ())):
            yield word, Origin("nationality", value, "adjective")
    disabled = specs["disability"]["values"].index("disabled")
    for word in specs["disability"].get("conditions", ()):
        yield word, Origin("disability", disabled, "condition")
    amputee = specs["disability"]["values"].index("amputee")
    for word in specs["disability"].get("limbs", ()):
        yield word, Origin("disability", amputee, "limb")
    for axis in ("ethnicity", "religion"):
        spec = specs[axis]
        groups = [(spec["values"].index(v), f) for v, f in spec["forms"].items()]
        for index, forms in [*groups, (None, spec["unlisted"])]:
            for kind, key in (
                ("place", "places"),
                ("faith", "faiths"),
                ("adjective", "adjectives"),
                ("adjective", "near"),
            ):
                for word in forms.get(key, ()):
                    yield word, Origin(axis, index, kind)


def list_origins(specs: dict[str, dict[str, Any]]) -> Trie:
    """All origins of each phrase, in the order of the files."""
    found: dict[str, list[Origin]] = {}
    for word, origin in origin_entries(specs):
        found.setdefault(word.lower(), []).append(origin)
    return trie((word, tuple(origins)) for word, origins in found.items())


def frame_starts(
    specs: dict[str, dict[str, Any]],
) -> dict[str, tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...]]:
    """Frames by their first word: the tokens before and behind what they hold, and its kind."""
    frames = [(f, "place") for f in specs["nationality"].get("place_frames", ())]
    frames += [("{}-born", "place"), ("{}-raised", "place"), ("{}-bred", "place")]
    frames += [("{}-born", "adjective"), ("{}-raised", "adjective")]
    for axis in ("ethnicity", "religion"):
        frames += [(f, "adjective") for key in ("descent_frames", "stated_frames") for f in specs[axis].get(key, ())]
        frames += [(f, "faith") for f in specs[axis].get("faith_frames", ())]
    frames += [(f, "condition") for f in specs["disability"].get("condition_frames", ())]
    frames += [(f, "limb") for f in specs["disability"].get("limb_frames", ())]
    starts: dict[str, list[tuple[tuple[str, ...], tuple[str, ...], str]]] = {"": []}
    for frame, kind in sorted(set(frames), key=lambda f: (-len(f[0]), f)):
        before, _, behind = frame.partition("{}")
        first, last = tuple(tokens(before).texts), tuple(tokens(behind).texts)
        starts.setdefault(first[0] if first else "", []).append((first, last, kind))
    return {word: tuple(found) for word, found in starts.items()}
