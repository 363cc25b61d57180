"""This machine: the installation, the libraries that run graphs, what could speed them up, and the ledger."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any, Final

from .findings import Finding, failed

__all__ = ["examine_accelerators", "examine_installation", "examine_ledger", "examine_runtimes"]

#: What runs graphs: its name, the module, the distributions that bring it, what it is for, how it is had.
_RUNTIMES: Final = (
    ("LiteRT", "ai_edge_litert", ("ai-edge-litert",), "the device's part", "pip install ai-edge-litert"),
    (
        "ONNX Runtime",
        "onnxruntime",
        ("onnxruntime", "onnxruntime-gpu"),
        "an engine on this machine",
        "pip install 'obclip[cloud]'",
    ),
    ("torch", "torch", ("torch",), "the torch backend and export", "pip install 'obclip[torch]'"),
    (
        "TensorRT",
        "tensorrt",
        ("tensorrt", "tensorrt-cu13", "tensorrt-cu12"),
        "the tensorrt backend",
        "pip install 'obclip[tensorrt]'",
    ),
    (
        "TensorRT for RTX",
        "tensorrt_rtx",
        ("tensorrt-rtx-cu13",),
        "the tensorrt-rtx backend, and its engines on any machine",
        "pip install 'obclip[tensorrt-rtx]'",
    ),
    ("CoreML", "coremltools", ("coremltools",), "CoreML packages", "pip install 'obclip[export]'"),
)
#: Without these no picture can be made.
_NEEDED: Final = ("LiteRT",)
_CUDA_OK: Final = 0


def examine_installation() -> Finding:
    """Versions, and whether the compiled lexicon can be read."""
    from obclip_contract.errors import ObclipError

    from ... import __version__
    from ...attributes import LEXICON_VERSION, lexicon

    name = "obclip"
    try:
        lexicon()
    except ObclipError as error:
        return failed(name, error, "install obclip again; in a checkout: obclip lexicon build")
    cores = os.cpu_count() or 1
    says = (
        f"obclip {__version__}, lexicon {LEXICON_VERSION}, Python {platform.python_version()}, "
        f"{platform.system()} {platform.machine()}, {cores} cores"
    )
    more = {
        "version": str(__version__),
        "lexicon": LEXICON_VERSION,
        "python": platform.python_version(),
        "cores": cores,
    }
    return Finding(name, "ok", says, more={**more, "system": platform.system(), "machine": platform.machine()})


def examine_runtimes() -> list[Finding]:
    """Which are installed, and their versions. They are not loaded: torch alone takes seconds."""
    return [_runtime(*row) for row in _RUNTIMES]


def _runtime(name: str, module: str, packages: tuple[str, ...], serves: str, remedy: str) -> Finding:
    installed = _version(packages) if find_spec(module) is not None else None
    more: dict[str, Any] = {"version": installed}
    if installed is not None:
        if name == "CoreML" and sys.platform != "darwin":
            return Finding(
                name, "ok", f"coremltools {installed}: writes packages; they run on Apple's systems", more=more
            )
        return Finding(name, "ok", f"{installed}, for {serves}", more=more)
    if name in _NEEDED:
        return Finding(name, "error", f"not installed; {serves} needs it", remedy, 1, more)
    return Finding(name, "absent", f"not installed; {serves} would need it ({remedy})", more=more)


def _version(packages: tuple[str, ...]) -> str:
    for package in packages:
        try:
            return version(package)
        except PackageNotFoundError:
            continue
    return "of unknown version"


def examine_accelerators() -> list[Finding]:
    """NVIDIA's GPUs by the driver itself, and whether an installed backend can use them; Apple's by the system."""
    if sys.platform == "darwin" and platform.machine() == "arm64":
        return [Finding("accelerators", "ok", "Apple's GPU and Neural Engine, through CoreML", more={"apple": True})]
    gpus = _nvidia()
    if not gpus:
        return [Finding("accelerators", "absent", "none found: graphs run on the CPU", more={"gpus": []})]
    users = [
        name
        for name, found in (
            ("torch", _torch_has_cuda()),
            ("TensorRT", find_spec("tensorrt") is not None),
            ("TensorRT for RTX", find_spec("tensorrt_rtx") is not None),
        )
        if found
    ]
    says = f"{', '.join(gpus)}; used by {', '.join(users)} where asked for" if users else ", ".join(gpus)
    if users:
        return [Finding("accelerators", "ok", says, more={"gpus": gpus, "used_by": users})]
    remedy = "for 'obclip serve --backend torch --device cuda' install a CUDA build of torch"
    return [Finding("accelerators", "warning", f"{says}; no installed backend can use it", remedy, more={"gpus": gpus})]


def _torch_has_cuda() -> bool:
    """By its version: a CPU build says so (``2.9.0+cpu``)."""
    return find_spec("torch") is not None and "+cpu" not in _version(("torch",))


def _nvidia() -> list[str]:
    """Names of NVIDIA's GPUs; empty without a driver."""
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return []
    count = ctypes.c_int(0)
    if driver.cuInit(0) != _CUDA_OK or driver.cuDeviceGetCount(ctypes.byref(count)) != _CUDA_OK:
        return []
    names = []
    for number in range(count.value):
        device, text = ctypes.c_int(0), ctypes.create_string_buffer(128)
        driver.cuDeviceGet(ctypes.byref(device), number)
        driver.cuDeviceGetName(text, len(text), device)
        names.append(text.value.decode("ascii", "replace"))
    return names


def examine_ledger() -> Finding:
    """Read, and not made if it is not there."""
    from ...errors import LedgerError
    from ...ledger import Ledger

    try:
        ledger = Ledger()
        account = ledger.account()
    except LedgerError as error:
        remedy = "put a copy of it back, begin a new one with 'obclip ledger wipe', or name another place: OBCLIP_HOME"
        return failed("ledger", error, remedy)
    place = next((p for p in (ledger.folder, *ledger.folder.parents) if p.exists()), ledger.folder)
    if not os.access(place, os.W_OK):
        return Finding(
            "ledger",
            "warning",
            f"{place} is not writable: no request is entered, and k-subset is refused",
            "make it writable, or set OBCLIP_HOME to another folder",
        )
    budget = "no budget" if account.budget is None else f"budget {account.budget:g}, left {account.left:.3g}"
    says = f"{ledger.folder}: epsilon {account.basic:.3g} in {account.draws} draws; {budget}"
    return Finding("ledger", "ok", says, more={"folder": str(ledger.folder), **vars(account), "left": account.left})
