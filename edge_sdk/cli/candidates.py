"""``obclip candidates``: what would be sent for a prompt, without sending it."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from click.core import ParameterSource

from .options import bundle_option, privacy_options, run_options, settings_of, told_epsilon
from .seeds import SEED, show_seed
from .telling import Voice, json_option, voice_options

if TYPE_CHECKING:
    from obclip_contract import Bundle, GenerateRequest

    from ..privacy import Release
    from .rehearsing import Rehearsal

#: Of the default pair; stands in a request that is shown without a bundle.
_MODEL: Final = "stickers"
_EXAMPLE: Final = (
    "a draw made for show: 'obclip generate' makes its own, keeps it for this template, and spends epsilon for it"
)


@click.command(
    short_help="Show the set of candidates of a prompt and the exact request.",
    epilog='Examples: obclip candidates "a girl with dark skin" --json; obclip candidates "two women and a man" '
    '--mechanism cover --max-candidates 16; obclip candidates "an old woman pilot" --mechanism k-subset --epsilon 1',
)
@click.argument("prompt")
@run_options
@privacy_options
@click.option(
    "--seed", type=SEED, default=0, show_default=True, help="A real run draws it; fixed here so that requests compare."
)
@click.option("--model", help="Model identifier in the request (default: the bundle's).")
@bundle_option("--bundle", "edge", "Edge bundle: its model, its guidance, and the tokenizer that measures the prompt.")
@click.option("--show-request", is_flag=True, help="Print the request's bytes instead.")
@voice_options
@json_option("Print everything as JSON.")
def command(
    prompt: str,
    seed: int,
    model: str | None,
    bundle: Path,
    show_request: bool,
    quiet: bool,
    verbose: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Print the candidates of PROMPT: what 'obclip generate' would send, refused where it would be refused.

    Every member of a closed set prints the same request, byte for byte. It is a dry run: nothing is sent, entered in
    the ledger or spent. For a k-subset the draw that is kept for the template is shown, or else one made for show.
    """
    voice = Voice(as_json, quiet, verbose)
    named = click.get_current_context().get_parameter_source("bundle") == ParameterSource.COMMANDLINE
    settings_of(options)  # refused before anything is opened
    opened = _open(bundle, named, voice)
    shown = _read(opened, prompt, options, seed)
    if shown.candidates is None or shown.request is None:
        if as_json:
            click.echo(json.dumps(_nothing()))
        else:
            click.echo("nothing would be sent")
        return
    chosen = shown.candidates
    request = shown.request if model is None else replace(shown.request, model=model)
    length = _length(chosen, opened)
    for note in chosen.notes:
        voice.note(note)
    if shown.kept is False:
        voice.note(_EXAMPLE)
    if show_request:
        click.echo(request.to_bytes().decode("utf-8"))
    elif as_json:
        click.echo(json.dumps(_described(shown, chosen, request, length), ensure_ascii=False))
    else:
        _print(chosen, request, length)


def _open(bundle: Path, named: bool, voice: Voice) -> Bundle | None:
    """The edge bundle; without one, unless it was named, the request is shown with the defaults.

    Raises:
        obclip_contract.BundleError: it is damaged, or was named and is not there.
    """
    from obclip_contract import open_bundle

    if not named and not bundle.is_dir():
        voice.note(
            f"no edge bundle at {bundle}: model and guidance are the defaults, and the prompt's tokens are not measured"
        )
        return None
    return open_bundle(str(bundle), "edge")


