"""What the application asks of Ray, and what it refuses; Ray is imported and not started."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from cloud_engine.errors import ConfigError
from cloud_engine.service.tokens import make_token, write_tokens
from cloud_engine.spread.environment import REQUIRED

pytestmark = [
    pytest.mark.skipif(
        importlib.util.find_spec("ray") is None,
        reason="THE RAY SERVE APPLICATION IS NOT TESTED: Ray is not installed; scripts/test installs it",
    ),
    # Ray's own, said when it is imported.
    pytest.mark.filterwarnings("ignore:Using extra keyword arguments on `Field`"),
]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in {**REQUIRED, "RAY_AUTH_MODE": "token"}.items():
        monkeypatch.setenv(name, value)
    write_tokens(tmp_path / "tokens.json", [make_token()[1]])
    file = tmp_path / "serve.toml"
    file.write_text(f'bundles = ["{tmp_path}"]\ntokens = "{tmp_path}/tokens.json"\ndeadline = 77\nqueue_requests = 9\n')
    return file


def options(**arguments: Any) -> Any:
    """Of the deployment that is built as Ray does it, from the words of a command or a configuration file."""
    from ray.serve._private.api import call_user_app_builder_with_args_if_necessary

    from cloud_engine.serve_app import build

    return call_user_app_builder_with_args_if_necessary(build, arguments)._bound_deployment


def test_what_ray_is_asked_for(settings: Path) -> None:
    from cloud_engine.spread.replica import NAME

    deployment = options(settings=settings, replicas=3, gpus=0.25)
    config = deployment._deployment_config
    assert deployment.name == NAME
    assert (deployment.num_replicas, deployment.max_queued_requests) == (3, 9)
    assert deployment.max_ongoing_requests <= 8
    assert (config.backpressure_config.status_code, config.backpressure_config.retry_after_s) == (429, 2)
    assert config.graceful_shutdown_timeout_s > 77
    assert config.logging_config["enable_access_log"] is False
    assert deployment.ray_actor_options["num_gpus"] == 0.25
    assert config.autoscaling_config is None


def test_replicas_between_two_numbers(settings: Path) -> None:
    scaling = options(settings=settings, replicas=2, max_replicas=5)._deployment_config.autoscaling_config
    assert (scaling.min_replicas, scaling.max_replicas) == (2, 5)


def test_words_of_a_command_are_read_and_unknown_ones_refused(settings: Path) -> None:
    assert options(settings=str(settings), replicas="2", cpus="1.5").num_replicas == 2
    with pytest.raises(ValidationError, match="replica_count"):
        options(settings=str(settings), replica_count="2")


@pytest.mark.parametrize(
    ("wrong", "told"), [({"max_replicas": 1, "replicas": 2}, "max_replicas"), ({"gpus": 1.5}, "neither a whole number")]
)
def test_numbers_that_do_not_go_together_are_refused(wrong: dict[str, Any], told: str, settings: Path) -> None:
    with pytest.raises(ConfigError, match=told):
        options(settings=settings, **wrong)


def test_nobody_is_let_in_without_a_token_unless_it_is_said(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_to_all = settings.with_name("open.toml")
    open_to_all.write_text(settings.read_text().replace("tokens =", "# tokens ="))
    with pytest.raises(ConfigError, match="allow_anonymous"):
        options(settings=open_to_all)
    monkeypatch.setenv("OBCLIP_ALLOW_ANONYMOUS", "true")
    (values, *_) = options(settings=open_to_all).init_args
    assert values["metrics"] == "off"


def test_ray_that_was_started_otherwise_is_refused(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAY_USAGE_STATS_ENABLED")
    with pytest.raises(ConfigError, match="RAY_USAGE_STATS_ENABLED=0"):
        options(settings=settings)


def test_threads_are_the_replicas_cpus_and_places_are_whole(settings: Path) -> None:
    (values, *_) = options(settings=settings, cpus=3).init_args
    assert values["threads"] == 3
    assert all(Path(bundle).is_absolute() for bundle in values["bundles"])
    assert values["metrics"] == "token"
