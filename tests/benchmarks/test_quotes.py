"""Every quoted number has a source: it holds for the documents as they are, and what is wrong is caught."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.quotes import check_documents, find_figures
from benchmarks.quotes.ledger import evaluate, read_ledger
from benchmarks.report import find_stale

ROOT = Path(__file__).parents[2]
TABLE = "\n".join(
    [
        "## Cost",
        "See [`plan_flops.json`](benchmarks/results/plan_flops.json).",
        "",
        "| plan | N=2 k=5 | N=2 k=10 | N=6 k=5 | N=6 k=10 | N=30 k=5 | N=30 k=10 |",
        "|---|---|---|---|---|---|---|",
        "| `naive` | 0.39 | 0.77 | 1.17 | 2.32 | 5.83 | 11.59 |",
        "",
    ]
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout of one document, one result file and an empty ledger."""
    (tmp_path / "benchmarks/results").mkdir(parents=True)
    shutil.copy(ROOT / "benchmarks/results/plan_flops.json", tmp_path / "benchmarks/results")
    (tmp_path / "benchmarks/quoted.toml").write_text("")
    (tmp_path / "README.md").write_text(TABLE)
    return tmp_path


def test_every_quoted_number_has_a_source() -> None:
    assert [str(p) for p in check_documents()] == []


def test_the_report_is_what_the_files_make() -> None:
    assert list(find_stale(ROOT / "benchmarks/results", ROOT)) == []


def test_a_sound_table_passes(tree: Path) -> None:
    assert check_documents(tree) == []


@pytest.mark.parametrize(("before", "after"), [("0.39", "0.38"), ("2.32", "2.42"), ("11.59", "11.58")])
def test_a_changed_digit_is_caught(tree: Path, before: str, after: str) -> None:
    (tree / "README.md").write_text(TABLE.replace(before, after))
    (problem,) = check_documents(tree)
    assert (problem.document, problem.line, problem.text) == ("README.md", 6, after)


def test_an_unlisted_number_is_caught(tree: Path) -> None:
    (tree / "README.md").write_text(TABLE + "\nIt took 47 ms, and 53.21 dB.\n")
    assert [p.text for p in check_documents(tree)] == ["47 ms", "53.21 dB"]


def test_a_removed_file_is_caught(tree: Path) -> None:
    (tree / "benchmarks/results/plan_flops.json").unlink()
    assert any("no such result file" in p.why for p in check_documents(tree))
    assert len(check_documents(tree)) == 7


def test_the_ledger_covers_a_text_and_is_stale_without_it(tree: Path) -> None:
    entry = '[[quoted]]\ndocument = "README.md"\ntext = "took 47 ms"\nkind = "hand"\nhow = "a clock"\n'
    entry += 'date = "2026-11-30"\n'
    (tree / "benchmarks/quoted.toml").write_text(entry)
    (tree / "README.md").write_text(TABLE + "\nIt took\n47 ms.\n")
    assert check_documents(tree) == []
    (tree / "README.md").write_text(TABLE + "\nIt took 48 ms.\n")
    assert {p.text for p in check_documents(tree)} == {"took 47 ms", "48 ms"}


def test_the_figures_of_a_section_are_named_in_order(tree: Path) -> None:
    entry = '[[quoted]]\ndocument = "README.md"\nsection = "Hand"\nkind = "setting"\nhow = "limits"\n'
    entry += 'figures = "5 ms | 6 ms"\n'
    (tree / "benchmarks/quoted.toml").write_text(entry)
    (tree / "README.md").write_text(TABLE + "\n## Hand\n5 and 6 ms\n")
    assert [p.text for p in check_documents(tree)] == ["5"]
    (tree / "README.md").write_text(TABLE + "\n## Hand\n5 ms and 6 ms\n")
    assert check_documents(tree) == []
    (tree / "README.md").write_text(TABLE + "\n## Hand\n5 ms\n")
    assert [p.text for p in check_documents(tree)] == ["6 ms"]


def test_an_entry_without_a_source_is_refused(tmp_path: Path) -> None:
    (tmp_path / "quoted.toml").write_text('[[quoted]]\ndocument = "a.md"\ntext = "5 ms"\nkind = "hand"\nhow = "x"\n')
    with pytest.raises(BenchmarkError, match="has a date"):
        read_ledger(tmp_path / "quoted.toml")


def test_expressions_are_arithmetic_alone() -> None:
    told = {"rows": [{"plan": "a", "ms": 4}, {"plan": "b", "ms": 6}]}
    assert evaluate('[r["ms"] for r in a["rows"] if r["plan"] == "b"][0] / a["rows"][0]["ms"]', [told]) == 1.5
    with pytest.raises(BenchmarkError, match="may not stand"):
        evaluate("a.rows", [told])
    with pytest.raises(BenchmarkError, match="may not stand"):
        evaluate('__import__("os")', [told])


def test_versions_and_settings_are_no_figures() -> None:
    assert find_figures("Python 3.11, torch 2.13.0, SD-1.4, 3.0 M parameters, guidance 7.5, `0.4 ms`\n") == []
    assert [f.text for f in find_figures("5, 23 and 40 %\n")] == ["5", "23", "40 %"]
