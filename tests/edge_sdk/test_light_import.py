"""``import edge_sdk`` and the command's start stay light, in a process of their own."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "diffusers", "transformers", "tensorrt", "cloud_engine", "onnxruntime", "ai_edge_litert", "PIL")


@pytest.mark.parametrize(
    "code",
    [
        "import edge_sdk",
        "import edge_sdk.cli.main, edge_sdk.cli.generate, edge_sdk.cli.candidates",
        "import edge_sdk; edge_sdk.release('a woman pilot with dark skin', edge_sdk.Privacy())",
    ],
)
def test_nothing_heavy_is_loaded(code: str) -> None:
    check = f"{code}\nimport sys\nprint(sorted(set(sys.modules) & set({HEAVY!r})))"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("heavy", ["torch", "diffusers", "transformers", "tensorrt", "cloud_engine"])
def test_the_pipeline_itself_never_loads(heavy: str) -> None:
    check = f"from edge_sdk import ObliviousPipeline\nimport sys\nassert {heavy!r} not in sys.modules"
    subprocess.run([sys.executable, "-c", check], check=True)


def test_unknown_names_are_attribute_errors() -> None:
    import edge_sdk

    with pytest.raises(AttributeError, match="no_such_name"):
        edge_sdk.no_such_name  # noqa: B018
    from edge_sdk import errors, events

    wanted = {"ObliviousPipeline", "CloudClient", "Privacy", "Settings", "Receipt", "Ledger", "release", "__version__"}
    assert set(edge_sdk.__all__) >= wanted | {"BundleError"} | set(errors.__all__) | set(events.__all__)
    assert edge_sdk.__version__[0].isdigit()
    assert all(getattr(edge_sdk, name) for name in edge_sdk.__all__)
    assert set(edge_sdk.__all__) <= set(dir(edge_sdk))


def test_the_package_itself_loads_nothing_of_its_own() -> None:
    check = "import edge_sdk, sys\nprint([m for m in sys.modules if m.startswith('edge_sdk.') or m == 'numpy'])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
