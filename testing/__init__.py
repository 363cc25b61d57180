"""Fixtures that tests, attacks and benchmarks share; not in the wheel."""
