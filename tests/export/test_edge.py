"""The edge bundle: precisions, metadata, the same bytes again, and what a failing check does."""

from __future__ import annotations

import json
import resource
import signal
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from edge_sdk.runtimes.litert import LiteRtRuntime
from export import edge as edge_module
from export import graphs, tensors
from export.bundles import EdgeOptions, export_edge
from export.cli.bundle import command as bundle_command
from export.cli.export import command as export_command
from export.errors import ConversionError, OptionError, OutputError, VerificationError
from export.litert import convert as litert
from export.litert import file as litert_file
from export.pair import load_source
from export.staging import need_room
from export.verify.interpreters import litert_interpreter
from export.verify.precision import choose
from obclip_contract import UnverifiedBundleWarning, open_bundle, sampler_table
from obclip_contract.manifest import SAMPLER_COLUMNS


@pytest.fixture(scope="module")
def exported(random_pair: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """An edge bundle from the command, in all three precisions, and the command's JSON."""
    out = tmp_path_factory.mktemp("edge")
    pair = ["--large", str(random_pair / "large"), "--small", str(random_pair / "small")]
    done = CliRunner().invoke(
        export_command,
        ["edge", *pair, "--out", str(out), "--precision", "int8,fp16,fp32", "--pictures", "1", "--json"],
        catch_exceptions=False,
    )
    return out / "edge", json.loads(done.stdout)["edge"]


def test_a_convolution_of_over_32_mib_becomes_int8(tmp_path: Path) -> None:
    """The widest convolutions of BK-SDM and SD are of 59 and 118 MB; the quantizer alone fails on them."""

    class Wide(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = torch.nn.Conv2d(1024, 1024, 3, padding=1)
            with torch.no_grad():  # channels of very different size: a wrong scale would show
                self.conv.weight *= torch.logspace(-2, 2, 1024).view(-1, 1, 1, 1)

        def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
            return {"y": self.conv(x)}

    torch.manual_seed(0)
    graph = graphs.Graph("wide", Wide().eval(), {"x": torch.randn(1, 1024, 3, 3)}, "y")
    assert graph.module.conv.weight.nbytes > 32 * 2**20
    litert.convert({"main": graph}, tmp_path / "fp32.tflite")
    litert.reduce(tmp_path / "fp32.tflite", "int8", tmp_path / "int8.tflite")
    assert (tmp_path / "int8.tflite").stat().st_size < 10_000_000
    with torch.no_grad():
        want = graph.module(**graph.inputs)["y"].numpy()
    runner = litert_interpreter(tmp_path / "int8.tflite").get_signature_runner("main")
    got = runner(x=graph.inputs["x"].numpy())["y"]
    error = np.abs(got - want).max(axis=(0, 2, 3)) / np.abs(want).max(axis=(0, 2, 3))
    assert 0 < error.max() < 0.05


def test_every_graph_in_every_precision(exported: tuple[Path, dict[str, Any]]) -> None:
    folder, summary = exported
    bundle = open_bundle(folder, "edge")
    assert bundle.manifest.verified
    sizes = {f.path: f.bytes for f in bundle.manifest.files}
    for role in ("text_encoder", "unet", "vae_decoder"):
        made = {g.precision: g for g in bundle.manifest.graphs if g.role == role}
        assert list(made) == ["int8", "fp16", "fp32"]  # the order asked for is the order of preference
        assert sizes[made["int8"].file] < sizes[made["fp16"].file] < sizes[made["fp32"].file]
    assert [s.name for s in bundle.graph("unet").signatures] == ["guided", "plain"]
    assert [s.inputs[0].shape[0] for s in bundle.graph("unet").signatures] == [2, 1]
    checks = {(c["file"], c["signature"]): c for c in summary["checks"]}
    assert len(checks) == 13  # the picture by diffusers' own pipeline is one
    assert checks["small model", "diffusers"]["psnr_db"] > 80
    assert all(c["psnr_db"] >= (30 if c["precision"] == "int8" else 35) for c in checks.values())
    # Each precision is really another computation, and really measured.
    unet = [checks[(f"unet.{p}.tflite", "guided")]["max_error"] for p in ("fp32", "fp16", "int8")]
    assert 0 < unet[0] < 1e-4 < unet[2]
    assert [p["precision"] for p in summary["pictures"]] == ["int8", "fp16", "fp32"]
    assert all(p["psnr_db"] > 30 and p["accuracy"] is None for p in summary["pictures"])


def test_the_same_source_gives_the_same_bytes(exported: tuple[Path, dict[str, Any]], random_bundles: Path) -> None:
    """The session's own bundle was made in another run, with another choice of precisions."""
    for role in ("text_encoder", "unet", "vae_decoder"):
        name = f"{role}.fp32.tflite"
        assert (exported[0] / name).read_bytes() == (random_bundles / "edge" / name).read_bytes()


@pytest.mark.parametrize("precision", ["fp16", "int8"])
def test_reducing_and_rewriting_repeat(random_bundles: Path, tmp_path: Path, precision: str) -> None:
    source = random_bundles / "edge" / "vae_decoder.fp32.tflite"
    for name in ("a", "b"):
        litert.reduce(source, precision, tmp_path / name)
        litert_file.rewrite(tmp_path / name, "{}")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_runtime_takes_the_precision_it_is_told(exported: tuple[Path, dict[str, Any]], random_pair: Path) -> None:
    bundle = open_bundle(exported[0], "edge")
    source = load_source(random_pair / "small")
    latent = np.random.default_rng(3).standard_normal((1, 4, 16, 16)).astype(np.float32)
    with torch.no_grad():
        want = graphs.vae_decoder(source).module(latents=torch.from_numpy(latent))["image"].numpy()
    error = {p: float(np.abs(LiteRtRuntime(bundle, 1, p).decode(latent) - want).max()) for p in ("fp32", "int8")}
    assert error["fp32"] < 1e-4 < error["int8"]
    first = LiteRtRuntime(bundle, 1)
    assert np.array_equal(first.decode(latent), LiteRtRuntime(bundle, 1, "int8").decode(latent))


def test_each_file_says_what_its_tensors_mean(exported: tuple[Path, dict[str, Any]]) -> None:
    bundle = open_bundle(exported[0], "edge")
    for graph in bundle.manifest.graphs:
        text = litert_file.read_metadata(bundle.path(graph))
        assert text is not None
        facts = json.loads(text)
        assert (facts["role"], facts["precision"]) == (graph.role, graph.precision)
        assert facts["metadata_version"] == tensors.METADATA_VERSION
        assert set(facts["tensors"]) == {t.name for t in [*graph.inputs, *graph.outputs]}
        for tensor in [*graph.inputs, *graph.outputs]:
            assert len(facts["tensors"][tensor.name]["axes"]) == len(tensor.shape)


def test_the_sampler_table_is_the_default_run(exported: tuple[Path, dict[str, Any]]) -> None:
    manifest = open_bundle(exported[0]).manifest
    assert manifest.sampler is not None
    table = sampler_table(manifest.sampler.kind, manifest.schedule, len(manifest.sampler.rows))
    assert [[getattr(s, c) for c in SAMPLER_COLUMNS] for s in table.steps] == manifest.sampler.rows


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_tflite_runtime_computes_the_same(exported: tuple[Path, dict[str, Any]], precision: str) -> None:
    """TensorFlow Lite's last standalone wheel, where it is installed; it cannot run the int8 files (see NEEDS)."""
    pytest.importorskip("tflite_runtime")
    latent = np.random.default_rng(4).standard_normal((1, 4, 16, 16)).astype(np.float32)
    file = exported[0] / f"vae_decoder.{precision}.tflite"
    both = [
        litert_interpreter(file, 1, package).get_signature_runner("vae_decoder")(latents=latent)["image"]
        for package in ("tflite_runtime", "ai_edge_litert")
    ]
    assert np.abs(both[0] - both[1]).max() < 1e-4


class _Sorted(torch.nn.Module):
    """Sorting is not among the GPU delegate's operators."""

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"y": torch.topk(x, 3)[0] + x[:, :3]}


class _Singular(torch.nn.Module):
    """No converter has a singular value decomposition."""

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"y": torch.linalg.svd(x)[1]}


