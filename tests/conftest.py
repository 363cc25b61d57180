"""Fixtures: a tiny random pair, its bundles, and a real engine on a loopback port."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

# Whoever starts the tests in the background of a script has them ignore Ctrl-C, and every command that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Deterministic and modest on small machines; set before torch and ONNX Runtime start their pools.
os.environ.setdefault("OMP_NUM_THREADS", "1" if "PYTEST_XDIST_WORKER" in os.environ else "2")
# Threads that wait for their turn must not hold a core that another process needs.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from testing.cached import keep
from testing.random_pair import write_random_pair
from testing.watching import hindrance, watch

#: Files that take a minute and more. They come first, so that no process is left with one when the others are done.
LONG = (
    *("test_whole_pairs.py", "test_families.py", "test_trt_engines.py", "test_source_cases.py", "test_tokenizer.py"),
    *("test_runner.py", "test_edge.py", "test_coreml.py", "test_export.py", "test_step_graphs.py", "test_peers.py"),
    *("test_wheels.py", "test_crossing.py", "test_export_scale.py", "test_telemetry.py", "test_recipe_few_steps.py"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))


@pytest.fixture(autouse=True)
def torch_threads() -> Iterator[None]:
    """A test that runs torch on more threads, as a command with ``--threads`` does, leaves none to those after it: with
    several test processes on few cores they took up to thirty times as long."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


@pytest.fixture(scope="session")
def random_pair() -> Path:
    """Folder with ``large`` and ``small``: random weights, real layout. Kept between sessions: never write into it."""
    return keep("pair", write_random_pair, sources=["testing/random_pair.py"])


@pytest.fixture(scope="session")
def random_export(random_pair: Path) -> Path:
    """Folder with ``bundles`` and, where commands can be watched, ``seen.json``: what their export touched."""

    def make(folder: Path) -> None:
        # In float32: tests compare with torch to the last digits.
        command = [sys.executable, "-m", "edge_sdk", "export", "all", "--precision", "fp32", "--pictures", "0"]
        command += ["--large", str(random_pair / "large"), "--small", str(random_pair / "small")]
        seen = watch([*command, "--out", str(folder / "bundles")], folder / "watched")
        assert seen.code == 0, seen.stderr
        shutil.rmtree(folder / "watched")
        if not hindrance():
            (folder / "seen.json").write_text(seen.to_json())

    return keep("export", make)


@pytest.fixture(scope="session")
def random_bundles(random_export: Path) -> Path:
    """Folder with ``cloud`` and ``edge``, exported from the random pair. Kept between sessions: never write into it."""
    return random_export / "bundles"


class RunningServer:
    """A uvicorn server in a thread; ``url`` once it listens."""

    def __init__(self, app: object) -> None:
        import uvicorn

        self._server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical"))  # type: ignore[arg-type]
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        until = time.monotonic() + 90
        while not self._server.started and time.monotonic() < until:
            time.sleep(0.01)
        assert self._server.started
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=20)


@pytest.fixture(scope="session")
def engine(random_bundles: Path) -> object:
    """The ONNX Runtime engine on the random cloud bundle."""
    from cloud_engine.engine import Engine

    return Engine.from_bundle(random_bundles / "cloud", "onnxruntime")


@pytest.fixture(scope="session")
def cloud_url(engine: object) -> Iterator[str]:
    """A real engine behind HTTP on loopback."""
    from cloud_engine.service import create_app

    server = RunningServer(create_app(engine))  # type: ignore[arg-type]
    yield server.url
    server.stop()
