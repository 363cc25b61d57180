"""The two wheels hold what they should, and make a picture where there is no checkout."""

from __future__ import annotations

import json
import os
import subprocess
import zipfile
from configparser import ConfigParser
from email.parser import Parser
from pathlib import Path

import pytest

from edge_sdk.cli.commands import CHECKOUT, COMMANDS
from testing.watching import ROOT

from .environments import make_environment

PROMPT = "a sticker of a woman firefighter with dark skin on a blue background"
SMALL = ["--steps", "4", "--cloud-steps", "2"]
CODE = {"obclip_contract", "edge_sdk", "cloud_engine", "export"}
#: Modules of an app beside which the SDK has to work, and which it must never run.
OTHERS = ("contract", "models", "benchmarks", "attacks", "testing")
_APP = """
from edge_sdk import ObliviousPipeline, Privacy
from obclip_stickers import EDGE
pipe = ObliviousPipeline.from_bundle(EDGE)
made = pipe("a woman pilot", num_inference_steps=2, cloud_steps=0, privacy=Privacy(mechanism="local"))
print(made.images[0].size)
"""


def _open(wheels: Path, name: str) -> zipfile.ZipFile:
    (wheel,) = wheels.glob(f"{name}-[0-9]*.whl")
    return zipfile.ZipFile(wheel)


def _metadata(wheel: zipfile.ZipFile, file: str) -> str:
    (name,) = (n for n in wheel.namelist() if n.endswith(f".dist-info/{file}"))
    return wheel.read(name).decode()


def requirements(wheels: Path) -> list[str]:
    """What pip must find for ``obclip[cloud]``, without this project itself."""
    with _open(wheels, "obclip") as wheel:
        stated = Parser().parsestr(_metadata(wheel, "METADATA")).get_all("Requires-Dist") or []
    split = [[part.strip() for part in line.split(";")] for line in stated]
    return sorted({line[0] for line in split if len(line) == 1 or line[1] == 'extra == "cloud"'})


def test_the_wheel_holds_every_file_of_four_packages(wheels: Path) -> None:
    with _open(wheels, "obclip") as wheel:
        held = {n for n in wheel.namelist() if ".dist-info/" not in n}
    there = {
        path.relative_to(ROOT).as_posix()
        for package in CODE
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".part"
    }
    assert held == there
    assert {f"{package}/py.typed" for package in CODE} <= held


def test_the_wheel_names_only_commands_that_it_holds(wheels: Path) -> None:
    with _open(wheels, "obclip") as wheel:
        points = ConfigParser()
        points.read_string(_metadata(wheel, "entry_points.txt"))
        named = [v.partition(":")[0] for s in points.sections() for v in points[s].values()]
        named += [place.module for place in COMMANDS.values()]
        assert {module.replace(".", "/") + ".py" for module in named} <= set(wheel.namelist())
        held = {place.module.replace(".", "/") + ".py" for place in CHECKOUT.values()}
        assert not held & set(wheel.namelist())


def test_the_base_needs_no_torch(wheels: Path) -> None:
    needed = " ".join(requirements(wheels))
    assert "onnxruntime" in needed
    assert "ai-edge-litert" in needed
    assert not any(heavy in needed for heavy in ("torch>", "diffusers", "transformers"))


def test_the_pair_is_whole_and_carries_its_licence(wheels: Path) -> None:
    with _open(wheels, "obclip_stickers") as wheel:
        names = wheel.namelist()
        for kind in ("edge", "cloud"):
            folder = f"obclip_stickers/bundles/{kind}/"
            manifest = json.loads(wheel.read(folder + "bundle.json"))
            assert {folder + f["path"] for f in manifest["files"]} < set(names)
            assert manifest["verified"]
        assert "Noto" in _metadata(wheel, "METADATA")
    assert any(n.endswith("LICENSE") for n in names)


@pytest.fixture(scope="module", params=["3.11", "3.12", "3.13"])
def commands(request: pytest.FixtureRequest, wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of a clean environment of each Python."""
    folder = tmp_path_factory.mktemp(f"environment{request.param}")
    return make_environment(request.param, wheels, requirements(wheels), folder)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A working directory with an app's own modules, each of which ends the process if it is imported."""
    for name in OTHERS:
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('{name} of the app was imported')\n")
    return tmp_path


def _run(command: list[object], cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(cwd / "home"), "COLUMNS": "200"}
    return subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, cwd=cwd, env=environment, timeout=300
    )


def test_a_picture_without_a_checkout(commands: Path, elsewhere: Path) -> None:
    done = _run([commands / "obclip", "generate", PROMPT, "--out", "a.png", *SMALL], elsewhere)
    assert done.returncode == 0, done.stderr
    assert (elsewhere / "a.png").read_bytes().startswith(b"\x89PNG")
    assert "N = 10" in done.stdout, done.stdout
    written = [p.relative_to(elsewhere / "home").as_posix() for p in (elsewhere / "home").rglob("*") if p.is_file()]
    assert [name for name in written if not name.startswith(".local/share/obclip/")] == []
    assert "Tensor" not in done.stderr


def test_the_other_commands_work_or_say_what_to_install(commands: Path, elsewhere: Path) -> None:
    obclip = commands / "obclip"
    helped = _run([obclip, "--help"], elsewhere)
    assert helped.returncode == 0, helped.stderr
    assert not any(name in helped.stdout for name in ("attack", "bench", "not installed"))
    shown = _run([commands / "python", "-m", "edge_sdk", "candidates", PROMPT, "--json"], elsewhere)
    assert json.loads(shown.stdout)["n"] > 1, shown.stderr
    said = _run([obclip, "lexicon", "show", "grandmother"], elsewhere)
    assert said.returncode == 0, said.stderr
    checked = _run([commands / "python", "-c", "import obclip_stickers as o; print(o.CLOUD)"], elsewhere)
    assert _run([obclip, "bundle", "verify", checked.stdout.strip()], elsewhere).returncode == 0
    exported = _run([obclip, "export", "all", "--large", "a", "--small", "b", "--out", "c"], elsewhere)
    assert exported.returncode != 0
    assert "Traceback" not in exported.stderr
    assert len(exported.stderr.strip().splitlines()) == 1, exported.stderr


def test_an_app_uses_the_sdk_beside_modules_of_its_own(commands: Path, elsewhere: Path) -> None:
    (elsewhere / "app.py").write_text(_APP)
    done = _run([commands / "python", "app.py"], elsewhere)
    assert done.stdout.strip().startswith("("), done.stderr


def test_types_come_with_the_wheel(commands: Path, elsewhere: Path) -> None:
    code = "import edge_sdk, pathlib; print((pathlib.Path(edge_sdk.__file__).parent / 'py.typed').is_file())"
    assert _run([commands / "python", "-c", code], elsewhere).stdout.strip() == "True"
