"""A file of prompts to a folder of pictures: what is refused is listed, the others are made, a second run goes on.

python examples/batch.py EDGE_BUNDLE http://127.0.0.1:8000 prompts.txt pictures/
"""

import sys
from pathlib import Path

from edge_sdk import InputError, ObclipError, ObliviousPipeline, PrivacyError


def main(bundle: str, cloud: str, prompts: str, folder: str) -> int:
    out, refused = Path(folder), 0
    out.mkdir(parents=True, exist_ok=True)
    lines = [line.strip() for line in Path(prompts).read_text(encoding="utf-8").splitlines()]
    with ObliviousPipeline.from_bundle(bundle, cloud=cloud) as pipe:
        for number, prompt in enumerate(filter(None, lines)):
            picture = out / f"{number:04d}.png"
            if picture.exists():
                continue
            try:
                image = pipe(prompt).images[0]
            except (PrivacyError, InputError) as error:  # this prompt alone; a CloudError would meet them all
                print(f"{number}: {error}", file=sys.stderr)
                refused += 1
                continue
            part = picture.with_suffix(".part")
            image.save(part, "PNG")
            part.replace(picture)  # a picture with its name is whole
            print(f"{number}: {picture}")
    return refused


if __name__ == "__main__":
    if len(sys.argv) != 5:
        raise SystemExit(__doc__)
    try:
        raise SystemExit(1 if main(*sys.argv[1:]) else 0)
    except (ObclipError, OSError) as error:  # the cloud, the bundle, the files
        raise SystemExit(f"{error}") from None
