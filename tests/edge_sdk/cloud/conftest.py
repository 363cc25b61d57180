"""What the client's tests share: a request, a good answer to it, and an authority for TLS."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .raw_server import Authority, make_authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl command")
    folder: Path = tmp_path_factory.mktemp("authority")
    return make_authority(folder)
