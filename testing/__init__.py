"""Fixtures that tests, attacks and benchmarks share; not in the wheel."""

import obclip_contract as _contract  # noqa: F401  (first: it switches off other libraries' telemetry)
