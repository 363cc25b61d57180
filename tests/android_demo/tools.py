"""What scripts/test-android needs on this machine, and where it is; its own help lists the places."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
JARS: Final = (
    "jna", "junit-jupiter-api", "junit-jupiter-engine", "junit-platform-commons", "junit-platform-engine",
    "junit-platform-launcher", "junit-platform-console", "junit-platform-reporting", "opentest4j", "apiguardian-api",
)  # fmt: skip
#: Wherever JUnit's console was packed without what it needs.
OPTIONAL: Final = ("picocli", "opentest4j-reporting-events", "opentest4j-reporting-schema", "univocity-parsers")


class MissingError(Exception):
    """The machine lacks something."""


@dataclass
class Tools:
    kotlin: Path
    java: Path
    jars: list[Path]
    python: Path
    litert: Path
    bundles: Path


def find_tools() -> Tools:
    java = find_java()
    if shutil.which("cmake") is None:
        raise MissingError("there is no cmake (apt-get install cmake clang)")
    python = find_python()
    where = "import importlib.util as u; print(u.find_spec('ai_edge_litert').submodule_search_locations[0])"
    litert = subprocess.run(
        [python, "-c", where],
        capture_output=True, text=True,
    )  # fmt: skip
    library = Path(litert.stdout.strip()) / "libLiteRt.so"
    if litert.returncode or not library.is_file():
        raise MissingError("Python's ai-edge-litert has no libLiteRt.so (pip install -e '.[dev]' on Linux)")
    bundles = Path(os.environ.get("OBCLIP_BUNDLES", ROOT / "build/bundles/stickers"))
    for kind in ("edge", "cloud"):
        if not (bundles / kind / "bundle.json").is_file():
            raise MissingError(f"there is no {kind} bundle in {bundles} (scripts/demo makes it)")
    return Tools(find_kotlin(), java, find_jars(), python, library, bundles)


def find_java() -> Path:
    home = os.environ.get("JAVA_HOME")
    java = Path(home) / "bin/java" if home else Path(shutil.which("java") or "")
    if not java.is_file():
        raise MissingError("there is no JDK (apt-get install default-jdk-headless, or set JAVA_HOME)")
    java = java.resolve()
    if not (java.parents[1] / "include/jni.h").is_file():
        raise MissingError(f"{java.parents[1]} has no include/jni.h: it is a JRE, a JDK is needed")
    return java


def find_kotlin() -> Path:
    folders = [Path(os.environ["OBCLIP_KOTLIN"])] if os.environ.get("OBCLIP_KOTLIN") else []
    for command in (os.environ.get("KOTLINC"), shutil.which("kotlinc")):
        if command and Path(command).is_file():
            folders.append(Path(command).resolve().parents[1])
    roots = [ROOT, *ROOT.parents, ROOT / "web_demo"]
    if npm := shutil.which("npm"):
        told = subprocess.run([npm, "root", "-g"], capture_output=True, text=True).stdout.strip()
        roots += [Path(told).parent] if told else []
    folders += [root / "node_modules/kotlin-compiler" for root in roots]
    for folder in folders:
        if (folder / "lib/kotlin-compiler.jar").is_file() and (
            folder / "lib/kotlinx-coroutines-core-jvm.jar"
        ).is_file():
            return folder / "lib"
    raise MissingError(
        "there is no Kotlin compiler (npm install kotlin-compiler, then set OBCLIP_KOTLIN to its folder)"
    )


def find_jars() -> list[Path]:
    folders = [Path(f) for f in os.environ.get("OBCLIP_JARS", "/usr/share/java").split(os.pathsep)]
    found = []
    for name in (*JARS, *OPTIONAL):
        jar = next((f / f"{name}.jar" for f in folders if (f / f"{name}.jar").is_file()), None)
        if jar is None and name in JARS:
            raise MissingError(
                f"there is no {name}.jar in {os.pathsep.join(map(str, folders))} (apt-get install libjna-java junit5)"
            )
        found += [jar] if jar else []
    return found


def find_python() -> Path:
    for python in (os.environ.get("PYTHON"), ROOT / ".venv/bin/python", sys.executable):
        if python and shutil.which(python):
            probe = "import edge_sdk, cloud_engine, ai_edge_litert, onnxruntime"
            if subprocess.run([python, "-c", probe], capture_output=True, cwd=ROOT).returncode == 0:
                return Path(python)
    raise MissingError("no Python with ObCLIP was found (scripts/demo makes .venv, or set PYTHON)")
