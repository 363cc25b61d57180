"""Options of ``obclip serve --ray`` that are refused before Ray starts; none of it needs Ray."""

from __future__ import annotations

import importlib.util
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cloud_engine.cli.serve import serve
from cloud_engine.errors import ConfigError
from cloud_engine.service.settings import read_settings
from cloud_engine.spread import box


def run(*arguments: str) -> Result:
    return CliRunner().invoke(serve, list(arguments))


@pytest.mark.parametrize("given", [["--replicas", "2"], ["--max-replicas", "2"], ["--gpus-per-replica", "0.5"]])
def test_options_of_replicas_need_ray(given: list[str]) -> None:
    done = run(*given)
    assert done.exit_code == 2
    assert f"{given[0]} needs --ray" in done.output


@pytest.mark.parametrize("given", [["--replicas", "0"], ["--gpus-per-replica", "nan"], ["--gpus-per-replica", "-1"]])
def test_numbers_out_of_bounds_are_refused(given: list[str]) -> None:
    assert run("--ray", *given).exit_code == 2


def test_without_ray_it_says_what_to_install(random_bundles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *more: None if name == "ray" else find(name, *more))
    done = run("--ray", "--bundle", str(random_bundles / "cloud"))
    assert isinstance(done.exception, ConfigError)
    assert "obclip[ray]" in str(done.exception)


def check(bundle: Path, **settings: Any) -> list[str]:
    return box._check(read_settings(private=True, bundles=str(bundle), **settings))


def test_what_would_keep_it_from_starting_is_said_first(random_bundles: Path, tmp_path: Path) -> None:
    bundle = random_bundles / "cloud"
    assert check(bundle) == ["stickers"]
    (tmp_path / "tokens.json").write_text("{")
    with pytest.raises(ConfigError, match="tokens"):
        check(bundle, tokens=tmp_path / "tokens.json")
    for name in ("c", "k", "a"):
        (tmp_path / name).write_text("")
    tls = {"tls_certificate": tmp_path / "c", "tls_key": tmp_path / "k", "tls_client_ca": tmp_path / "a"}
    with pytest.raises(ConfigError, match="tls_client_ca"):
        check(bundle, **tls)


def test_a_taken_port_is_refused_and_0_becomes_one() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigError, match="cannot listen"):
            box._with_port(read_settings(private=True, port=taken.getsockname()[1]))
    assert box._with_port(read_settings(private=True, port=0)).port > 0


_TAKEN_BY_ANOTHER_THREAD = """
import queue, signal, threading, time
from cloud_engine.spread import box

orders = queue.SimpleQueue()
ready = threading.Event()

def take():
    ready.wait()
    time.sleep(0.3)  # the main thread waits by then
    signal.pthread_kill(threading.get_ident(), signal.SIGHUP)
    threading.Event().wait()

threading.Thread(target=take, daemon=True).start()
with box._obeying(orders):
    ready.set()
    box._wait_for(orders)
print("replaced")
"""


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no SIGHUP here")
def test_a_signal_that_another_thread_took_is_obeyed() -> None:
    """Ray's threads take signals too, and only the main one runs handlers: such an order was left lying."""
    done = subprocess.run(
        [sys.executable, "-c", _TAKEN_BY_ANOTHER_THREAD], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "replaced\n"
