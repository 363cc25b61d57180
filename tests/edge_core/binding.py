"""The core's C ABI (edge_core/include/obclip/core.h) over ctypes: as thin as it can be, so that tests see every status.

``OBCLIP_CORE_LIBRARY`` names another build of it, for instance one with the sanitizers:

    cmake -S edge_core -B build/asan -DOBCLIP_SANITIZE=ON -DCMAKE_CXX_COMPILER=clang++ && cmake --build build/asan
    LD_PRELOAD=$(clang++ -print-file-name=libclang_rt.asan-x86_64.so) ASAN_OPTIONS=detect_leaks=0 \\
        OBCLIP_CORE_LIBRARY=build/asan/libobclip.so python -m pytest tests/edge_core/test_session.py
"""

from __future__ import annotations

import ctypes as c
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .building import CORE, LEXICON, SECOND_LOOK, built

_BYTES: Final = c.POINTER(c.c_uint8)
_OUT: Final = (c.POINTER(_BYTES), c.POINTER(c.c_size_t))
_PTR, _SIZE, _INT, _NAME = c.c_void_p, c.c_size_t, c.c_int, c.c_char_p
_FLOATS: Final = c.POINTER(c.c_float)
#: Result and parameters of each function of the header.
SIGNATURES: Final[Mapping[str, tuple[Any, ...]]] = {
    "obclip_abi": (c.c_uint32,),
    "obclip_core_new": (_INT, _NAME, _SIZE, _NAME, _SIZE, c.POINTER(_PTR)),
    "obclip_core_free": (None, _PTR),
    "obclip_core_lexicon": (_INT, _PTR, *_OUT),
    "obclip_last_error": (_INT, _PTR, *_OUT),
    "obclip_options_new": (_INT, _PTR, c.POINTER(_PTR)),
    "obclip_options_free": (None, _PTR),
    "obclip_set": (_INT, _PTR, _NAME, _NAME, _SIZE),
    "obclip_set_tokenizer": (_INT, _PTR, _NAME, _SIZE),
    "obclip_set_ledger": (_INT, _PTR, _NAME, _SIZE, _NAME, _SIZE, c.c_int64),
    "obclip_session_new": (_INT, _PTR, _PTR, _NAME, _SIZE, c.c_uint64, _NAME, _SIZE, c.POINTER(_PTR)),
    "obclip_session_free": (None, _PTR),
    "obclip_next": (_INT, _PTR),
    "obclip_get_text": (_INT, _PTR, _INT, _SIZE, *_OUT),
    "obclip_get_bytes": (_INT, _PTR, _INT, *_OUT),
    "obclip_get_number": (_INT, _PTR, _INT, _SIZE, c.POINTER(c.c_double)),
    "obclip_give_decision": (_INT, _PTR, _SIZE, _NAME),
    "obclip_give_stored": (_INT, _PTR, _INT),
    "obclip_give_response": (_INT, _PTR, _INT, _NAME, _SIZE),
    "obclip_give_failure": (_INT, _PTR, _INT, _NAME, _SIZE),
    "obclip_give_floats": (_INT, _PTR, _FLOATS, _SIZE),
    "obclip_cancel": (_INT, _PTR),
    "obclip_alloc": (_PTR, _SIZE),
    "obclip_release": (None, _PTR),
}


def _names() -> SimpleNamespace:
    """The header's numbers by their names without "OBCLIP_"."""
    text = (CORE / "include/obclip/core.h").read_text(encoding="utf-8")
    pairs = re.findall(r"OBCLIP_([A-Z0-9_]+) = (\d+)|#define OBCLIP_([A-Z]+) (\d+)", text)
    return SimpleNamespace(**{a or b: int(n or m) for a, n, b, m in pairs})


#: ``NAMES.DONE``, ``NAMES.MEMBER``, ``NAMES.COINS``, …
NAMES: Final = _names()
ACTIONS: Final = {getattr(NAMES, name): name for name in (
    "NEEDS_DECISION", "DETECTED", "STORE", "SEND", "ENCODE_TEXT", "DENOISE", "STEP", "DECODE", "DONE", "STOPPED"
)}  # fmt: skip
REFUSALS: Final = {getattr(NAMES, name): name for name in (
    "INPUT", "PRIVACY", "IMPLIED", "LEDGER", "BUDGET", "LEXICON", "BUNDLE", "CLOUD", "UNREACHABLE", "DEADLINE",
    "LATENT", "RUNTIME", "CANCELLED",
)}  # fmt: skip


