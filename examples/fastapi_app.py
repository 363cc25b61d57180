"""A web service that runs the device's part, for a house that trusts this machine and not the cloud.

    EDGE_BUNDLE=… CLOUD=http://127.0.0.1:8000 uvicorn examples.fastapi_app:app --port 8080
    curl -o pilot.png 'http://127.0.0.1:8080/picture?prompt=a+woman+pilot'

Whoever asks is answered, so keep it behind your own login; prompts are in the address, so keep access logs off.
"""

import io
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from edge_sdk import CloudError, InputError, ObclipError, ObliviousPipeline, PrivacyError


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    with ObliviousPipeline.from_bundle(os.environ["EDGE_BUNDLE"], cloud=os.environ["CLOUD"]) as pipe:
        app.state.pipe = pipe
        yield


app = FastAPI(title="Private pictures", lifespan=lifespan)


@app.get("/picture", response_class=Response)
async def draw_picture(request: Request, prompt: str, seed: int | None = None) -> Response:
    output = await request.app.state.pipe.acall(prompt, seed=seed)
    file = io.BytesIO()
    output.images[0].save(file, "PNG")
    return Response(file.getvalue(), media_type="image/png")


@app.exception_handler(ObclipError)
async def answer_error(_: Request, error: ObclipError) -> JSONResponse:
    """The person's own mistake, the cloud's fault, or ours; the message says what to do."""
    status = 422 if isinstance(error, InputError | PrivacyError) else 502 if isinstance(error, CloudError) else 500
    return JSONResponse({"error": str(error)}, status)
