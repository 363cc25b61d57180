"""One picture, with progress, a preview half-way and the account of what left the device.

    python examples/one_picture.py EDGE_BUNDLE http://127.0.0.1:8000 "a woman judge with medium skin" judge.png

The cloud: `obclip serve`. The bundle: `obclip_stickers.EDGE`, or a folder that `obclip export` wrote.
"""

import sys

from edge_sdk import Decoded, Detected, Finished, ObclipError, ObliviousPipeline, Received


def main(bundle: str, cloud: str, prompt: str, out: str) -> None:
    with ObliviousPipeline.from_bundle(bundle, cloud=cloud) as pipe:
        for event in pipe.steps(prompt):
            match event:
                case Detected(candidates=found) if found is not None:
                    print(f"{len(found.members)} candidates go to the cloud, as {found.template!r}")
                case Received():
                    print("the cloud is done; the rest stays here")
                case Finished(index=index, total=total, latents=latents):
                    print(f"step {index + 1} of {total}")
                    if index + 1 == total // 2:
                        pipe.decode(latents).save(f"{out}.preview.png")
                case Decoded(output=output):
                    output.images[0].save(out)
                    receipt = output.receipt
                    print(f"{out}: {receipt.bytes_up} bytes left this device; hidden: {', '.join(receipt.axes)}")


if __name__ == "__main__":
    if len(sys.argv) != 5:
        raise SystemExit(__doc__)
    try:
        main(*sys.argv[1:])
    except ObclipError as error:  # everything this package raises on purpose: one line, and what to do
        raise SystemExit(f"{error}") from None