class CallError(Exception):
    """A function did not give OBCLIP_OK: ``status``, and the words of obclip_last_error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@cache
def library() -> Any:
    """The shared library, built or the one that was named."""
    named = os.environ.get("OBCLIP_CORE_LIBRARY")
    if named:
        path = Path(named)
    else:
        folder = built()
        path = next(p for n in ("libobclip.so", "libobclip.dylib", "obclip.dll") if (p := folder / n).exists())
    loaded = c.CDLL(str(path.resolve()))
    for name, (result, *parameters) in SIGNATURES.items():
        function = getattr(loaded, name)
        function.restype, function.argtypes = result, parameters
    return loaded


def said(handle: Any) -> str:
    """The words of obclip_last_error; of obclip_core_new where there is no core."""
    return _taken(lambda *out: library().obclip_last_error(handle, *out))[1].decode()


def _taken(get: Any) -> tuple[int, bytes]:
    at, size = _BYTES(), c.c_size_t()
    status = get(c.byref(at), c.byref(size))
    return status, c.string_at(at, size.value) if status == NAMES.OK else b""


class Core:
    """The word lists, opened."""

    def __init__(self, lexicon: bytes, second_look: bytes) -> None:
        self.handle = _PTR()
        made = library().obclip_core_new(lexicon, len(lexicon), second_look, len(second_look), c.byref(self.handle))
        if made != NAMES.OK:
            raise CallError(made, said(None))

    @property
    def lexicon(self) -> str:
        return _taken(lambda *out: library().obclip_core_lexicon(self.handle, *out))[1].decode()

    def check(self, status: int) -> None:
        if status != NAMES.OK:
            raise CallError(status, said(self.handle))

    def __del__(self) -> None:
        library().obclip_core_free(self.handle)


@cache
def opened() -> Core:
    """One core for all tests; it may serve any number of sessions."""
    return Core(LEXICON.read_bytes(), SECOND_LOOK.read_bytes())


class Options:
    """What sessions work with. Values are shown as the ABI wants them."""

    def __init__(self, core: Core, values: Mapping[str, Any] | None = None, tokenizer: bytes = b"") -> None:
        self.core, self.handle = core, _PTR()
        core.check(library().obclip_options_new(core.handle, c.byref(self.handle)))
        for name, value in (values or {}).items():
            self.set(name, value)
        if tokenizer:
            core.check(library().obclip_set_tokenizer(self.handle, tokenizer, len(tokenizer)))

    def set(self, name: str, value: Any) -> None:
        data = shown(value).encode("utf-8", "surrogatepass")
        self.core.check(library().obclip_set(self.handle, name.encode(), data, len(data)))

    def set_ledger(self, data: bytes, key: bytes, now: int) -> None:
        self.core.check(library().obclip_set_ledger(self.handle, data, len(data), key, len(key), now))

    def __del__(self) -> None:
        library().obclip_options_free(self.handle)


def shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return (
        ",".join(value) if isinstance(value, tuple | list) else repr(value) if isinstance(value, float) else str(value)
    )


class Session:
    """One picture."""

    def __init__(self, options: Options, prompt: str, seed: int, coins: bytes = b"") -> None:
        self.core, self.handle = options.core, _PTR()
        text = prompt.encode("utf-8", "surrogatepass")
        self.core.check(library().obclip_session_new(
            self.core.handle, options.handle, text, len(text), seed, coins, len(coins), c.byref(self.handle)
        ))  # fmt: skip

    def next(self) -> int:
        action = int(library().obclip_next(self.handle))
        if action == 0:
            raise CallError(NAMES.MISUSE, said(self.core.handle))
        return action

    def text(self, field: int, index: int = 0) -> str:
        status, data = _taken(lambda *out: library().obclip_get_text(self.handle, field, index, *out))
        self.core.check(status)
        return data.decode()

    def texts(self, field: int, count: int) -> list[str]:
        return [self.text(field, i) for i in range(int(self.number(count)))]

    def buffer(self, field: int) -> bytes:
        status, data = _taken(lambda *out: library().obclip_get_bytes(self.handle, field, *out))
        self.core.check(status)
        return data

    def floats(self, field: int, *shape: int) -> NDArray[Any]:
        return np.frombuffer(self.buffer(field), "<f4").reshape(shape).copy()

    def number(self, field: int, index: int = 0) -> float:
        value = c.c_double()
        self.core.check(library().obclip_get_number(self.handle, field, index, c.byref(value)))
        return value.value

    def give_decision(self, finding: int, decision: str) -> None:
        self.core.check(library().obclip_give_decision(self.handle, finding, decision.encode()))

    def give_stored(self, stored: bool) -> None:
        self.core.check(library().obclip_give_stored(self.handle, int(stored)))

    def give_response(self, status: int, body: bytes) -> None:
        self.core.check(library().obclip_give_response(self.handle, status, body, len(body)))

    def give_failure(self, refusal: int, message: str) -> None:
        data = message.encode()
        self.core.check(library().obclip_give_failure(self.handle, refusal, data, len(data)))

    def give_floats(self, values: Any) -> None:
        array = np.ascontiguousarray(values, np.float32)
        self.core.check(library().obclip_give_floats(self.handle, array.ctypes.data_as(_FLOATS), array.size))

    def cancel(self) -> None:
        self.core.check(library().obclip_cancel(self.handle))

    def __del__(self) -> None:
        library().obclip_session_free(self.handle)
