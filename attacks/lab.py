"""What the attacks share: a real device, a real engine on loopback, prompts, and one seed.

The device is :class:`edge_sdk.ObliviousPipeline` itself with a LiteRT bundle; the engine is ``obclip
serve`` in a process of its own. The model pair may be tiny and random: what is attacked is traffic, not
pictures, and small models make more traffic per second.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from edge_sdk.cloud.client import CloudClient
from edge_sdk.errors import ObclipError
from edge_sdk.events import Decoded
from edge_sdk.ledger import Ledger
from edge_sdk.pipeline import ObliviousPipeline
from edge_sdk.runtimes.litert import LiteRtRuntime
from obclip_contract import Bundle, ContractError, open_bundle

from .errors import AttackError
from .logs import all_records
from .wire import Exchange, Recorder, forward

__all__ = ["Behaviour", "Lab", "Session", "build_pair"]

ROOT: Final = Path(__file__).resolve().parent.parent
PAIR: Final = ROOT / "build" / "attacks" / "pair"
Client = Callable[[str], CloudClient]


@dataclass(frozen=True)
class Behaviour:
    """What can be seen of a run from outside the device, or by its caller: phases, failure, log lines."""

    phases: tuple[str, ...]
    failure: tuple[str, ...]
    logs: tuple[str, ...]


@dataclass(frozen=True)
class Session:
    """One run: its traffic and its behaviour; two sessions compare equal if an observer cannot tell them apart.

    Times are kept, and left out of the comparison: the timing attack looks at them.
    """

    exchanges: tuple[Exchange, ...]
    behaviour: Behaviour
    receipt: Any = field(default=None, compare=False, repr=False)

    @property
    def wire(self) -> tuple[tuple[bytes, str], ...]:
        """Raw request bytes, headers included, and how each connection ended."""
        return tuple((e.request.raw, e.end) for e in self.exchanges)


class Lab:
    """Use as a context manager; parts start when first needed.

    Args:
        seed: of everything that is sampled.
        quick: fewer prompts, values and repeats; every exact check stays exact.
        bundles: folder with ``cloud`` and ``edge``; a tiny random pair is built if ``None``.
        engine_url: an engine that already runs on the cloud bundle.
        captions: sentences to train the plausibility and context attackers on (default: the shipped ones).
        tick: told the name of what begins, for a progress bar.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        quick: bool = False,
        bundles: Path | None = None,
        engine_url: str | None = None,
        captions: Sequence[str] | None = None,
        tick: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.seed = seed
        self.quick = quick
        self.captions = captions
        self.tick = tick
        #: The engine's answers by path and body; see :func:`attacks.wire.forward`.
        self.memory: dict[bytes, bytes] = {}
        #: What one attack computed and another may use.
        self.cache: dict[str, list[Any]] = {}
        self._bundles = bundles
        self._engine_url = engine_url
        self._stack = ExitStack()

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._stack.close()

    @cached_property
    def bundles(self) -> Path:
        """Folder with the pair's ``cloud`` and ``edge`` bundles."""
        if self._bundles is not None:
            return self._bundles
        self.tick("building a tiny random model pair, once")
        return build_pair(PAIR)

    @cached_property
    def edge(self) -> Bundle:
        """The device's bundle."""
        return open_bundle(str(self.bundles / "edge"), "edge")

    @cached_property
    def runtime(self) -> LiteRtRuntime:
        """The device's real runtime; one thread, so that timing is as still as it can be."""
        return LiteRtRuntime(self.edge, 1)

    @cached_property
    def engine_url(self) -> str:
        """A real engine."""
        if self._engine_url is not None:
            return self._engine_url
        from edge_sdk.cloud.loopback import loopback_engine

        self.tick("starting a cloud engine on loopback")
        return self._stack.enter_context(loopback_engine(self.bundles / "cloud", threads=1))

    def proxy(self, *, replay: bool = True) -> Recorder:
        """A recording proxy in front of the real engine; closed with the lab. ``replay``: see :func:`forward`."""
        recorder = Recorder(forward(self.engine_url, self.memory if replay else None))
        self._stack.callback(recorder.close)
        return recorder

    def server(self, respond: Callable[..., Any]) -> Recorder:
        """A recording server with answers of its own; closed with the lab."""
        recorder = Recorder(respond)
        self._stack.callback(recorder.close)
        return recorder

    def play(
        self,
        prompt: str,
        recorder: Recorder,
        client: Client = CloudClient,
        *,
        runs: int = 1,
        ledger: Ledger | None = None,
        **arguments: Any,
    ) -> Session:
        """``runs`` whole runs of one device on ``prompt`` against ``recorder``; failures become behaviour."""
        options: dict[str, Any] = {"num_inference_steps": 2, "cloud_steps": 1, "seed": self.seed, **arguments}
        phases: list[str] = []
        failure: list[str] = []
        receipt = None
        with all_records() as records:
            pipe = ObliviousPipeline(self.edge, self.runtime, client(recorder.url), ledger)
            for _ in range(runs):
                try:
                    for event in pipe.steps(prompt, **options):
                        phases.append(type(event).__name__)
                        receipt = event.output.receipt if isinstance(event, Decoded) else None
                except (ObclipError, ContractError) as error:
                    failure += [type(error).__name__, str(error), str(getattr(error, "exit_code", ""))]
        text = tuple(line.replace(recorder.url, "URL") for line in map(_told, records) if line)
        return Session(recorder.take(), Behaviour(tuple(phases), tuple(failure), text), receipt)


def _told(record: logging.LogRecord) -> str | None:
    """A record as a line that two runs of the same device share, or ``None`` for what is no behaviour of it."""
    if record.name.startswith(("httpcore", "httpx")):
        return None  # ports differ; recorded byte for byte on the wire itself
    if record.name.startswith("obclip.cloud"):
        return None  # an engine in this process (in tests); what the cloud writes about itself is the cloud's
    return f"{record.name} {record.levelname} {record.getMessage()}"


def build_pair(folder: Path) -> Path:
    """A tiny random pair as cloud and edge bundles in ``folder``; kept for the next time.

    Raises:
        AttackError: the repository's recipe for the pair, or a package that exports it, is not there.
    """
    try:
        open_bundle(str(folder / "edge"), "edge")
        cloud = open_bundle(str(folder / "cloud"), "cloud")
        if any(g.role.startswith("step.") for g in cloud.manifest.graphs):
            return folder  # an older one may not run the default plan
    except ContractError:
        pass
    shutil.rmtree(folder, ignore_errors=True)
    hint = "give --bundles FOLDER with an exported pair's cloud and edge bundles"
    try:
        from export.bundles import export_cloud, export_edge
        from testing.random_pair import write_random_pair
    except ImportError as error:
        raise AttackError(f"making the random pair needs {error.name}: pip install 'obclip[dev]', or {hint}") from None
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        made = Path(scratch)
        write_random_pair(made / "models")
        export_cloud(made / "models" / "large", made / "out" / "cloud")
        export_edge(made / "models" / "large", made / "models" / "small", made / "out" / "edge")
        (made / "out").rename(folder)
    return folder
