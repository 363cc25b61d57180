"""How the Android scripts call the Kotlin compiler."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path


def run(command: list[str | Path], cwd: Path | None = None, env: dict[str, str] | None = None) -> None:
    """Run it in silence, or end with what it said."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=cwd, env=env)
    if done.returncode:
        sys.exit(f"{Path(command[0]).name} ended with {done.returncode}:\n{done.stdout[-8000:]}")


def compile_kotlin(
    java: Path, compiler: Path, jar: Path, sources: list[Path], libraries: list[Path], options: list[str]
) -> None:
    """Compile files and folders to a jar, unless nothing has changed since. ``compiler``: where its own jars lie.

    Java's files are read for their signatures, and are not in the jar.
    """
    found = [path for s in sources for path in ([s] if s.is_file() else sorted(s.rglob("*")))]
    files = [path for path in found if path.suffix in (".kt", ".java")]
    state = hashlib.sha256(repr(options).encode())
    for path in [*files, *libraries]:
        state.update(str(path).encode() + hashlib.sha256(path.read_bytes()).digest())
    stamp = jar.with_suffix(".state")
    if jar.exists() and stamp.exists() and stamp.read_text() == state.hexdigest():
        return
    began = time.monotonic()
    names = ("kotlin-compiler", "kotlin-stdlib", "kotlinx-coroutines-core-jvm", "annotations-13.0")
    own = os.pathsep.join(str(compiler / f"{name}.jar") for name in names)
    run([
        java, "-Xmx1500m", "-XX:+UseSerialGC", "-cp", own, "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler",
        "-no-stdlib", "-no-reflect", "-Werror", "-jvm-target", "1.8", *options,
        "-cp", os.pathsep.join(map(str, libraries)), "-d", jar, *files,
    ])  # fmt: skip
    stamp.write_text(state.hexdigest())
    print(f"{jar.name}: {time.monotonic() - began:.0f} s", flush=True)
