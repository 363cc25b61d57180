"""``obclip candidates``: what would be sent for a prompt, without sending it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import click

from .options import parse_domains, run_options


@click.command(
    short_help="Show the closed set of a prompt and the exact request.",
    epilog='Example: obclip candidates "a girl with dark skin" --json',
)
@click.argument("prompt")
@run_options
@click.option("--seed", default=0, show_default=True, help="A real run draws it; fixed here so that requests compare.")
@click.option("--model", default="stickers", show_default=True, help="Model identifier in the request.")
@click.option("--show-request", is_flag=True, help="Print the request's bytes instead.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def command(prompt: str, seed: int, model: str, show_request: bool, as_json: bool, **options: Any) -> None:
    """Print the candidates of PROMPT. Every member of the set prints the same request, byte for byte."""
    from ..candidates import candidate_set

    chosen = candidate_set(prompt, parse_domains(options["domains"]))
    request = chosen.request(
        model=model,
        seed=seed,
        guidance_scale=5.0 if options["guidance"] is None else options["guidance"],
        negative_prompt=options["negative"],
        sampler=options["sampler"],
        steps=options["steps"],
        cloud_steps=max(1, options["cloud_steps"]),
        handover=options["handover"],
    )
    body = request.to_bytes()
    if show_request:
        click.echo(body.decode("utf-8"))
        return
    if as_json:
        click.echo(
            json.dumps(
                {
                    "n": len(chosen.members),
                    "mechanism": chosen.mechanism,
                    "epsilon": chosen.epsilon,
                    "attributes": [asdict(s) for s in chosen.attributes],
                    "template": chosen.template,
                    "members": list(chosen.members),
                    "request_sha256": request.sha256,
                    "request_bytes": len(body),
                    "notes": list(chosen.notes),
                },
                ensure_ascii=False,
            )
        )
        return
    for note in chosen.notes:
        click.echo(f"note: {note}", err=True)
    click.echo(f"{len(chosen.members)} candidates, request {len(body)} bytes, sha256 {request.sha256}")
    for member in chosen.members:
        click.echo(f"  {member}")
