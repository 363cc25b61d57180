"""The device's graphs, their export, and pairs of real size."""

from __future__ import annotations

from typing import Any

from .registry import Told, number, renders, spread, table


@renders(
    "obclip-device-benchmark", "The device's graphs on one runner: milliseconds of each phase, median (quartiles)."
)
def draw_device(told: Told) -> str:
    runner, load, phases = told["runner"], told["load"], told["phases"]
    row = [
        f"{runner['sdk']}, {runner['runtime']} {runner['version']}",
        runner["threads"] or "not told",
        told["pair"]["precision"],
        f"{load['cold']:.0f} / {load['warm']['median']:.0f}",
        *(spread(phases[p]) for p in ("text", "step", "decode")),
        number(told["peak_memory_mib"], 0) or "not told",
    ]
    heads = [
        "runner",
        "threads",
        "precision",
        "load, cold / warm, ms",
        "text, ms",
        "UNet call, ms",
        "decoder, ms",
        "peak MiB",
    ]
    return table(heads, [row])


@renders(
    "export",
    "Every graph of the edge bundle by format and precision: size, lowest PSNR to torch, and median milliseconds.",
)
def draw_export(told: Told) -> str:
    rows = [
        [
            r["graph"],
            r["runtime"],
            r["precision"],
            number(r["bytes"] / 1e6),
            number(r["psnr_db"], 1),
            number(r["ms"], 1) or "not run",
        ]
        for r in told["rows"]
    ]
    exports = told.get("exports", {}).items()
    took = "; ".join(f"{n} (`{e['command']}`) {e['seconds']:.0f} s, peak {e['peak_memory_mb']} MB" for n, e in exports)
    text = table(["graph", "runtime", "precision", "MB", "PSNR, dB", "ms"], rows)
    return f"{text}\n\nExports: {took}." if took else text


@renders(
    "export_scale",
    "Real architectures at full size with random weights: what converting takes, and PSNR to torch of what came out.",
)
def draw_scale(told: Told) -> str:
    rows = []
    for name, job in told["jobs"].items():
        size = number(sum(job.get("bytes", {}).values()) / 1e6, 0)
        checks = (job.get("check") or {}).get("checks", {})
        held = ", ".join(f"{n} {c['psnr_db']} dB" for n, c in checks.items())
        took = (number(job.get("seconds"), 0), number(job.get("cpu_seconds"), 0), number(job.get("peak_memory_gib"), 1))
        rows.append([name, job["status"], *took, size, held])
    return table(["job", "state", "s", "CPU s", "peak GiB", "MB", "against torch"], rows)


@renders("reference", "Pictures of whole runs against diffusers' own pipelines on the same folder and noise.")
def draw_reference(told: Told) -> str:
    rows = [
        [
            r["case"],
            r["steps"],
            r["guidance"],
            number(r.get("latent_psnr_db"), 1) or "refused",
            number(r.get("picture_psnr_db"), 1),
        ]
        for r in told["rows"]
    ]
    return table(["folder", "steps", "guidance", "latents, dB", "pictures, dB"], rows)


@renders(
    "real_size",
    "SD-1.4 in the cloud and BK-SDM-Small on the device, random weights: exports, the service, and pictures.",
)
def draw_real_size(told: Told) -> str:
    rows: list[list[Any]] = [
        [f"export {side}", number(e["seconds"], 0), number(e["peak_memory_gib"], 1), f"{e['bytes'] / 1e9:.1f} GB"]
        for side, e in told["export"].items()
    ]
    service = told["service"]
    rows.append(["service: start", number(service["seconds_to_start"], 0), number(service["peak_memory_gib"], 1), None])
    for run in service["runs"]:
        parts = "; ".join(f"{run['ms'][p] / 1000:.1f}" for p in ("cloud", "finish", "decode"))
        moved = f"{run['bytes_up']:,} up, {run['bytes_down']:,} down"
        rows.append(
            [f"plan {run['plan']}: cloud; device; decoder", parts, number(run["device"]["peak_memory_gib"], 1), moved]
        )
    return table(["", "seconds", "peak GiB", "bytes"], rows)


@renders("tensorrt_rtx", "The default pair's engines for RTX GPUs, built without one.")
def draw_engines(told: Told) -> str:
    rows = [[n, number(e["bytes"] / 1e6, 1), number(e["wall_seconds"], 0)] for n, e in told["engines"].items()]
    return table(["engine", "MB", "s by the clock"], rows)