def _read(bundle: Bundle | None, prompt: str, options: dict[str, Any], seed: int) -> Rehearsal:
    from .rehearsing import Rehearsal, rehearse

    if bundle is not None:
        from ..pipeline import ObliviousPipeline
        from ..runtimes.choose import open_runtime

        return rehearse(ObliviousPipeline(bundle, open_runtime(bundle)), prompt, options, seed)
    from ..ledger.rehearsal import RehearsedLedger
    from ..privacy import release
    from ..privacy.rules import refuse_alone
    from .implied import settle_implied
    from .options import privacy_of

    settings = settings_of(options)
    if options["mechanism"] == "local" or settings.k == 0:
        refuse_alone(prompt)
        return Rehearsal(None, None, "refuse", None)
    ledger = RehearsedLedger()
    chosen, policy = settle_implied(
        options["on_implied"],
        lambda p: release(prompt, privacy_of(options, p), negative_prompt=options["negative"], ledger=ledger),
    )
    return Rehearsal(chosen, settings.request(chosen, _MODEL, seed), policy, ledger.kept)


def _length(chosen: Release, bundle: Bundle | None) -> tuple[int, int] | None:
    """Tokens of the longest form, and how many the bundle's model reads; ``None`` without a bundle."""
    if bundle is None:
        return None
    from ..device.tokenizer import PromptTokenizer

    tokenizer = PromptTokenizer(bundle)
    return chosen.most_tokens(tokenizer.count), tokenizer.limit


def _described(
    shown: Rehearsal, chosen: Release, request: GenerateRequest, length: tuple[int, int] | None
) -> dict[str, Any]:
    return {
        "dry_run": True,
        "draw": None if shown.kept is None else "kept" if shown.kept else "example",
        "n": len(chosen.members),
        "mechanism": chosen.mechanism,
        "epsilon": chosen.epsilon,
        "epsilon_spent": chosen.spent,
        "epsilon_total": chosen.account.basic if chosen.account else None,
        "bits": chosen.guarantee.bits,
        "bits_by_axis": dict(chosen.guarantee.bits_by_axis),
        "guarantee": chosen.guarantee.says,
        "attributes": [asdict(s) for s in chosen.attributes],
        "axes": [a.name for a in chosen.grid.axes],
        "lexicon": request.lexicon,
        "model": request.model,
        "guidance": request.guidance_scale,
        "seed": show_seed(request.seed),
        "template": chosen.template,
        "members": list(chosen.members),
        "request_sha256": request.sha256,
        "request_bytes": len(request.to_bytes()),
        "tokens": length[0] if length else None,
        "tokens_limit": length[1] if length else None,
        "hints": [{"axis": axis, "words": words} for axis, words in chosen.hints],
        "notes": list(chosen.notes),
    }


def _nothing() -> dict[str, Any]:
    """The same keys where nothing would be sent."""
    return {
        **{"dry_run": True, "draw": None, "n": 0, "mechanism": "local", "epsilon": 0.0, "epsilon_spent": 0.0},
        **{"epsilon_total": None, "bits": 0.0, "bits_by_axis": {}, "guarantee": "nothing is sent", "attributes": []},
        **{"axes": [], "lexicon": "", "model": "", "guidance": None, "seed": "", "template": "", "members": []},
        **{"request_sha256": "", "request_bytes": 0, "tokens": None, "tokens_limit": None, "hints": [], "notes": []},
    }


def _print(chosen: Release, request: GenerateRequest, length: tuple[int, int] | None) -> None:
    size = len(request.to_bytes())
    click.echo(f"{len(chosen.members)} candidates, request {size} bytes, sha256 {request.sha256}")
    click.echo(f"guidance {request.guidance_scale:g}, model {request.model}, seed {show_seed(request.seed)}")
    if chosen.mechanism != "none":
        click.echo(f"{chosen.mechanism}, epsilon {told_epsilon(chosen.epsilon)}: {chosen.guarantee.says}")
    if length:
        click.echo(f"{length[0]} of {length[1]} tokens in the longest form")
    if chosen.account and chosen.guarantee.ratio > 1:
        click.echo(
            f"dry run, nothing spent: 'obclip generate' would newly spend epsilon {chosen.spent:.3g}; "
            f"{chosen.account.basic:.3g} is spent so far"
        )
    for member in chosen.members:
        click.echo(f"  {member}")
