"""``obclip export triton``: what is written is what Triton's own schema and the bundle say."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from edge_sdk.cli.main import main
from export.errors import OptionError, OutputError
from export.triton import INDEX, export_triton
from obclip_contract import BundleError, open_bundle, sha256_file

ROWS = (1, 2, 4)


@pytest.fixture(scope="module")
def repository(random_bundles: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("triton") / "repository"
    export_triton(out, random_bundles / "cloud", ROWS)
    return out


def schema() -> Any:
    """Triton's published protobuf, as its Python client carries it; the rest of that client is not needed."""
    found = importlib.util.find_spec("tritonclient")
    if found is None or not found.submodule_search_locations:
        pytest.skip("NOT CHECKED against Triton's model_config.proto: scripts/test installs it (tritonclient)")
    file = Path(found.submodule_search_locations[0]) / "grpc" / "model_config_pb2.py"
    spec = importlib.util.spec_from_file_location("model_config_pb2", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def parse() -> Any:
    """Reads a ``config.pbtxt``; a name or a value that the schema does not have is an error."""
    found = schema()
    from google.protobuf import text_format

    return lambda text: text_format.Parse(text, found.ModelConfig())


def test_every_config_is_of_tritons_schema(repository: Path, parse: Any) -> None:
    folders = sorted(p for p in repository.iterdir() if p.is_dir())
    assert len(folders) >= 5
    for folder in folders:
        config = parse((folder / "config.pbtxt").read_text())
        assert config.name == folder.name
        assert config.backend == "onnxruntime"
        assert (folder / "1" / config.default_model_filename).is_file()
        assert not config.HasField("dynamic_batching")
        assert not config.response_cache.enable


def test_inputs_and_outputs_are_the_graphs_own(repository: Path, random_bundles: Path, parse: Any) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    types = {"TYPE_FP32": "tensor(float)", "TYPE_INT32": "tensor(int32)", "TYPE_INT64": "tensor(int64)"}
    for folder in (p for p in repository.iterdir() if p.is_dir()):
        config = parse((folder / "config.pbtxt").read_text())
        session = onnxruntime.InferenceSession(str(folder / "1" / "model.onnx"), providers=["CPUExecutionProvider"])
        for told, real in ((config.input, session.get_inputs()), (config.output, session.get_outputs())):
            names = {t.name: t for t in real}
            assert {t.name for t in told} == set(names)
            for tensor in told:
                shape = [n if isinstance(n, int) else -1 for n in names[tensor.name].shape]
                assert list(tensor.dims) == (shape[1:] if config.max_batch_size else shape)
                word = tensor.DESCRIPTOR.fields_by_name["data_type"].enum_type.values_by_number[tensor.data_type].name
                assert types[word] == names[tensor.name].type


def test_it_is_warmed_up_at_each_bucket_and_takes_no_more(repository: Path, parse: Any) -> None:
    for folder in (p for p in repository.iterdir() if p.is_dir()):
        config = parse((folder / "config.pbtxt").read_text())
        assert [w.name for w in config.model_warmup] == [f"rows_{n}" for n in ROWS]
        names = {t.name for t in config.input}
        for rows, warmup in zip(ROWS, config.model_warmup, strict=True):
            assert set(warmup.inputs) == names
            if config.max_batch_size:
                assert (config.max_batch_size, warmup.batch_size) == (ROWS[-1], rows)
            else:
                assert {t.name for t in config.input if t.dims[0] == -1}
                assert all(warmup.inputs[t.name].dims[0] == rows for t in config.input if t.dims[0] == -1)


def test_the_index_names_the_pair_and_the_graphs_are_unchanged(repository: Path, random_bundles: Path) -> None:
    index = json.loads((repository / INDEX).read_text())
    bundle = open_bundle(random_bundles / "cloud")
    assert index["pair_sha256"] == bundle.manifest.pair_sha256
    for model in index["models"]:
        copied = repository / model["name"] / "1" / "model.onnx"
        assert sha256_file(copied) == sha256_file(bundle.root / model["file"])


def test_an_accelerator_is_named_as_triton_names_it(random_bundles: Path, tmp_path: Path, parse: Any) -> None:
    export_triton(tmp_path / "gpu", random_bundles / "cloud", (2,), "tensorrt")
    for folder in (p for p in (tmp_path / "gpu").iterdir() if p.is_dir()):
        config = parse((folder / "config.pbtxt").read_text())
        (accelerator,) = config.optimization.execution_accelerators.gpu_execution_accelerator
        assert accelerator.name == "tensorrt"
        assert config.instance_group[0].kind == config.instance_group[0].KIND_GPU


def test_what_is_there_stays_unless_it_is_to_be_replaced(random_bundles: Path, tmp_path: Path) -> None:
    out = tmp_path / "repository"
    export_triton(out, random_bundles / "cloud", (1,))
    before = (out / INDEX).read_text()
    with pytest.raises(OutputError, match="--overwrite"):
        export_triton(out, random_bundles / "cloud", (2,))
    assert (out / INDEX).read_text() == before
    export_triton(out, random_bundles / "cloud", (2,), overwrite=True)
    assert (out / INDEX).read_text() != before
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine").write_text("mine")
    with pytest.raises(OutputError, match="not an exported Triton repository"):
        export_triton(tmp_path / "other", random_bundles / "cloud", (1,), overwrite=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["other", "repository"]


@pytest.mark.parametrize("rows", [(), (0,), (-1, 2), (10**9,)])
def test_rows_out_of_bounds_are_refused(rows: tuple[int, ...], random_bundles: Path, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="--rows"):
        export_triton(tmp_path / "out", random_bundles / "cloud", rows)
    assert not list(tmp_path.iterdir())


def test_an_edge_bundle_is_refused(random_bundles: Path, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="cloud bundle is needed"):
        export_triton(tmp_path / "out", random_bundles / "edge", (1,))
    assert not list(tmp_path.iterdir())


def run(*arguments: str) -> int:
    """The command's exit code."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


def test_the_command_prints_json(random_bundles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["export", "triton", "--cloud-bundle", str(random_bundles / "cloud"), "--out", str(tmp_path / "t")]
    assert run(*given, "--rows", "1,2", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert {m["role"] for m in told["models"]} >= {"unet", "text_encoder", "step.text"}
    assert run(*given, "--json") == 2
    assert run(*given, "--rows", "one", "--json") == 2


def test_help_has_examples() -> None:
    from export.cli.triton import command

    text = CliRunner().invoke(command, ["--help"]).output
    assert "Examples:" in text
    assert "tritonserver" in text
