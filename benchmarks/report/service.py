"""The service, many clients of it, and replicas."""

from __future__ import annotations

from .registry import Told, number, percent, renders, table


@renders(
    "clients",
    "Many devices at one service: every answer checked, latencies, shares of the tokens, and the bare "
    "engine beside it.",
)
def draw_clients(told: Told) -> str:
    latency = told["latency_s"]
    rows: list[list[object]] = [
        ["clients; seconds; engine threads", f"{told['clients']}; {told['seconds']:g}; {told['threads']}"],
        ["answers", ", ".join(f"{n} {what}" for what, n in told["ends"].items())],
        ["latency, s: p50; p95; p99", "; ".join(f"{latency[p]:.1f}" for p in ("p50", "p95", "p99"))],
        ["UNet evaluations a second", number(told["evaluations_per_s"], 0)],
        ["shares of the tokens", ", ".join(percent(s) or "" for s in told["shares"])],
        ["memory's growth after the first 20 s", percent(told["memory_growth"])],
        ["requests of the bare engine by the service's", number(told["beside"]["engine_over_service"]["median"], 3)],
    ]
    return table(["", ""], rows)


@renders("fleet_check", "A simulated engine beside a real one under the same load: latencies in seconds.")
def draw_fleet_check(told: Told) -> str:
    rows = []
    for at, run in enumerate(told["runs"], 1):
        for name, row in run["percentiles"].items():
            off = f"{100 * row['difference']:+.1f} %"
            rows.append([at, run["requests"], name, number(row["measured_s"], 3), number(row["simulated_s"], 3), off])
    return table(["run", "requests", "", "measured, s", "simulated, s", "difference"], rows)


@renders("ray_overhead", "One replica behind Ray Serve beside the plain service: median (least to most) of the rounds.")
def draw_ray(told: Told) -> str:
    rows = []
    for key, says in (("cpu_ms", "CPU time, ms"), ("p50_ms", "p50, ms"), ("per_second", "requests a second")):
        cells = [told[f"{part}_{key}"] for part in ("plain", "ray", "ratio")]
        rows.append([says, *(f"{m} ({low} to {high})" for m, low, high in cells)])
    return table(["", "plain", "Ray Serve", "Ray by plain"], rows)
