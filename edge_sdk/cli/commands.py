"""The command group. A subcommand's module is loaded when that subcommand is asked for, and for nothing else."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import click
from click.shell_completion import CompletionItem

from . import stopping

__all__ = ["CHECKOUT", "COMMANDS", "GROUP", "OWN", "Place", "checkout_commands", "obclip", "remedy"]

#: Entry points by which other packages add commands.
GROUP: Final = "obclip.commands"


@dataclass(frozen=True)
class Place:
    """Where a command is, and what the list of commands says of it without loading it."""

    module: str
    name: str
    short: str


#: The commands that every installation has.
COMMANDS: Final = {
    "bundle": Place("export.cli.bundle", "command", "Inspect, verify or compare bundles."),
    "candidates": Place(
        "edge_sdk.cli.candidates", "command", "Show the set of candidates of a prompt and the exact request."
    ),
    "doctor": Place("edge_sdk.cli.doctor", "command", "Is everything here that a picture needs?"),
    "export": Place(
        "export.cli.export", "command", "Make the bundles from two diffusers folders, and the page for a host."
    ),
    "generate": Place(
        "edge_sdk.cli.generate", "command", "Make a picture; the cloud never learns which candidate is yours."
    ),
    "ledger": Place("edge_sdk.cli.ledger", "command", "What was spent on this device, and the budget."),
    "lexicon": Place("edge_sdk.cli.lexicon", "command", "Compile the lists of words; why is a word hidden."),
    "plan": Place("cloud_engine.cli.plan", "command", "Show, cost and tune step plans."),
    "serve": Place("cloud_engine.cli.serve", "serve", "Run the cloud engine."),
    "web": Place("edge_sdk.cli.web", "command", "Serve the page that makes pictures in a browser."),
}
#: Commands that only a checkout has: their packages are not in the wheel.
CHECKOUT: Final = {
    "attack": Place("attacks.cli", "command", "Attack the privacy claim; print what was recovered against the bound."),
    "bench": Place("benchmarks.cli", "command", "Measure quality and cost."),
}
#: A module of these that is missing is a bug, not something to install.
OWN: Final = ("obclip_contract", "edge_sdk", "cloud_engine", "export", "attacks", "benchmarks", "models", "testing")
#: The extra that brings a package; the others come with "dev".
_EXTRAS: Final = {
    **dict.fromkeys(
        ("onnxruntime", "fastapi", "uvicorn", "pydantic_settings", "prometheus_client", "structlog"), "cloud"
    ),
    **dict.fromkeys(("torch", "diffusers", "transformers", "accelerate"), "torch"),
    **dict.fromkeys(("onnx", "onnxscript", "onnxslim", "litert_torch", "ai_edge_quantizer", "coremltools"), "export"),
}


def checkout_commands(root: Path) -> Mapping[str, Place]:
    """The commands of :data:`CHECKOUT` whose module lies beside this package in a checkout, else none.

    Not any module of that name will do: an app's own ``benchmarks`` is none of ours, so the file has to be there, and
    the project's ``setup.py`` with it, which an installed package never has beside it.
    """
    if not (root / "setup.py").is_file():
        return {}
    there = {n: p for n, p in CHECKOUT.items() if (root / (p.module.replace(".", "/") + ".py")).is_file()}
    if there and str(root) not in sys.path:
        sys.path.append(str(root))
    return there


def _plugins() -> dict[str, Any]:
    """Commands of other packages. Reading what is installed takes 0.05 s, so our own names are looked at first."""
    from importlib.metadata import entry_points

    return {p.name: p for p in entry_points(group=GROUP) if p.name not in COMMANDS}


class _Commands(click.Group):
    """Loads a subcommand's module only when it is asked for, so that ``obclip generate`` stays light."""

    def _own(self) -> Mapping[str, Place]:
        return {**COMMANDS, **checkout_commands(Path(__file__).parents[2])}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*self._own(), *_plugins()})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        try:
            if (place := self._own().get(name)) is not None:
                loaded = getattr(import_module(place.module), place.name)
            elif (plugin := _plugins().get(name)) is not None:
                loaded = plugin.load()
            else:
                return None
        except ModuleNotFoundError as error:
            if (error.name or "").split(".")[0] in OWN:
                raise  # a bug, or half an installation: there is nothing to install
            return _absent(name, error.name or "a package")
        assert isinstance(loaded, click.Command)
        return loaded

    def _rows(self, ctx: click.Context) -> list[tuple[str, str]]:
        own = self._own()
        rows = []
        for name in self.list_commands(ctx):
            command = None if name in own else self.get_command(ctx, name)
            rows.append((name, command.get_short_help_str(100) if command else own[name].short))
        return rows

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(self._rows(ctx))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        names = [CompletionItem(n, help=short) for n, short in self._rows(ctx) if n.startswith(incomplete)]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]

    def invoke(self, ctx: click.Context) -> Any:
        stopping.unwind()  # from here on there may be something to clean up
        return super().invoke(ctx)


def remedy(package: str) -> str:
    """What to install for a package that is not there."""
    extra = _EXTRAS.get(package.split(".")[0], "dev")
    return f"pip install 'obclip[{extra}]'"


def _absent(name: str, package: str) -> click.Command:
    """Stands for a subcommand whose packages are not installed: says what to install."""

    @click.command(
        name, short_help=f"(not installed: needs {package})", context_settings={"ignore_unknown_options": True}
    )
    @click.argument("arguments", nargs=-1)
    def absent(arguments: tuple[str, ...]) -> None:
        raise click.UsageError(f"'obclip {name}' needs {package}: {remedy(package)}")

    return absent


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog='Examples: obclip generate "a sticker of a woman firefighter with dark skin" --out sticker.png; '
    "obclip doctor; obclip generate --help. Completion of the shell: docs/COMMAND.md",
)
@click.version_option(package_name="obclip", prog_name="obclip", message="%(prog)s, version %(version)s")
def obclip() -> None:
    """Private pictures: the cloud works on a closed set of prompts and never learns which one is yours."""
