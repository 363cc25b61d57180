"""``obclip bench peers``: the published packages, diffusers' own loop and our plans on the same oblivious work.

The work is one candidate set of N = 6: from the six prompts, one seed and guidance to six latents after k of T steps.
Everything runs on the same weights with the same threads; every latent is then finished by the small UNet and
judged, so that no time stands without its quality.

- ``diffusers``: ``StableDiffusionPipeline`` as it is, six prompts in one batch. The uncached reference.
- ``DeepCache-n``: the package DeepCache (arXiv 2312.00858), branch 0, full UNet every n-th step.
- ``T-GATE-g``: the package tgate (arXiv 2404.02747). g = 10 is its default gate: with k = 10 it is never passed and
  only self-attention is cached. After an earlier gate the package runs without guidance on the cached mean of the
  cross-attention outputs, and passes the *negative* prompt's states; where a UNet takes pooled text into its time
  embedding, as the default pair does, the prompt is lost there.
- ours: plans by name on the ``torch`` backend (the same library as the peers) and on ``onnxruntime``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import torch
from numpy.typing import NDArray

from models.stickers.recipe.judge import Judge
from obclip_contract import psnr, sampler_table, sha256_file, standard_normal

from . import stats
from .clouds import EngineCloud
from .errors import BenchmarkError
from .finishing import Finisher
from .judging import BESIDE, Scored, judge_set, judged_axes
from .sets import GridKind, SetCase, set_cases
from .timing import Timings, alternate

REFERENCE: Final = "diffusers"
DEEPCACHE: Final = (2, 3, 5)
TGATE: Final = (5, 10)
#: The package's defaults for the rest: self-attention cached every 5th step after 2 steps of warming up.
_TGATE_OPTIONS: Final = {"sp_interval": 5, "fi_interval": 1, "warm_up": 2}
BACKENDS: Final = ("torch", "onnxruntime")
OURS: Final = ("naive", "paper", "deepcache-3", "balanced", "fast", "sparse")


def package_versions() -> dict[str, str]:
    """Versions of the published packages."""
    return {name: version(name) for name in ("DeepCache", "tgate", "diffusers")}


@dataclass(frozen=True)
class Run:
    """The public numbers of the work, the same for every method."""

    steps: int
    cloud_steps: int
    guidance: float


def load_pipeline(folder: Path) -> Any:
    """diffusers' pipeline on a folder of the pair, fp32, quiet.

    Raises:
        BenchmarkError: the folder holds no such pipeline.
    """
    from diffusers import StableDiffusionPipeline

    try:
        pipe = StableDiffusionPipeline.from_pretrained(
            str(folder),
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
            local_files_only=True,
            use_safetensors=True,
        )
    except (OSError, ValueError) as error:
        raise BenchmarkError(f"{folder} cannot be loaded by diffusers: {str(error).splitlines()[0]}") from None
    pipe.set_progress_bar_config(disable=True)
    return pipe.to(torch.float32)


def _stop_at(k: int) -> Callable[..., dict[str, Any]]:
    """diffusers' way to end the loop early: the pipeline's interrupt flag, set after step k."""

    def after(pipe: Any, index: int, _timestep: Any, values: dict[str, Any]) -> dict[str, Any]:
        if index + 1 == k:
            pipe._interrupt = True
        return values

    return after


class PipelineMethod:
    """One pipeline call a set; ``call`` is ``pipe`` itself or the package's replacement for it."""

    def __init__(self, pipe: Any, call: Callable[..., Any], run: Run, **options: Any) -> None:
        self.pipe, self._call, self._run, self._options = pipe, call, run, options
        unet = pipe.unet.config
        self._shape = (int(unet.in_channels), int(unet.sample_size), int(unet.sample_size))

    def latents(self, case: SetCase) -> NDArray[Any]:
        """float32 ``[N, C, H, W]`` after k steps."""
        noise = torch.from_numpy(standard_normal(case.seed, self._shape))
        with torch.inference_mode():
            out = self._call(
                prompt=list(case.members),
                negative_prompt=[""] * len(case.members),
                latents=noise[None].repeat(len(case.members), 1, 1, 1),
                guidance_scale=self._run.guidance,
                num_inference_steps=self._run.steps,
                output_type="latent",
                callback_on_step_end=_stop_at(self._run.cloud_steps),
                **self._options,
            )
        latents: NDArray[Any] = out.images.numpy().copy()
        return latents


