"""Make the edge bundle of a pair."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Final

from obclip_contract import Bundle, BundleManifest, GraphSpec, SignatureSpec, write_bundle

from . import graphs, tensors
from .coreml import convert as coreml
from .coreml import layout as coreml_layout
from .litert import convert as litert
from .litert import file as litert_file
from .manifests import Exported, Report, manifest_of
from .options import EdgeOptions
from .pair import SourceModel
from .verify import graphs as verify
from .verify.pictures import PictureCheck, Pictures
from .verify.precision import COREML, LITERT, MANIFEST_FORMAT
from .verify.reference import check_reference

_TOOLS: Final = ("torch", "diffusers", "transformers")
_TOOLS_OF: Final = {
    LITERT: ("litert-torch", "ai-edge-litert", "ai-edge-quantizer"),
    COREML: ("coremltools",),
}
#: Room to have, in multiples of the weights as float32: what a converter writes on the way, and the files themselves.
_ROOM: Final = 4


def make_edge(
    large: SourceModel,
    small: SourceModel,
    part: Path,
    out: Path,
    name: str,
    guidance: float,
    options: EdgeOptions | None,
    force: bool,
    origins: dict[str, str],
    report: Report,
) -> Exported:
    """Fill the folder ``part``, which becomes ``out``, with the small model's graphs, each checked.

    Raises:
        ExportError: see :mod:`export.errors`.
    """
    began, options = time.monotonic(), options or EdgeOptions()
    report("a picture by diffusers' own pipeline")
    reference = check_reference(small, "small", guidance)
    verify.settle([reference], force)
    shutil.copyfile(small.tokens.file, part / small.tokens.spec.file)
    work = _Work(small, part, name, options, report)
    for form in options.choice.formats:
        {LITERT: work.litert, COREML: work.coreml}[form]()
    tools = (*_TOOLS, *(t for f in options.choice.formats for t in _TOOLS_OF[f]))
    manifest = manifest_of(small, "edge", name, work.specs, guidance, tools, origins)
    seen, notes = _pictures(large, small, part, manifest, options, report)
    checks = [reference, *work.checks]
    failed = verify.settle([*checks, *(p.check() for p in seen)], force)
    if failed:
        manifest = manifest.model_copy(update={"verified": False, "unverified": failed})
    report("hashing")
    manifest = write_bundle(part, manifest)
    told = [*small.layout.notes, *work.notes, *notes]
    return Exported(out, manifest, checks, told, seen, time.monotonic() - began)


def room_needed(small: SourceModel) -> int:
    """Bytes that making an edge bundle takes for a while."""
    parts = (small.unet, small.text_encoder, small.vae, small.text_encoder_2)
    return _ROOM * sum(4 * p.numel() for part in parts if part is not None for p in part.parameters())


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
