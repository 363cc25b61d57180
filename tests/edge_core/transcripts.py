"""One picture made twice, by Python's pipeline and by a session of the core, each told event by event in one form.

Both are given the same graphs (a linear model that numpy computes), the same cloud (real response bytes), the same
ledger, coins and decisions. Whatever the two say, hand out or refuse can then be compared with ``==``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import numpy as np

from edge_sdk.attributes import NoDetector
from edge_sdk.cancelling import Cancellation
from edge_sdk.device.tokenizer import PromptTokenizer
from edge_sdk.errors import ImpliedError, InputError, ObclipError
from edge_sdk.events import Decoded, Detected, Finished
from edge_sdk.ledger import Ledger
from edge_sdk.pipeline import run
from edge_sdk.pipeline.arguments import Job, read_call
from edge_sdk.pipeline.cloud import CheckedCloud
from edge_sdk.privacy import Privacy, release
from obclip_contract import Bundle, BundleError, BundleManifest, NoiseSchedule, TokenizerSpec

from .acting import SIDE, TOKENIZER, URL, Client, Cloud, Event, Graphs, manifest
from .binding import ACTIONS, NAMES, REFUSALS, CallError, Options, Session, opened
from .coins import ByteCoins

SEED: Final = 2**64 - 59
COINS: Final = bytes((i * 167 + 13) % 251 for i in range(4096))
KEY: Final = bytes(range(32))
NOW: Final = 1_700_000_000
#: The errors of the reference by the core's refusals.
KINDS: Final = {
    "InputError": "INPUT", "PrivacyError": "PRIVACY", "ImpliedError": "IMPLIED", "LedgerError": "LEDGER",
    "BudgetError": "BUDGET", "LexiconError": "LEXICON", "BundleError": "BUNDLE", "CloudError": "CLOUD",
    "RefusedError": "CLOUD", "UnreachableError": "UNREACHABLE", "DeadlineError": "DEADLINE", "LatentError": "LATENT",
    "DeviceError": "RUNTIME", "StoppedError": "CANCELLED",
}  # fmt: skip
_RUN: Final = (
    *("cloud_steps", "guidance_scale", "negative_prompt", "sampler", "handover", "plan", "device_stride"),
    *("device_steps", "device_sampler", "device_guidance_scale"),
)


@cache
def tokenizer_bytes() -> bytes:
    return TOKENIZER.read_bytes()


@cache
def _tokenizer(spec: TokenizerSpec) -> PromptTokenizer:
    return PromptTokenizer(Bundle(TOKENIZER.parent, manifest(tokenizer=spec)))


@dataclass
class Picture:
    """What is to be made, and with what.

    Attributes:
        arguments: of the pipeline's call. privacy: fields of :class:`Privacy`; "second_look" beside them.
        decide: a decision by (axis, surface) of a finding, for ``on_implied`` "ask".
        ledger: folder of Python's ledger; the core's bytes in ``stored``, which a run changes.
        cancel_at: the run is cancelled behind that many device steps.
    """

    prompt: str = "an old woman"
    arguments: Mapping[str, Any] = field(default_factory=dict)
    privacy: Mapping[str, Any] = field(default_factory=dict)
    pair: BundleManifest = field(default_factory=manifest)
    cloud: Callable[[str, str, bytes], tuple[int, bytes]] | None = None
    spoiled: Mapping[str, float] | None = None
    decide: Callable[[str, str], str] | None = None
    ledger: Path | None = None
    stored: bytes = b""
    now: int = NOW
    seed: int = SEED
    cancel_at: int | None = None

    def engine(self) -> Callable[[str, str, bytes], tuple[int, bytes]]:
        return self.cloud or Cloud(self.pair)


def by_python(picture: Picture) -> list[Event]:
    """Every event of Python's run, and what the run was refused with."""
    events: list[Event] = []
    try:
        with np.errstate(all="ignore"):
            _run(picture, events)
    except (ObclipError, BundleError) as error:
        kind = KINDS[type(error).__name__]
        events.append(("stopped", kind, error.exit_code, str(error).replace(f" {TOKENIZER.parent} ", " ")))
    return events


def _run(picture: Picture, events: list[Event]) -> None:
    chosen = dict(picture.privacy)
    if not chosen.pop("second_look", True):
        chosen["detector"] = NoDetector()
    try:
        privacy = Privacy(**chosen)
        call = read_call(picture.prompt, (), {**picture.arguments, "seed": picture.seed}, picture.pair)
    except InputError as error:
        events.append(("options", str(error)))
        return
    bundle = Bundle(TOKENIZER.parent, picture.pair)
    ledger = None if picture.ledger is None else Ledger(picture.ledger, lambda: picture.now)
    client = Client(picture.engine(), events)
    graphs = Graphs(events, picture.spoiled)
    tokenizer = _tokenizer(picture.pair.tokenizer)
    parts = run.Parts(bundle, graphs, tokenizer, CheckedCloud(client, bundle), ledger)
    randomised = chosen.get("mechanism") == "k-subset"
    drawn = patch.object(run, "release", partial(release, coins=ByteCoins(COINS))) if randomised else nullcontext()
    with drawn:
        try:
            _events(picture, parts, privacy, call, events)
        except ImpliedError as error:
            if picture.decide is None:
                raise
            events.append(("asked", [_finding(f) for f in error.implied]))
            decide = picture.decide
            again = Privacy(**{**chosen, "on_implied": lambda f: decide(f.axis, f.surface)})
            _events(picture, parts, again, call, events)


