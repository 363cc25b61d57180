"""What a call was asked for: diffusers' arguments and our own, read once and checked before anything is done."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

from obclip_contract import BundleManifest

from ..errors import InputError
from ..events import Decoded, Finished, PipelineOutput
from ..privacy import Privacy
from .foreign import refuse_foreign, refuse_unknown
from .settings import Settings, draw_seed, read_seed, read_whole

if TYPE_CHECKING:
    from .pipeline import ObliviousPipeline

__all__ = ["OUTPUT_TYPES", "Arguments", "Call", "Job", "StepCallback", "read_call", "read_latents"]

OUTPUT_TYPES: Final = ("pil", "np", "latent")
#: All of a call's pictures are kept until its end, and each of its prompts is read before the first is sent.
_MOST_PICTURES: Final = 10_000
#: ``callback(pipe, step, timestep, {"latents": …})``; returns that mapping, maybe with other latents, or ``None``.
StepCallback = Callable[["ObliviousPipeline", int, float, dict[str, NDArray[Any]]], object]
#: What a callback may be given.
_TENSORS: Final = ("latents",)


class Arguments(TypedDict, total=False):
    """The arguments of a call; the default of each is in brackets.

    Attributes:
        num_inference_steps: T, steps in all (25).
        cloud_steps: k, steps that the cloud does for all candidates; 0 sends nothing (10 of 25, and that share of
            another T; at least 1).
        guidance_scale: classifier-free guidance, 0 to 30; 1 and less is none (the bundle's).
        negative_prompt: public, sent as it is, and may name no attribute; one, or one for each prompt ("").
        num_images_per_prompt: pictures of each prompt, one after the other (1).
        seed: uint64 of the noise, public; image ``i`` of a call has ``seed + i``; or one for each image (drawn from the
            operating system).
        sampler: "dpmpp_2m" or "ddim".
        handover: "restart", or "carry" for second order at the seam and twice the download.
        plan: name of the server's step plan ("balanced").
        device_stride: the device asks its model at every step (1), or at each of so many, and extrapolates between.
        device_steps: T of the device's own grid, where the cloud draws in a few steps (``num_inference_steps``).
        device_sampler: of the device's steps (``sampler``).
        device_guidance_scale: of the device's steps (``guidance_scale``).
        privacy: how the prompt is read and hidden (:class:`edge_sdk.Privacy`'s own defaults).
        output_type: "pil", "np" (float32 ``[n, S, S, 3]`` in [0, 1]) or "latent" (not decoded).
        width, height: of the bundle, or left out.
        return_dict: ``False`` gives ``(images,)`` (True).
        callback_on_step_end: called after each device step with a copy of the latents; if it returns a mapping with
            "latents", the run goes on from those. An exception that it raises ends the run.
        callback_on_step_end_tensor_inputs: ``["latents"]`` or ``[]``.
    """

    num_inference_steps: int
    cloud_steps: int | None
    guidance_scale: float | None
    negative_prompt: str | Sequence[str | None] | None
    num_images_per_prompt: int | None
    seed: int | Sequence[int] | None
    sampler: str
    handover: str
    plan: str
    device_stride: int
    device_steps: int | None
    device_sampler: str | None
    device_guidance_scale: float | None
    privacy: Privacy | None
    output_type: str | None
    width: int | None
    height: int | None
    return_dict: Literal[True]
    callback_on_step_end: StepCallback | None
    callback_on_step_end_tensor_inputs: Sequence[str] | None


_SETTINGS: Final = (
    *("sampler", "handover", "plan", "device_stride"),
    *("device_steps", "device_sampler", "device_guidance_scale"),
)


@dataclass(frozen=True)
class Job:
    """One picture."""

    prompt: str
    settings: Settings
    seed: int
    privacy: Privacy
    output_type: str


@dataclass(frozen=True)
class Call:
    """All pictures of one call, in diffusers' order: those of the first prompt first."""

    jobs: tuple[Job, ...]
    output_type: str
    return_dict: bool
    callback: StepCallback | None
    tensors: tuple[str, ...]

    def tell(self, pipe: ObliviousPipeline, event: Finished) -> object:
        """What the callback returns; ``step`` is counted over all T steps of the device's grid, as in diffusers."""
        assert self.callback is not None
        step = self.jobs[0].settings.own_steps - event.total + event.index
        # A copy: writing into it changes nothing unless it is returned.
        given = {"latents": event.latents.copy()} if "latents" in self.tensors else {}
        return self.callback(pipe, step, event.timestep, given)

    def answer(self, returned: object, event: Finished) -> NDArray[Any] | None:
        """The latents that a callback asks to go on from, or ``None``.

        Raises:
            InputError: it returned something else than a mapping of the names that it was given.
        """
        if returned is None:
            return None
        if inspect.isawaitable(returned):
            if inspect.iscoroutine(returned):
                returned.close()
            raise InputError("callback_on_step_end is a coroutine function: use acall, or a plain function")
        if not isinstance(returned, Mapping) or set(returned) - set(self.tensors):
            raise InputError("callback_on_step_end returns None, or the mapping that it was given: {'latents': …}")
        if "latents" not in returned:
            return None
        latents = read_latents(returned["latents"])
        if latents is None:
            raise InputError("callback_on_step_end returned latents that are no floating point numbers")
        if latents.shape != event.latents.shape or not np.isfinite(latents).all():
            raise InputError(
                f"callback_on_step_end returned latents {list(latents.shape)}; it must be {list(event.latents.shape)}, "
                "all finite"
            )
        return latents

    def pack(self, pictures: Sequence[Decoded]) -> Any:
        """The output of the whole call."""
        outputs = [p.output for p in pictures]
        joined: list[Any] = [image for output in outputs for image in output.images]
        images: Any = joined if self.output_type == "pil" else np.stack(joined)
        output = PipelineOutput(
            images, np.concatenate([o.latents for o in outputs]), tuple(r for o in outputs for r in o.receipts)
        )
        return output if self.return_dict else (images,)


def read_latents(value: Any) -> NDArray[np.float32] | None:
    """A float32 copy of a caller's latents (array, tensor or lists); ``None`` if they are no floating point numbers.

    What float32 cannot hold becomes infinite; shape and finiteness are the caller's to check.
    """
    try:
        array = np.asarray(value)
        with np.errstate(over="ignore"):
            return array.astype(np.float32) if array.dtype.kind == "f" else None
    except (TypeError, ValueError, RuntimeError):  # ragged; on another device, or with a gradient
        return None


def read_call(
    prompt: object, positional: Sequence[object], arguments: Mapping[str, Any], manifest: BundleManifest
) -> Call:
    """Read a call's arguments.

    Raises:
        InputError: names what cannot be used, and what to use.
    """
    if positional:
        raise InputError("only the prompt goes without a name: pass num_inference_steps=, seed= and the like by name")
    refuse_foreign(arguments)
    refuse_unknown(arguments, Arguments.__annotations__)
    _check_size(arguments, manifest)
    # None is what diffusers' callers pass for "not said".
    said = {name: value for name, value in arguments.items() if value is not None}
    prompts = _read_prompts(prompt)
    negatives = _read_negatives(said.get("negative_prompt", ""), len(prompts))
    each = read_whole("num_images_per_prompt", said.get("num_images_per_prompt", 1))
    if each < 1:
        raise InputError(f"num_images_per_prompt is at least 1, not {each}")
    if len(prompts) * each > _MOST_PICTURES:
        raise InputError(f"one call makes at most {_MOST_PICTURES} pictures, not {len(prompts) * each}: call again")
    # Drawn before a prompt is looked at, so that they cannot depend on it.
    seeds = _read_seeds(said.get("seed"), len(prompts) * each)
    privacy = said.get("privacy", Privacy())
    if not isinstance(privacy, Privacy):
        raise InputError("privacy is a Privacy, for instance Privacy(mechanism='cover')")
    output_type = _read_output_type(said.get("output_type", "pil"))
    callback, tensors = _read_callback(said)
    shared: dict[str, Any] = {name: said[name] for name in _SETTINGS if name in said}
    if "num_inference_steps" in said:
        shared["steps"] = said["num_inference_steps"]
    shared |= {name: said[name] for name in ("cloud_steps", "guidance_scale") if name in said}
    wanted = [(text, Settings(negative_prompt=n, **shared)) for text, n in zip(prompts, negatives, strict=True)]
    jobs = [
        Job(text, settings.settle(manifest), seeds[i * each + j], privacy, output_type)
        for i, (text, settings) in enumerate(wanted)
        for j in range(each)
    ]
    jobs[0].settings.table(manifest)  # refused before anything is read or sent
    return Call(tuple(jobs), output_type, _read_flag("return_dict", said.get("return_dict", True)), callback, tensors)


def _check_size(arguments: Mapping[str, Any], manifest: BundleManifest) -> None:
    for name in ("width", "height"):
        value = arguments.get(name)
        if value is not None and read_whole(name, value) != manifest.image_size:
            raise InputError(
                f"{name}: this pair draws {manifest.image_size} × {manifest.image_size}; leave it out, or export "
                "a pair of another size with 'obclip export'"
            )


def _read_prompts(prompt: object) -> list[str]:
    prompts = [prompt] if isinstance(prompt, str) else prompt
    if not isinstance(prompts, list | tuple) or not all(isinstance(p, str) for p in prompts):
        raise InputError("prompt is a text, or a list of texts")
    if not prompts:
        raise InputError("the list of prompts is empty")
    return list(prompts)


def _read_negatives(negative: object, count: int) -> list[str]:
    if isinstance(negative, str):
        return [negative] * count
    if not isinstance(negative, list | tuple) or not all(isinstance(n, str | None) for n in negative):
        raise InputError("negative_prompt is a text, or a list of texts")
    if len(negative) != count:
        raise InputError(f"there are {count} prompts and {len(negative)} negative prompts; pass one, or one for each")
    return [n or "" for n in negative]


def _read_seeds(seed: object, count: int) -> list[int]:
    if seed is None:
        return [draw_seed() for _ in range(count)]
    if isinstance(seed, list | tuple) or (isinstance(seed, np.ndarray) and seed.ndim == 1):
        seeds = [read_seed(s) for s in seed]
        if len(seeds) != count:
            raise InputError(f"there are {count} pictures and {len(seeds)} seeds; pass one, or one for each")
        return seeds
    first = read_seed(seed)
    return [(first + i) % 2**64 for i in range(count)]


def _read_output_type(output_type: object) -> str:
    if not isinstance(output_type, str) or output_type not in OUTPUT_TYPES:
        more = "torch is not used on the device: pass 'np', and torch.from_numpy" if str(output_type) == "pt" else ""
        kinds = ", ".join(map(repr, OUTPUT_TYPES))
        raise InputError(f"output_type is {kinds}" + (f"; {more}" if more else ""))
    return output_type


def _read_callback(said: Mapping[str, Any]) -> tuple[StepCallback | None, tuple[str, ...]]:
    callback = said.get("callback_on_step_end")
    if callback is not None and not callable(callback):
        raise InputError("callback_on_step_end is a function of (pipe, step, timestep, tensors)")
    # Diffusers' own callback objects name their tensors themselves.
    names = getattr(callback, "tensor_inputs", None) or said.get("callback_on_step_end_tensor_inputs", _TENSORS)
    if isinstance(names, str) or not isinstance(names, Sequence):
        raise InputError("callback_on_step_end_tensor_inputs is a list of names: ['latents']")
    if unknown := [n for n in names if n not in _TENSORS]:
        raise InputError(f"callback_on_step_end_tensor_inputs: there is no {str(unknown[0])[:40]!r}, only 'latents'")
    return callback, tuple(names)


def _read_flag(name: str, value: object) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise InputError(f"{name} is True or False")
    return bool(value)
