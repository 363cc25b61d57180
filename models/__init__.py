"""The default pair and what trains it; not in the wheel."""

import obclip_contract as _contract  # noqa: F401  (first: it switches off other libraries' telemetry)