def _finding(f: Any) -> tuple[Any, ...]:
    return f.axis, f.surface, f.value, f.instead, f.slot, f.why, f.start, f.end


def _events(picture: Picture, parts: run.Parts, privacy: Privacy, call: Any, events: list[Event]) -> None:
    job = Job(picture.prompt, call.jobs[0].settings, call.jobs[0].seed, privacy, "pil")
    stop = Cancellation()
    for event in run.run_steps(parts, job, stop):
        if isinstance(event, Detected):
            found, request = event.candidates, event.request
            events.append(("detected", None if found is None else {
                "template": found.template,
                "members": list(found.members),
                "axes": [a.name for a in found.grid.axes],
                "attributes": [(a.axis, a.surface, a.value, a.start, a.end) for a in found.attributes],
                "true_member": found.true_member,
                "index": found.index,
                "exact": found.exact,
                "body": request.to_bytes() if request else b"",
            }))  # fmt: skip
        elif isinstance(event, Finished):
            events.append(("step", event.index + 1, event.total, event.timestep, event.latents[0].tobytes()))
            if picture.cancel_at == event.index + 1:
                stop.cancel()
        elif isinstance(event, Decoded):
            r = event.output.receipt
            receipt = {
                "n": r.n, "epsilon": r.epsilon, "spent": r.epsilon_spent, "total": r.epsilon_total, "bits": r.bits,
                "guarantee": r.guarantee, "hints": list(r.hints), "mechanism": r.mechanism, "template": r.template,
                "axes": list(r.axes), "lexicon": r.lexicon, "up": r.bytes_up, "down": r.bytes_down,
                "sha256": r.request_sha256, "notes": list(r.notes),
            }  # fmt: skip
            events.append(("done", np.asarray(event.output.images[0]).tobytes(), receipt))


def options_of(picture: Picture) -> Options:
    """The same as the core's options.

    Raises:
        CallError: one is refused.
    """
    pair, arguments = picture.pair, picture.arguments
    schedule, words = pair.schedule, pair.tokenizer
    channels, height, width = pair.latent_shape
    values: dict[str, Any] = {
        "model": pair.model, "pair_sha256": pair.pair_sha256, "latent_channels": channels, "latent_height": height,
        "latent_width": width, "image_size": pair.image_size, "scaling_factor": pair.scaling_factor,
        "shift_factor": pair.shift_factor, "guidance_default": pair.guidance_default, "cloud": URL,
        **{n: getattr(schedule, n) for n in NoiseSchedule.__dataclass_fields__},
        **{n: getattr(words, n) for n in ("max_length", "bos_id", "eos_id", "pad_id")},
    }  # fmt: skip
    if "num_inference_steps" in arguments:
        values["steps"] = arguments["num_inference_steps"]
    values.update({n: arguments[n] for n in _RUN if n in arguments})
    for name, value in picture.privacy.items():
        if name == "domains":
            values.update({f"domain.{axis}": list(kept) for axis, kept in value.items()})
        else:
            values[name] = value
    options = Options(opened(), values, tokenizer_bytes())
    if picture.ledger is not None:
        options.set_ledger(picture.stored, KEY, picture.now)
    return options


def session_of(picture: Picture) -> Session:
    coins = COINS if picture.privacy.get("mechanism") == "k-subset" else b""
    return Session(options_of(picture), picture.prompt, picture.seed, coins)


def by_core(picture: Picture) -> list[Event]:
    """Every event of the core's session; ``picture.stored`` becomes what it asked to store."""
    events: list[Event] = []
    try:
        session = session_of(picture)
    except CallError as error:
        return [("options" if error.status == NAMES.REFUSED else "misuse", str(error))]
    return drive(session, picture, events)


#: Called with the session, the action, and whether it was answered: something beside what is asked for.
Aside = Callable[[Session, str, bool], object]