def published(large: Path, run: Run) -> dict[str, PipelineMethod]:
    """diffusers' loop and the packages, each on a UNet of its own, since the packages patch it in place.

    Raises:
        BenchmarkError: a package is missing.
    """
    try:
        from DeepCache import DeepCacheSDHelper  # type: ignore[import-untyped]
        from tgate import TgateSDLoader  # type: ignore[import-untyped]
    except ImportError as error:
        raise BenchmarkError(f"{error.name} is not installed: pip install 'obclip[bench]'") from None
    plain = load_pipeline(large)

    def own() -> Any:
        pipe = copy.copy(plain)
        pipe.register_modules(unet=copy.deepcopy(plain.unet), scheduler=copy.deepcopy(plain.scheduler))
        return pipe

    methods = {REFERENCE: PipelineMethod(plain, plain, run)}
    for n in DEEPCACHE:
        pipe = own()
        helper = DeepCacheSDHelper(pipe=pipe)
        helper.set_params(cache_interval=n, cache_branch_id=0)
        helper.enable()
        methods[f"DeepCache-{n}"] = PipelineMethod(pipe, pipe, run)
    for gate in TGATE:
        pipe = TgateSDLoader(own())
        methods[f"T-GATE-{gate}"] = PipelineMethod(pipe, pipe.tgate, run, gate_step=gate, **_TGATE_OPTIONS)
    return methods


def methods(
    large: Path, cloud_bundle: Path, run: Run, plans: Sequence[str], threads: int, backends: Sequence[str] = BACKENDS
) -> dict[str, Callable[[SetCase], NDArray[Any]]]:
    """Every method by its name.

    Raises:
        BenchmarkError: the bundle was not made from this folder's UNet.
    """
    out: dict[str, Callable[[SetCase], NDArray[Any]]] = {n: m.latents for n, m in published(large, run).items()}
    for backend in backends:
        cloud = EngineCloud(cloud_bundle, backend, run.steps, run.guidance, threads)
        if cloud.weights_sha256()["large"] != sha256_file(large / "unet" / "diffusion_pytorch_model.safetensors"):
            raise BenchmarkError(f"{cloud_bundle} has other weights than {large}: export the bundle again")

        def ours(case: SetCase, cloud: EngineCloud = cloud, plan: str = "naive") -> NDArray[Any]:
            return cloud.latents(case, plan, run.cloud_steps)[0]

        for plan in plans:
            out[f"{plan} ({backend})"] = partial(ours, plan=plan)
    return out


@dataclass
class _Quality:
    scored: Scored
    latent_db: list[NDArray[Any]]


