"""What stands in deploy/ against what the project has: metrics, settings, files, variables, and Ray's own schema."""

from __future__ import annotations

import fnmatch
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

import cloud_engine.errors as errors
from cloud_engine.service.metrics import Metrics
from cloud_engine.service.settings import read_settings
from cloud_engine.spread.environment import REQUIRED

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
YAML = sorted([*DEPLOY.rglob("*.yml"), *DEPLOY.rglob("*.yaml")])
#: What the operator puts there; docker-compose.yml says how.
BROUGHT = {"bundle", "tokens.json", "metrics.token"}


def read(path: Path) -> Any:
    return list(yaml.safe_load_all(path.read_text()))


def exported() -> set[str]:
    """Every name that a query may use."""
    metrics = Metrics()
    metrics.dropped.labels(reason="header").inc()
    return {s.name for f in text_string_to_metric_families(metrics.text().decode()) for s in f.samples}


def codes() -> set[str]:
    found = {
        kind.code for name in errors.__all__ if isinstance(getattr(kind := getattr(errors, name), "code", None), str)
    }
    return found | {"ok", "bad_request", "bundle", "response"}


def dashboard() -> dict[str, Any]:
    told: dict[str, Any] = json.loads((DEPLOY / "grafana" / "obclip.json").read_text())
    return told


def queries() -> list[str]:
    (rules,) = read(DEPLOY / "prometheus" / "alerts.yml")
    of_alerts = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    return of_alerts + [target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]]


@pytest.mark.parametrize("file", YAML, ids=lambda f: str(f.relative_to(DEPLOY)))
def test_yaml_is_read(file: Path) -> None:
    assert all(isinstance(document, dict) for document in read(file))


def test_every_metric_of_dashboard_and_alerts_is_exported() -> None:
    named = {name for query in queries() for name in re.findall(r"\bobclip_[a-z_]+", query)}
    assert len(named) >= 9
    assert named <= exported()


def test_every_metric_that_is_exported_is_in_the_dashboard() -> None:
    shown = {name for query in queries() for name in re.findall(r"\bobclip_[a-z_]+", query)}
    told = text_string_to_metric_families(Metrics().text().decode())
    families = {f.name for f in told if not f.name.endswith("_created")}
    assert {f for f in families if not any(name.startswith(f) for name in shown)} == set()


def test_outcomes_that_alerts_name_are_the_services() -> None:
    named = {c for query in queries() for told in re.findall(r'outcome=~?"([^"]+)"', query) for c in told.split("|")}
    assert "busy" in named
    assert named <= codes()


def test_queries_are_balanced_and_labelled_by_what_there_is() -> None:
    for query in queries():
        assert query.count("(") == query.count(")")
        labels = {name for told in re.findall(r"by \(([^)]*)\)", query) for name in told.replace(" ", "").split(",")}
        assert labels <= {"le", "outcome", "reason", "replica"}


def test_dashboard_is_of_grafanas_shape() -> None:
    board = dashboard()
    assert {"title", "uid", "schemaVersion", "panels", "templating", "time"} <= board.keys()
    places: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & places
        places |= cells
        assert panel["title"]
        assert panel["description"]
    assert len({p["id"] for p in board["panels"]}) == len(board["panels"])


def test_alerts_are_of_prometheus_shape() -> None:
    (rules,) = read(DEPLOY / "prometheus" / "alerts.yml")
    for group in rules["groups"]:
        for rule in group["rules"]:
            assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
            assert re.fullmatch(r"[0-9]+[smh]", rule["for"])
            assert rule["labels"]["severity"] in {"page", "warn"}
            assert set(rule["annotations"]) == {"summary", "description"}


