"""Outbound connections: none but the cloud's; the switches of other libraries' telemetry."""

from __future__ import annotations

import os
from typing import Final

from obclip_contract.telemetry import SWITCHES

from .findings import Finding

__all__ = ["examine"]

#: With one of these in the environment, a server's web framework reports requests by itself where it can.
_EXPORTERS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
#: What a person may expect to be followed; the device takes no proxy from the environment.
_PROXIES: Final = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


def examine() -> list[Finding]:
    """The switches as they stand in this process, and what in the environment speaks against them."""
    wrong = sorted(name for name, value in SWITCHES.items() if os.environ.get(name) != value)
    more = {"switches": {name: os.environ.get(name) for name in SWITCHES}}
    if wrong:
        says = f"telemetry of other libraries is not switched off: {', '.join(wrong)}"
        return [Finding("outbound", "error", says, "something in this process took the switches back", 1, more)]
    says = f"the cloud's address alone; telemetry of other libraries is off ({', '.join(SWITCHES)})"
    found = [Finding("outbound", "ok", says, more=more)]
    if exporters := [name for name in _EXPORTERS if os.environ.get(name)]:
        says = f"{exporters[0]} is set: an 'obclip serve' from this shell may report its requests there"
        found.append(Finding("outbound", "warning", says, f"unset {exporters[0]} before 'obclip serve'"))
    if proxies := [name for name in _PROXIES if os.environ.get(name)]:
        says = f"{proxies[0]} is set and not used: no proxy is taken from the environment"
        found.append(
            Finding("outbound", "warning", says, "from Python, pass CloudClient(url, proxy=…) if one is needed")
        )
    return found
