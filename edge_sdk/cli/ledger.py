"""``obclip ledger``: what was spent on this device, and the budget."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ..ledger import Ledger

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _ledger() -> Ledger:
    from ..ledger import Ledger

    return Ledger()


@click.group(
    name="ledger",
    short_help="What was spent on this device, and the budget.",
    epilog="Examples: obclip ledger show; obclip ledger budget 5; obclip ledger budget 2 --axis religion; "
    "obclip ledger export --out ledger.json; obclip ledger wipe",
)
def command() -> None:
    """What every prompt spent, by template and axis. No prompt text is stored: templates are keyed hashes.

    The ledger lies in $OBCLIP_HOME, else in the user's data folder.
    """


@command.command(epilog="Example: obclip ledger show --json")
@_JSON
def show(as_json: bool) -> None:
    """Print what was spent in all and by axis, and how often each mechanism was used."""
    told = _ledger().export()
    if as_json:
        click.echo(json.dumps({k: told[k] for k in ("accounts", "delta", "clock_ran_back")} | _counts(told)))
        return
    for name, account in told["accounts"].items():
        budget = (
            "no budget" if account["budget"] is None else f"budget {account['budget']:g}, left {account['left']:.3g}"
        )
        click.echo(
            f"{name}: epsilon {account['basic']:.3g} ({account['tight']:.3g} at delta {told['delta']:g}) in "
            f"{account['draws']} draws; {budget}"
        )
    for mechanism, count in sorted(_counts(told)["requests"].items()):
        click.echo(f"{mechanism}: {count} requests")
    if told["clock_ran_back"]:
        click.echo(f"note: this device's clock ran back {told['clock_ran_back']} times; nothing was given back by it")


def _counts(told: dict[str, Any]) -> dict[str, Any]:
    """Requests by mechanism and the number of templates; an entry stands once for each axis of a template."""
    seen: dict[tuple[str, ...], int] = {}
    for e in told["entries"]:
        key = (e["template"], e["mechanism"], str(e["epsilon"]), str(e["bits"]), e["lexicon"])
        seen[key] = max(seen.get(key, 0), e["requests"])
    requests: dict[str, int] = {}
    for (_, mechanism, *_), count in seen.items():
        requests[mechanism] = requests.get(mechanism, 0) + count
    return {"requests": requests, "templates": len({e["template"] for e in told["entries"]})}


@command.command(epilog="Example: obclip ledger export --out ledger.json")
@click.option("--out", type=click.Path(path_type=Path), help="File to write (default, and -: print it).")
@click.option("--json", "as_json", is_flag=True, help="JSON is what it always is.")
def export(out: Path | None, as_json: bool) -> None:
    """Print or write everything in the ledger as JSON."""
    from ..errors import InputError
    from ..writing import write_whole

    text = json.dumps(_ledger().export(), indent=1)
    if out is None or str(out) == "-":
        click.echo(text)
        return
    if os.path.lexists(out):
        raise InputError(f"{out} exists already; choose another name")
    write_whole(f"{text}\n".encode(), out)
    click.echo(f"wrote {out}")


@command.command(epilog="Example: obclip ledger wipe --yes")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_JSON
def wipe(yes: bool, as_json: bool) -> None:
    """Delete all entries, draws and budgets, and the device key.

    What clouds have learned stays learned, and a template that is drawn again spends anew.
    """
    ledger = _ledger()
    if not yes:
        click.confirm(f"Delete the ledger in {ledger.folder}? What clouds have learned stays learned", abort=True)
    ledger.wipe()
    click.echo(json.dumps({"wiped": str(ledger.folder)}) if as_json else f"wiped {ledger.folder}")


@command.command(epilog="Examples: obclip ledger budget; obclip ledger budget 5; obclip ledger budget none --axis age")
@click.argument("epsilon", required=False)
@click.option("--axis", default="total", show_default=True, help="The axis that it is for, or total.")
@_JSON
def budget(epsilon: str | None, axis: str, as_json: bool) -> None:
    """Set the budget to EPSILON ("none" lifts it), or print it. Draws that would pass it are refused."""
    from ..attributes import AXES, OPT_IN
    from ..errors import InputError
    from ..ledger.ledger import TOTAL

    if axis not in (known := (TOTAL, *AXES, *OPT_IN)):
        raise InputError(f"there is no axis {axis[:40]!r} to have a budget; known: {', '.join(known)}")
    ledger = _ledger()
    if epsilon is not None:
        try:
            value = None if epsilon == "none" else float(epsilon)
        except ValueError:
            raise InputError(f"a budget is a number or 'none', not {epsilon!r}") from None
        ledger.set_budget(value, axis)
    account = ledger.account(axis)
    if as_json:
        click.echo(json.dumps({"axis": axis, **vars(account), "left": account.left, "at": int(time.time())}))
    elif account.budget is None:
        click.echo(f"{axis}: no budget; epsilon {account.basic:.3g} is spent")
    else:
        click.echo(f"{axis}: budget {account.budget:g}, epsilon {account.basic:.3g} is spent, {account.left:.3g} left")
