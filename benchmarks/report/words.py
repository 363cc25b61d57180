"""What is found in prompts, and what attacks recover."""

from __future__ import annotations

from collections import Counter

from .registry import Told, number, percent, renders, table


@renders(
    "attacks",
    "Every attack on the privacy claim: how many rows end as they must (bounds hold, baselines fall, "
    "broken devices are caught).",
)
def draw_attacks(told: Told) -> str:
    ends: dict[str, Counter[str]] = {}
    for row in told["rows"]:
        ends.setdefault(row["attack"], Counter())[f"{row['expect']}, {'as it must' if row['ok'] else 'OTHERWISE'}"] += 1
    return table(
        ["attack", "rows", "ends"],
        ([n, sum(c.values()), "; ".join(f"{v} {k}" for k, v in c.items())] for n, c in ends.items()),
    )


@renders(
    "detection", "What the reader finds in labelled prompts, and what it refuses, leaves in clear or writes oddly."
)
def draw_detection(told: Told) -> str:
    sets = told["sets"]
    rows: list[list[object]] = [
        ["prompts", *(s["sentences"] for s in sets.values())],
        ["labelled words", *(s["labels"] for s in sets.values())],
        ["recall", *(percent(s["recall"]) for s in sets.values())],
        ["precision", *(percent(s["precision"]) for s in sets.values())],
    ]
    said = {"clear": "in clear, of those sent", "refused": "refused, of persons", "odd": "odd members, of those sent"}
    rows += [[says, *(percent(s["shares"][key]) for s in sets.values())] for key, says in said.items()]
    return table(["", *sets], rows)


@renders(
    "second_look",
    "Names, peoples, slang and loan words found in the report half of labelled prompts, and prompts "
    "without any left alone.",
)
def draw_second_look(told: Told) -> str:
    rows = []
    for name, system in told["systems"].items():
        half = system["halves"]["report"]
        shares = [percent(half["kinds"][k]["right"]) for k in ("name", "people", "slang", "loan")]
        cost = number(system.get("cost", {}).get("cpu_ms") or system.get("cost", {}).get("median_cpu_ms"), 3)
        rows.append([name, *shares, percent(half["found"]), percent(half["kinds"]["none"]["right"]), cost])
    return table(["system", "names", "peoples", "slang", "loan words", "all", "left alone", "CPU ms"], rows)
