"""CoreML packages: run operator by operator off macOS, by CoreML itself on it."""

from __future__ import annotations

import json
import platform
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from edge_sdk.errors import DeviceError
from edge_sdk.runtimes.choose import open_runtime
from edge_sdk.runtimes.coreml import CoreMlRuntime
from export import graphs
from export.bundles import EdgeOptions, export_edge
from export.coreml import convert as coreml
from export.coreml.layout import applied
from export.coreml.mil_reference import MilProgram
from export.coreml.palette import palette
from export.errors import ConversionError, OptionError
from export.graphs import Graph
from export.pair import load_source
from export.verify import graphs as verify
from export.verify.interpreters import coreml_program
from export.verify.precision import choose
from obclip_contract import Bundle, BundleError, open_bundle

METADATA = json.dumps({"model": "test", "exporter": "obclip", "metadata_version": 1})
ROLES = ("text_encoder", "unet", "vae_decoder")


@pytest.fixture(scope="module")
def bundle(random_pair: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """fp16, 8-bit and 6-bit packages of the random pair, in the Neural Engine's layout."""
    out = tmp_path_factory.mktemp("coreml") / "edge"
    options = EdgeOptions(choose(["coreml"], ["fp16", "pal8", "pal6"]), layout="split_einsum", pictures=1)
    done = export_edge(random_pair / "large", random_pair / "small", out, options=options)
    assert [c.failure for c in done.checks] == [""] * 10  # nine graphs, and a picture by diffusers' own pipeline
    assert [(p.format, p.precision) for p in done.pictures] == [("coreml", p) for p in ("fp16", "pal8", "pal6")]
    return open_bundle(out, "edge")


def test_packages_compute_what_torch_does(bundle: Bundle, random_pair: Path) -> None:
    """On inputs that the exporter's own check did not use."""
    source = load_source(random_pair / "small")
    rng = np.random.default_rng(5)
    inputs = {
        "sample": rng.standard_normal((2, 4, 16, 16)).astype(np.float32),
        "timestep": np.array([37.25], np.float32),
        "encoder_hidden_states": rng.standard_normal((2, 32, 32)).astype(np.float32),
    }
    with torch.no_grad():
        want = graphs.unet(source, 2).module(**{k: torch.from_numpy(v) for k, v in inputs.items()})["model_output"]
    quality = {}
    for precision in ("fp16", "pal8", "pal6"):
        spec = bundle.graph("unet", "mlpackage", precision)
        got = coreml_program([bundle.path(spec)])(inputs)["model_output"]
        quality[precision] = verify.psnr_db(got, want.numpy())
    assert quality["fp16"] > quality["pal8"] > quality["pal6"] > 35


def test_names_types_and_metadata(bundle: Bundle) -> None:
    import coremltools as ct

    for role in ROLES:
        graph = bundle.graph(role, "mlpackage", "pal6")
        spec = ct.utils.load_spec(str(bundle.path(graph)))
        described = spec.description
        assert [i.name for i in described.input] == [t.name for t in graph.inputs]
        assert [list(i.type.multiArrayType.shape) for i in described.input] == [t.shape for t in graph.inputs]
        assert [o.name for o in described.output] == [graph.outputs[0].name]
        facts = json.loads(described.metadata.userDefined["obclip"])
        assert (facts["role"], facts["precision"]) == (role, "pal6")
        assert spec.specificationVersion == ct.target.iOS17


def test_the_layout_keeps_every_head_apart(bundle: Bundle, random_pair: Path, tmp_path: Path) -> None:
    counts = MilProgram.load(bundle.path(bundle.graph("unet", "mlpackage", "fp16"))).operator_counts()
    source = load_source(random_pair / "small")
    with applied(source, "split_einsum"):
        attentions = [m for m in source.unet.modules() if type(m).__name__ == "Attention"]
        heads = sum(m.heads for m in attentions)
        assert heads > len(attentions)
    # Two products per head, and the projections are convolutions.
    assert counts["matmul"] == 2 * heads
    assert counts["softmax"] == heads
    plain = sum(isinstance(m, nn.Conv2d) for m in source.unet.modules())
    assert counts["conv"] == plain + 4 * len(attentions)
    with pytest.raises(OptionError, match="no layout"), applied(source, "diagonal"):
        pass


def test_the_same_graph_gives_the_same_bytes(random_pair: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "once.mlpackage", tmp_path / "again.mlpackage"
    for path in (first, second):
        coreml.convert(graphs.vae_decoder(load_source(random_pair / "small")), path, METADATA)
    files = {f.relative_to(first) for f in first.rglob("*") if f.is_file()}
    assert files == {f.relative_to(second) for f in second.rglob("*") if f.is_file()}
    assert [f for f in sorted(files) if (first / f).read_bytes() != (second / f).read_bytes()] == []


def test_two_chunks_compute_what_the_whole_does(bundle: Bundle, random_pair: Path, tmp_path: Path) -> None:
    whole = bundle.path(bundle.graph("unet", "mlpackage", "fp16"))
    names = coreml.bisect(whole, tmp_path / "cut")
    assert len(names) == 2
    inputs = {k: v.numpy() for k, v in graphs.unet(load_source(random_pair / "small"), 2).inputs.items()}
    parts = coreml_program([tmp_path / "cut" / n for n in names])(inputs)["model_output"]
    assert np.allclose(parts, coreml_program([whole])(inputs)["model_output"], atol=2e-3)
    weights = [(tmp_path / "cut" / n / "Data/com.apple.CoreML/weights/weight.bin").stat().st_size for n in names]
    assert max(weights) < 0.75 * sum(weights)


class _Many(nn.Module):
    """Operators that the default pair's graphs do not have."""

    def __init__(self) -> None:
        super().__init__()
        self.same = nn.Conv2d(4, 6, 3, padding="same", dilation=2, groups=2)
        self.strided = nn.Conv2d(6, 4, 3, stride=2, padding=1, bias=False)
        self.norm = nn.InstanceNorm2d(4, affine=True)
        self.batch = nn.BatchNorm2d(4).eval()

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        y = self.batch(self.norm(self.strided(F.relu(self.same(x)))))
        y = F.pad(y, (1, 2, 0, 1)).clamp(-1.5, 1.5)
        a, b, c = torch.split(y, [1, 2, 1], dim=1)
        z = torch.cat([torch.tanh(a), torch.sigmoid(b), F.gelu(c, approximate="tanh")], 1)
        z = torch.where(z > 0.1, z.square(), torch.exp(-z.abs())) / (1 + z.amax(1, keepdim=True).abs())
        z = z[:, :, ::2, 1:].sum(2) + z.amin((2, 3)).unsqueeze(2) ** 2
        return {"y": torch.stack([z, torch.maximum(z, z.mean(2, keepdim=True)), torch.erf(z)], 1)}


class _Rare(nn.Module):
    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {"y": torch.cumsum(x, 1) + x}


class _Singular(nn.Module):
    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {"y": torch.linalg.svd(x)[1]}


def test_the_reference_knows_more_than_the_default_pair_needs(tmp_path: Path) -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 4, 12, 12, generator=torch.Generator().manual_seed(4))
    graph = Graph("many", _Many().eval(), {"x": x}, "y")
    coreml.convert(graph, tmp_path / "many.mlpackage", METADATA)
    done = verify.check_coreml(graph, [tmp_path / "many.mlpackage"], "fp16")
    assert done.failure == ""
    assert done.psnr_db > 50


def test_operators_nobody_knows_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="CoreML cannot convert odd"):
        coreml.convert(Graph("odd", _Singular().eval(), {"x": torch.eye(3)}, "y"), tmp_path / "a.mlpackage", METADATA)
    rare = Graph("rare", _Rare().eval(), {"x": torch.ones(2, 5)}, "y")
    coreml.convert(rare, tmp_path / "rare.mlpackage", METADATA)
    if platform.system() != "Darwin":
        with pytest.raises(ConversionError, match="uses cumsum, which the MIL reference does not know"):
            MilProgram.load(tmp_path / "rare.mlpackage")


