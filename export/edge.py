"""Make the edge bundle of a pair."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Final

from obclip_contract import Bundle, BundleManifest, GraphSpec, SignatureSpec, write_bundle

from . import graphs, tensors
from .coreml import convert as coreml
from .coreml import layout as coreml_layout
from .errors import PairError
from .litert import convert as litert
from .litert import file as litert_file
from .manifests import GUIDANCE, Exported, Report, manifest_of
from .pair import SourceModel, check_pair, load_source
from .staging import need_room, staged
from .verify import graphs as verify
from .verify.pictures import PictureCheck, Pictures
from .verify.precision import COREML, LITERT, MANIFEST_FORMAT, Choice, choose

_TOOLS: Final = ("torch", "diffusers", "transformers")
_TOOLS_OF: Final = {
    LITERT: ("litert-torch", "ai-edge-litert", "ai-edge-quantizer"),
    COREML: ("coremltools",),
}
#: Packages over this are cut in two when chunking is asked for: Apple's devices refuse to load larger ones whole.
CHUNK_BYTES: Final = 1_000_000_000
#: Room to have, in multiples of the weights as float32: what a converter writes on the way, and the files themselves.
_ROOM: Final = 4


@dataclass(frozen=True)
class EdgeOptions:
    """What the edge bundle is to hold and how it is checked.

    ``layout`` "split_einsum" rewrites attention for the Neural Engine (CoreML only). ``chunk_bytes``: CoreML
    packages over this are cut in two, 0 never. ``pictures``: finished pictures to compare with torch, ``None``
    for the default of :mod:`export.verify.pictures`, 0 for none. ``judge``: folder of a judge, ``None`` for the one
    beside the pair, if there is one.
    """

    choice: Choice = field(default_factory=choose)
    layout: str = "original"
    chunk_bytes: int = 0
    pictures: int | None = None
    judge: Path | None = None


def export_edge(
    large_dir: Path,
    small_dir: Path,
    out: Path,
    *,
    name: str = "stickers",
    guidance: float = GUIDANCE,
    options: EdgeOptions | None = None,
    overwrite: bool = False,
    force: bool = False,
    report: Report = lambda _: None,
) -> Exported:
    """Text encoder, small UNet (signatures ``guided``: batch 2, ``plain``: batch 1) and VAE decoder.

    ``overwrite`` replaces a bundle that is there; ``force`` writes one whose graphs failed their check and says
    so in its manifest.

    Raises:
        ExportError: see :mod:`export.errors`; nothing is left behind then.
    """
    options = options or EdgeOptions()
    report("loading the pair")
    source, large = load_source(small_dir), load_source(large_dir)
    check_pair(large, source)
    if source.text_encoder_2 is not None:
        raise PairError(
            f"{small_dir} has two text encoders (SDXL): edge bundles hold one so far, and the device's sampler loop "
            "passes no pooled text; export the cloud bundle of this pair, or a pair with one encoder"
        )
    for place in (out.parent, Path(tempfile.gettempdir())):
        need_room(place, _ROOM * _weight_bytes(source))
    with staged(out, overwrite) as part:
        (part / "tokenizer.json").write_bytes(source.tokenizer_file.read_bytes())
        work = _Work(source, part, name, options, report)
        for form in options.choice.formats:
            {LITERT: work.litert, COREML: work.coreml}[form]()
        tools = (*_TOOLS, *(t for f in options.choice.formats for t in _TOOLS_OF[f]))
        manifest = manifest_of(source, "edge", name, work.specs, guidance, tools)
        seen, notes = _pictures(large, source, part, manifest, options, report)
        failed = verify.settle([*work.checks, *(p.check() for p in seen)], force)
        if failed:
            manifest = manifest.model_copy(update={"verified": False, "unverified": failed})
        report("hashing")
        manifest = write_bundle(part, manifest)
    return Exported(out, manifest, work.checks, [*work.notes, *notes], seen)


def _weight_bytes(source: SourceModel) -> int:
    parts = (source.unet, source.text_encoder, source.vae)
    return sum(4 * p.numel() for part in parts for p in part.parameters())


def work_steps(options: EdgeOptions) -> int:
    """How many times :func:`export_edge` reports, for a progress bar."""
    chosen = options.choice.precisions
    steps = sum(3 * (1 + len(p)) for p in chosen.values())
    return 2 + steps + (0 if options.pictures == 0 else sum(len(p) for p in chosen.values()))


def _pictures(
    large: SourceModel,
    small: SourceModel,
    part: Path,
    manifest: BundleManifest,
    options: EdgeOptions,
    report: Report,
) -> tuple[list[PictureCheck], list[str]]:
    if options.pictures == 0:
        return [], ["no finished picture was compared (--pictures 0)"]
    studio = Pictures(large, small, Bundle(part, manifest), options.pictures, options.judge)
    seen = []
    for form, precisions in options.choice.precisions.items():
        for precision in precisions:
            report(f"finished pictures: {form} {precision}")
            seen.append(studio.compare(form, precision))
    return seen, studio.notes


class _Work:
    """One export in progress: the graphs of one small model in one staging folder."""

    def __init__(self, source: SourceModel, part: Path, name: str, options: EdgeOptions, report: Report) -> None:
        self.source, self.part, self.name, self.options, self.report = source, part, name, options, report
        self.specs: list[GraphSpec] = []
        self.checks: list[verify.Check] = []
        self.notes: list[str] = []

    def litert(self) -> None:
        precisions = self.options.choice.precisions[LITERT]
        for make in _PARTS:
            signatures = make(self.source)
            first = next(iter(signatures.values()))
            self.report(f"{first.role} to LiteRT")
            base = self.part / f".{first.role}.tflite"
            litert.convert(signatures, base)
            for precision in precisions:
                self.report(f"{first.role} {precision}: checking against torch")
                file = self.part / f"{first.role}.{precision}.tflite"
                if precision == "fp32":
                    shutil.copyfile(base, file)
                else:
                    litert.reduce(base, precision, file)
                litert_file.rewrite(file, self._metadata(first, precision))
                self.checks += verify.check_litert(signatures, file, precision, strict=False)
                self.specs.append(_spec(signatures, LITERT, precision, file.name))
                self._say_delegate(file)
            base.unlink()

    def coreml(self) -> None:
        precisions = self.options.choice.precisions[COREML]
        with coreml_layout.applied(self.source, self.options.layout):
            for make in _PARTS:
                signatures = make(self.source)
                graph = signatures.get("guided") or next(iter(signatures.values()))
                self.report(f"{graph.role} to CoreML")
                base = self.part / f".{graph.role}.mlpackage"
                coreml.convert(graph, base, self._metadata(graph, "fp16"))
                for precision in precisions:
                    self.report(f"{graph.role} {precision}: checking against torch")
                    file = self.part / f"{graph.role}.{precision}.mlpackage"
                    if precision == "fp16":
                        shutil.copytree(base, file)
                    else:
                        coreml.reduce(base, precision, file, self._metadata(graph, precision))
                    self.specs.append(self._coreml_pieces(graph, precision, file))
                shutil.rmtree(base)

    def _coreml_pieces(self, graph: graphs.Graph, precision: str, file: Path) -> GraphSpec:
        """Cut a package where asked, check what is to be shipped, and describe it."""
        limit = self.options.chunk_bytes
        size = sum(f.stat().st_size for f in file.rglob("*") if f.is_file())
        spec = _spec({"main": graph}, COREML, precision, file.name)
        if not limit or size <= limit:
            self.checks.append(verify.check_coreml(graph, [file], precision))
            return spec
        folder = file.with_suffix("")
        names = coreml.bisect(file, folder)
        shutil.rmtree(file)
        self.checks.append(verify.check_coreml(graph, [folder / n for n in names], precision))
        self.notes.append(f"{folder.name}: cut in {len(names)} ({size / 1e9:.2f} GB)")
        return spec.model_copy(update={"file": folder.name, "chunks": [f"{folder.name}/{n}" for n in names]})

    def _metadata(self, graph: graphs.Graph, precision: str) -> str:
        facts = tensors.describe(self.source, graph, self.name, precision, version("obclip"))
        return tensors.to_text(facts)

    def _say_delegate(self, file: Path) -> None:
        found = litert_file.delegate_report(file)
        outside = ", ".join(f"{found.operators[o]} {o}" for o in found.outside_gpu)
        if outside:
            self.notes.append(f"{file.name}: outside the GPU delegate's list: {outside}")


def _spec(signatures: dict[str, graphs.Graph], form: str, precision: str, file: str) -> GraphSpec:
    described = [
        SignatureSpec(name=name, inputs=ins, outputs=outs)
        for name, graph in signatures.items()
        for ins, outs in [graph.specs()]
    ]
    first = next(iter(signatures.values()))
    return GraphSpec(
        role=first.role,
        format=MANIFEST_FORMAT[form],
        precision=precision,
        file=file,
        inputs=described[0].inputs,
        outputs=described[0].outputs,
        signatures=described,
    )


_PARTS: Final[tuple[Callable[[SourceModel], dict[str, graphs.Graph]], ...]] = (
    lambda s: {"text_encoder": graphs.text_encoder(s, 2)},
    lambda s: {"guided": graphs.unet(s, 2), "plain": graphs.unet(s, 1)},
    lambda s: {"vae_decoder": graphs.vae_decoder(s)},
)