def drive(session: Session, picture: Picture, events: list[Event], aside: Aside = lambda *_: None) -> list[Event]:
    """Do what a session asks for, to its end; ``aside`` before and behind each answer."""
    cloud, graphs = picture.engine(), Graphs(events, picture.spoiled)
    states: Any = None
    shape = (1, *picture.pair.latent_shape)
    while True:
        action = ACTIONS[session.next()]
        aside(session, action, False)
        if action == "NEEDS_DECISION":
            assert picture.decide is not None
            found = read_findings(session)
            events.append(("asked", found))
            for i, f in enumerate(found):
                session.give_decision(i, picture.decide(f[0], f[1]))
        elif action == "DETECTED":
            events.append(("detected", read_detected(session)))
        elif action == "STORE":
            picture.stored = session.buffer(NAMES.LEDGER_BYTES)
            session.give_stored(True)
        elif action == "SEND":
            method, path, body = session.text(NAMES.METHOD), session.text(NAMES.PATH), session.buffer(NAMES.BODY)
            names = session.texts(NAMES.HEADER_NAME, NAMES.HEADERS)
            headers = dict(zip(names, session.texts(NAMES.HEADER_VALUE, NAMES.HEADERS), strict=True))
            events.append(("send", method, path, headers, body))
            session.give_response(*cloud(method, path, body))
        elif action == "ENCODE_TEXT":
            rows, length = int(session.number(NAMES.ROWS)), int(session.number(NAMES.LENGTH))
            states = graphs.encode_text(np.frombuffer(session.buffer(NAMES.TOKENS), "<i4").reshape(rows, length))
            session.give_floats(states)
        elif action == "DENOISE":
            sample, rows = session.floats(NAMES.SAMPLE, *shape), int(session.number(NAMES.ROWS))
            both = np.concatenate([sample] * rows)
            session.give_floats(graphs.denoise(both, session.number(NAMES.TIMESTEP), states[:rows]))
        elif action == "STEP":
            done, of = int(session.number(NAMES.STEP_INDEX)), int(session.number(NAMES.STEPS))
            latent = session.buffer(NAMES.LATENT_FLOATS)
            events.append(("step", done, of, session.number(NAMES.TIMESTEP), latent))
            if picture.cancel_at == done:
                session.cancel()
        elif action == "DECODE":
            session.give_floats(graphs.decode(session.floats(NAMES.LATENT_FLOATS, *shape)))
        elif action == "DONE":
            assert session.number(NAMES.WIDTH) == session.number(NAMES.HEIGHT) == SIDE
            events.append(("done", session.buffer(NAMES.PIXELS), read_receipt(session)))
            return events
        else:
            kind = REFUSALS[int(session.number(NAMES.REFUSAL))]
            events.append(("stopped", kind, int(session.number(NAMES.EXIT_CODE)), session.text(NAMES.MESSAGE)))
            return events
        aside(session, action, True)


def read_findings(session: Session) -> list[tuple[Any, ...]]:
    fields = (NAMES.FINDING_AXIS, NAMES.FINDING_SURFACE, NAMES.FINDING_VALUE, NAMES.FINDING_INSTEAD,
              NAMES.FINDING_SLOT, NAMES.FINDING_WHY)  # fmt: skip
    return [
        (*(session.text(f, i) for f in fields), *(int(session.number(f, i)) for f in (65, 66)))
        for i in range(int(session.number(NAMES.FINDINGS)))
    ]


def read_detected(session: Session) -> dict[str, Any] | None:
    if session.text(NAMES.MECHANISM) == "local":
        return None
    count = int(session.number(NAMES.ATTRIBUTES))
    fields = (NAMES.ATTRIBUTE_AXIS, NAMES.ATTRIBUTE_SURFACE, NAMES.ATTRIBUTE_VALUE)
    places = (NAMES.ATTRIBUTE_START, NAMES.ATTRIBUTE_END)
    return {
        "template": session.text(NAMES.TEMPLATE),
        "members": session.texts(NAMES.MEMBER, NAMES.MEMBERS),
        "axes": session.texts(NAMES.AXIS, NAMES.AXES),
        "attributes": [
            (*(session.text(f, i) for f in fields), *(int(session.number(f, i)) for f in places)) for i in range(count)
        ],
        "true_member": session.text(NAMES.TRUE_MEMBER),
        "index": int(session.number(NAMES.INDEX)),
        "exact": bool(session.number(NAMES.EXACT)),
        "body": session.buffer(NAMES.BODY),
    }


def read_receipt(session: Session) -> dict[str, Any]:
    def number(name: int) -> float | None:
        value = session.number(name)
        return None if math.isnan(value) else value

    hints = zip(session.texts(NAMES.HINT_AXIS, NAMES.HINTS), session.texts(NAMES.HINT_WORDS, NAMES.HINTS), strict=True)
    return {
        "n": session.number(NAMES.MEMBERS), "epsilon": number(NAMES.EPSILON), "spent": number(NAMES.EPSILON_SPENT),
        "total": number(NAMES.EPSILON_TOTAL), "bits": number(NAMES.BITS), "guarantee": session.text(NAMES.GUARANTEE),
        "hints": list(hints), "mechanism": session.text(NAMES.MECHANISM), "template": session.text(NAMES.TEMPLATE),
        "axes": session.texts(NAMES.AXIS, NAMES.AXES), "lexicon": session.text(NAMES.LEXICON_VERSION),
        "up": session.number(NAMES.BYTES_UP), "down": session.number(NAMES.BYTES_DOWN),
        "sha256": session.text(NAMES.REQUEST_SHA256), "notes": session.texts(NAMES.NOTE, NAMES.NOTES),
    }  # fmt: skip
