"""The command group: finds subcommands lazily and turns errors into one line and an exit code."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint, entry_points, version
from pathlib import Path
from typing import Final

import click

from .hushing import hush

GROUP: Final = "obclip.commands"


#: A module of these that is missing is a bug, not something to install.
_OWN: Final = ("obclip_contract", "edge_sdk", "cloud_engine", "export", "attacks", "benchmarks", "models", "testing")
#: The extra that brings a package; the others come with "dev".
_EXTRAS: Final = {
    **dict.fromkeys(("onnxruntime", "fastapi", "uvicorn"), "cloud"),
    **dict.fromkeys(("torch", "diffusers", "transformers", "accelerate"), "torch"),
    **dict.fromkeys(("onnx", "onnxscript", "onnxslim", "litert_torch", "ai_edge_quantizer", "coremltools"), "export"),
}
#: Commands that only a checkout has: their packages are not in the wheel.
CHECKOUT: Final = {"attack": "attacks.cli:command", "bench": "benchmarks.cli:command"}


def checkout_points(root: Path) -> dict[str, EntryPoint]:
    """The commands of :data:`CHECKOUT` whose module lies beside this package in a checkout, else none.

    Not any module of that name will do: an app's own ``benchmarks`` is none of ours, so the file has to be there, and
    the project's ``setup.py`` with it, which an installed package never has beside it.
    """
    if not (root / "setup.py").is_file():
        return {}
    there = {n: v for n, v in CHECKOUT.items() if (root / (v.split(":")[0].replace(".", "/") + ".py")).is_file()}
    if there and str(root) not in sys.path:
        sys.path.append(str(root))
    return {name: EntryPoint(name, value, GROUP) for name, value in there.items()}


class _Commands(click.Group):
    """Loads a subcommand's module only when it is asked for, so that ``obclip generate`` stays light."""

    def _points(self) -> dict[str, EntryPoint]:
        installed = {p.name: p for p in entry_points(group=GROUP)}
        return installed | checkout_points(Path(__file__).parents[2])

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._points())

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        point = self._points().get(name)
        if point is None:
            return None
        try:
            loaded = point.load()
        except ModuleNotFoundError as error:
            return _absent(name, error.name or "a package")
        assert isinstance(loaded, click.Command)
        return loaded


def _remedy(package: str) -> str:
    """What to install for a package that is not there."""
    extra = _EXTRAS.get(package.split(".")[0], "dev")
    return f"pip install 'obclip[{extra}]'"


def _absent(name: str, package: str) -> click.Command:
    """Stands for a subcommand whose packages are not installed: listed, and says what to install."""

    @click.command(
        name, short_help=f"(not installed: needs {package})", context_settings={"ignore_unknown_options": True}
    )
    @click.argument("arguments", nargs=-1)
    def absent(arguments: tuple[str, ...]) -> None:
        raise click.UsageError(f"'obclip {name}' needs {package}: {_remedy(package)}")

    return absent


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog='Example: obclip generate "a sticker of a woman firefighter with dark skin" --out sticker.png',
)
@click.version_option(version("obclip"), prog_name="obclip")
def obclip() -> None:
    """Private pictures: the cloud works on a closed set of prompts and never learns which one is yours."""


def _fail(text: str, code: int) -> None:
    click.echo(f"error: {text}", err=True)
    sys.exit(code)


def main(arguments: list[str] | None = None) -> None:
    """Run ``obclip``. Exit codes: 0 done, 1 a bug, 2 the user's input, 3 the cloud, 4 a bundle, 130 stopped."""
    if arguments is None:  # a process of its own
        hush()
    try:
        code = obclip.main(arguments, prog_name="obclip", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        _fail("stopped; nothing was written", 130)
    except BrokenPipeError:
        sys.exit(0)
    except ModuleNotFoundError as error:
        package = (error.name or "").split(".")[0]
        if not package or package in sys.stdlib_module_names or package in _OWN:
            raise
        _fail(f"this needs {package}, which is not installed: {_remedy(package)}", 2)
    except Exception as error:
        code = getattr(type(error), "exit_code", None)
        if isinstance(code, int):
            _fail(str(error), code)
        raise