def test_the_palette_keeps_few_values_exactly_and_many_well() -> None:
    few = np.random.default_rng(0).choice(np.array([-2.0, 0.5, 3.25], np.float16), 5000)
    table, index = palette(few, 6)
    assert len(table) == 64
    assert np.array_equal(table[index], few)
    many = np.random.default_rng(1).standard_normal(40000).astype(np.float32)
    table, index = palette(many, 6)
    even = np.linspace(many.min(), many.max(), 64)
    nearest = even[np.abs(many[:, None] - even).argmin(1)]
    assert np.square(table[index] - many).mean() < 0.5 * np.square(nearest - many).mean()
    assert np.abs(table[index] - many).max() <= np.abs(many[:, None] - table).min(1).max() + 1e-6  # the nearest one
    assert index.dtype == np.uint8


@pytest.mark.skipif(platform.system() != "Darwin", reason="CoreML predicts on Apple's systems only")
def test_the_reference_agrees_with_coreml_itself(bundle: Bundle, random_pair: Path) -> None:
    source = load_source(random_pair / "small")
    for graph in (graphs.text_encoder(source, 2), graphs.unet(source, 2), graphs.vae_decoder(source)):
        package = bundle.path(bundle.graph(graph.role, "mlpackage", "fp16"))
        inputs = {k: v.numpy() for k, v in graph.inputs.items()}
        ours, apples = MilProgram.load(package)(inputs), coreml_program([package])(inputs)
        assert verify.psnr_db(ours[graph.output], apples[graph.output]) > 40


@pytest.mark.skipif(platform.system() == "Darwin", reason="there it runs")
def test_off_apple_the_runtime_says_what_to_do(bundle: Bundle) -> None:
    runtime = open_runtime(bundle)
    assert isinstance(runtime, CoreMlRuntime)
    with pytest.raises(DeviceError, match="--format litert"):
        runtime.decode(np.zeros((1, 4, 16, 16), np.float32))
    with pytest.raises(BundleError, match="mlpackage fp16"):
        open_runtime(bundle, precision="int8")
