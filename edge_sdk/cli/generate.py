"""``obclip generate``: a prompt to a PNG, and the account of what left the device."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from obclip_contract import defaults

from . import stopping
from .login import advise_login, open_cloud, token_option
from .options import arguments_of, bundle_option, privacy_of, privacy_options, run_options, settings_of, told_epsilon
from .pictures import STDOUT, Previews, check_out, write_out
from .progress import Line, drawing
from .seeds import SEED, show_seed
from .telling import Voice, json_option, voice_options

if TYPE_CHECKING:
    from ..cloud.client import CloudClient
    from ..events import PipelineOutput
    from ..pipeline import ObliviousPipeline
    from ..privacy import Release
    from ..receipt import Receipt
    from .rehearsing import Rehearsal


@click.command(
    short_help="Make a picture; the cloud never learns which candidate is yours.",
    epilog='Examples: obclip generate "a sticker of an old man with light skin, smiling" --out sticker.png; '
    'obclip generate "a woman pilot" --out p.png --cloud https://cloud.example --json; '
    'obclip generate "a woman pilot" --out p.png --mechanism local   (device only); '
    'obclip generate "a woman pilot" --out - --seed 0x2a --quiet | display; '
    'obclip generate "an old woman pilot" --out p.png --mechanism k-subset --epsilon 1 --max-candidates 8',
)
@click.argument("prompt")
@click.option(
    "--out",
    type=click.Path(path_type=Path, allow_dash=True),
    required=True,
    help="PNG to write; - for standard output, which then holds nothing else.",
)
@click.option("--cloud", metavar="URL", help="Cloud engine; without it one is started on a loopback port for the run.")
@token_option
@run_options
@privacy_options
@click.option(
    "--device-stride",
    type=int,
    default=defaults.DEVICE_STRIDE,
    show_default=True,
    help="Ask the device's model at every step (1), or at each of so many; the others are extrapolated.",
)
@click.option(
    "--device-steps",
    type=int,
    help="T of the device's own grid (default: --steps). For a cloud that draws in a few steps; not sent.",
)
@click.option(
    "--device-sampler", type=click.Choice(["dpmpp_2m", "ddim"]), help="Of the device's steps (default: --sampler)."
)
@click.option(
    "--device-guidance",
    "device_guidance_scale",
    type=float,
    help="Guidance scale of the device's steps (default: the cloud's).",
)
@click.option(
    "--seed",
    type=SEED,
    help="Seed of the noise: decimal, 0x…, or 16 hex digits as printed (default: drawn by the operating system).",
)
@bundle_option("--bundle", "edge", "The edge bundle.")
@bundle_option("--cloud-bundle", "cloud", "The cloud bundle for the engine started without --cloud.")
@click.option("--threads", type=click.IntRange(1, 64), help="CPU threads of the device runtime.")
@click.option("--overwrite", is_flag=True, help="Replace OUT, and the previews, if they exist.")
@click.option(
    "--preview",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write the picture after each step here as DIR/step-NNN.png.",
)
@voice_options
@json_option("Print the receipt as JSON (on stderr with --out -); errors are JSON on stderr.")
def command(
    prompt: str,
    out: Path,
    cloud: str | None,
    preview: Path | None,
    quiet: bool,
    verbose: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Make one picture of PROMPT and write it to --out.

    The prompt becomes a set of candidates that differ only in the attributes found. The cloud denoises all of
    them for --cloud-steps steps; this machine picks its own, finishes and decodes it. The same seed and options give
    the same picture.
    """
    voice = Voice(as_json, quiet, verbose)
    previews = Previews(preview, options["overwrite"])
    check_out(out, options["overwrite"])
    # Everything that can be refused is refused before an engine is started; nothing is drawn where a person is asked.
    job = _prepare(prompt, cloud, options, voice)
    if job.shown.candidates is not None and (told := _told_first(job.shown.candidates)):
        voice.warn(told)
    stopping.check()
    with drawing(voice) as line, advise_login(job.client), _cloud(job, options, line) as client:
        job.pipe.cloud = client
        previews.begin()
        output = _run(job, prompt, options, previews, line)
    stopping.check()
    write_out(output.images[0], out)
    _report(out, output.receipt, voice)


@dataclass(frozen=True)
class _Job:
    """A run that nothing on this side refuses. ``client``: of the cloud that was named."""

    pipe: ObliviousPipeline
    client: CloudClient | None
    seed: int
    shown: Rehearsal


def _prepare(prompt: str, cloud: str | None, options: dict[str, Any], voice: Voice) -> _Job:
    """Check every option and the prompt.

    Raises:
        ObclipError: what cannot be used. Nothing was sent, started, entered in the ledger or written.
    """
    settings = settings_of(options)
    privacy_of(options)
    if cloud is None and options["token_file"] is not None:
        raise click.UsageError("--token-file goes with --cloud URL: an engine that is started here wants no token")
    client = None if cloud is None else open_cloud(cloud, options["token_file"], voice)
    from ..ledger import Ledger
    from ..pipeline import ObliviousPipeline
    from ..pipeline.settings import draw_seed
    from .rehearsing import rehearse

    pipe = ObliviousPipeline.from_bundle(options["bundle"], None, options["threads"], Ledger())
    if client is None and settings.k > 0 and options["mechanism"] != "local":
        _check_engine(options["cloud_bundle"], pipe)
    # Drawn before the prompt is looked at, so that it cannot depend on it.
    seed = draw_seed() if options["seed"] is None else options["seed"]
    return _Job(pipe, client, seed, rehearse(pipe, prompt, options, seed))


