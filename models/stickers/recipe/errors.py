"""What the recipe refuses, and what a person does about it.

::

    RecipeError
    ├── MissingPackage     an npm package or a file of it is not there
    ├── WrongVersion       it is there in another version than the labels were checked against
    ├── ToneError          a group of drawings has no skin, or its skin tones are out of order
    ├── DiskFull           a file could not be written; the one before it is untouched
    └── BrokenCheckpoint   a file is cut short or altered
"""

from __future__ import annotations

from typing import ClassVar

from obclip_contract.errors import ObclipError


class RecipeError(ObclipError):
    """Root: the recipe cannot go on; the message says why and what to do."""

    exit_code: ClassVar[int] = 2


class MissingPackage(RecipeError):  # noqa: N818
    """An npm package, or a file that it should hold, is missing."""


class WrongVersion(RecipeError):  # noqa: N818
    """A package is there in a version whose drawings nobody checked."""


class ToneError(RecipeError):
    """Drawings of one group that should differ by skin tone do not, or not in the order of their names."""


class DiskFull(RecipeError):  # noqa: N818
    """No room for a file. What had been written before is kept."""

    exit_code: ClassVar[int] = 3


class BrokenCheckpoint(RecipeError):  # noqa: N818
    """A checkpoint, or another file of the working folder, is cut short or altered."""

    exit_code: ClassVar[int] = 4
