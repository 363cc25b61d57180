"""The export toolchain's exception tree."""

from __future__ import annotations

from typing import ClassVar

from obclip_contract.errors import ObclipError


class ExportError(ObclipError):
    """Root: the pair cannot be exported as asked."""

    exit_code: ClassVar[int] = 2


class OptionError(ExportError):
    """A format, precision or other option that this exporter does not have, or that do not go together."""


class PairError(ExportError):
    """A source folder is missing something, holds a pickle, or large and small do not belong together."""


class ConversionError(ExportError):
    """A converter refused a graph."""

    exit_code: ClassVar[int] = 4


class VerificationError(ExportError):
    """A compiled graph differs from torch by more than its format may."""

    exit_code: ClassVar[int] = 4


class OutputError(ExportError):
    """The output folder cannot be written, or exists already."""
