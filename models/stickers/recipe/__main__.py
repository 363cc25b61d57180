"""``python -m models.stickers.recipe STAGE``: every stage of the recipe, one command each, resumable."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

WORK = Path("build/stickers")
HERE = Path(__file__).resolve().parent.parent

work_option = click.option(
    "--work", type=click.Path(path_type=Path), default=WORK, show_default=True, help="Folder of checkpoints and parts."
)


@click.group(
    epilog="In order: render, tokenizer, vae, text, large, small, finish, judge, scorer, pack. "
    "A stage goes on where it was."
)
def recipe() -> None:
    """Train the default pair from the emoji font. CPU or GPU; seeds are fixed."""


@recipe.command()
@work_option
@click.option("--font", type=click.Path(path_type=Path), help="NotoColorEmoji.ttf (Debian fonts-noto-color-emoji).")
@click.option("--names", type=click.Path(path_type=Path), help="emoji-test.txt (Debian unicode-data).")
def render(work: Path, font: Path | None, names: Path | None) -> None:
    """Render and label the glyphs."""
    from . import glyphs

    labels = glyphs.build(work, font or glyphs.FONT, names or glyphs.EMOJI_TEST)
    click.echo(
        f"{len(labels)} glyphs, {len({g.role for g in labels})} roles, {sum(g.held_out for g in labels)} held out"
    )


@recipe.command()
@work_option
def tokenizer(work: Path) -> None:
    """Train the BPE tokenizer on the captions."""
    from .text import train_tokenizer

    click.echo(f"{train_tokenizer(work, work / 'tokenizer')} tokens")


def _training(name: str, steps: int, rate: float, help_text: str) -> None:
    @recipe.command(name, help=help_text)
    @work_option
    @click.option("--steps", default=steps, show_default=True, help="Optimiser steps in all.")
    @click.option("--batch", type=int, help="Pictures a step (default: the stage's own).")
    @click.option("--learning-rate", default=rate, show_default=True)
    @click.option(
        "--init",
        type=click.Path(path_type=Path, exists=True),
        hidden=name not in ("large", "small"),
        help="UNet folder to go on from when there is no checkpoint, e.g. models/stickers/large/unet.",
    )
    @click.option(
        "--keep-latents",
        "keep",
        type=click.Path(path_type=Path, exists=True),
        hidden=name != "vae",
        help="Autoencoder folder whose latents stay, e.g. models/stickers/large/vae: the UNets stay good.",
    )
    @click.option("--teacher", is_flag=True, hidden=name != "small", help="Distil from the large UNet as well.")
    def stage(
        work: Path,
        steps: int,
        batch: int | None,
        learning_rate: float,
        teacher: bool,
        init: Path | None,
        keep: Path | None,
    ) -> None:
        from . import judge as judge_stage
        from . import text as text_stage
        from . import unets as unet_stage
        from . import vae as vae_stage

        more: dict[str, int] = {} if batch is None else {"batch": batch}
        result: object
        if name == "vae":
            result = {"psnr_db": vae_stage.train(work, steps, learning_rate=learning_rate, keep=keep, **more)}
        elif name == "text":
            result = text_stage.train_text_encoder(work, work / "tokenizer", steps, learning_rate=learning_rate, **more)
        elif name == "judge":
            result = judge_stage.train(work, steps, learning_rate=learning_rate, **more)
        else:
            options: dict[str, Any] = {**more, "init": init}
            if name == "small":
                options["teacher"] = teacher
            train = unet_stage.train_large if name == "large" else unet_stage.train_small
            result = {"seconds": train(work, work / "tokenizer", steps, learning_rate=learning_rate, **options)}
        click.echo(json.dumps(result))


_training("vae", 3500, 2e-3, "Train the autoencoder; prints PSNR on held-out glyphs.")
_training("text", 1800, 1e-3, "Train the text encoder; prints accuracy per axis on held-out triples.")
_training("large", 10500, 8e-4, "Train the large UNet.")
_training("small", 4500, 1.5e-3, "Train the small UNet.")
_training("judge", 2000, 2e-3, "Train the judge; prints accuracy per axis on unseen augmentations.")


@recipe.command()
@work_option
@click.option("--steps", default=2000, show_default=True, help="Optimiser steps in all.")
@click.option("--batch", default=32, show_default=True, help="Latents of its own runs a step.")
@click.option("--learning-rate", default=2e-4, show_default=True)
@click.option("--shards", default=24, show_default=True, help="Runs of the large UNet to learn from, in 128.")
@click.option("--init", type=click.Path(path_type=Path, exists=True), required=True, help="UNet folder to start from.")
def finish(work: Path, steps: int, batch: int, learning_rate: float, shards: int, init: Path) -> None:
    """Train the small UNet on the device's whole run, from what the large one hands over to where it ends."""
    from .errors import RecipeError
    from .finishing import train_finisher

    try:
        train_finisher(work, work / "tokenizer", steps, batch, learning_rate, init, shards)
    except RecipeError as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(error.exit_code) from error
    click.echo(json.dumps({"small_unet": str(work / "small_unet")}))


