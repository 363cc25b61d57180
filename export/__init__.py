"""The toolchain: two diffusers folders in, a cloud bundle and an edge bundle out, verified before they are written."""

__all__: list[str] = []