def _check_engine(bundle: Path, pipe: ObliviousPipeline) -> None:
    """What an engine here would end with, seen without starting one; it checks every file itself.

    Raises:
        obclip_contract.BundleError: no cloud bundle, or of another pair. InputError: its libraries are missing.
    """
    from importlib.util import find_spec

    from obclip_contract import BundleError
    from obclip_contract.bundle import read_manifest

    from ..errors import InputError

    manifest = read_manifest(bundle)
    if manifest.kind != "cloud":
        raise BundleError(f"{bundle} is the {manifest.kind} bundle; the cloud bundle is needed here")
    if manifest.pair_sha256 != pipe.bundle.manifest.pair_sha256:
        raise BundleError(
            f"{bundle} and {pipe.bundle.root} are bundles of two pairs; use the two of one export. Nothing was sent"
        )
    if missing := [name for name in ("onnxruntime", "fastapi", "uvicorn") if find_spec(name) is None]:
        raise InputError(
            f"an engine on this machine needs {missing[0]}: pip install 'obclip[cloud]'; or pass --cloud URL, or make "
            "the picture here alone with --mechanism local"
        )


@contextmanager
def _cloud(job: _Job, options: dict[str, Any], line: Line) -> Iterator[CloudClient | None]:
    """The given cloud, one started for the run, or none when nothing is sent."""
    if job.client is not None or job.shown.request is None:
        yield job.client
        return
    from ..cloud.client import CloudClient
    from ..cloud.loopback import loopback_engine

    line.wait("starting a cloud engine on this machine")
    with loopback_engine(options["cloud_bundle"], plan=options["plan"]) as url, CloudClient(url) as client:
        yield client


def _run(job: _Job, prompt: str, options: dict[str, Any], previews: Previews, line: Line) -> PipelineOutput:
    from ..events import Decoded, Detected, Finished, Received

    pipe, total = job.pipe, options["steps"]
    privacy = privacy_of(options, job.shown.policy)
    output: PipelineOutput | None = None
    for step in pipe.steps(prompt, seed=job.seed, privacy=privacy, **arguments_of(options)):
        if isinstance(step, Detected) and step.request is not None:
            line.wait(
                f"cloud: steps 1 to {step.request.cloud_steps} of {total} for {step.request.grid.count} candidates, "
                f"plan {step.request.plan}"
            )
        elif isinstance(step, Received):
            line.count("finishing here", settings_of(options).k, total)
        elif isinstance(step, Finished):
            done = total - step.total + step.index + 1
            line.count("finishing here", done, total)
            if previews.wanted:
                previews.write(pipe.decode(step.latents), done)
        elif isinstance(step, Decoded):
            output = step.output
    assert output is not None
    return output


def _report(out: Path, receipt: Receipt, voice: Voice) -> None:
    """The receipt: on stdout, or on stderr where stdout is the picture."""
    aside = out == STDOUT
    if voice.as_json:
        told = {"image": str(out), **vars(receipt), "seed": f"{receipt.seed:016x}"}
        click.echo(json.dumps(told), err=aside)
        return
    if receipt.mechanism not in ("none", "local"):  # what those have to say was said before
        for note in receipt.notes:
            voice.note(note)
    for phase, ms in receipt.ms.items():
        voice.detail(f"{phase}: {ms:.0f} ms")
    if receipt.mechanism != "local":
        voice.detail(f"request sha256 {receipt.request_sha256}, lexicon {receipt.lexicon}, cloud {receipt.cloud}")
    if not voice.quiet:
        for text in _lines(out, receipt):
            click.echo(text, err=aside)


def _lines(out: Path, receipt: Receipt) -> Iterator[str]:
    seconds = f"{receipt.ms['total'] / 1000:.1f} s"
    seed = f"seed {show_seed(receipt.seed)}"
    if receipt.mechanism == "local":
        yield f"{out}: {seconds}, made on this device alone; nothing was sent; {seed}"
        return
    hidden = "hidden: nothing"
    if receipt.axes:
        leak = f", at most {receipt.bits:.2f} bits leak" if receipt.bits else ""
        hidden = f"hidden: {', '.join(receipt.axes)} (N = {receipt.n}, epsilon = {told_epsilon(receipt.epsilon)}{leak})"
    yield f"{out}: {seconds}, {receipt.cloud_steps} of {receipt.steps} steps in the cloud, {seed}"
    yield f"left this device: {receipt.bytes_up} bytes; came back: {receipt.bytes_down} bytes; {hidden}"
    yield f"the cloud saw: {receipt.template}"
    if receipt.axes:
        yield f"{receipt.mechanism}: {receipt.guarantee}"
    if receipt.epsilon:
        yield f"epsilon {receipt.epsilon_spent:.3g} newly spent, {receipt.epsilon_total or 0.0:.3g} in all"


def _told_first(candidates: Release) -> str:
    """What the person must know before anything is sent: that nothing is hidden, or which bits leak."""
    if candidates.mechanism == "none":
        return candidates.notes[0]
    return f"{candidates.mechanism}: epsilon none; {candidates.guarantee.says}" if candidates.guarantee.bits else ""
