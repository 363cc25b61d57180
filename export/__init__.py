"""The toolchain: two diffusers folders in, a cloud bundle and an edge bundle out, verified before they are written."""

import obclip_contract as _contract  # noqa: F401  (first: it switches off other libraries' telemetry)

__all__: list[str] = []
