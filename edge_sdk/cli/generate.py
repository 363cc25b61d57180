"""``obclip generate``: a prompt to a PNG, and the account of what left the device."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .implied import answered
from .options import bundle_option, privacy_of, privacy_options, run_options, settings_of, told_epsilon

if TYPE_CHECKING:
    from ..events import PipelineOutput
    from ..pipeline import ObliviousPipeline
    from ..privacy import Privacy, Release
    from ..receipt import Receipt


@click.command(
    short_help="Make a picture; the cloud never learns which candidate is yours.",
    epilog='Examples: obclip generate "a sticker of an old man with light skin, smiling" --out sticker.png; '
    'obclip generate "a woman pilot" --out p.png --cloud https://cloud.example --json; '
    'obclip generate "a woman pilot" --out p.png --mechanism local   (device only); '
    'obclip generate "an old woman pilot" --out p.png --mechanism k-subset --epsilon 1 --max-candidates 8',
)
@click.argument("prompt")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="PNG to write.")
@click.option("--cloud", metavar="URL", help="Cloud engine; without it one is started on a loopback port for the run.")
@run_options
@privacy_options
@click.option("--seed", type=int, help="Seed of the shared noise (default: from the operating system).")
@bundle_option("--bundle", "edge", "The edge bundle.")
@bundle_option("--cloud-bundle", "cloud", "The cloud bundle for the engine started without --cloud.")
@click.option("--threads", type=click.IntRange(1, 64), help="CPU threads of the device runtime.")
@click.option("--overwrite", is_flag=True, help="Replace OUT if it exists.")
@click.option("--json", "as_json", is_flag=True, help="Print the receipt as JSON.")
def command(prompt: str, out: Path, cloud: str | None, as_json: bool, **options: Any) -> None:
    """Make one picture of PROMPT and write it to --out.

    The prompt becomes a set of candidates that differ only in the attributes found. The cloud denoises all of
    them for --cloud-steps steps; this machine picks its own, finishes and decodes it.
    """
    from ..device.images import check_writable, write_png
    from ..ledger import Ledger
    from ..pipeline import ObliviousPipeline

    check_writable(out, options["overwrite"])
    _ = privacy_of(options)  # refused before an engine is started
    options["cloud_steps"] = settings_of(options).k
    sends = options["cloud_steps"] > 0 and options["mechanism"] != "local"
    with _cloud(cloud, sends, options["cloud_bundle"]) as url:
        pipe = ObliviousPipeline.from_bundle(options["bundle"], url, options["threads"], Ledger())
        output = answered(
            options["on_implied"], lambda policy: _run(pipe, prompt, privacy_of(options, policy), options, as_json)
        )
    write_png(output.images[0], out)
    receipt = output.receipt
    if as_json:
        click.echo(json.dumps({"image": str(out), **vars(receipt), "seed": f"{receipt.seed:016x}"}))
        return
    _print(out, receipt)


def _print(out: Path, receipt: Receipt) -> None:
    if receipt.mechanism not in ("none", "local"):  # what those have to say was said before
        for note in receipt.notes:
            click.echo(f"note: {note}", err=True)
    if receipt.mechanism == "local":
        click.echo(f"{out}: made on this device alone; nothing was sent")
        return
    hidden = "hidden: nothing"
    if receipt.axes:
        leak = f", at most {receipt.bits:.2f} bits leak" if receipt.bits else ""
        hidden = f"hidden: {', '.join(receipt.axes)} (N = {receipt.n}, epsilon = {told_epsilon(receipt.epsilon)}{leak})"
    seconds = receipt.ms["total"] / 1000
    click.echo(f"{out}: {seconds:.1f} s, {receipt.cloud_steps} of {receipt.steps} steps in the cloud")
    click.echo(f"left this device: {receipt.bytes_up} bytes; came back: {receipt.bytes_down} bytes; {hidden}")
    click.echo(f"the cloud saw: {receipt.template}")
    if receipt.axes:
        click.echo(f"{receipt.mechanism}: {receipt.guarantee}")
    if receipt.epsilon:
        click.echo(f"epsilon {receipt.epsilon_spent:.3g} newly spent, {receipt.epsilon_total or 0.0:.3g} in all")


@contextmanager
def _cloud(url: str | None, sends: bool, bundle: Path) -> Iterator[str | None]:
    """The given cloud, one started for the run, or none when nothing is sent."""
    if url is not None or not sends:
        yield url
        return
    from ..cloud.loopback import loopback_engine

    with loopback_engine(bundle) as started:
        yield started


def _run(
    pipe: ObliviousPipeline, prompt: str, privacy: Privacy, options: dict[str, Any], quiet: bool
) -> PipelineOutput:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from ..events import Decoded, Detected, Finished, Received

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=quiet,
    )
    total = options["steps"]
    steps = pipe.steps(
        prompt,
        num_inference_steps=total,
        cloud_steps=options["cloud_steps"],
        guidance_scale=options["guidance"],
        negative_prompt=options["negative"],
        seed=options["seed"],
        sampler=options["sampler"],
        handover=options["handover"],
        plan=options["plan"],
        privacy=privacy,
    )
    output: PipelineOutput | None = None
    with bar:
        task = bar.add_task("reading the prompt", total=total)
        for step in steps:
            if isinstance(step, Detected) and step.candidates is not None:
                if told := _told_first(step.candidates):
                    click.echo(f"note: {told}", err=True)
                bar.update(task, description=f"{len(step.candidates.members)} candidates in the cloud")
            elif isinstance(step, Received):
                bar.update(task, description="finishing here", completed=options["cloud_steps"])
            elif isinstance(step, Finished):
                bar.update(task, completed=total - step.total + step.index + 1)
            elif isinstance(step, Decoded):
                output = step.output
    assert output is not None
    return output


def _told_first(candidates: Release) -> str:
    """What the person must know before anything is sent: that nothing is hidden, or which bits leak."""
    if candidates.mechanism == "none":
        return candidates.notes[0]
    return f"{candidates.mechanism}: epsilon none; {candidates.guarantee.says}" if candidates.guarantee.bits else ""
