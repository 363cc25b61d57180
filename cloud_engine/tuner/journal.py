"""What a search has measured so far, on disk: a search that was stopped goes on without measuring again."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..errors import ConfigError
from ..plans.plan import StepPlan

__all__ = ["Journal"]


class Journal:
    """JSON lines: the search's own numbers first, then one measurement a line. ``path`` None keeps nothing.

    Raises:
        ConfigError: the file belongs to another search, or cannot be read or written.
    """

    def __init__(self, path: Path | None, search: Mapping[str, Any]) -> None:
        self._path = path
        self._known: dict[str, dict[str, float]] = {}
        self.measured = 0
        if path is None:
            return
        header = {"search": dict(search)}
        try:
            if path.exists():
                self._read(path, header)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(json.dumps(header, sort_keys=True) + "\n", encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"the journal {path} cannot be used: {error}") from None

    def _read(self, path: Path, header: Mapping[str, Any]) -> None:
        lines = path.read_text(encoding="ascii").splitlines()
        whole = []
        for number, line in enumerate(lines):
            try:
                whole.append(json.loads(line))
            except ValueError:
                if number != len(lines) - 1:
                    raise ConfigError(f"line {number + 1} of the journal {path} is not JSON; remove the file") from None
        # A last line that was cut off by a stop is measured again.
        if not whole or whole[0] != json.loads(json.dumps(header)):
            raise ConfigError(
                f"the journal {path} belongs to another search; remove it, or name another with --journal"
            )
        self._known = {str(entry["key"]): dict(entry["figures"]) for entry in whole[1:]}
        text = "".join(json.dumps(entry, sort_keys=True) + "\n" for entry in whole)
        part = path.with_name(path.name + ".part")
        part.write_text(text, encoding="ascii")
        os.replace(part, path)

    def figures(self, stage: str, plan: StepPlan, measure: Callable[[], Mapping[str, float]]) -> dict[str, float]:
        """The figures of a plan in a stage: as written down, or measured now and written down."""
        key = f"{stage}:{hashlib.sha256(plan.to_json().encode()).hexdigest()}"
        if key not in self._known:
            self._known[key] = {name: float(value) for name, value in measure().items()}
            self.measured += 1
            if self._path is not None:
                line = json.dumps({"key": key, "figures": self._known[key]}, sort_keys=True)
                try:
                    with self._path.open("a", encoding="ascii") as file:
                        file.write(line + "\n")
                        file.flush()
                except OSError as error:
                    raise ConfigError(f"the journal {self._path} cannot be written: {error.strerror}") from None
        return dict(self._known[key])
