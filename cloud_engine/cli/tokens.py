"""``obclip serve token``: make, list and revoke the tokens of a server. A running server sees it within a second."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from ..errors import ConfigError

__all__ = ["token"]

_FILE = click.option(
    "--tokens", "file", type=click.Path(path_type=Path), envvar="OBCLIP_TOKENS", required=True, help="File of tokens."
)

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON; errors are JSON on stderr.")
#: A century: beyond, dates cannot be told any more.
_MOST_DAYS: Final = 36_500
#: What the file's records may say (``Token``).
_MOST_EVALUATIONS: Final = 10**12 - 1
_MOST_WINDOW: Final = 10**6


@click.group(
    epilog="Examples: obclip serve token new --tokens tokens.json --evaluations 5000 --window 60; "
    "obclip serve token list --tokens tokens.json; obclip serve token revoke 3fa9c01b --tokens tokens.json"
)
def token() -> None:
    """Make, list and revoke tokens. The file holds their hashes alone."""


@token.command(epilog="Example: obclip serve token new --tokens tokens.json --evaluations 5000 --days 90")
@_FILE
@click.option("--role", type=click.Choice(["use", "metrics", "admin"]), default="use", show_default=True)
@click.option(
    "--evaluations",
    type=click.IntRange(1, _MOST_EVALUATIONS),
    help="UNet evaluations in each window; default: no limit.",
)
@click.option(
    "--window", type=click.IntRange(1, _MOST_WINDOW), default=60, show_default=True, help="Seconds of the window."
)
@click.option("--days", type=click.IntRange(1, _MOST_DAYS), help="Days until it expires; default: never.")
@_JSON
def new(file: Path, role: str, evaluations: int | None, window: int, days: int | None, as_json: bool) -> None:
    """Make a token and print it, once: it is kept nowhere. A device takes it from a file or from OBCLIP_TOKEN."""
    from ..service.tokens import make_token, read_tokens, write_tokens

    text, record = make_token(role, evaluations, window, days)  # type: ignore[arg-type]
    with _alone(file):
        write_tokens(file, [*(read_tokens(file) if file.exists() else []), record])
    if as_json:
        click.echo(json.dumps({"token": text, **record.model_dump(exclude={"sha256"})}))
        return
    click.echo(text)
    click.echo(f"token {record.id} is in {file}; it is not shown again", err=True)


@token.command("list", epilog="Example: obclip serve token list --tokens tokens.json --json")
@_FILE
@_JSON
def list_(file: Path, as_json: bool) -> None:
    """Ids, roles, budgets and dates; no token can be shown."""
    from ..service.tokens import read_tokens

    tokens = read_tokens(file)
    if as_json:
        click.echo(json.dumps([t.model_dump(exclude={"sha256"}) for t in tokens]))
        return
    for t in tokens:
        budget = f"{t.evaluations} in {t.window} s" if t.evaluations else "no limit"
        expires = "never" if t.expires is None else time.strftime("%Y-%m-%d", time.gmtime(t.expires))
        click.echo(f"{t.id}  {t.role:7}  {budget}  expires {expires}")


@token.command(epilog="Example: obclip serve token revoke 3fa9c01b --tokens tokens.json --json")
@_FILE
@click.argument("id_", metavar="ID")
@_JSON
def revoke(file: Path, id_: str, as_json: bool) -> None:
    """Take a token out of the file."""
    from ..service.tokens import read_tokens, write_tokens

    with _alone(file):
        tokens = read_tokens(file)
        left = [t for t in tokens if t.id != id_]
        if len(left) == len(tokens):
            raise ConfigError(f"there is no token {id_} in {file}: obclip serve token list")
        write_tokens(file, left)
    if as_json:
        click.echo(json.dumps({"revoked": id_}))
    else:
        click.echo(f"token {id_} is revoked", err=True)


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Hold the file's folder locked, where the system can: of two commands at once neither loses the other's token.

    The file itself is replaced by each, so a lock on it would be a lock on another file.

    Raises:
        ConfigError: there is no such folder.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    try:
        folder = os.open(file.parent, os.O_RDONLY)
    except OSError as error:
        raise ConfigError(f"the folder of {file} cannot be used: {error.strerror}") from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