def copied() -> list[str]:
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    given = [line.split()[1:-1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    return [name for names in given for name in names]


def test_what_the_image_copies_is_there_and_sent() -> None:
    kept = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    sent = {line[1:] for line in kept if line.startswith("!")}
    assert len(copied()) >= 9
    for name in copied():
        assert (ROOT / name).exists(), name
    assert set(copied()) == sent


def test_the_image_has_every_package_of_the_wheel() -> None:
    packages = re.search(r"^PACKAGES = \((.*)\)$", (ROOT / "setup.py").read_text(), re.M)
    assert packages is not None
    assert {name.strip('" ') for name in packages[1].split(",")} <= set(copied())


def test_extras_that_the_image_names_are_there() -> None:
    setup = (ROOT / "setup.py").read_text()
    text = (DEPLOY / "Dockerfile").read_text() + (DEPLOY / "kuberay" / "rayservice.yaml").read_text()
    for extra in set(re.findall(r"EXTRA=([a-z]+)", text)):
        assert f'"{extra}":' in setup


def test_compose_mounts_what_is_there() -> None:
    (compose,) = read(DEPLOY / "docker-compose.yml")
    for service in compose["services"].values():
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert source[2:] in BROUGHT or (DEPLOY / source).exists(), source
            else:
                assert source in compose["volumes"]
        assert set(service["networks"]) <= set(compose["networks"])
    build = compose["services"]["engine"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()
    assert "ports" not in compose["services"]["engine"]
    assert "ports" not in compose["services"]["prometheus"]


@pytest.mark.parametrize("file", ["compose/serve.toml", "ray/serve.toml"])
def test_settings_are_the_services(file: str) -> None:
    settings = read_settings(DEPLOY / file)
    assert settings.tokens is not None


def test_settings_of_the_manifest_are_the_services(tmp_path: Path) -> None:
    maps = [d for d in read(DEPLOY / "kuberay" / "rayservice.yaml") if d["kind"] == "ConfigMap"]
    (tmp_path / "serve.toml").write_text(maps[0]["data"]["serve.toml"])
    assert read_settings(tmp_path / "serve.toml").tokens is not None


def applications() -> list[tuple[Any, dict[str, Any]]]:
    """Ray's configuration and the service's settings beside it."""
    (ours,) = read(DEPLOY / "ray" / "serve.yaml")
    documents = read(DEPLOY / "kuberay" / "rayservice.yaml")
    service = next(d for d in documents if d["kind"] == "RayService")
    settings = next(d for d in documents if d["kind"] == "ConfigMap")["data"]["serve.toml"]
    theirs = yaml.safe_load(service["spec"]["serveConfigV2"])
    return [(ours, tomllib.loads((DEPLOY / "ray" / "serve.toml").read_text())), (theirs, tomllib.loads(settings))]


@pytest.mark.parametrize("number", [0, 1])
def test_rays_limits_fit_the_services(number: int) -> None:
    config, settings = applications()[number]
    (application,) = config["applications"]
    (deployment,) = application["deployments"]
    deadline = settings["deadline"]
    assert config["http_options"]["host"]
    assert config["http_options"]["request_timeout_s"] > deadline
    assert deployment["graceful_shutdown_timeout_s"] > deadline
    assert deployment["backpressure_config"] == {"status_code": 429, "retry_after_s": 2}
    assert config["logging_config"]["enable_access_log"] is False
    module, name = application["import_path"].split(":")
    assert f"def {name}(" in (ROOT / (module.replace(".", "/") + ".py")).read_text()


@pytest.mark.parametrize("number", [0, 1])
def test_rays_own_schema_takes_it(number: int) -> None:
    schema = pytest.importorskip(
        "ray.serve.schema", reason="NOT CHECKED against Ray's schema: Ray is not installed (pip install 'obclip[ray]')"
    )
    config, _ = applications()[number]
    parsed = schema.ServeDeploySchema.model_validate(config)
    from cloud_engine.spread.arguments import Arguments
    from cloud_engine.spread.replica import NAME

    Arguments.model_validate(parsed.applications[0].args)
    assert [d.name for d in parsed.applications[0].deployments] == [NAME]


def test_ray_finds_its_environment_everywhere() -> None:
    image = dict(re.findall(r"^\s*(?:ENV )?(RAY_\w+)=(\S+)", (DEPLOY / "Dockerfile").read_text(), re.M))
    shell = dict(re.findall(r"^export (\w+)=(\S+)", (DEPLOY / "ray" / "environment").read_text(), re.M))
    service = next(d for d in read(DEPLOY / "kuberay" / "rayservice.yaml") if d["kind"] == "RayService")
    cluster = service["spec"]["rayClusterConfig"]
    pods = [cluster["headGroupSpec"]["template"], *(g["template"] for g in cluster["workerGroupSpecs"])]
    variables = [{v["name"]: v.get("value", "") for v in pod["spec"]["containers"][0]["env"]} for pod in pods]
    for found in (image, shell, *variables):
        assert {name: found.get(name) for name in REQUIRED} == REQUIRED
        assert found["RAY_AUTH_MODE"] == "token"


def test_volumes_of_the_manifest_are_declared() -> None:
    service = next(d for d in read(DEPLOY / "kuberay" / "rayservice.yaml") if d["kind"] == "RayService")
    cluster = service["spec"]["rayClusterConfig"]
    for pod in (cluster["headGroupSpec"]["template"]["spec"], cluster["workerGroupSpecs"][0]["template"]["spec"]):
        declared = {v["name"] for v in pod["volumes"]}
        assert {m["name"] for c in pod["containers"] for m in c["volumeMounts"]} <= declared
        assert pod["terminationGracePeriodSeconds"] > 310


def test_ignored_files_are_no_part_of_the_image() -> None:
    kept = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    assert kept[1] == "*"
    assert any(fnmatch.fnmatch("a/__pycache__", line) for line in kept)
