"""Slots, findings and refusals as the plain data that the core's test programs answer with."""

from __future__ import annotations

from typing import Any

from edge_sdk.attributes import CandidateSlots, Finding
from edge_sdk.errors import ImpliedError, InputError, PrivacyError
from obclip_contract import Axis, Phrase


def _axis(axis: Axis) -> list[Any]:
    return [axis.name, list(axis.values)]


def _phrase(name: str, phrase: Phrase) -> list[Any]:
    return [name, list(phrase.axes), list(phrase.text)]


def finding_data(f: Finding) -> list[Any]:
    """A finding, field by field."""
    return [f.axis, f.surface, f.start, f.end, f.strong, f.value, f.instead, f.slot, f.covered]


def as_data(slots: CandidateSlots) -> dict[str, Any]:
    """All that is compared of slots."""
    template, axes, phrases = slots.whole
    scope = slots.scope
    return {
        "template": slots.template,
        "axes": [_axis(a) for a in slots.axes],
        "phrases": [_phrase(n, p) for n, p in slots.phrases.items()],
        "choice": list(slots.choice),
        "attributes": [[s.axis, s.surface, s.start, s.end, s.value] for s in slots.attributes],
        "notes": list(slots.notes),
        "whole": [template, [_axis(a) for a in axes], [_phrase(n, p) for n, p in phrases]],
        "allowed": sorted(slots.allowed),
        "scope": [sorted(scope.opt_in), sorted(scope.axes), sorted(scope.unspecified)],
    }


def error_data(error: InputError) -> dict[str, Any]:
    """A refusal: its class as the core numbers it, its message, and the findings of an implied one."""
    kind = 2 if isinstance(error, ImpliedError) else 1 if isinstance(error, PrivacyError) else 0
    return {"refused": kind, "message": str(error)}
