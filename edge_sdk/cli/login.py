"""A cloud's token, as a person hands it to a command: in a file, or in the environment.

Never as an argument: lists of processes and the shell's history show those. The token is not printed, logged or kept,
and no text here holds it.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import click

from .options import Command
from .telling import Voice

if TYPE_CHECKING:
    from ..cloud.client import CloudClient

__all__ = ["HOW", "VARIABLE", "advise_login", "find_token", "is_local", "open_cloud", "token_option"]

VARIABLE: Final = "OBCLIP_TOKEN"
#: How a token is given, in the words of every message.
HOW: Final = f"give one in a file, --token-file FILE, or in the environment, {VARIABLE}"
#: A header of this length is more than any engine takes.
_MOST_BYTES: Final = 8192
_LOCAL: Final = ("127.0.0.1", "localhost", "::1")
#: What somebody may have put in the place of the file's name.
_LIKE_A_TOKEN: Final = re.compile(r"[\w.~+=-]{20,}", re.ASCII)
_REFUSED: Final = (401, 403)


def token_option(function: Command) -> Command:
    """``--token-file``: for every command that talks to a cloud."""
    return click.option(
        "--token-file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help=f"File with the token that the cloud wants, for your eyes alone (default: ${VARIABLE}). A token is never "
        "an argument: lists of processes show those.",
    )(function)


def find_token(file: Path | None, voice: Voice) -> str | None:
    """The token in ``file``, else the environment's, else ``None``; white space around it does not count.

    Raises:
        InputError: the file cannot be read, or what it holds is no token. The text holds nothing of it.
    """
    from ..cloud.options import read_token
    from ..errors import InputError

    if file is not None:
        text, source = _read(file, voice), f"the token's file {file}"
        if not text:
            raise InputError(f"{source} is empty: it holds the token that the cloud's operator gave, and nothing else")
    else:
        text, source = os.environ.get(VARIABLE, "").strip(), f"the token in {VARIABLE}"
        if not text:
            return None
    try:
        return read_token(text)
    except InputError:
        says = "it is one word of printable ASCII characters; copy it again"
        raise InputError(f"{source} does not hold a token: {says} (it is not shown)") from None


def _read(file: Path, voice: Voice) -> str:
    from ..errors import InputError

    try:
        with file.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            content = opened.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        told = getattr(error, "strerror", "") or str(error)
        if _LIKE_A_TOKEN.fullmatch(str(file)):
            raise InputError(
                "--token-file names a file, and what was given is none and looks like a token (it is not shown): "
                "lists of processes and the shell's history may hold it now, so have it revoked"
            ) from None
        raise InputError(f"the token's file {file} cannot be read: {told}") from None
    if len(content) > _MOST_BYTES:
        raise InputError(f"the token's file {file} holds more than {_MOST_BYTES} bytes: it is to hold a token alone")
    if os.name == "posix" and stat.S_ISREG(mode) and mode & 0o066:
        voice.warn(f"others on this machine can read or change the token's file {file}: chmod 600 {file}")
    return content.decode("utf-8-sig", "replace").strip()


def open_cloud(url: str, file: Path | None, voice: Voice, **parameters: Any) -> CloudClient:
    """A client for ``--cloud URL`` with its token, if there is one.

    Raises:
        CloudError: no address. InputError: the token cannot be used, or the address holds another login.
    """
    from ..cloud.client import CloudClient
    from ..cloud.endpoint import read_endpoint
    from ..errors import InputError

    endpoint = read_endpoint(url)
    token = find_token(file, voice)
    if token is not None and endpoint.authorization:
        where = f"{VARIABLE} is set" if file is None else "--token-file was given"
        raise InputError(f"the cloud's address holds a user or password, and {where}: leave one of the two logins out")
    if token is not None and not endpoint.secure and not is_local(endpoint.shown):
        voice.warn(f"the token goes to {endpoint.shown} unencrypted, where whoever is on the way can take it")
    return CloudClient(url, token=token, **parameters)


def is_local(address: str) -> bool:
    """Whether an address is this machine's own."""
    return (urlsplit(address).hostname or "") in _LOCAL


@contextmanager
def advise_login(client: CloudClient | None) -> Iterator[None]:
    """Say beside a cloud's refusal of a login what can be done about it here."""
    from ..errors import RefusedError

    try:
        yield
    except RefusedError as error:
        if client is not None and error.status in _REFUSED:
            # By the status: what the cloud says is cleaned of the token, and may have lost its code by it.
            wrong = f"the token in {VARIABLE} or --token-file is not one that this cloud lets in"
            error.args = (f"{error}; {wrong if client.has_token else HOW}",)
        raise
