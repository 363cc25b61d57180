"""Every setting of the service, with its default, its reason and its bounds: from a TOML file, the environment
(``OBCLIP_`` and the name in capitals) and the command line, each over the one before."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from obclip_contract import limits
from obclip_contract.faults import describe_fault
from obclip_contract.places import default_bundle

from ..errors import ConfigError
from .exposure import check_exposure
from .origins import read_origins

__all__ = ["Settings", "read_settings"]

_BUNDLE = "OBCLIP_CLOUD_BUNDLE"
_Listed = Annotated[tuple[str, ...], NoDecode]
_Paths = Annotated[tuple[Path, ...], NoDecode]


class Settings(BaseSettings):
    """The service's settings; ``obclip serve --check-config`` prints the ones in force."""

    model_config = SettingsConfigDict(env_prefix="OBCLIP_", extra="forbid", frozen=True)
    _file: ClassVar[Path | None] = None

    # What is served.
    bundles: _Paths = Field(
        default_factory=lambda: (_default_bundle(),),
        min_length=1,
        description="folders of cloud bundles, of different models; in the environment separated by commas",
    )
    start_with: _Listed = Field((), description="models that are loaded at the start; empty: all of them")
    backend: Literal["onnxruntime", "torch", "tensorrt", "tensorrt-rtx"] = Field(
        "onnxruntime", description="what runs the graphs"
    )
    device: Literal["cpu", "cuda"] = Field("cpu", description="`cuda`: torch only")
    threads: int | None = Field(None, ge=1, description="CPU threads of the backend; none: all")
    warm: bool = Field(True, description="run each model once before it is ready")

    # Where it listens, and how exposed it may be.
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="0: any free one")
    hosts: _Listed = Field(
        (), description="names by which clients may call it; addresses and localhost always may, `*`: any name"
    )
    origins: _Listed = Field((), description="web pages that may use it, e.g. `https://app.example`; `*`: all")
    tls_certificate: Path | None = Field(None, description="PEM file with the certificate chain")
    tls_key: Path | None = Field(None, description="PEM file with its key")
    tls_client_ca: Path | None = Field(None, description="PEM file; only clients with a certificate of it are let in")
    tokens: Path | None = Field(None, description="file of tokens, made by `obclip serve token new`; none: anonymous")
    allow_anonymous: bool = Field(False, description="listen beyond this machine without tokens")
    insecure: bool = Field(False, description="listen beyond this machine without TLS")
    metrics: Literal["auto", "open", "token", "off"] = Field(
        "auto", description="who may read `/metrics`; `auto`: token where there are tokens, else this machine alone"
    )

    # What one request may be.
    max_evaluations: int = Field(
        2560, ge=1, description="UNet evaluations of one request; 64 guided candidates for 20 steps"
    )
    max_candidates: int = Field(limits.MAX_CANDIDATES, ge=1, le=limits.MAX_CANDIDATES, description="N of one request")
    max_steps: int = Field(limits.MAX_STEPS, ge=1, le=limits.MAX_STEPS, description="T of one request")
    max_guidance: float = Field(limits.MAX_GUIDANCE, ge=0, le=limits.MAX_GUIDANCE, description="guidance scale")
    deadline: float = Field(300.0, gt=0, description="seconds from a request's arrival to its answer")

    # What may wait.
    queue_requests: int = Field(64, ge=1, description="requests that may wait")
    queue_evaluations: int = Field(20_000, ge=1, description="UNet evaluations that may wait together")

    # Connections.
    max_connections: int = Field(512, ge=1, description="open connections; at the cap the slowest header goes first")
    header_seconds: float = Field(10.0, gt=0, description="for a request's header, and for a TLS handshake")
    body_seconds: float = Field(30.0, gt=0, description="for a request's body")
    idle_seconds: float = Field(5.0, gt=0, description="for the next request on an open connection")
    write_seconds: float = Field(120.0, gt=0, description="for a client to take its answer")
    grace: float = Field(3.0, ge=0, description="seconds that work under way has at SIGTERM; then its step is the last")

    @field_validator("bundles", "start_with", "hosts", "origins", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("hosts", mode="after")
    @classmethod
    def _lower(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name.lower() for name in value)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Command line, environment, file; no ``.env`` of the working directory and no folder of secrets."""
        if cls._file is None:
            return init_settings, env_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=cls._file)


class _Private(Settings):
    """An engine for one run on this machine: a shell's settings for a server are none of its own."""

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_: Any, **__: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What it is given, alone."""
        return (init_settings,)


def read_settings(file: Path | None = None, *, private: bool = False, **given: Any) -> Settings:
    """The settings in force.

    Args:
        file: TOML, keys as the settings' names.
        private: from ``given`` alone.
        given: over all else; ``None`` is not given.

    Raises:
        ConfigError: the file cannot be read, a setting is unknown or out of bounds, or together they would expose the
            engine without being asked to by name.
    """
    given = {name: value for name, value in given.items() if value is not None}
    kind: type[Settings] = _Private if private else Settings
    if file is not None:
        if not file.is_file():
            raise ConfigError(f"there is no settings file {file}")
        kind = type("Settings", (Settings,), {"_file": file})
    try:
        settings = kind(**given)
    except ValidationError as error:
        raise ConfigError(_faults(error)) from None
    except (SettingsError, ValueError, OSError) as error:
        raise ConfigError(f"the settings cannot be read: {type(error).__name__}; is {file} TOML?") from None
    read_origins(settings.origins)
    if settings.queue_evaluations < settings.max_evaluations:
        raise ConfigError("queue_evaluations is below max_evaluations: the largest request could never wait")
    check_exposure(settings.host, settings.tokens, settings.allow_anonymous, settings.insecure, _tls(settings))
    return settings


def _default_bundle() -> Path:
    """The one that every command takes where none is named."""
    return Path(os.environ[_BUNDLE]) if os.environ.get(_BUNDLE) else default_bundle("cloud")


def _tls(settings: Settings) -> bool:
    certificate, key, ca = settings.tls_certificate, settings.tls_key, settings.tls_client_ca
    for name, path in (("tls_certificate", certificate), ("tls_key", key), ("tls_client_ca", ca)):
        if path is not None and not path.is_file():
            raise ConfigError(f"{name}: there is no file {path}")
    if (certificate is None) != (key is None):
        raise ConfigError("tls_certificate and tls_key belong together: give both or neither")
    if ca is not None and certificate is None:
        raise ConfigError("tls_client_ca needs tls_certificate and tls_key")
    return certificate is not None


def _faults(error: ValidationError) -> str:
    out = []
    for fault in error.errors(include_url=False, include_input=False):
        name = ".".join(map(str, fault["loc"]))
        out.append(f"{name}: {'no such setting' if fault['type'] == 'extra_forbidden' else describe_fault(fault)}")
    return "; ".join(out)
