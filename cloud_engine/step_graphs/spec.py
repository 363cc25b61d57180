"""Names of the step graphs and of their tensors; no torch, so that plans stay plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["CACHES", "KINDS", "TEXT", "StepGraphSpec"]

#: The graph that runs once per run: text states -> ``text_kv``, ``text_emb``.
TEXT: Final = "text"
#: Cache tensors, all with the batch first: ``deep [B, C, H, W]``; ``attention [B, S]`` and ``skips [B, S]`` (flat).
CACHES: Final = ("deep", "attention", "skips")
#: Kind -> (caches it reads, caches it may write).
KINDS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "full": ((), CACHES),
    "shallow": (("deep",), ()),
    "reuse": ((), CACHES),
    "attn_cached": (("attention",), ("deep", "skips")),
    "decoder": (("skips",), ()),
    "decoder_cached": (("attention", "skips"), ()),
}
_LATENT_FREE: Final = ("decoder", "decoder_cached")


@dataclass(frozen=True)
class StepGraphSpec:
    """One static graph: a kind, the cut of its deep feature, and the caches it writes.

    The cut counts skip connections from the output: at cut c the last c + 1 up layers stay live in ``shallow``.
    It is part of the identity only where ``deep`` occurs.

    Raises:
        ValueError: unknown kind, or a cache that the kind does not write.
    """

    kind: str
    cut: int = 0
    emits: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"there is no step graph {self.kind!r}; there are: {', '.join(KINDS)}")
        if unknown := [e for e in self.emits if e not in KINDS[self.kind][1]]:
            raise ValueError(f"the step graph {self.kind} does not write {unknown[0]!r}")
        object.__setattr__(self, "emits", tuple(c for c in CACHES if c in self.emits))
        if "deep" not in (*self.emits, *self.reads):
            object.__setattr__(self, "cut", 0)

    @property
    def reads(self) -> tuple[str, ...]:
        """Caches among its inputs."""
        return KINDS[self.kind][0]

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of its inputs, in order. ``timestep [1]`` is the only one without a batch."""
        latent = () if self.kind in _LATENT_FREE else ("sample",)
        return (*latent, "timestep", "text_kv", "text_emb", *self.reads)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of its outputs, in order; ``model_output`` first."""
        return ("model_output", *self.emits)

    @property
    def name(self) -> str:
        """Such as ``full``, ``full.deep2`` or ``shallow2``: the role in a bundle is ``step.`` and this."""
        kind = f"{self.kind}{self.cut}" if "deep" in self.reads else self.kind
        return ".".join([kind, *(f"{e}{self.cut}" if e == "deep" else e for e in self.emits)])

    @classmethod
    def parse(cls, name: str) -> StepGraphSpec:
        """The spec of a :attr:`name`.

        Raises:
            ValueError: it is none.
        """
        first, *emits = name.split(".")
        cut = 0
        words = []
        for word in (first, *emits):
            bare = word.rstrip("0123456789")
            if bare != word:
                cut = int(word[len(bare) :])
            words.append(bare)
        spec = cls(words[0], cut, tuple(words[1:]))
        if spec.name != name:
            raise ValueError(f"there is no step graph {name!r}")
        return spec

    @property
    def role(self) -> str:
        """Role in a bundle's manifest."""
        return f"step.{self.name}"
