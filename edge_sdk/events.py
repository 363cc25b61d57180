"""What a run tells while it goes on: one event a type, so that a caller matches on types and no field is half empty."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from numpy.typing import NDArray

from obclip_contract import GenerateRequest

from .receipt import Receipt

if TYPE_CHECKING:
    from PIL.Image import Image

    from .privacy import Release

__all__ = ["Decoded", "Detected", "Finished", "PipelineEvent", "PipelineOutput", "Received"]


@dataclass(frozen=True)
class PipelineOutput:
    """``images``: one Pillow image; ``latents``: its float32 ``[1, C, H, W]``; ``receipt``: what left the device."""

    images: list[Image]
    latents: NDArray[Any]
    receipt: Receipt


@dataclass(frozen=True)
class Detected:
    """The set is known and nothing was sent yet: the last chance to stop, by closing the generator.

    ``candidates`` and ``request`` are what will be sent; both ``None`` when nothing will be.
    """

    candidates: Release | None = field(repr=False)
    request: GenerateRequest | None = field(repr=False)


@dataclass(frozen=True)
class Received:
    """All latents have arrived, and one was picked: ``latents`` float32 ``[1, C, H, W]``."""

    latents: NDArray[Any] = field(repr=False)


@dataclass(frozen=True)
class Finished:
    """Device step ``index`` (0-based) of ``total`` is done, at ``timestep``.

    ``latents`` float32 ``[1, C, H, W]`` can be previewed with :meth:`edge_sdk.ObliviousPipeline.decode`.
    """

    index: int
    total: int
    timestep: float
    latents: NDArray[Any] = field(repr=False)


@dataclass(frozen=True)
class Decoded:
    """The picture is there."""

    output: PipelineOutput


#: The events of a run, in their order: Detected, Received (unless nothing is sent), Finished for each step, Decoded.
PipelineEvent: TypeAlias = Detected | Received | Finished | Decoded
