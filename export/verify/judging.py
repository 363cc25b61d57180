"""Who reads finished pictures, where a pair has somebody who can: asked for by name, never imported as such."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from numpy.typing import NDArray

from ..errors import OptionError

__all__ = ["JURY", "Jury", "find_jury"]

#: Module and function that convene a jury from a judge's folder: the default pair's. Another pair names its own.
JURY: Final = "models.stickers.recipe.jury:convene"


class Jury(Protocol):
    """Prompts, and how well pictures of them show what they ask for."""

    @property
    def prompts(self) -> Sequence[str]:
        """What is to be drawn."""

    def accuracy(self, pictures: NDArray[Any]) -> float:
        """Percent right over all prompts and attributes; ``pictures`` float32 ``[n, 3, S, S]`` in [-1, 1], one per
        prompt."""


def find_jury(folder: Path, count: int, required: bool = False, where: str = JURY) -> Jury | None:
    """The jury of the judge in ``folder`` with ``count`` prompts.

    Args:
        where: ``module:function``, called with ``folder``, ``count`` and ``required``.

    Returns ``None`` where there is none, or what it needs is not installed: pairs need not have one.

    Raises:
        OptionError: ``required``, and it is not there or cannot be loaded; or ``where`` names nothing.
    """
    module, _, function = where.partition(":")
    try:
        convene: Callable[[Path, int, bool], Jury | None] = getattr(importlib.import_module(module), function)
    except ModuleNotFoundError as error:
        if required or where != JURY:
            raise OptionError(f"the judge needs {error.name}: pip install 'obclip[train]' in a checkout") from None
        return None
    except (AttributeError, ValueError):
        raise OptionError(f"there is no jury at {where!r}: give MODULE:FUNCTION") from None
    return convene(folder, count, required)
