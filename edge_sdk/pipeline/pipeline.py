"""Prompt to picture, called like a diffusers pipeline.

Rules for threads, tasks and callbacks (docs/PIPELINE.md):

- One pipeline may be used by any number of threads and tasks at once, and by a callback of its own run. A run keeps its
  state in its generator; the graphs are shared, and each call of one runs alone (:mod:`edge_sdk.runtimes.guarding`).
- :meth:`ObliviousPipeline.interrupt` stops all runs that were begun; :meth:`ObliviousPipeline.close` does so for good.
"""

from __future__ import annotations

import inspect
import operator
import os
import threading
import weakref
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, closing
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Self, overload

from numpy.typing import NDArray

from obclip_contract import Bundle, open_bundle

from ..cancelling import Cancellation
from ..device.images import to_image
from ..device.tokenizer import PromptTokenizer
from ..errors import ClosedError, InputError
from ..events import Decoded, Finished, PipelineEvent, PipelineOutput
from ..ledger import Ledger
from ..runtimes.choose import open_runtime
from ..runtimes.protocol import Runtime
from .arguments import Arguments, Call, read_call, read_latents
from .asynchronous import advance, iterate
from .cloud import CheckedCloud
from .foreign import METHODS, MissingError
from .run import Events, Parts, decode, run_steps

if TYPE_CHECKING:
    from typing import Unpack

    from PIL.Image import Image

    from ..cloud.client import CloudClient

__all__ = ["ObliviousPipeline"]