@recipe.command("few-steps")
@work_option
@click.option("--steps", default=2000, show_default=True, help="Optimiser steps in all.")
@click.option("--batch", default=32, show_default=True, help="Latents a step.")
@click.option("--learning-rate", default=1e-3, show_default=True)
@click.option("--threads", type=int, help="CPU threads (default: torch's own choice).")
def few_steps(work: Path, steps: int, batch: int, learning_rate: float, threads: int | None) -> None:
    """Teach the large UNet of this repository to draw in eight steps; writes an adapter. Needs no drawings."""
    import torch

    from .errors import RecipeError
    from .few_steps import train_few_steps

    if threads:
        torch.set_num_threads(threads)
    try:
        result = train_few_steps(work, HERE / "large", HERE / "glyphs.json", steps, batch, learning_rate)
    except RecipeError as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(error.exit_code) from error
    click.echo(json.dumps(result))


@recipe.command()
@work_option
@click.option("--steps", default=650, show_default=True, help="Optimiser steps in all.")
@click.option("--batch", default=128, show_default=True, help="Pictures with captions a step, in groups of four.")
@click.option("--learning-rate", default=2e-3, show_default=True)
@click.option(
    "--tokenizer",
    type=click.Path(path_type=Path, exists=True),
    default=HERE / "large" / "tokenizer",
    help="Tokenizer folder of the pair (default: the repository's).",
)
@click.option("--threads", type=int, help="CPU threads (default: torch's own choice).")
def scorer(work: Path, steps: int, batch: int, learning_rate: float, tokenizer: Path, threads: int | None) -> None:
    """Train the image-text scorer; prints what it tells apart on unseen augmentations and captions."""
    import torch

    from .errors import RecipeError
    from .scorer import train as train_scorer

    if threads:
        torch.set_num_threads(threads)
    try:
        result = train_scorer(work, tokenizer, steps, batch, learning_rate)
    except RecipeError as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(error.exit_code) from error
    click.echo(json.dumps(result))


@recipe.command("merge-few-steps")
@click.option(
    "--adapter", type=click.Path(path_type=Path), default=HERE / "few_steps", show_default=True, help="Its folder."
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Diffusers folder to write.")
def merge_few_steps(adapter: Path, out: Path) -> None:
    """Write the large model that draws in eight steps: export it with 'obclip export all --large OUT'."""
    from .errors import RecipeError
    from .few_steps import write_merged

    try:
        write_merged(HERE / "large", adapter, out)
    except RecipeError as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(error.exit_code) from error
    click.echo(str(out))


@recipe.command()
@work_option
@click.option("--out", type=click.Path(path_type=Path), default=HERE, show_default=True)
def pack(work: Path, out: Path) -> None:
    """Write the diffusers folders (fp16 safetensors), the judge and the scorer."""
    from .pack import pack as write

    for name, size in write(work, work / "tokenizer", out).items():
        click.echo(f"{name}: {size / 1e6:.1f} MB")


SECOND = Path.home() / ".cache" / "obclip" / "stickers-second"


@recipe.command()
@click.option("--hours", default=0.0, show_default=True, help="Stop after this long; 0 goes on until all is done.")
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    default=SECOND,
    show_default=True,
    help="Folder of checkpoints and parts; npm packages in its npm/.",
)
@click.option("--names", type=click.Path(path_type=Path), help="emoji-test.txt (Debian unicode-data).")
@click.option("--from-nothing", is_flag=True, help="Do not start from today's pair.")
@click.option("--threads", type=int, help="CPU threads (default: torch's own choice).")
def train(hours: float, work: Path, names: Path | None, from_nothing: bool, threads: int | None) -> None:
    """Second edition: go on with whatever stage is due."""
    import torch

    from . import glyphs
    from .errors import RecipeError
    from .scenes import stages
    from .scenes.work import Work

    if threads:
        torch.set_num_threads(threads)
    todays = None if from_nothing else HERE / "large"
    options = stages.Options(Work(work), todays=todays, names=names or glyphs.EMOJI_TEST)
    try:
        left = stages.train(options, hours, click.echo)
    except RecipeError as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(error.exit_code) from error
    click.echo("all stages are done" if left is None else f"{left.name} is due: run this again to go on")


if __name__ == "__main__":
    recipe(prog_name="python -m models.stickers.recipe")
