"""The default pair's two bundles: folders that ``obclip`` opens and checks file by file."""

from pathlib import Path
from typing import Final

__all__ = ["CLOUD", "EDGE"]

_BUNDLES: Final = Path(__file__).resolve().parent / "bundles"
#: The device's bundle: LiteRT, int8.
EDGE: Final = _BUNDLES / "edge"
#: The engine's bundle: ONNX, weights in float16 computed in float32.
CLOUD: Final = _BUNDLES / "cloud"