class ObliviousPipeline:
    """Prompt to picture: closed set, cloud steps for all members, own latent, device steps, decoding.

    Use it in a ``with`` block, or call :meth:`close`.
    """

    def __init__(
        self, bundle: Bundle, runtime: Runtime, cloud: CloudClient | None = None, ledger: Ledger | None = None
    ) -> None:
        """Wire the parts; most callers use :meth:`from_bundle`. ``close`` closes the runtime."""
        self.bundle = bundle
        self.runtime = runtime
        self.ledger = ledger
        self._tokenize = PromptTokenizer(bundle)
        self._cloud = CheckedCloud(cloud, bundle)
        self._own_client: CloudClient | None = None
        self._closed = False
        self._runs: weakref.WeakSet[Cancellation] = weakref.WeakSet()
        self._lock = threading.RLock()  # of _runs alone

    @classmethod
    def from_bundle(
        cls,
        edge_bundle: str | os.PathLike[str],
        cloud: str | CloudClient | None = None,
        num_threads: int | None = None,
        ledger: Ledger | None = None,
    ) -> Self:
        """Open an edge bundle (every sha256 checked) and remember the cloud's address. Nothing is sent.

        Args:
            num_threads: of one graph call; the machine's cores if ``None``.
            ledger: enters every request; without one only k-subset's draws are entered, in the default folder.

        Raises:
            obclip_contract.BundleError: the bundle is missing, altered or of another kind.
            CloudError: the address is not an http(s) URL. InputError: an argument of another kind.
        """
        if not isinstance(edge_bundle, str | os.PathLike):
            raise InputError("edge_bundle is the folder of an edge bundle")
        client = None if cloud is None else _read_cloud(cloud)
        if num_threads is not None:
            num_threads = _read_threads(num_threads)
        bundle = open_bundle(os.fspath(edge_bundle), "edge")
        pipe = cls(bundle, open_runtime(bundle, num_threads), client, ledger)
        pipe._own_client = client if isinstance(cloud, str) else None
        return pipe

    @classmethod
    def from_pretrained(cls, *_: object, **__: object) -> NoReturn:
        """Refused: a device runs a bundle.

        Raises:
            InputError: always; names :meth:`from_bundle`.
        """
        raise InputError(
            "the device runs an exported bundle: make one with 'obclip export all', and open it with "
            "ObliviousPipeline.from_bundle(FOLDER, cloud=URL)"
        )

    @overload
    def __call__(
        self, prompt: str | list[str], *positional: object, return_dict: Literal[False], **arguments: Any
    ) -> tuple[Any]: ...

    @overload
    def __call__(
        self, prompt: str | list[str], *positional: object, **arguments: Unpack[Arguments]
    ) -> PipelineOutput: ...

    def __call__(self, prompt: Any = None, *positional: object, **arguments: Any) -> Any:
        """Make one picture, or one for each prompt of a list; arguments as in :class:`Arguments`, errors as in
        :meth:`steps`. Every prompt is read before anything is sent, so one that is refused ends the whole call.
        """
        call, stop = self._begin(prompt, positional, arguments)
        pictures: list[Decoded] = []
        answer: NDArray[Any] | None = None
        with closing(self._run_all(call, stop)) as rows:
            while (event := advance(rows, answer)) is not None:
                answer = None
                if isinstance(event, Finished) and call.callback is not None:
                    answer = call.answer(call.tell(self, event), event)
                elif isinstance(event, Decoded):
                    pictures.append(event)
        return call.pack(pictures)

    async def acall(self, prompt: Any = None, *positional: object, **arguments: Any) -> Any:
        """:meth:`__call__` for an event loop. The callback runs in the loop, and may be a coroutine function.

        A cancelled task ends at once, its wait for the cloud too.
        """
        call, stop = self._begin(prompt, positional, arguments)
        pictures: list[Decoded] = []
        answer: NDArray[Any] | None = None
        async with aclosing(iterate(self._run_all(call, stop), stop)) as rows:
            while True:
                try:
                    event = await rows.asend(answer)
                except StopAsyncIteration:
                    break
                answer = None
                if isinstance(event, Finished) and call.callback is not None:
                    returned = call.tell(self, event)
                    returned = await returned if inspect.isawaitable(returned) else returned
                    answer = call.answer(returned, event)
                elif isinstance(event, Decoded):
                    pictures.append(event)
        return call.pack(pictures)

    def steps(self, prompt: Any = None, *positional: object, **arguments: Any) -> Iterator[PipelineEvent]:
        """One picture as a generator of events (:mod:`edge_sdk.events`); closing it cancels the rest.

        A generator that is left alone holds nothing that others wait for.

        Args:
            prompt: one text.
            arguments: as in :class:`Arguments`, without lists, callbacks and ``return_dict``.

        Raises:
            InputError: an argument that cannot be used, or a prompt that is too long. PrivacyError: no closed set, or
                the privacy budget is exhausted. LedgerError: k-subset, and the ledger cannot be used.
            CloudError: the cloud's part failed. obclip_contract.BundleError: the cloud serves another pair, or a
                graph cannot be loaded. DeviceError: the small model left the finite numbers.
            ClosedError: after :meth:`close`. StoppedError: :meth:`interrupt` or :meth:`close` meanwhile.
        """
        call, stop = self._begin(prompt, positional, arguments)
        return self._one(call, stop)

    def astep(
        self, prompt: Any = None, *positional: object, **arguments: Any
    ) -> AsyncGenerator[PipelineEvent, NDArray[Any] | None]:
        """:meth:`steps` for an event loop: ``async for event in pipe.astep(…)``. Arguments and errors are the same.

        A cancelled task ends within the call of a graph, and at once where it waits for the cloud. Leave the loop early
        inside ``contextlib.aclosing``, as with any async generator.
        """
        call, stop = self._begin(prompt, positional, arguments)
        return iterate(self._one(call, stop), stop)

    def decode(self, latents: NDArray[Any]) -> Image:
        """A picture of latents ``[1, C, H, W]`` at any step, for the result or a preview; during a run too.

        Raises:
            InputError: another shape. LatentError: the picture is not finite. ClosedError: after :meth:`close`.
        """
        parts = self._parts()
        array, shape = read_latents(latents), (1, *parts.bundle.manifest.latent_shape)
        if array is None or array.shape != shape:
            what = type(latents).__name__ if array is None else str(list(array.shape))
            raise InputError(f"decode takes latents {list(shape)} of floating point numbers, not {what}")
        return to_image(decode(parts, array))

    def interrupt(self) -> None:
        """Stop every run that was begun and has not ended; from any thread, callback or signal handler.

        Each raises :class:`StoppedError` after the graph call that it is in; a wait for the cloud ends at once.
        """
        self._stop_all("it was interrupted")

    def close(self) -> None:
        """Stop all runs, wait for the graph call in progress, and free the graphs. A second time does nothing.

        A :class:`CloudClient` that was passed in stays open. Whatever is called afterwards raises :class:`ClosedError`.
        """
        self._closed = True
        self._stop_all("the pipeline was closed")
        if self._own_client is not None:
            self._own_client.close()
        self.runtime.close()

    def set_progress_bar_config(self, **options: object) -> None:
        """Accepts ``disable=True``: no bar is drawn here.

        Raises:
            InputError: any other option.
        """
        if options and options != {"disable": True}:
            raise InputError("no progress bar is drawn here: iterate over steps(), whose events say how far the run is")

    @property
    def cloud(self) -> CloudClient | None:
        """The cloud's client; setting another is for runs that begin later."""
        return self._cloud.client

    @cloud.setter
    def cloud(self, client: CloudClient | None) -> None:
        self._cloud = CheckedCloud(client, self.bundle)

    @property
    def _interrupt(self) -> bool:
        """What diffusers' users set from a callback; True is :meth:`interrupt`."""
        return False

    @_interrupt.setter
    def _interrupt(self, wanted: bool) -> None:
        if wanted:
            self.interrupt()

    def __enter__(self) -> Self:
        self._check_open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def __reduce__(self) -> NoReturn:
        raise InputError("a pipeline is not copied or pickled: open the bundle in each process; threads share it")

    if not TYPE_CHECKING:  # a checker shall know that these names are missing

        def __getattr__(self, name: str) -> NoReturn:
            if name in METHODS:
                raise MissingError(f"{name} is not here: {METHODS[name]}")
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def _begin(
        self, prompt: object, positional: tuple[object, ...], arguments: dict[str, Any]
    ) -> tuple[Call, Cancellation]:
        self._check_open()
        call = read_call(prompt, positional, arguments, self.bundle.manifest)
        stop = Cancellation()
        with self._lock:
            self._runs.add(stop)
        return call, stop

    def _one(self, call: Call, stop: Cancellation) -> Events:
        if len(call.jobs) != 1 or call.callback is not None or not call.return_dict:
            raise InputError(
                "steps and astep make one picture and say what happens: call the pipeline for lists, callbacks and "
                "return_dict"
            )
        return run_steps(self._parts(), call.jobs[0], stop)

    def _run_all(self, call: Call, stop: Cancellation) -> Events:
        """The runs of a call, one after the other; all of them are read first."""
        parts = self._parts()
        runs = [run_steps(parts, job, stop) for job in call.jobs]
        try:
            for run in runs:
                yield next(run)
            for run in runs:
                yield from run
        finally:
            for run in runs:
                run.close()

    def _parts(self) -> Parts:
        self._check_open()
        return Parts(self.bundle, self.runtime, self._tokenize, self._cloud, self.ledger)

    def _check_open(self) -> None:
        if self._closed:
            raise ClosedError("the pipeline is closed; open another with ObliviousPipeline.from_bundle")

    def _stop_all(self, reason: str) -> None:
        with self._lock:
            runs = list(self._runs)
        for stop in runs:
            stop.cancel(reason)


def _read_cloud(cloud: object) -> CloudClient:
    from ..cloud.client import CloudClient  # its HTTP library takes 0.1 s to load, which a device alone does not need

    if not isinstance(cloud, str | CloudClient):
        raise InputError("cloud is a URL, or a CloudClient")
    return CloudClient(cloud) if isinstance(cloud, str) else cloud


def _read_threads(value: object) -> int:
    try:
        threads = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        threads = 0
    if threads < 1 or isinstance(value, bool):
        raise InputError("num_threads is a whole number, at least 1")
    return threads
