"""What a way of drawing scores, over all members of all sets: accuracy, Fréchet distance, image–text score, PSNR."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from models.stickers.recipe.glyphs import Glyph
from models.stickers.recipe.judge import Judge
from models.stickers.recipe.scorer import Scorer
from obclip_contract import psnr

from .. import frechet, stats
from ..sets import SetCase
from ..sharpness import PICTURE_PEAK

#: Draws of the Fréchet distance's interval; each costs an eigenvalue problem.
FRECHET_DRAWS: Final = 40
BESIDE: Final = ("role", "background")


@dataclass(frozen=True)
class Eyes:
    """What looks at pictures."""

    judge: Judge
    scorer: Scorer
    reference: tuple[Any, Any]
    #: (role, gender, tone, age) of the triples that the pair never saw.
    held_out: frozenset[tuple[str, str, str, str]]

    def is_held_out(self, wants: Mapping[str, str]) -> bool:
        """Whether this member's drawing was kept from the pair."""
        return (wants["role"], wants["gender"], wants["tone"], wants["age"]) in self.held_out


def held_out_triples(labels: Sequence[Glyph]) -> frozenset[tuple[str, str, str, str]]:
    """The glyphs without hair style that nothing was trained on."""
    return frozenset((g.role, g.gender, g.tone, g.age) for g in labels if g.held_out and not g.hair)


@dataclass
class Tally:
    """Lists with one entry a set, arrays ``[N]`` or ``[N, F]``."""

    protected: tuple[str, ...]
    right: dict[str, list[NDArray[Any]]] = field(default_factory=dict)
    held: list[NDArray[Any]] = field(default_factory=list)
    features: list[NDArray[Any]] = field(default_factory=list)
    text: list[NDArray[Any]] = field(default_factory=list)
    picture_db: list[NDArray[Any]] = field(default_factory=list)
    latent_db: list[NDArray[Any]] = field(default_factory=list)

    def add(
        self,
        eyes: Eyes,
        case: SetCase,
        pictures: NDArray[Any],
        clouds_own: NDArray[Any] | None,
        latent_db: NDArray[Any] | None = None,
    ) -> None:
        """One set: pictures ``[N, 3, S, S]``, and the cloud's own of the same noise."""
        x = torch.from_numpy(np.ascontiguousarray(pictures, np.float32))
        with torch.inference_mode():
            features = eyes.judge.features(x)
            says = {a: eyes.judge.heads[a](features).argmax(1).tolist() for a in (*self.protected, *BESIDE)}
        self.features.append(features.numpy())
        for axis, answers in says.items():
            values = eyes.judge.values[axis]
            right = [float(values[s] == w[axis]) for s, w in zip(answers, case.wants, strict=True)]
            self.right.setdefault(axis, []).append(np.array(right))
        self.held.append(np.array([eyes.is_held_out(w) for w in case.wants]))
        self.text.append(np.asarray(eyes.scorer.score(x, list(case.members)), np.float64))
        if clouds_own is not None:
            self.picture_db.append(np.minimum(psnr(pictures, clouds_own, PICTURE_PEAK), 99.0))
        if latent_db is not None:
            self.latent_db.append(np.minimum(latent_db, 99.0))

    def shares(self) -> NDArray[Any]:
        """``[sets, N]``: share of the protected axes that are right."""
        shares: NDArray[Any] = np.mean([np.stack(self.right[a]) for a in self.protected], axis=0)
        return shares

    def report(self, reference: tuple[Any, Any], base: Tally | None, seed: int) -> dict[str, Any]:
        """As JSON; with ``base``, differences to it with their intervals."""
        shares, held = 100 * self.shares(), np.stack(self.held)
        by_position = shares.mean(0)
        out: dict[str, Any] = {
            "pictures": int(shares.size),
            "sets": len(shares),
            "protected": {
                **stats.difference(shares, seed).to_dict(),
                "seen": _mean(shares[~held]),
                "held_out": _mean(shares[held]),
                "held_out_pictures": int(held.sum()),
                "worst_member": round(float(by_position.min()), 2),
                "by_position": [round(float(p), 1) for p in by_position],
            },
            "axes": {a: _mean(100 * np.stack(r)) for a, r in self.right.items()},
            "image_text": stats.difference(np.stack(self.text), seed).to_dict(),
            "frechet": frechet_interval(self.features, reference, seed),
        }
        for name, values in (("picture_db", self.picture_db), ("latent_db", self.latent_db)):
            if values:
                rows = np.stack(values).mean(0)
                out[name] = {
                    **stats.difference(np.stack(values), seed).to_dict(),
                    "by_position": [round(float(v), 1) for v in rows],
                }
        if base is not None:
            out["against_naive"] = {
                "protected": stats.difference(shares - 100 * base.shares(), seed).to_dict(),
                "image_text": stats.difference(np.stack(self.text) - np.stack(base.text), seed).to_dict(),
                "frechet_ratio": frechet_ratio(self.features, base.features, reference, seed),
            }
        return out


def _mean(values: NDArray[Any]) -> float | None:
    return round(float(values.mean()), 2) if values.size else None


def _moments(features: Sequence[NDArray[Any]], sets: Iterable[int]) -> frechet.Moments:
    return frechet.moments(np.concatenate([features[i] for i in sets]))


def _draws(count: int, seed: int) -> list[NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    return [rng.integers(count, size=count) for _ in range(FRECHET_DRAWS)]


def frechet_interval(
    features: Sequence[NDArray[Any]], reference: tuple[Any, Any], seed: int
) -> dict[str, float | list[float]]:
    """Distance to real renders, and how much it moves when whole sets are drawn again."""
    to = frechet.distance_to(reference)
    drawn = [to(_moments(features, sets)) for sets in _draws(len(features), seed)]
    low, high = np.quantile(drawn, (stats.LEVEL / 2, 1 - stats.LEVEL / 2))
    whole = to(_moments(features, range(len(features))))
    return {"distance": round(whole, 2), "interval": [round(low, 2), round(high, 2)]}


def frechet_ratio(
    features: Sequence[NDArray[Any]], base: Sequence[NDArray[Any]], reference: tuple[Any, Any], seed: int
) -> dict[str, float | list[float]]:
    """The distance divided by the base's on the same sets."""
    to = frechet.distance_to(reference)

    def ratio(sets: Sequence[int] | NDArray[np.int64]) -> float:
        return to(_moments(features, sets)) / to(_moments(base, sets))

    drawn = [ratio(sets) for sets in _draws(len(features), seed)]
    low, high = np.quantile(drawn, (stats.LEVEL / 2, 1 - stats.LEVEL / 2))
    return {
        "ratio": round(ratio(range(len(features))), 4),
        "interval": [round(float(low), 4), round(float(high), 4)],
    }
