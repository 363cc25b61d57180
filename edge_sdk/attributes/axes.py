"""The axes, one specification each: what the passes and the template ask of an axis stands here once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class AxisSpec:
    """One axis.

    Attributes:
        opt_in: hidden on request only.
        trait: its words are adjectives before, or a phrase behind, a person; their forms are data.
        may_be_unsaid: a person can be spoken of without it, so that its presence can be hidden too. Skin is always
            spoken of with a tone, a name is a name, and a profession is the noun itself.
    """

    name: str
    opt_in: bool = False
    trait: bool = False
    may_be_unsaid: bool = True


#: In grid order.
SPECS: Final = {
    spec.name: spec
    for spec in (
        AxisSpec("gender"),
        AxisSpec("age"),
        AxisSpec("skin_tone", may_be_unsaid=False),
        AxisSpec("ethnicity", trait=True),
        AxisSpec("nationality", trait=True),
        AxisSpec("religion", trait=True),
        AxisSpec("disability", trait=True),
        AxisSpec("profession", opt_in=True, may_be_unsaid=False),
        AxisSpec("body", opt_in=True, trait=True),
        AxisSpec("hair", opt_in=True, trait=True),
        AxisSpec("first_names", opt_in=True, may_be_unsaid=False),
    )
}
#: Axes that are hidden by default, in grid order.
AXES: Final = tuple(name for name, spec in SPECS.items() if not spec.opt_in)
#: Axes that are hidden on request, after those.
OPT_IN: Final = tuple(name for name, spec in SPECS.items() if spec.opt_in)
#: Axes whose words are adjectives before, or a phrase behind, a person.
TRAITS: Final = tuple(name for name, spec in SPECS.items() if spec.trait)
