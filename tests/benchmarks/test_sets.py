"""Candidate sets as cases: every member is judged against what its own words ask for."""

from __future__ import annotations

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.sets import GRIDS, grid, grids, set_cases

WORDS = {"woman": ("woman", "girl", "princess", "mermaid", "Mrs."), "man": ("man", "boy", "prince", "merman", "Santa")}


@pytest.mark.parametrize("kind", GRIDS, ids=lambda k: k.name)
def test_members_say_what_their_position_wants(kind) -> None:  # type: ignore[no-untyped-def]
    cases = set_cases(kind, 4, seed=3)
    assert cases == set_cases(kind, 6, seed=3)[:4]
    assert cases != set_cases(kind, 4, seed=4)
    for case in cases:
        assert len(case.members) == len(case.wants) == kind.count == len(set(case.members))
        for member, wants in zip(case.members, case.wants, strict=True):
            words = member.replace("-skinned", " skin").split()
            assert any(w in words for w in WORDS[wants["gender"]]), (member, wants)
            if "skin_tone" in kind.axes:
                assert f"with {wants['tone']} skin" in member
            else:
                assert wants["tone"] == "yellow"
            if "age" in kind.axes:
                assert ("old" in words) == (wants["age"] == "old")
                assert ("girl" in words or "boy" in words) == (wants["age"] == "child")
            assert wants["background"] == "white" or f"on a{'n' * (wants['background'] == 'orange')} " in member


def test_grids_by_number_and_name() -> None:
    assert [g.name for g in grids(6)] == ["gender-tone", "gender-age"]
    assert grid("gender-age-tone").count == 30
    with pytest.raises(BenchmarkError, match="no grid has 5"):
        grids(5)
    with pytest.raises(BenchmarkError, match="no grid 'tone'"):
        grid("tone")
