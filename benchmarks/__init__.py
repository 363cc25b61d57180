"""Quality and cost, measured: every row names its machine, versions and seeds. Results in ``results/``."""

import obclip_contract as _contract  # noqa: F401  (first: it switches off other libraries' telemetry)

__all__: list[str] = []
