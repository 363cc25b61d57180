"""Step plans, pictures and peers."""

from __future__ import annotations

from typing import Any

from .registry import Told, number, renders, spread, table


@renders(
    "cost",
    "The server's work of each plan, N and k, relative to one cloud-only picture: FLOPs and, where measured, time.",
)
def draw_cost(told: Told) -> str:
    timed = any("relative_ms" in row for row in told["rows"])
    heads = ["plan", "N", "k", "FLOPs", *(["time (quartiles)", "ms"] if timed else []), "caches, MiB"]
    rows = []
    for row in told["rows"]:
        time = [spread(row.get("relative_ms")), number(row.get("ms", {}).get("median"), 0)] if timed else []
        caches = number(row.get("cache_bytes", 0) / 2**20, 1)
        rows.append(
            [row["plan"], row["candidates"], row["cloud_steps"], number(row["relative_flops"], 3), *time, caches]
        )
    return table(heads, rows)


@renders(
    "quality of a plan",
    "Every member of whole sets, finished and judged, beside the uncached run of the same noise; percent "
    "of the protected axes.",
)
def draw_quality_of_plan(told: Told) -> str:
    heads = [
        *(
            "grid",
            "sets",
            "uncached",
            "plan",
            "difference (95 %)",
            "worst member, uncached",
            "plan",
            "Fréchet ratio (95 %)",
        ),
        *("latents, dB", "pictures, dB", "favoured"),
    ]
    rows = []
    for g in told["grids"]:
        p, f = g["protected"], g["frechet_distance"]
        d, (low, high) = p["difference"], f["ratio_interval"]
        rows.append(
            [
                *(g["grid"], g["sets"], number(p["naive"]["mean"], 1), number(p["plan"]["mean"], 1)),
                f"{d['mean']:+.2f} ({d['low']:+.2f} to {d['high']:+.2f})",
                *(number(p["naive"]["worst_member"], 1), number(p["plan"]["worst_member"], 1)),
                f"{f['ratio']:.3f} ({low:.3f} to {high:.3f})",
                *(number(g["psnr_latent_db"]["mean"], 1), number(g["psnr_picture_db"]["mean"], 1)),
                ", ".join(g["favoured"]["found"]) or "none found",
            ]
        )
    return table(heads, rows)


@renders(
    "plan_tune",
    "What a search found for at most the cost of `balanced`: the front of cost, latent PSNR and what the judge says, "
    "beside the presets, on calibration sets.",
)
def draw_tuned(told: Told) -> str:
    rows = []
    for front in told["fronts"]:
        where = (front["grid"], front["candidates"], front["cloud_steps"])
        presets = [{"description": name, **figures} for name, figures in front["presets"].items()]
        for plan in (*front["front"], *presets):
            chosen = "chosen" if plan["description"] == front["chosen"]["description"] else None
            decibels = (plan["latent_psnr"], plan["latent_psnr_worst_member"], plan["latent_psnr_spread"])
            numbers = (number(plan["cost"], 3), *(number(value, 1) for value in decibels))
            rows.append([*where, f"`{plan['description']}`", *numbers, number(plan["protected"], 1), chosen])
    heads = ["grid", "N", "k", "plan", "FLOPs", "latents, dB", "worst, dB", "best - worst, dB", "protected, %", ""]
    return table(heads, rows)


@renders(
    "gpu",
    "Each call of a plan timed alone, summed, relative to one cloud-only picture; but for `stickers`, random weights.",
)
def draw_calls(told: Told) -> str:
    heads = ["shape", "mode", "plan", "N", "k", "ms a set", "time / picture", "largest memory, MiB"]
    public = (told["candidates"], told["cloud_steps"])
    rows = [
        [
            *(row["shape"], row["mode"], f"`{row['plan']}`", *public, number(row["milliseconds"], 0)),
            *(number(row["relative_ms"], 3), None if row["memory_mib"] is None else number(row["memory_mib"], 0)),
        ]
        for row in told["rows"]
    ]
    return table(heads, rows)


@renders(
    "peers", "Other caches' packages, diffusers' own loop and our plans on the same candidate sets; fastest first."
)
def draw_peers(told: Told) -> str:
    heads = [
        "method",
        "s a set",
        "time / diffusers (quartiles)",
        "FLOPs",
        "latents, dB",
        "protected, %",
        "difference (95 %)",
        "worst member, %",
    ]
    rows = []
    for name, row in sorted(told["rows"].items(), key=lambda item: item[1]["relative_time"]["median"]):
        d = row["accuracy_difference"]
        rows.append(
            [
                *(name, number(row["seconds_per_set"]["median"], 3), spread(row["relative_time"])),
                number(row.get("work", {}).get("relative_flops")),
                "reference" if name == "diffusers" else number(row["latent_psnr_db"]["median"], 1),
                *(number(row["protected_accuracy"], 1), f"{d['mean']:+.1f} ({d['low']:+.1f} to {d['high']:+.1f})"),
                number(row["worst_member"], 1),
            ]
        )
    return table(heads, rows)


@renders(
    "quality",
    "What the judge reads in finished pictures, percent right for each axis, and the Fréchet distance to real renders.",
)
def draw_quality(told: Told) -> str:
    axes = [
        a for a in ("role", "gender", "tone", "age", "background") if a in next(iter(told["rows"].values()))["seen"]
    ]
    rows = []
    for mode, parts in told["rows"].items():
        for part in ("seen", "held_out"):
            row = parts[part]
            scores = [number(row[a]["percent"], 1) for a in axes]
            rows.append([mode, part.replace("_", " "), *scores, number(row["frechet_distance"], 1)])
    return table(["mode", "triples", *axes, "Fréchet"], rows)


@renders(
    "kernels",
    "Each graph with the same inputs as it is served and in other ways, in turn: time relative to the served call "
    "(quartiles), its own milliseconds, PSNR of the outputs to the served ones. Then what the texts of a request cost.",
)
def draw_kernels(told: Told) -> str:
    def row(r: Any) -> list[str | None]:
        if "refused" in r:
            return [r["graph"], str(r["rows"]), r["way"], "refused", None, None]
        return [
            *(r["graph"], str(r["rows"]), r["way"], spread(r["relative_ms"])),
            *(number(r["ms"], 1), f"{r['psnr_db']:.1f} dB"),
        ]

    def text(r: Any) -> list[str | None]:
        share = 100 * r["text"]["relative_ms"]["median"]
        return [
            *(str(r["candidates"]), number(r["request"]["ms"], 0), number(r["text"]["ms"], 1)),
            *(f"{share:.1f} %", number(r["one_by_one"]["ms"], 1)),
        ]

    graphs = table(["graph", "rows", "way", "time / as served", "ms", "PSNR"], map(row, told["rows"]))
    texts = ["N", "request, ms", "text phase, ms", "share", "one prompt a call, ms"]
    return f"{graphs}\n\n{table(texts, map(text, told['text']))}"
