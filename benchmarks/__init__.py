"""Quality and cost, measured: every row names its machine, versions and seeds. Results in ``results/``."""

__all__: list[str] = []
