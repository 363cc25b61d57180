"""Everything about TensorRT that needs no GPU, and the building of engines where there is one (docs/TENSORRT.md)."""

__all__: list[str] = []
