"""Every limit of the wire format, with its reason. Both sides check them before they allocate."""

from __future__ import annotations

from typing import Final

#: Candidates in one request. 64 covers 99.6 % of natural prompts' full products; memory grows with N.
MAX_CANDIDATES: Final = 64
#: Independent axes in one grid: three persons with three or four axes each.
MAX_AXES: Final = 12
#: Values of one axis; larger domains belong to a cover set, not on the wire.
MAX_VALUES_PER_AXIS: Final = 64
#: Phrases (placeholders) in one template.
MAX_PHRASES: Final = 64
#: Characters of a template. The text encoder's token limit is far lower and is checked by the engine.
MAX_TEMPLATE_CHARS: Final = 2000
#: Characters of one phrase's text, and of an axis or value name.
MAX_PHRASE_CHARS: Final = 200
MAX_NAME_CHARS: Final = 64
#: Characters of one expanded member: the template with every phrase at its longest, bounded again.
MAX_MEMBER_CHARS: Final = 4000
#: Characters of the negative prompt.
MAX_NEGATIVE_CHARS: Final = 2000
#: Bytes of a request body; the padded form of the largest sensible grid is well below.
MAX_REQUEST_BYTES: Final = 256 * 1024
#: Request bodies are padded to 512·2^i bytes, so that their length tells a bucket and no more.
REQUEST_BUCKET_BYTES: Final = 512
#: A body is at least as long as one with room for 1024 bytes, twice the texts' bucket (64·2^j bytes of template and
#: negative prompt) and 32 bytes a candidate. What people write needs less, so its length is a function of that
#: bucket and N alone, whichever axes there are.
REQUEST_ROOM_BYTES: Final = 1024
REQUEST_TEXT_BUCKET_BYTES: Final = 64
REQUEST_ROOM_PER_TEXT_BYTE: Final = 2
REQUEST_ROOM_PER_CANDIDATE: Final = 32
#: Denoising steps T; beyond it nothing improves and the server only works longer.
MAX_STEPS: Final = 200
#: Guidance scale; above it pictures burn out.
MAX_GUIDANCE: Final = 30.0
#: Decimals of the guidance scale on the wire: finer differences are invisible, and every language prints these alike.
GUIDANCE_DECIMALS: Final = 4
#: Training timesteps of a noise schedule: tables of this length are computed on the phone. Known models have 1000.
MAX_TRAIN_TIMESTEPS: Final = 10_000
#: Size of a finite log-SNR. Real schedules stay within ±17, and exp() of the bound is far from overflow.
MAX_ABS_LOG_SNR: Final = 60.0
#: Bytes of a response: 64 candidates of SDXL latents in fp16, twice (latent and x0), with room.
MAX_RESPONSE_BYTES: Final = 32 * 1024 * 1024
#: Bytes of the JSON header in a response.
MAX_RESPONSE_HEADER_BYTES: Final = 16 * 1024
#: Bytes of a bundle's manifest.
MAX_MANIFEST_BYTES: Final = 4 * 1024 * 1024
