"""Quality in the form of the paper's tables."""

from __future__ import annotations

from typing import Any

from .registry import Told, number, renders, table


@renders(
    "paper",
    "Every member of every set is a prompt; percent of the protected axes that the judge reads right, with 95 % "
    "intervals over sets. `naive` hands over what a hybrid of the true prompt alone would. The Fréchet distance grows "
    "with smaller numbers of pictures: compare within a table. Image–text is the scorer's 100 × cosine.",
)
def draw_paper(told: Told) -> str:
    parts = []
    for name, part in told["parts"].items():
        if part["rows"]:
            parts.append(f"**{name}**\n\n{_draw_part(part['rows'])}")
    for again in told.get("again", ()):
        parts.append(f"Measured again, with `{again['command']}`: {', '.join(again['rows'])}.")
    return "\n\n".join(parts)


def _draw_part(rows: dict[str, Any]) -> str:
    heads = [
        *("", "prompts", "protected, %", "seen / held out", "worst position", "role, %", "Fréchet", "to `naive`"),
        *("image–text", "picture, dB to cloud-only", "latents, dB to `naive` (worst, best position)"),
    ]
    return table(heads, [_draw_row(name, row) for name, row in rows.items() if row is not None])


def _draw_row(name: str, row: dict[str, Any]) -> list[str | None]:
    p, f = row["protected"], row["frechet"]
    ratio = row.get("against_naive", {}).get("frechet_ratio")
    latents = row.get("latent_db")
    return [
        name,
        str(row["pictures"]),
        f"{p['mean']:.1f} ({p['low']:.1f} to {p['high']:.1f})",
        " / ".join("–" if p[part] is None else f"{p[part]:.1f}" for part in ("seen", "held_out")),
        number(p["worst_member"], 1),
        number(row["axes"]["role"], 1),
        f"{f['distance']:.1f} ({f['interval'][0]:.1f} to {f['interval'][1]:.1f})",
        None if ratio is None else f"{ratio['ratio']:.3f} ({ratio['interval'][0]:.3f} to {ratio['interval'][1]:.3f})",
        number(row["image_text"]["mean"], 1),
        number(row.get("picture_db", {}).get("mean"), 1),
        None
        if latents is None
        else f"{latents['mean']:.1f} ({min(latents['by_position']):.1f}, {max(latents['by_position']):.1f})",
    ]
