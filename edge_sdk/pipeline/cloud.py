"""The cloud that a pipeline uses: it has to show first that it serves the bundle's pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

from obclip_contract import Bundle, BundleError, GenerateRequest

from ..cancelling import Cancellation
from ..errors import CloudError, InputError

if TYPE_CHECKING:
    from ..cloud.client import CloudClient, Received

__all__ = ["CheckedCloud"]


class CheckedCloud:
    """A client, and whether its cloud was asked which pair it serves; threads may share it."""

    def __init__(self, client: CloudClient | None, bundle: Bundle) -> None:
        if isinstance(client, str):
            raise InputError("cloud is a CloudClient here: CloudClient(URL)")
        self.client = client
        self._bundle = bundle
        self._checked = False

    def latents(self, request: GenerateRequest, stop: Cancellation) -> Received:
        """All N latents, from a cloud that serves this pair; nothing is sent to another.

        Raises:
            InputError: there is no client. CloudError: the cloud's part failed. LatentError: an answer that cannot be
                used. obclip_contract.BundleError: it serves another pair. StoppedError: stopped meanwhile.
        """
        if self.client is None:
            raise InputError("no cloud was given: pass cloud=URL, or cloud_steps=0 to stay on the device")
        manifest = self._bundle.manifest
        if not self._checked:
            report = self.client.health(cancelled=stop)
            if "pair_sha256" not in report:
                raise CloudError(f"{self.client.url} answers, but not as an ObCLIP engine")
            if (report["model"], report["pair_sha256"]) != (manifest.model, manifest.pair_sha256):
                raise BundleError(
                    f"{self.client.url} serves another pair than the edge bundle {self._bundle.root} "
                    f"({manifest.model}); use the two bundles of one export. No prompt was sent"
                )
            self._checked = True
        return self.client.latents(request, manifest.latent_shape, pair_sha256=manifest.pair_sha256, cancelled=stop)
