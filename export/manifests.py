"""What both bundles' manifests say about their source, and the result of an export."""

from __future__ import annotations

import platform
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal

from edge_sdk.attributes import LEXICON_VERSION
from obclip_contract import BundleManifest, GraphSpec, SamplerSpec, sampler_table
from obclip_contract.manifest import SAMPLER_COLUMNS

from .pair import SourceModel
from .verify.graphs import Check
from .verify.pictures import SAMPLER, STEPS, PictureCheck

#: Guidance scale that suits the default pair: at 3.5 skin tones drift (93 % read right against 98 % at 2, 60 prompts).
GUIDANCE: Final = 2.0
#: A model card's YAML head, and its licence.
_FRONT_MATTER: Final = re.compile(r"---\n(.*?)\n---\n", re.DOTALL)
_LICENCE: Final = re.compile(r"^license: *[\"']?([A-Za-z0-9.+-]{1,64})[\"']? *$", re.MULTILINE)

Report = Callable[[str], None]


@dataclass(frozen=True)
class Exported:
    """A written bundle, how its graphs compared to torch, and what was said about it."""

    path: Path
    manifest: BundleManifest
    checks: list[Check]
    notes: list[str] = field(default_factory=list)
    pictures: list[PictureCheck] = field(default_factory=list)
    seconds: float = 0.0


def manifest_of(
    source: SourceModel,
    kind: Literal["cloud", "edge"],
    name: str,
    specs: list[GraphSpec],
    guidance: float,
    tools: Iterable[str],
    origins: Mapping[str, str] | None = None,
) -> BundleManifest:
    """The manifest of a bundle of ``source``, before its files are hashed.

    Args:
        tools: package names.
        origins: where the folders came from, such as ``{"large": "OWNER/NAME@COMMIT"}``.
    """
    return BundleManifest(
        kind=kind,
        model=name,
        graphs=specs,
        latent_shape=source.latent_shape,
        image_size=source.image_size,
        scaling_factor=float(source.vae.config.scaling_factor),
        noise_schedule=source.schedule.to_dict(),
        sampler=_sampler(source),
        guidance_default=guidance,
        tokenizer=source.tokens.spec,
        lexicon=LEXICON_VERSION,
        licences=_licences(source.root),
        tools={"python": platform.python_version(), **{t: version(t) for t in tools}, **_sources(origins or {})},
        pair_sha256=source.shared_sha256,
    )


def _sampler(source: SourceModel) -> SamplerSpec:
    """The default run as data, so that a device need not compute it."""
    table = sampler_table(SAMPLER, source.schedule, STEPS)
    return SamplerSpec(kind=SAMPLER, rows=[[getattr(s, c) for c in SAMPLER_COLUMNS] for s in table.steps])


def _sources(origins: Mapping[str, str]) -> dict[str, str]:
    return {f"{which} model": origin for which, origin in origins.items()}


def _licences(root: Path) -> dict[str, str]:
    """What the model's card says in its front matter, beside the folder's parts or one folder above."""
    for card in (root / "README.md", root.parent / "README.md"):
        try:
            head = _FRONT_MATTER.match(card.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        found = _LICENCE.search(head[1]) if head else None
        if found:
            return {"weights": found[1]}
    return {}
