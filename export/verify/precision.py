"""Formats and precisions of edge graphs, and how far each may be from torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ..errors import OptionError

LITERT: Final = "litert"
COREML: Final = "coreml"
FORMATS: Final = (LITERT, COREML)
#: Name of each format in a manifest, which is also the ending of its files.
MANIFEST_FORMAT: Final = {LITERT: "tflite", COREML: "mlpackage"}


@dataclass(frozen=True)
class Bound:
    """What a graph of one precision must keep: a largest absolute error, or a PSNR in dB against torch."""

    max_error: float | None = None
    psnr_db: float | None = None


#: fp32 graphs reorder sums: a larger difference is a wrong conversion. fp16 and palettized weights keep 35 dB,
#: int8 30 dB, where a difference of pictures starts to be seen.
BOUNDS: Final = {
    "fp32": Bound(max_error=2e-3),
    "fp16": Bound(psnr_db=35.0),
    "pal8": Bound(psnr_db=35.0),
    "pal6": Bound(psnr_db=35.0),
    "int8": Bound(psnr_db=30.0),
}
#: LiteRT: float weights, float16 weights, int8 weights per channel with activations quantized as they come.
#: CoreML: float16, and weights as indices into 256 or 64 values per tensor.
OFFERED: Final = {LITERT: ("fp32", "fp16", "int8"), COREML: ("fp16", "pal8", "pal6")}
#: int8 is the smallest that LiteRT's CPU kernels run fast; fp16 is what Apple's GPU and Neural Engine compute in.
DEFAULT: Final = {LITERT: ("int8",), COREML: ("fp16",)}


@dataclass(frozen=True)
class Choice:
    """What an edge bundle is to hold: precisions per format, both in order of preference."""

    precisions: dict[str, tuple[str, ...]]

    @property
    def formats(self) -> tuple[str, ...]:
        return tuple(self.precisions)


def choose(formats: Sequence[str] = (LITERT,), precisions: Sequence[str] = ()) -> Choice:
    """Each format with the asked precisions it offers; its default where none is asked for at all.

    Raises:
        OptionError: an unknown name, or a format left without a precision.
    """
    known = sorted({p for offered in OFFERED.values() for p in offered})
    for name, names, what in [(f, FORMATS, "format") for f in formats] + [(p, known, "precision") for p in precisions]:
        if name not in names:
            raise OptionError(f"{name!r} is no {what}; known: {', '.join(names)}")
    if not formats:
        raise OptionError(f"no format was asked for; known: {', '.join(FORMATS)}")
    chosen: dict[str, tuple[str, ...]] = {}
    for form in dict.fromkeys(formats):
        fitting = tuple(p for p in dict.fromkeys(precisions) if p in OFFERED[form])
        if precisions and not fitting:
            raise OptionError(f"{form} offers {', '.join(OFFERED[form])}, none of which was asked for")
        chosen[form] = fitting or DEFAULT[form]
    if lost := [p for p in precisions if not any(p in c for c in chosen.values())]:
        raise OptionError(f"no chosen format offers {lost[0]}; add --format {COREML if lost[0] != 'int8' else LITERT}")
    return Choice(chosen)
