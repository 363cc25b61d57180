"""Step plans: which graph runs on which rows with which caches, per step. Plain data, no torch."""

from __future__ import annotations

from .plan import CacheRead, Evaluation, PlanError, StepPlan, StepRow
from .presets import PRESETS, preset
from .validate import validate

__all__ = ["PRESETS", "CacheRead", "Evaluation", "PlanError", "StepPlan", "StepRow", "preset", "validate"]
