"""Every argument of diffusers works or is refused by name; docs/DIFFUSERS.md is the table of what came out.

python -m tests.edge_sdk.pipeline.write_diffusers EDGE_BUNDLE    # after a change; a bundle of the random pair
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from edge_sdk import InputError, ObliviousPipeline, Privacy
from edge_sdk.pipeline import Arguments
from edge_sdk.pipeline.foreign import METHODS, REFUSED

from .diffusers_table import ARGUMENTS, DOC, outcomes, table

SHORT: dict[str, Any] = {"num_inference_steps": 2, "cloud_steps": 0, "seed": 1}


def test_the_table_in_the_docs_is_current(device: ObliviousPipeline) -> None:
    assert DOC.read_text("utf-8") == table(outcomes(device))


def test_the_table_has_every_argument_of_diffusers() -> None:
    from diffusers import StableDiffusionPipeline, StableDiffusionXLPipeline

    tried = {name for arguments in ARGUMENTS for name in arguments}
    for kind in (StableDiffusionPipeline, StableDiffusionXLPipeline):
        names = set(inspect.signature(kind.__call__).parameters) - {"self", "prompt", "kwargs"}
        assert names <= tried, names - tried
        assert names <= set(REFUSED) | set(Arguments.__annotations__)


def test_lists_and_several_images_in_diffusers_order(device: ObliviousPipeline) -> None:
    prompts = ["a woman", "a man"]
    output = device(prompts, num_images_per_prompt=2, negative_prompt=["blurry", None], **SHORT)
    assert [r.seed for r in output.receipts] == [1, 2, 3, 4]
    assert len(output.images) == 4
    assert output.latents.shape == (4, 4, 16, 16)
    third = device("a man", num_inference_steps=2, cloud_steps=0, seed=3).images[0]
    assert np.array_equal(np.asarray(output.images[2]), np.asarray(third))
    with pytest.raises(InputError, match="receipts"):
        _ = output.receipt
    own = device(prompts, num_inference_steps=2, cloud_steps=0, seed=[7, np.uint64(2**64 - 1)])
    assert [r.seed for r in own.receipts] == [7, 2**64 - 1]


def test_a_refused_prompt_ends_the_call_before_anything_is_made(device: ObliviousPipeline) -> None:
    seen: list[int] = []
    with pytest.raises(InputError, match="the model reads 30"):
        device(
            ["a woman", "a woman " + "word " * 60],
            callback_on_step_end=lambda *_: seen.append(1),
            **SHORT,
        )
    assert seen == []


def test_output_types(device: ObliviousPipeline) -> None:
    pil = device("a woman", **SHORT)
    array = device("a woman", output_type="np", **SHORT)
    latent = device("a woman", output_type="latent", **SHORT)
    assert isinstance(pil.images[0], Image.Image)
    assert isinstance(array.images, np.ndarray)
    assert array.images.shape == (1, 64, 64, 3)
    assert array.images.dtype == np.float32
    assert np.abs(array.images[0] * 255 - np.asarray(pil.images[0], np.float32)).max() <= 0.51
    assert np.array_equal(latent.images, pil.latents)
    assert np.array_equal(np.asarray(device.decode(latent.images)), np.asarray(pil.images[0]))
    assert pil[0] is pil.images is pil["images"]
    (images,) = device("a woman", return_dict=False, **SHORT)
    assert np.array_equal(np.asarray(images[0]), np.asarray(pil.images[0]))


def test_numbers_of_numpy(device: ObliviousPipeline) -> None:
    plain = device("a woman", num_inference_steps=2, cloud_steps=0, seed=5, guidance_scale=2.5)
    numpy = device(
        "a woman",
        num_inference_steps=np.int64(2),
        cloud_steps=np.int32(0),
        seed=np.uint64(5),
        guidance_scale=np.float32(2.5),
        num_images_per_prompt=np.int8(1),
    )
    assert np.array_equal(np.asarray(plain.images[0]), np.asarray(numpy.images[0]))


def test_k_follows_the_steps(device: ObliviousPipeline) -> None:
    from edge_sdk.pipeline.arguments import read_call

    for steps, k in ((None, 10), (4, 2), (1, 1), (50, 20)):
        said = {} if steps is None else {"num_inference_steps": steps}
        assert read_call("x", (), said, device.bundle.manifest).jobs[0].settings.k == k


def test_a_callback_cannot_change_the_run_by_accident(device: ObliviousPipeline) -> None:
    plain = device("a woman", **SHORT)

    def scribble(pipe: ObliviousPipeline, step: int, timestep: float, tensors: dict[str, Any]) -> None:
        tensors["latents"][:] = 0.0

    assert np.array_equal(device("a woman", callback_on_step_end=scribble, **SHORT).latents, plain.latents)
    for event in device.steps("a woman", **SHORT):
        if hasattr(event, "latents"):
            with pytest.raises(ValueError, match="read-only"):
                event.latents[:] = 0.0


def test_a_callback_that_returns_latents_changes_the_run(device: ObliviousPipeline) -> None:
    """Diffusers' contract: the run goes on from what comes back; tensors of torch too."""
    fixed = np.full((1, 4, 16, 16), 0.25, np.float32)

    def swap(given: Any) -> Any:
        return lambda pipe, step, timestep, tensors: {"latents": given} if step == 1 else tensors

    last = device("a woman", callback_on_step_end=swap(fixed), **SHORT)
    assert np.array_equal(last.latents, fixed)
    assert np.array_equal(device("a woman", callback_on_step_end=swap(torch.from_numpy(fixed)), **SHORT).latents, fixed)
    early = device(
        "a woman",
        num_inference_steps=3,
        cloud_steps=0,
        seed=1,
        callback_on_step_end=lambda pipe, step, timestep, tensors: {"latents": fixed} if step == 0 else None,
    )
    other = device("a woman", num_inference_steps=3, cloud_steps=0, seed=2, callback_on_step_end=swap(fixed))
    assert not np.array_equal(early.latents, fixed)
    assert not np.array_equal(early.latents, other.latents)


