"""What a run tells while it goes on: one event a type, so that a caller matches on types and no field is half empty.

The latents of an event cannot be written to: they are the run's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from numpy.typing import NDArray

from obclip_contract import GenerateRequest

from .errors import InputError
from .receipt import Receipt

if TYPE_CHECKING:
    from PIL.Image import Image

    from .privacy import Release

__all__ = ["Decoded", "Detected", "Finished", "PipelineEvent", "PipelineOutput", "Received"]


@dataclass(frozen=True)
class PipelineOutput:
    """The pictures of a call. ``output[0]`` and ``output["images"]`` are the images, as in diffusers.

    Attributes:
        images: by ``output_type``: Pillow images; float32 ``[n, S, S, 3]`` in [0, 1]; or the latents.
        latents: float32 ``[n, C, H, W]``.
        receipts: for each picture, what left the device.
    """

    images: list[Image] | NDArray[Any]
    latents: NDArray[Any] = field(repr=False)
    receipts: tuple[Receipt, ...]

    @property
    def receipt(self) -> Receipt:
        """The receipt of the only picture.

        Raises:
            InputError: there are several.
        """
        if len(self.receipts) != 1:
            raise InputError(f"the call made {len(self.receipts)} pictures: look at receipts, one for each")
        return self.receipts[0]

    def to_tuple(self) -> tuple[Any, ...]:
        """``(images,)``, as ``return_dict=False`` gives it."""
        return (self.images,)

    def __getitem__(self, key: int | slice | str) -> Any:
        if isinstance(key, str):
            if key not in ("images", "latents", "receipts"):
                raise KeyError(key)
            return getattr(self, key)
        return self.to_tuple()[key]


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
    """Device step ``index`` (0-based) of ``total`` is done, at ``timestep``; ``computed``: the model was asked for it.

    ``latents`` float32 ``[1, C, H, W]`` can be previewed with :meth:`edge_sdk.ObliviousPipeline.decode`.
    """

    index: int
    total: int
    timestep: float
    latents: NDArray[Any] = field(repr=False)
    computed: bool = True


@dataclass(frozen=True)
class Decoded:
    """The picture is there."""

    output: PipelineOutput


#: The events of a run, in their order: Detected, Received (unless nothing is sent), Finished for each step, Decoded.
PipelineEvent: TypeAlias = Detected | Received | Finished | Decoded
