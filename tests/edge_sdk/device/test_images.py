"""A PNG is whole or not there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edge_sdk.device.images import check_writable, to_image, to_pixels, write_png
from edge_sdk.errors import InputError, ObclipError


def _picture(size: int = 64) -> Image.Image:
    noise = np.random.default_rng(0).integers(0, 256, (size, size, 3), dtype=np.uint8)
    return Image.fromarray(noise)


def test_pixels() -> None:
    decoded = np.zeros((1, 3, 2, 2), np.float32)
    decoded[0, 0] = [[-1, 1], [-3, 3]]
    assert np.asarray(to_image(decoded))[..., 0].tolist() == [[0, 255], [0, 255]]
    assert np.asarray(to_image(decoded))[0, 0, 1] in (127, 128)


def test_a_decoder_that_gives_nan() -> None:
    with pytest.raises(ObclipError, match="not finite"):
        to_image(np.full((1, 3, 2, 2), np.nan, np.float32))


def test_written_whole_and_alone(tmp_path: Path) -> None:
    write_png(_picture(), tmp_path / "a.png")
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]
    assert np.array_equal(np.asarray(Image.open(tmp_path / "a.png")), np.asarray(_picture()))


def test_an_existing_file_needs_consent(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"mine")
    with pytest.raises(InputError, match="--overwrite"):
        check_writable(tmp_path / "a.png", False)
    check_writable(tmp_path / "a.png", True)
    assert (tmp_path / "a.png").read_bytes() == b"mine"


@pytest.mark.parametrize("name", ["a.jpg", "a", "a.png.webp"])
def test_another_format_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"\.png"):
        check_writable(tmp_path / name, False)


def test_a_folder_or_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "d.png").mkdir()
    (tmp_path / "file").write_text("")
    for bad in (tmp_path / "d.png", tmp_path / "file" / "a.png"):
        with pytest.raises(InputError):
            check_writable(bad, True)


@pytest.mark.parametrize("name", ["x" * 300 + ".png", "x" * 300 + "/a.png", "circle/a.png"])
def test_a_name_that_the_system_refuses(tmp_path: Path, name: str) -> None:
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    with pytest.raises(InputError, match="cannot use the name"):
        check_writable(tmp_path / name, True)


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(InputError, match="no file"):
        check_writable(tmp_path / "pipe.png", True)
    (tmp_path / "link.png").symlink_to("nowhere.png")
    with pytest.raises(InputError, match="exists already"):
        check_writable(tmp_path / "link.png", False)


def test_the_longest_name(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 251 + ".png")
    check_writable(path, False)
    write_png(Image.new("RGB", (2, 2)), path)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_no_folder_is_made_for_a_name_that_is_misspelt(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no folder"):
        check_writable(tmp_path / "pitcures" / "2026" / "a.png", False)
    assert list(tmp_path.iterdir()) == []


def test_pixels_as_numbers_are_those_of_the_picture() -> None:
    decoded = np.random.default_rng(0).uniform(-1.2, 1.2, (1, 3, 8, 8)).astype(np.float32)
    pixels = to_pixels(decoded)
    assert (pixels.shape, pixels.dtype) == ((1, 8, 8, 3), np.float32)
    assert 0.0 <= pixels.min() < pixels.max() <= 1.0
    assert np.abs(pixels[0] * 255 - np.asarray(to_image(decoded), np.float32)).max() <= 0.51
    with pytest.raises(ObclipError, match="not finite"):
        to_pixels(np.full((1, 3, 2, 2), np.nan, np.float32))


FULL = """
import resource, signal, sys
from pathlib import Path
from tests.edge_sdk.device.test_images import _picture
from edge_sdk.device.images import write_png
from edge_sdk.errors import InputError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    write_png(_picture(), Path(sys.argv[1]))
except InputError as error:
    print(error)
"""


@pytest.mark.parametrize("before", [None, b"the picture from yesterday"])
def test_a_disk_that_takes_no_more_leaves_everything_as_it_was(tmp_path: Path, before: bytes | None) -> None:
    out = tmp_path / "a.png"
    if before is not None:
        out.write_bytes(before)
    done = subprocess.run([sys.executable, "-c", FULL, str(out)], capture_output=True, text=True, check=True)
    assert "nothing was written" in done.stdout
    assert [p.name for p in tmp_path.iterdir()] == ([] if before is None else ["a.png"])
    assert before is None or out.read_bytes() == before


def test_a_full_file_system(tmp_path: Path) -> None:
    mounted = tmp_path / "small"
    mounted.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", str(mounted)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small file system needs root")
    try:
        with pytest.raises(InputError, match=r"No space left.*nothing was written"):
            write_png(_picture(), mounted / "a.png")
        assert list(mounted.iterdir()) == []
    finally:
        subprocess.run(["umount", str(mounted)], check=True)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs a folder that even root cannot write")
def test_a_folder_that_cannot_be_written() -> None:
    with pytest.raises(InputError, match="cannot write"):
        write_png(_picture(), Path("/proc/a.png"))