@pytest.mark.parametrize(
    "returned",
    [7, "latents", ["latents"], {"x": 1}, {"latents": np.zeros((1, 4, 8, 8))}, {"latents": "no"},
     {"latents": np.full((1, 4, 16, 16), np.nan)}, {"latents": np.full((1, 4, 16, 16), 1j)},
     {"latents": [[1.0], [1, 2]]}, {"latents": np.full((1, 4, 16, 16), "1.5")},
     {"latents": np.full((1, 4, 16, 16), 1e300)}, {"latents": torch.zeros((1, 4, 16, 16), requires_grad=True)},
     {"latents": None}],
)  # fmt: skip
def test_a_callback_that_returns_something_else_is_told(device: ObliviousPipeline, returned: Any) -> None:
    with pytest.raises(InputError, match="callback_on_step_end"):
        device("a woman", callback_on_step_end=lambda *_: returned, **SHORT)


@pytest.mark.parametrize(
    "bad",
    [
        {"num_images_per_prompt": 2**64}, {"output_type": np.array([1, 2])}, {"guidance_scale": np.True_},
        {"guidance_scale": torch.empty(1, device="meta")},
        {"seed": "1"}, {"seed": 1.0}, {"seed": True}, {"seed": [1, 2]}, {"seed": np.zeros((2, 2))}, {"seed": [[1], 2]},
        {"num_inference_steps": 2.0}, {"num_inference_steps": "4"}, {"num_inference_steps": np.float64(4)},
        {"cloud_steps": 1.5}, {"guidance_scale": "5"}, {"guidance_scale": True}, {"guidance_scale": 1j},
        {"guidance_scale": [1.0]}, {"negative_prompt": 3}, {"negative_prompt": ["a", "b"]}, {"negative_prompt": b"a"},
        {"negative_prompt": "\ud800"}, {"negative_prompt": "x" * 3000},
        {"num_images_per_prompt": 0}, {"num_images_per_prompt": 1.5}, {"num_images_per_prompt": -1},
        {"sampler": 5}, {"sampler": None, "plan": "no plan!"}, {"handover": b"restart"}, {"plan": ""},
        {"privacy": "closed"}, {"privacy": 0}, {"privacy": Privacy},
        {"output_type": "pt"}, {"output_type": 1}, {"output_type": ["pil"]}, {"return_dict": "no"},
        {"callback_on_step_end": 3}, {"callback_on_step_end_tensor_inputs": "latents"},
        {"callback_on_step_end_tensor_inputs": ["prompt_embeds"]}, {"callback_on_step_end_tensor_inputs": 3},
        {"width": "64"}, {"width": 128}, {"no_such": 1}, {"num_inference_step": 3},
    ],
    ids=ascii,
)  # fmt: skip
def test_every_refusal_is_an_input_error_and_never_shows_the_prompt(
    device: ObliviousPipeline, bad: dict[str, Any]
) -> None:
    arguments = {**{k: v for k, v in SHORT.items() if k not in bad}, **bad}
    with pytest.raises(InputError) as caught:
        device("a marigold woman", **arguments)
    assert "marigold" not in str(caught.value)


