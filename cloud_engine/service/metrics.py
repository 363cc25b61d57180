"""Prometheus metrics: counts and times of the whole service, never by prompt, client or candidate.

The label ``outcome`` is ``ok`` or the code of an error: words of ours, and no others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

__all__ = ["Metrics"]

#: Seconds; a request takes from a fraction of one to minutes.
_SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0)


class Metrics:
    """The service's metrics, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = own = CollectorRegistry()
        self.queued = Gauge("obclip_num_queue_reqs", "Requests that wait.", registry=own)
        self.running = Gauge("obclip_num_running_reqs", "Requests that are computed.", registry=own)
        self.requests = Counter("obclip_requests", "Requests by how they ended.", ["outcome"], registry=own)
        self.latency = Histogram(
            "obclip_request_latency_seconds",
            "From arrival to answer, of requests that succeed.",
            buckets=_SECONDS,
            registry=own,
        )
        self.queue_time = Histogram(
            "obclip_queue_time_seconds", "From arrival to the start of the work.", buckets=_SECONDS, registry=own
        )
        self.evaluations = Counter("obclip_unet_evaluations", "UNet evaluations of finished requests.", registry=own)
        self.cache = Gauge("obclip_cache_bytes", "Memory for the caches of the latest planned request.", registry=own)
        self.connections = Gauge("obclip_connections", "Open connections.", registry=own)
        self.dropped = Counter("obclip_connections_dropped", "Connections the server closed.", ["reason"], registry=own)
        self.requests.labels(outcome="ok")

    def watch(self, connections: Callable[[], float]) -> None:
        """Where the number of open connections is read, when it is asked for."""
        self.connections.set_function(connections)

    def text(self) -> bytes:
        """In Prometheus' text format."""
        return generate_latest(self.registry)
