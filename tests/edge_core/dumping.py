"""What a document holds after each pass, as the core's probe_reader writes it.

    python -m tests.edge_core.dumping --compare PROMPTS [--probe PROGRAM] [--until PASS]

reads every line of a file in every setting and prints where the two first part, and by how much.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from edge_sdk.attributes.axes import AXES, OPT_IN
from edge_sdk.attributes.document import Document
from edge_sdk.attributes.joining import without_joins
from edge_sdk.attributes.lexicon import Noun, Trait
from edge_sdk.attributes.loading import lexicon
from edge_sdk.attributes.marks import Mark
from edge_sdk.attributes.matching import plain, tokens
from edge_sdk.attributes.normalising import compose, without_choices, without_emoji, without_models, without_weights
from edge_sdk.attributes.parting import without_glue
from edge_sdk.attributes.passes import MARKING, PASSES
from edge_sdk.attributes.scope import Scope
from edge_sdk.attributes.spelling import spell
from tests.edge_core.building import LEXICON

_UNSAID: Final = ("gender", "age", "ethnicity", "nationality", "religion", "disability")
#: Ways to read a prompt: by default, with axes beside those, with few, with presence hidden.
SETTINGS: Final = {
    "default": Scope(),
    "unspecified": Scope(unspecified=frozenset(_UNSAID)),
    "profession": Scope(frozenset(("profession",)), frozenset((*AXES, "profession"))),
    "body": Scope(frozenset(("body", "hair")), frozenset((*AXES, "body", "hair"))),
    "names": Scope(frozenset(("first_names",)), frozenset((*AXES, "first_names"))),
    "all": Scope(frozenset(OPT_IN), frozenset((*AXES, *OPT_IN)), frozenset((*_UNSAID, "body", "hair"))),
    "few": Scope(axes=frozenset(("age", "gender")), unspecified=frozenset(("gender", "age"))),
    "no gender": Scope(frozenset(("profession",)), frozenset(("ethnicity", "skin_tone"))),
}  # fmt: skip
STAGES: Final = tuple(run.__module__.rpartition(".")[2] for run in (*MARKING, *PASSES))


def question(prompt: str, scope: Scope, until: int = len(PASSES)) -> str:
    """The line to ask the probe."""
    lists = (",".join(sorted(axes)) or "-" for axes in (scope.opt_in, scope.axes, scope.unspecified))
    return f"{until} {' '.join(lists)} {json.dumps(prompt)}"


def _noun(n: Noun | None) -> Any:
    return n and [n.kind, n.plural, n.gender, n.age, n.forms, n.collective]


def _trait(t: Trait | None) -> Any:
    flags = t and (t.adjective, t.singular, t.plural, t.behind, t.near, t.direct)
    return t and flags and [t.axis, t.value, *flags, t.gender, t.capital, t.place]


def _mark(m: Mark) -> list[Any]:
    return [*m[:4], _noun(m.noun), *m[5:10], _trait(m.trait), *m[11:]]


def held_in(document: Document) -> list[Any]:
    """What is compared of a document."""
    # By axis: presence puts unsaid axes in the order of a set, and nothing asks for it.
    return [
        document.prompt,
        [_mark(m) for m in document.marks],
        [[a, b, _mark(m)] for a, b, m in document.special],
        document.names,
        document.public,
        document.left_out,
        sorted(document.owner.items()),
        [[sorted(p.values.items()), p.plural] for p in document.persons],
        [[at, d.reason] for at, d in sorted(document.dismissed.items())],
    ]


def stages(prompt: str, scope: Scope, until: int = len(PASSES)) -> Iterator[tuple[str, str]]:
    """The name of each pass in the order in which they run, and the document behind it (0: as before)."""
    lex = lexicon(scope.opt_in, "gender" in scope.unspecified)
    typed = without_glue(without_emoji(compose(prompt), lex), lex)
    typed, models = without_models(without_choices(typed, lex), lex)
    typed = without_joins(typed, lex)
    last, bare = "", typed
    while bare is not None:
        text = plain(bare)
        document = Document(typed, bare, text, spell(tokens(text), lex), lex, scope)
        for name, run in zip(STAGES, MARKING, strict=False):
            run(document)
            held = json.dumps(held_in(document), separators=(",", ":"))
            yield name, "0" if held == last else held
            last = held
        bare = without_weights(document)
    document.left_out = models
    for name, run in zip(STAGES[len(MARKING) :], PASSES[:until], strict=False):
        run(document)
        held = json.dumps(held_in(document), separators=(",", ":"))
        yield name, "0" if held == last else held
        last = held


def answer(prompt: str, scope: Scope, until: int = len(PASSES)) -> str:
    """What the probe should answer."""
    return "[" + ",".join(held for _, held in stages(prompt, scope, until)) + "]"


def parting(prompt: str, scope: Scope, said: str, until: int = len(PASSES)) -> str:
    """Where an answer of the probe first parts from the reference, for whoever reads it."""
    theirs = json.loads(said)
    for n, (name, held) in enumerate(stages(prompt, scope, until)):
        mine, other = json.loads(held), theirs[n] if n < len(theirs) else None
        if mine == other:
            continue
        if 0 in (mine, other) or other is None:
            return f"{name}: {mine} is {other}"
        for a, b in zip(mine, other, strict=True):
            if a != b and isinstance(a, list):
                only = [x for x in a if x not in b], [x for x in b if x not in a]
                return f"{name}: {only[0]} is {only[1]}"
            if a != b:
                return f"{name}: {a!r} is {b!r}"
    return "more stages"


def differences(
    rows: Iterable[tuple[str, Scope]], program: Path, until: int = len(PASSES)
) -> Iterator[tuple[str, Scope, str]]:
    """Prompts that the core reads otherwise, with where."""
    kept = list(rows)
    lines = "".join(question(prompt, scope, until) + "\n" for prompt, scope in kept)
    done = subprocess.run([program, LEXICON], input=lines, capture_output=True, encoding="utf-8")
    answers = done.stdout.split("\n")[:-1]
    for (prompt, scope), said in zip(kept, answers, strict=False):
        if said != answer(prompt, scope, until):
            yield prompt, scope, parting(prompt, scope, said, until)
    if len(answers) < len(kept) or done.returncode != 0:
        at = kept[min(len(answers), len(kept) - 1)][0]
        raise RuntimeError(f"{program} ended with {done.returncode} at {at!r}: {done.stderr[-3000:]}")


def main() -> None:
    """Compare the prompts of a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compare", type=Path, required=True, help="a file with one prompt a line")
    parser.add_argument("--probe", type=Path, help="the built probe_reader; built where it is not given")
    parser.add_argument("--until", choices=STAGES, default=STAGES[-1], help="the last pass")
    parser.add_argument("--settings", default=",".join(SETTINGS), help="names of settings, with commas")
    parser.add_argument("--show", type=int, default=10, help="how many differences are printed")
    chosen = parser.parse_args()
    program = chosen.probe
    if program is None:
        from tests.edge_core.building import built

        program = built() / "probe_reader"
    until = STAGES.index(chosen.until) + 1 - len(MARKING)
    lines = list(dict.fromkeys(chosen.compare.read_text(encoding="utf-8").split("\n")))
    for name in chosen.settings.split(","):
        scope, count = SETTINGS[name], 0
        for prompt, _, where in differences(((line, scope) for line in lines), program, max(until, 0)):
            count += 1
            if count <= chosen.show:
                print(f"{prompt!r}\n  {where}")
        print(f"{name}: {count} differences in {len(lines)} prompts", flush=True)


if __name__ == "__main__":
    main()
