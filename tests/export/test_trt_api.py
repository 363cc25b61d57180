"""Every name of TensorRT's Python API that our code uses exists in the real bindings: 10.1 to 11.4, and RTX 1.7."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from export.tensorrt.api import Api, can_dump, dump, installed_bindings, load_all

from .trt_walk import Walk

ROOT = Path(__file__).parents[2]
SOURCES = ("cloud_engine/backends/tensorrt/backend.py", "cloud_engine/backends/tensorrt/flavours.py",
           "cloud_engine/backends/tensorrt/library.py", "cloud_engine/backends/tensorrt/runtime.py",
           "export/tensorrt/build.py", "export/tensorrt/job.py")  # fmt: skip
LIBRARIES = load_all()
VERSIONS = [api for api in LIBRARIES if api.library == "tensorrt"]
#: What must have been looked up in each library, or the walk lost track of a value's class.
EXPECTED = {
    "tensorrt": (("IBuilderConfig", "set_timing_cache"), ("ITimingCache", "serialize")),
    "tensorrt_rtx": (
        ("IBuilderConfig", "set_compute_capability"),
        ("ICudaEngine", "create_runtime_config"),
        ("IRuntimeConfig", "set_runtime_cache"),
        ("IRuntimeConfig", "cuda_graph_strategy"),
        ("CudaGraphStrategy", "WHOLE_GRAPH_CAPTURE"),
    ),
}


def _walk(api: Api, text: str) -> list[str]:
    walk = Walk(api)
    walk.file(text, "sample.py")
    return walk.faults


@pytest.mark.parametrize("api", LIBRARIES, ids=lambda api: f"{api.library} {api.version}")
def test_every_name_that_our_code_touches_exists(api: Api) -> None:
    walk = Walk(api)
    for source in SOURCES:
        walk.file((ROOT / source).read_text(), source)
    assert walk.faults == []
    for expected in (
        ("IExecutionContext", "execute_async_v3"),
        ("IExecutionContext", "set_device_memory"),
        ("ICudaEngine", "device_memory_size_v2"),
        ("IBuilderConfig", "hardware_compatibility_level"),
        ("IOptimizationProfile", "set_shape"),
        *EXPECTED[api.library],
        ("ParserError", "desc"),
        ("BuilderFlag", "WEIGHT_STREAMING"),
        ("OnnxParserRefitter", "refit_from_file"),
    ):
        assert expected in walk.used, "the walk lost track of a value's class"
    assert len(walk.used) > 50


def test_no_other_file_of_ours_uses_the_module() -> None:
    users = {
        str(file.relative_to(ROOT))
        for package in ("cloud_engine", "export", "benchmarks", "edge_sdk")
        for file in (ROOT / package).rglob("*.py")
        if "trt: Any" in (text := file.read_text())
        or "import tensorrt\n" in text
        or "import_module(flavour.module)" in text
    }
    assert users <= set(SOURCES)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("trt.BuilderFlag.FP17", "has no FP17"),
        ("trt.LoggerX", "has no LoggerX"),
        ("context.execute_async_v2(0)", "has no execute_async_v2"),
        ("context.execute_async_v3()", "takes self"),
        ("context.execute_async_v3(stream=0)", "takes self"),
        ("engine.num_layers = 3", "cannot be set"),
        ("trt.Builder(trt.Logger()).create_network(0).add_magic()", "has no add_magic"),
        ("config = trt.Builder(trt.Logger())", "by its name a IBuilderConfig"),
        ("runtime.deserialize_cuda_engine(b'').get_binding_name(0)", "has no get_binding_name"),
    ],
)
def test_the_walk_finds_what_is_wrong(line: str, says: str) -> None:
    faults = _walk(VERSIONS[-1], f"def f(trt, context, engine, runtime, config):\n    {line}\n")
    assert len(faults) == 1
    assert says in faults[0]


def test_what_went_in_11_is_there_in_10() -> None:
    """The lists differ as the migration guide says; code that used the old names would be found."""
    old, new = VERSIONS[0], VERSIONS[-1]
    assert (old.version, new.version) == ("10.1.0", "11.4.0.106")
    for line in ("trt.NetworkDefinitionCreationFlag.EXPLICIT_BATCH", "trt.BuilderFlag.FP16"):
        text = f"def f(trt):\n    {line}\n"
        assert _walk(old, text) == []
        assert "11.4.0.106 has no" in _walk(new, text)[0]


@pytest.mark.parametrize("library", ["tensorrt", "tensorrt_rtx"])
def test_the_list_is_that_of_the_installed_bindings(library: str) -> None:
    """Imports the real extension, TensorRT's beside empty libraries, and lists it again."""
    bindings = installed_bindings(library)
    if bindings is None or not can_dump():
        pytest.skip("needs the bindings wheel and a C compiler, on Linux")
    listed = dump(bindings)
    stored = {api.version: api for api in LIBRARIES if api.library == library}
    assert listed["version"] == version(f"{library}_cu13_bindings")
    if listed["version"] in stored:
        api = stored[listed["version"]]
        assert {name: dict(entry) for name, entry in api.classes.items()} == listed["classes"]
    api = Api(library, listed["version"], listed["classes"], tuple(listed["functions"]))
    walk = Walk(api)
    for source in SOURCES:
        walk.file((ROOT / source).read_text(), source)
    assert walk.faults == []