@pytest.mark.parametrize(
    "prompt", [None, 3, b"a woman", [], ["a", 3], {"a": 1}, {"a"}, ("x", None), "\ud800", "a\x00b"], ids=ascii
)
def test_prompts_that_are_none(device: ObliviousPipeline, prompt: Any) -> None:
    with pytest.raises(InputError):
        device(prompt, **SHORT)
    with pytest.raises(InputError):
        device.steps(prompt, **SHORT).__next__()


def test_positional_arguments_and_none_at_all(device: ObliviousPipeline) -> None:
    with pytest.raises(InputError, match="num_inference_steps="):
        device("a woman", 64, 64)
    with pytest.raises(InputError, match="prompt is a text"):
        device()  # type: ignore[call-overload]
    with pytest.raises(InputError, match="one picture"):
        device.steps(["a woman", "a man"], **SHORT)


def test_a_name_that_is_nearly_right_is_told(device: ObliviousPipeline) -> None:
    with pytest.raises(InputError, match="did you mean guidance_scale"):
        device("a woman", guidance=4.0)


@pytest.mark.parametrize("name", sorted(METHODS))
def test_methods_of_diffusers_that_are_not_here_say_what_to_use(device: ObliviousPipeline, name: str) -> None:
    assert not hasattr(device, name)
    with pytest.raises(InputError, match=f"{name} is not here: "):
        getattr(device, name)
    with pytest.raises(AttributeError):
        device.no_such_method  # noqa: B018


def test_the_progress_bar_and_loading(device: ObliviousPipeline) -> None:
    device.set_progress_bar_config(disable=True)
    with pytest.raises(InputError, match=r"steps\(\)"):
        device.set_progress_bar_config(desc="drawing")
    with pytest.raises(InputError, match="from_bundle"):
        ObliviousPipeline.from_pretrained("runwayml/stable-diffusion-v1-5")


@pytest.mark.parametrize("bad", [{"cloud": 3}, {"num_threads": 0}, {"num_threads": 1.5}, {"num_threads": "2"}])
def test_opening_with_what_cannot_be_used(random_bundles: Path, bad: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        ObliviousPipeline.from_bundle(random_bundles / "edge", **bad)
    with pytest.raises(InputError):
        ObliviousPipeline.from_bundle(3)  # type: ignore[arg-type]


def test_a_cloud_set_later_is_a_client(device: ObliviousPipeline) -> None:
    with pytest.raises(InputError, match="CloudClient"):
        device.cloud = "http://127.0.0.1:8000"  # type: ignore[assignment]
    assert device.cloud is None


@pytest.mark.parametrize(
    "latents",
    [np.zeros((1, 4, 8, 8), np.float32), np.zeros((1, 4, 16, 16), int), "x", None, [[1.0], [1.0, 2.0]],
     torch.zeros((1, 4, 16, 16), requires_grad=True), np.zeros((1, 4, 16, 16), complex)],
)  # fmt: skip
def test_decoding_what_is_no_latent(device: ObliviousPipeline, latents: Any) -> None:
    with pytest.raises(InputError, match="decode takes"):
        device.decode(latents)
