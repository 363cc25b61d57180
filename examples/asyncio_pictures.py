"""Several pictures at once in an event loop, each with a time limit: one pipeline serves them all.

python examples/asyncio_pictures.py EDGE_BUNDLE http://127.0.0.1:8000 "a woman pilot" "an old man reading"
"""

import asyncio
import sys

from edge_sdk import Decoded, ObliviousPipeline, Received

SECONDS = 300.0


async def draw(pipe: ObliviousPipeline, prompt: str, out: str) -> None:
    try:
        async with asyncio.timeout(SECONDS):  # a cancelled task ends the wait for the cloud too
            async for event in pipe.astep(prompt):
                if isinstance(event, Received):
                    print(f"{out}: finishing here")
                elif isinstance(event, Decoded):
                    event.output.images[0].save(out)
                    print(f"{out}: done")
    except TimeoutError:
        print(f"{out}: not done within {SECONDS:g} seconds", file=sys.stderr)


async def main(bundle: str, cloud: str, *prompts: str) -> None:
    with ObliviousPipeline.from_bundle(bundle, cloud=cloud) as pipe:
        await asyncio.gather(*(draw(pipe, prompt, f"picture_{n}.png") for n, prompt in enumerate(prompts)))


if __name__ == "__main__":
    if len(sys.argv) < 4:
        raise SystemExit(__doc__)
    asyncio.run(main(*sys.argv[1:]))
