"""Sets of drawings: missing and wrong packages, missing and disordered tones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from models.stickers.recipe.__main__ import recipe
from models.stickers.recipe.errors import MissingPackage, ToneError, WrongVersion
from models.stickers.recipe.scenes import library, packages, tones
from models.stickers.recipe.scenes.people import EXCHANGED, files_of, read_people
from tests.models.scene_fakes import FakeDrawings, FakeThings, face, write_names, write_packages

GROUP = np.stack([face(t) for t in range(5)])


def test_a_missing_package_says_how_to_install_all(tmp_path: Path) -> None:
    with pytest.raises(MissingPackage, match=r"npm install .*@iconify-json/noto@1\.2\.9 .*@lobehub/fluent-emoji-3d@1"):
        packages.open_styles(tmp_path / "node_modules")


def test_another_version_is_refused(tmp_path: Path) -> None:
    write_packages(tmp_path, {"@iconify-json/fluent-emoji-flat": "1.3.0"})
    with pytest.raises(WrongVersion, match=r"fluent-emoji-flat is 1\.3\.0, but its drawings were checked in 1\.2\.6"):
        packages.open_styles(tmp_path)


def test_a_package_without_its_files_is_refused(tmp_path: Path) -> None:
    write_packages(tmp_path)
    (tmp_path / "@iconify-json/noto/icons.json").unlink()
    with pytest.raises(MissingPackage, match=r"icons\.json is missing: the package is incomplete"):
        packages.open_styles(tmp_path)


def test_the_command_ends_with_one_line_and_a_code(tmp_path: Path) -> None:
    result = CliRunner().invoke(recipe, ["train", "--work", str(tmp_path), "--hours", "0.001"])
    assert result.exit_code == 2
    assert "error: the npm package @iconify-json/noto is not in" in result.output


def test_skin_is_found_in_any_order_and_hair_is_not() -> None:
    where = tones.skin(GROUP[[3, 1, 4, 0, 2]])
    assert where[48:112, 24:104].all()
    assert not where[:48].any()
    assert not where[112:].any()


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (0, 2, 1, 3, 4), (4, 3, 2, 1, 0), (2, 0, 4, 1, 3)])
def test_the_order_of_tones_is_read_from_skin(order: tuple[int, ...]) -> None:
    files = GROUP[np.argsort(order)]
    assert tones.order(files, "a group") == order


def test_swapped_tones_are_refused_where_no_correction_is_known() -> None:
    with pytest.raises(ToneError, match=r"flat 1f469: from light to dark, .* light, medium, medium-light"):
        tones.arrange("flat", "1f469", GROUP[[0, 2, 1, 3, 4]])


def test_the_3d_sets_swap_is_undone_and_a_right_order_there_refused() -> None:
    assert np.array_equal(tones.arrange("3d", "1f469", GROUP[[0, 2, 1, 3, 4]]), GROUP)
    with pytest.raises(ToneError):
        tones.arrange("3d", "1f469", GROUP)
    assert np.array_equal(tones.arrange("3d", "1f469-200d-1f4bb", GROUP), GROUP)


def test_the_reversed_group_is_put_in_order() -> None:
    files = GROUP[np.argsort(tones.CORRECTIONS["3d", "1f6b5"])]
    assert np.array_equal(tones.arrange("3d", "1f6b5", files), GROUP)


def test_tones_that_do_not_differ_are_refused() -> None:
    with pytest.raises(ToneError, match="do not differ as skin does"):
        tones.arrange("noto", "1f469", np.stack([face(2)] * 5))
    with pytest.raises(ToneError):  # one tone drawn twice
        tones.arrange("noto", "1f469", GROUP[[0, 1, 2, 2, 4]])


def test_a_style_without_a_tone_is_refused(tmp_path: Path) -> None:
    bases = write_names(tmp_path / "names.txt")
    whole = FakeDrawings(bases)
    assert [p.role for p in read_people({"noto": whole}, tmp_path / "names.txt")] == ["portrait"] * 2 + ["guard"] * 2
    cut = FakeDrawings(bases, lacks="1f469-1f3fd-200d-2708")
    with pytest.raises(ToneError, match="flat draws 1f469-200d-2708 without medium"):
        read_people({"noto": whole, "flat": cut}, tmp_path / "names.txt")


def test_a_group_that_one_style_does_not_draw_is_left_out(tmp_path: Path) -> None:
    bases = write_names(tmp_path / "names.txt")
    few = {k: v for k, v in bases.items() if "2708" not in k}
    people = read_people({"noto": FakeDrawings(bases), "flat": FakeDrawings(few)}, tmp_path / "names.txt")
    assert {p.role for p in people} == {"portrait"}


def test_exchanged_woman_and_man_are_exchanged_back(tmp_path: Path) -> None:
    bases = write_names(tmp_path / "names.txt")
    person = read_people({"noto": FakeDrawings(bases)}, tmp_path / "names.txt")[0]
    assert files_of(person, "3d") == person.keys
    keys = (*(f"1f9cf-{t}-200d-2640" for t in tones.MODIFIERS), "1f9cf-200d-2640")
    deaf = type(person)("1f9cf-200d-2640", "deaf", "woman", "adult", "", keys, ("3d",))
    assert all(k.endswith("2642") for k in files_of(deaf, "3d"))
    assert files_of(deaf, "flat") == keys
    assert set(EXCHANGED) == {("3d", "1f9cf-200d-2640"), ("3d", "1f9cf-200d-2642")}


def test_a_library_is_checked_and_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bases = write_names(tmp_path / "names.txt")
    styles = {"noto": FakeThings(bases), "flat": FakeThings(bases), "3d": FakeThings(bases, tones.SWAPPED)}
    monkeypatch.setattr(library, "open_styles", lambda _: styles)
    assert not library.is_built(tmp_path / "library")
    made = library.build(tmp_path / "library", tmp_path, tmp_path / "names.txt")
    assert library.is_built(tmp_path / "library")
    assert made.persons.shape[:3] == (4, 3, 6)
    assert made.skin.all(axis=(0, 1))[60, 60]
    styles["3d"] = FakeThings(bases)
    with pytest.raises(ToneError):
        library.build(tmp_path / "other", tmp_path, tmp_path / "names.txt")
    assert not library.is_built(tmp_path / "other")
