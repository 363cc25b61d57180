"""The second look's bench: its set, its scores, and that a Python without spaCy is only left out."""

from __future__ import annotations

import sys

from benchmarks.second_look import HALVES, KINDS, Labelled, _look, _spacy, labelled, score


def test_the_set_is_large_labelled_and_split() -> None:
    prompts = labelled()
    assert len(prompts) >= 400
    assert {p.kind for p in prompts} == set(KINDS)
    assert all((p.kind == "none") == (not p.labels) for p in prompts)
    assert all(p.prompt[a:b].strip() == p.prompt[a:b] != "" for p in prompts for a, b, _ in p.labels)
    for half in HALVES:
        assert sum(p.half == half for p in prompts) > 0.4 * len(prompts)


def test_scores_count_found_missed_and_wrong() -> None:
    prompts = [
        Labelled("Ann and Bo", "captions", "name", [(0, 3, "identity"), (8, 10, "identity")], "report"),
        Labelled("Cy runs", "captions", "name", [(0, 2, "identity")], "report"),
        Labelled("a red cat", "captions", "none", [], "report"),
        Labelled("a blue cat", "captions", "none", [], "report"),
    ]
    spans = [[(0, 3, "x")], [(0, 2, "x")], [(2, 5, "x")], [(2, 6, "x")]]
    result = score(prompts, spans, [[], [], [], [(2, 6, "lexicon")]])
    assert result["kinds"]["name"] == {"prompts": 2, "right": 0.5}
    assert result["kinds"]["none"] == {"prompts": 2, "right": 0.5}
    assert result["found"] == 0.5
    assert result["missed"] == ["'Bo' (identity) in 'Ann and Bo'"]
    assert len(result["wrong"]) == 1


def test_the_claims_of_the_card_hold_on_the_report_half() -> None:
    prompts = [p for p in labelled() if p.half == "report"]
    result = score(prompts, [_look(p.prompt) for p in prompts], [[] for _ in prompts])
    assert result["found"] > 0.75
    assert result["kinds"]["name"]["right"] > 0.7


def test_a_python_without_spacy_is_left_out() -> None:
    assert _spacy("/nowhere/python", ["x"]) is None
    assert _spacy(sys.executable, ["x"]) is None
