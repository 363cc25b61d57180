"""The whole path of one picture, called like a diffusers pipeline."""

from .arguments import Arguments
from .pipeline import ObliviousPipeline
from .settings import Settings, draw_seed

__all__ = ["Arguments", "ObliviousPipeline", "Settings", "draw_seed"]