def test_the_delegate_report_counts_and_refuses(exported: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    good = litert_file.delegate_report(exported[0] / "vae_decoder.fp32.tflite")
    assert good.outside_gpu == ["BROADCAST_TO"]  # group norm's scale; the delegate's list lacks it
    assert 0.9 < good.gpu_share < 1
    assert good.operators["CONV_2D"] > 5
    odd = graphs.Graph("odd", _Sorted().eval(), {"x": torch.ones(2, 5)}, "y")
    litert.convert({"odd": odd}, tmp_path / "odd.tflite")
    found = litert_file.delegate_report(tmp_path / "odd.tflite")
    assert any("SORT" in name or "TOPK" in name for name in found.outside_gpu)
    assert 0 < found.gpu_share < 1


def _only_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exports of the decoder alone: the rest is as it always is, and takes the tests' time."""
    monkeypatch.setattr(edge_module, "_PARTS", (lambda s: {"vae_decoder": graphs.vae_decoder(s)},))


def _export(pair: Path, out: Path, precision: str = "int8", **more: Any) -> Any:
    options = EdgeOptions(choose(precisions=[precision]), pictures=0)
    return export_edge(pair / "large", pair / "small", out, options=options, **more)


def _spoil(pair: Path) -> None:
    """One huge weight per output channel, without effect on what torch computes to eight bits of the rest."""
    from safetensors.torch import load_file, save_file

    for name in ("large", "small"):
        file = pair / name / "vae" / "diffusion_pytorch_model.safetensors"
        weights = load_file(file)
        for key, value in weights.items():
            if key.startswith("decoder") and value.dim() == 4 and value.shape[1] > 1:
                value[:, 0, 0, 0] = 60.0 * value.abs().max()
        save_file(weights, file)


def test_a_graph_that_fails_its_check_is_not_written(
    random_pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    shutil.copytree(random_pair, tmp_path / "pair")
    _spoil(tmp_path / "pair")
    _only_decoder(monkeypatch)
    out = tmp_path / "out" / "edge"
    with pytest.raises(VerificationError, match=r"vae_decoder\.int8\.tflite .*PSNR .* at least 30 dB"):
        _export(tmp_path / "pair", out)
    assert list((tmp_path / "out").iterdir()) == []
    done = _export(tmp_path / "pair", out, force=True)
    assert not done.manifest.verified
    assert done.manifest.unverified == ["vae_decoder.int8.tflite (vae_decoder)"]
    with pytest.warns(UnverifiedBundleWarning, match=r"vae_decoder\.int8"):
        bundle = open_bundle(out, "edge")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        LiteRtRuntime(bundle, 1).decode(np.zeros((1, 4, 16, 16), np.float32))  # it runs, warned
    shown = CliRunner().invoke(bundle_command, ["inspect", str(out)], catch_exceptions=False)
    assert "NOT VERIFIED" in shown.output
    shown = CliRunner().invoke(bundle_command, ["verify", str(out)], catch_exceptions=False)
    assert "NOT VERIFIED" in shown.output


def test_an_unsupported_operator_is_named_and_leaves_nothing(
    random_pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = graphs.Graph("odd", _Singular().eval(), {"x": torch.eye(3)}, "y")
    monkeypatch.setattr(edge_module, "_PARTS", (lambda _: {"odd": odd},))
    with pytest.raises(ConversionError, match="LiteRT cannot convert odd"):
        _export(random_pair, tmp_path / "out" / "edge")
    assert list((tmp_path / "out").iterdir()) == []


@contextmanager
def _files_at_most(count: int) -> Iterator[None]:
    """The kernel refuses to let a file grow further, as a full disk or quota does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # Python's own setting; some library sets it back
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


def test_a_disk_that_fills_up_is_named_and_leaves_nothing(
    random_pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Full from the moment the converter is done: the converter itself would end the process (see need_room)."""
    _only_decoder(monkeypatch)
    describe, full = tensors.describe, ExitStack()

    def last_moment(*arguments: Any) -> dict[str, Any]:
        full.enter_context(_files_at_most(20_000))
        return describe(*arguments)

    monkeypatch.setattr(tensors, "describe", last_moment)
    with full, pytest.raises(OutputError, match="cannot write"):
        _export(random_pair, tmp_path / "out" / "edge", "fp32")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_disk_without_room_is_refused_before_work_begins(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"needs 1152921504\.6 GB"):
        need_room(tmp_path / "not" / "yet", 2**60)
    need_room(tmp_path, 1)


@pytest.mark.parametrize(
    ("formats", "precisions", "says"),
    [
        (["tflite"], [], "no format"),
        (["litert"], ["int7"], "no precision"),
        (["litert"], ["pal6"], "none of which"),
        (["litert"], ["fp16", "pal6"], "add --format coreml"),
        (["coreml"], ["fp16", "int8"], "add --format litert"),
        ([], [], "no format"),
    ],
)
def test_what_does_not_go_together_is_refused(formats: list[str], precisions: list[str], says: str) -> None:
    with pytest.raises(OptionError, match=says):
        choose(formats, precisions)


def test_formats_take_the_precisions_they_offer() -> None:
    both = choose(["litert", "coreml"], ["int8", "fp16", "pal6"]).precisions
    assert both == {"litert": ("int8", "fp16"), "coreml": ("fp16", "pal6")}
    assert choose().precisions == {"litert": ("int8",)}


def test_inspect_verify_and_diff(exported: tuple[Path, dict[str, Any]], random_bundles: Path, tmp_path: Path) -> None:
    import shutil

    folder = str(exported[0])
    shown = CliRunner().invoke(bundle_command, ["inspect", folder, "--operators"], catch_exceptions=False)
    assert "guided, plain" in shown.output
    assert "CONV_2D" in shown.output
    assert "dpmpp_2m, 25 steps" in shown.output
    raw = CliRunner().invoke(bundle_command, ["inspect", folder, "--json"], catch_exceptions=False)
    assert json.loads(raw.output)["kind"] == "edge"
    facts = json.loads(CliRunner().invoke(bundle_command, ["verify", folder, "--json"], catch_exceptions=False).output)
    assert facts["verified"] is True
    assert len(facts["manifest_sha256"]) == 64
    shutil.copytree(folder, tmp_path / "copy")
    same = CliRunner().invoke(bundle_command, ["diff", folder, str(tmp_path / "copy")], standalone_mode=False)
    assert (same.return_value, same.output) == (0, "the bundles are equal\n")
    other = CliRunner().invoke(
        bundle_command, ["diff", str(random_bundles / "edge"), folder, "--json"], standalone_mode=False
    )
    found = json.loads(other.output)
    assert other.return_value == 4
    assert found["equal"] is False
    assert "unet.int8.tflite" in found["added"]
    assert found["removed"] == []
    assert found["changed"] == {}
    assert {f.rpartition(".")[0] for f in found["fields"]} == {
        f"graph {role} tflite {p}" for role in ("text_encoder", "unet", "vae_decoder") for p in ("int8", "fp16")
    }
