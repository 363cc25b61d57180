"""The names and signatures of TensorRT's Python API, read out of the real bindings without TensorRT's libraries.

The wheels ``tensorrt_cu12_bindings`` and ``tensorrt_cu13_bindings`` hold the extension module alone; it links to
libraries of several gigabytes that a CI machine lacks. Its ``import`` needs no function of them, only that the
names resolve. So a C file of empty functions is compiled under the libraries' names, the extension is imported in
a child process beside them, and its classes are listed. Nothing of TensorRT runs.

    python -m export.tensorrt.api BINDINGS_FOLDER OUT.json      (needs a C compiler, ``nm`` and ``readelf``)

TensorRT for RTX is small enough to be there whole: its list (``api_rtx_*.json``) is read out of the library itself.

The lists in this folder (``api_*.json``) were made that way; ``tests/export/test_trt_api.py`` makes the one of
the installed wheel again and compares, and holds our code against all of them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..errors import ExportError

__all__ = ["CLASSES", "Api", "ApiError", "dump", "installed_bindings", "load_all"]

#: What our code may use; a class that is not listed here is unknown to the check.
CLASSES: Final = (
    "Builder",
    "BuilderFlag",
    "ComputeCapability",
    "CudaGraphStrategy",
    "DataType",
    "Dims",
    "DynamicShapesKernelSpecializationStrategy",
    "ExecutionContextAllocationStrategy",
    "HardwareCompatibilityLevel",
    "IBuilderConfig",
    "ICudaEngine",
    "IExecutionContext",
    "IHostMemory",
    "ILogger",
    "INetworkDefinition",
    "IOptimizationProfile",
    "IRuntimeCache",
    "IRuntimeConfig",
    "ITensor",
    "ITimingCache",
    "Logger",
    "MemoryPoolType",
    "NetworkDefinitionCreationFlag",
    "OnnxParser",
    "OnnxParserFlag",
    "OnnxParserRefitter",
    "ParserError",
    "ProfilingVerbosity",
    "Refitter",
    "Runtime",
    "TensorIOMode",
)
_TOOLS: Final = ("cc", "nm", "readelf")
_C_NAME: Final = re.compile(r"[A-Za-z_]\w*")

#: Runs in the child: lists what the extension has. Only the standard library and the extension are imported.
_LIST: Final = r"""
import importlib, json, re, sys
trt = importlib.import_module(sys.argv[2])

def signatures(text, name):
    found = re.findall(r"^(?:\d+\. )?%s\((.*)\) -> (.*)$" % re.escape(name), text or "", re.M)
    return [[a, r] for a, r in found if a != "*args, **kwargs"]

out = {}
for name in sys.argv[1].split(","):
    cls = getattr(trt, name, None)
    if cls is None:
        continue
    members = sorted(getattr(cls, "__members__", {}))
    entry = {"methods": {}, "properties": {}, "members": members}
    for attribute in sorted(dir(cls)):
        if attribute.startswith("_") and attribute != "__init__":
            continue
        value = getattr(cls, attribute)
        if attribute in members:
            continue
        if isinstance(value, property):
            getter = re.search(r"-> (.*)$", value.fget.__doc__ or "", re.M)
            entry["properties"][attribute] = [getter.group(1) if getter else "", value.fset is not None]
        elif callable(value) and not isinstance(value, type):
            found = signatures(value.__doc__, attribute)
            if found or attribute != "__init__":
                entry["methods"][attribute] = found
        else:
            entry["properties"][attribute] = [type(value).__name__, False]
    out[name] = entry
functions = sorted(n for n in dir(trt) if not n.startswith("_") and not isinstance(getattr(trt, n), type))
print(json.dumps({"version": trt.__version__, "classes": out, "functions": functions}))
"""


class ApiError(ExportError):
    """The names cannot be read here: no wheel, no C compiler, or the extension does not import."""


@dataclass(frozen=True)
class Api:
    """One version's names: ``classes[name]`` holds ``methods`` (signatures), ``properties`` and enum ``members``.

    ``library``: ``tensorrt`` or ``tensorrt_rtx``.
    """

    library: str
    version: str
    classes: Mapping[str, Mapping[str, Any]]
    functions: tuple[str, ...]


def installed_bindings(library: str = "tensorrt") -> Path | None:
    """The folder of a library's installed bindings wheel, or ``None``. The package itself is not imported."""
    import importlib.util

    spec = importlib.util.find_spec(f"{library}_bindings")
    return Path(spec.origin).parent if spec is not None and spec.origin else None


def can_dump() -> bool:
    """Whether this machine has the tools that `dump` needs."""
    return sys.platform == "linux" and all(shutil.which(tool) for tool in _TOOLS)


def dump(bindings: Path) -> dict[str, Any]:
    """Import the extension in ``bindings`` and list `CLASSES`: TensorRT's beside empty libraries, TensorRT for RTX's
    beside its own, which are small.

    Raises:
        ApiError: a tool is missing or the extension does not import.
    """
    extension = bindings / f"{bindings.name.removesuffix('_bindings')}.so"
    if not extension.is_file():
        raise ApiError(f"{bindings} holds no {extension.name}: install the bindings wheel (Linux)")
    stand_alone = (bindings.parent / bindings.name.replace("_bindings", "_libs")).is_dir()
    if not stand_alone and not can_dump():
        raise ApiError(f"reading the bindings needs {', '.join(_TOOLS)} on Linux")
    with tempfile.TemporaryDirectory() as scratch:
        if not stand_alone:
            _write_empty_libraries(extension, Path(scratch))
        environment = {**os.environ, "LD_LIBRARY_PATH": scratch, "PYTHONPATH": str(bindings.parent)}
        command = [sys.executable, "-c", _LIST, ",".join(CLASSES), bindings.name]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        raise ApiError(f"{extension} does not import beside empty libraries: {last[0]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _write_empty_libraries(extension: Path, folder: Path) -> None:
    """One shared object per needed NVIDIA library, each with every undefined name as an empty function."""
    undefined = _output("nm", "-D", "-u", str(extension)).splitlines()
    names = [line.split()[-1] for line in undefined if " U " in line and "@" not in line]
    plain = [n for n in names if _C_NAME.fullmatch(n) and not n.startswith(("Py", "_Py", "__"))]
    source = folder / "empty.c"
    source.write_text("".join(f"void *{name}(void) {{ return 0; }}\n" for name in plain))
    for library in re.findall(r"\[(libnv[^\]]*)\]", _output("readelf", "-d", str(extension))):
        _output("cc", "-shared", "-fPIC", f"-Wl,-soname,{library}", "-o", str(folder / library), str(source))


def _output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise ApiError(f"{command[0]} failed: {done.stderr.strip().splitlines()[-1:]}")
    return done.stdout


def load_all() -> list[Api]:
    """The stored lists, each library's oldest version first."""
    found = []
    for file in Path(__file__).parent.glob("api_*.json"):
        library = "tensorrt_rtx" if file.name.startswith("api_rtx_") else "tensorrt"
        raw = json.loads(file.read_text(encoding="utf-8"))
        found.append(Api(library, raw["version"], raw["classes"], tuple(raw["functions"])))
    return sorted(found, key=lambda api: (api.library, *(int(part) for part in re.findall(r"\d+", api.version))))


def main(arguments: list[str]) -> None:
    """``BINDINGS_FOLDER OUT.json [WHEEL_NAME]``: write one list."""
    listed = dump(Path(arguments[0]))
    if len(arguments) > 2:
        listed["wheel"] = arguments[2]
    Path(arguments[1]).write_text(json.dumps(listed, indent=0, sort_keys=True).replace("\n", "") + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
