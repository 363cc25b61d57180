"""``obclip candidates``: what would be sent for a prompt, without sending it."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .implied import answered
from .options import bundle_option, privacy_of, privacy_options, run_options, settings_of, told_epsilon

if TYPE_CHECKING:
    from obclip_contract import GenerateRequest

    from ..privacy import Release


@click.command(
    short_help="Show the set of candidates of a prompt and the exact request.",
    epilog='Examples: obclip candidates "a girl with dark skin" --json; obclip candidates "two women and a man" '
    '--mechanism cover --max-candidates 16; obclip candidates "an old woman pilot" --mechanism k-subset --epsilon 1',
)
@click.argument("prompt")
@run_options
@privacy_options
@click.option("--seed", default=0, show_default=True, help="A real run draws it; fixed here so that requests compare.")
@click.option("--model", default="stickers", show_default=True, help="Model identifier in the request.")
@bundle_option("--bundle", "edge", "Edge bundle whose tokenizer measures the prompt, if it is there.")
@click.option("--show-request", is_flag=True, help="Print the request's bytes instead.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def command(
    prompt: str, seed: int, model: str, bundle: Path, show_request: bool, as_json: bool, **options: Any
) -> None:
    """Print the candidates of PROMPT. Every member of a closed set prints the same request, byte for byte.

    A k-subset is drawn once for a template and charged to the ledger, here as in a real run.
    """
    from ..privacy import release
    from ..privacy.rules import refuse_alone

    if options["mechanism"] == "local":
        refuse_alone(prompt)
        click.echo(json.dumps(_nothing()) if as_json else "nothing would be sent")
        return
    chosen = answered(
        options["on_implied"],
        lambda policy: release(prompt, privacy_of(options, policy), negative_prompt=options["negative"]),
    )
    settings = settings_of(options)
    request = replace(settings, cloud_steps=max(1, settings.k)).request(chosen, model, seed)
    length = _length(chosen, bundle)
    if show_request:
        click.echo(request.to_bytes().decode("utf-8"))
    elif as_json:
        click.echo(json.dumps(_described(chosen, request, length), ensure_ascii=False))
    else:
        _print(chosen, request, length)


def _described(chosen: Release, request: GenerateRequest, length: tuple[int, int] | None) -> dict[str, Any]:
    return {
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
        "template": chosen.template,
        "members": list(chosen.members),
        "request_sha256": request.sha256,
        "request_bytes": len(request.to_bytes()),
        "tokens": length[0] if length else None,
        "tokens_limit": length[1] if length else None,
        "hints": [{"axis": axis, "words": words} for axis, words in chosen.hints],
        "notes": list(chosen.notes),
    }


def _length(chosen: Release, bundle: Path) -> tuple[int, int] | None:
    """Tokens of the longest form, and how many the bundle's model reads; ``None`` without a bundle."""
    if not (bundle / "bundle.json").is_file():
        return None
    from obclip_contract import open_bundle

    from ..device.tokenizer import PromptTokenizer

    tokenizer = PromptTokenizer(open_bundle(str(bundle), "edge"))
    return chosen.most_tokens(tokenizer.count), tokenizer.limit


def _nothing() -> dict[str, Any]:
    """The same keys for "local"."""
    return {
        "n": 0,
        "mechanism": "local",
        "epsilon": 0.0,
        "epsilon_spent": 0.0,
        "epsilon_total": None,
        "bits": 0.0,
        "bits_by_axis": {},
        "guarantee": "nothing is sent",
        "attributes": [],
        "axes": [],
        "lexicon": "",
        "template": "",
        "members": [],
        "request_sha256": "",
        "request_bytes": 0,
        "tokens": None,
        "tokens_limit": None,
        "hints": [],
        "notes": [],
    }


def _print(chosen: Release, request: GenerateRequest, length: tuple[int, int] | None) -> None:
    for note in chosen.notes:
        click.echo(f"note: {note}", err=True)
    size = len(request.to_bytes())
    click.echo(f"{len(chosen.members)} candidates, request {size} bytes, sha256 {request.sha256}")
    if chosen.mechanism != "none":
        click.echo(f"{chosen.mechanism}, epsilon {told_epsilon(chosen.epsilon)}: {chosen.guarantee.says}")
    if length:
        tokens, limit = length
        refused = "; the model cannot read it, and 'obclip generate' refuses it" if tokens > limit else ""
        click.echo(f"{tokens} of {limit} tokens in the longest form{refused}")
    if chosen.account and chosen.guarantee.ratio > 1:
        click.echo(f"epsilon {chosen.spent:.3g} newly spent, {chosen.account.basic:.3g} in all")
    for member in chosen.members:
        click.echo(f"  {member}")
