"""One page of metrics from those of several replicas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

__all__ = ["merge_metrics"]


class _Merged(Collector):
    def __init__(self, pages: Sequence[tuple[str, bytes]]) -> None:
        self._pages = pages

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for replica, page in self._pages:
            for family in text_string_to_metric_families(page.decode()):
                merged = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
                for sample in family.samples:
                    merged.add_sample(sample.name, {**sample.labels, "replica": replica}, sample.value)
        yield from families.values()


def merge_metrics(pages: Sequence[tuple[str, bytes]]) -> bytes:
    """Pages in Prometheus' text format, each with a replica's id, as one; the id is the label ``replica``."""
    registry = CollectorRegistry()
    registry.register(_Merged(pages))
    return generate_latest(registry)