def compare(
    jobs: Mapping[str, Callable[[SetCase], NDArray[Any]]],
    finisher: Finisher,
    judge: Judge,
    kind: GridKind,
    run: Run,
    rounds: int,
    seed: int = 0,
    tick: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Time and judge every method over ``rounds`` sets; the reference's latents are kept for the PSNR."""
    cases = set_cases(kind, rounds, seed)
    log_snr = sampler_table("dpmpp_2m", finisher.source.schedule, run.steps).head(run.cloud_steps).end_log_snr
    axes = (*judged_axes(kind), *BESIDE)
    timings = Timings(REFERENCE)
    found: dict[int, dict[str, NDArray[Any]]] = {}
    quality = {name: _Quality(Scored(), []) for name in jobs}
    timed = {name: partial(_on, job, cases) for name, job in jobs.items()}
    for index, name, latents in alternate(timed, rounds, REFERENCE, timings):
        found.setdefault(index, {})[name] = latents
        tick(name)
        if len(found[index]) < len(jobs):
            continue
        case, all_latents = cases[index], found.pop(index)
        for method, value in all_latents.items():
            q = quality[method]
            q.latent_db.append(psnr(value, all_latents[REFERENCE]))
            judge_set(judge, finisher.pictures(value, case.members, log_snr), case, axes, q.scored)
    rows = {name: _row(timings, name, quality, judged_axes(kind), seed) for name in jobs}
    return {"rows": rows, "ahead": ahead(rows)}


def _on(job: Callable[[SetCase], NDArray[Any]], cases: Sequence[SetCase], index: int) -> NDArray[Any]:
    return job(cases[index])


def _row(
    timings: Timings, name: str, quality: Mapping[str, _Quality], axes: Sequence[str], seed: int
) -> dict[str, Any]:
    own, base = quality[name], quality[REFERENCE]
    per_set = [float(db.mean()) for db in own.latent_db]
    right = 100 * own.scored.protected(axes)
    change = right - 100 * base.scored.protected(axes)
    return {
        "seconds_per_set": timings.absolute(name).to_dict(),
        "relative_time": timings.relative(name).to_dict(),
        "latent_psnr_db": stats.spread(per_set).to_dict(),
        "protected_accuracy": round(float(right.mean()), 2),
        "worst_member": round(float(right.mean(0).min()), 2),
        "accuracy_difference": stats.difference(change, seed).to_dict(),
    }


def ahead(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """Per published method: which of ours are both faster and nearer to the uncached run (by the medians)."""
    ours = [n for n in rows if "(" in n]
    out = {}
    for peer in rows:
        if peer in ours or peer == REFERENCE:
            continue
        time, near = rows[peer]["relative_time"]["median"], rows[peer]["latent_psnr_db"]["median"]
        out[peer] = [
            n
            for n in ours
            if rows[n]["relative_time"]["median"] <= time and rows[n]["latent_psnr_db"]["median"] >= near
        ]
    return out


def table(result: Mapping[str, Any]) -> str:
    """The result as Markdown, fastest first."""
    lines = [
        "| method | s per set | time / diffusers (quartiles) | latent PSNR | protected accuracy | difference (95 %) "
        "| worst member |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, row in sorted(result["rows"].items(), key=lambda item: item[1]["relative_time"]["median"]):
        t, d = row["relative_time"], row["accuracy_difference"]
        db = "reference" if name == REFERENCE else f"{row['latent_psnr_db']['median']:.1f} dB"
        lines.append(
            f"| {name} | {row['seconds_per_set']['median']:.3f} | {t['median']:.2f} "
            f"({t['low_quartile']:.2f} to {t['high_quartile']:.2f}) | {db} | {row['protected_accuracy']:.1f} "
            f"| {d['mean']:+.1f} ({d['low']:+.1f} to {d['high']:+.1f}) | {row['worst_member']:.1f} |"
        )
    return "\n".join(lines)


def plot(result: Mapping[str, Any], file: Path) -> None:
    """Time per set against latent PSNR, with quartiles; the uncached reference is the line at 1."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 5))
    for name, row in result["rows"].items():
        if name == REFERENCE:
            continue
        t, db = row["relative_time"], row["latent_psnr_db"]
        x, y = t["median"], db["median"]
        across = [[x - t["low_quartile"]], [t["high_quartile"] - x]]
        up = [[y - db["low_quartile"]], [db["high_quartile"] - y]]
        marker = "s" if "(onnxruntime)" in name else "o" if "(torch)" in name else "^"
        axes.errorbar(x, y, xerr=across, yerr=up, fmt=marker, markersize=6, capsize=2)
        below = marker == "^"  # the packages' names, so that the same plan in both does not overprint
        axes.annotate(name, (x, y), xytext=(5, -10 if below else 4), textcoords="offset points", fontsize=7)
    axes.axvline(1.0, linestyle=":", color="gray")
    axes.set_xlabel("time of one candidate set / diffusers' plain loop")
    axes.set_ylabel("latent PSNR to the uncached run (dB)")
    axes.set_title(
        f"N = {result['candidates']}, k = {result['cloud_steps']} of {result['steps']}: up and left is better"
    )
    figure.tight_layout()
    figure.savefig(file, dpi=120)
    pyplot.close(figure)
