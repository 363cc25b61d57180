"""Switch off the telemetry of other libraries, in this process and its children.

ONNX Runtime (from 1.32) starts an uploader with the first session of a process: a database and a hashed device id
below the home directory, look-ups of a collector's address. Hugging Face's libraries and Ray have reporting of their
own. Each reads an environment variable when it starts. The variables are set here and nowhere else, when
:mod:`obclip_contract` is imported, which every package of this project does first; child processes inherit them.

An application that wants one of these back has to set its variable again after importing this package.
"""

from __future__ import annotations

import os
from typing import Final

__all__ = ["SWITCHES", "switch_off"]

#: Each library's own switch, and the value that means "send nothing".
SWITCHES: Final = {
    "ORT_DISABLE_TELEMETRY": "1",  # ONNX Runtime: no uploader, no events, no device id
    "HF_HUB_DISABLE_TELEMETRY": "1",  # huggingface_hub, and diffusers and transformers through it
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "DO_NOT_TRACK": "1",  # what several tools agree on
}


def switch_off() -> None:
    """Set every switch, over whatever was there: no dependency's report leaves because of a shell's settings."""
    os.environ.update(SWITCHES)
