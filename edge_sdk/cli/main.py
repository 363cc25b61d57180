"""The command group: finds subcommands lazily and turns errors into one line and an exit code."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint, entry_points, version
from typing import Final

import click

GROUP: Final = "obclip.commands"


class _Commands(click.Group):
    """Loads a subcommand's module only when it is asked for, so that ``obclip generate`` stays light."""

    def _points(self) -> dict[str, EntryPoint]:
        return {p.name: p for p in entry_points(group=GROUP)}

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


def _absent(name: str, package: str) -> click.Command:
    """Stands for a subcommand whose packages are not installed: listed, and says what to install."""

    @click.command(
        name, short_help=f"(not installed: needs {package})", context_settings={"ignore_unknown_options": True}
    )
    @click.argument("arguments", nargs=-1)
    def absent(arguments: tuple[str, ...]) -> None:
        raise click.UsageError(f"'obclip {name}' needs {package}: pip install 'obclip[dev]'")

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
    except Exception as error:
        code = getattr(type(error), "exit_code", None)
        if isinstance(code, int):
            _fail(str(error), code)
        raise
