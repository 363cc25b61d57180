"""The core's rules, limits, token counts and narrowed slots against the reference's."""

from __future__ import annotations

import json
import math
import random
from typing import Any

from edge_sdk.attributes import CandidateSlots, Scope, lexicon
from edge_sdk.attributes.axes import OPT_IN
from edge_sdk.errors import InputError
from edge_sdk.mechanisms import Domain
from edge_sdk.privacy.limits import check_limits, check_prompt
from edge_sdk.privacy.rules import apply_rules, public_words, refuse_alone, rules
from edge_sdk.privacy.tokens import most_tokens
from obclip_contract import Axis, Phrase
from tests.edge_core.building import LEXICON, probe
from tests.edge_core.slots_data import as_data, error_data
from tests.edge_core.test_grid import PIECES, _numbers, _texts, line, random_grid
from tests.edge_sdk.privacy.test_tokens import letters

#: What can stand beside a word of a rule, and what only looks like its letters.
BESIDE = [" ", " ", " ", "-", "_", "'", ",", "\u00a0", "\n", "  ", "x", "é", "1", "", "{s0}", "{{", "}}", "|", "\u0301"]
LIKE = {"k": "\u212a", "s": "\u017f", "i": "\u0130\u0131", "e": "\u00e9", "a": "\uff41"}


def _words() -> list[str]:
    return [w for rule in rules() for w in (*rule.words, *rule.refuse_words)]


def public_text(rng: random.Random) -> str:
    """Words of the rules, disguised or joined, between others."""
    out = []
    for _ in range(rng.randint(1, 6)):
        word = (
            rng.choice(_words()) if rng.random() < 0.5 else rng.choice(["a man", "{s1}", "old", "scene", "in", "{a}"])
        )
        if rng.random() < 0.2:
            word = "".join(rng.choice(LIKE.get(c, c)) for c in word)
        if rng.random() < 0.2:
            word = word.upper()
        if rng.random() < 0.2:
            word = word.replace(" ", rng.choice(["  ", "\u2003", "\n", "-", "\x1f"]))
        out += [word, "".join(rng.choices(BESIDE, k=rng.choice([1, 1, 2])))]
    return "".join(out)


def some_slots(rng: random.Random) -> CandidateSlots:
    """Axes of the lexicon, phrases of any words, and a template that a rule may hit."""
    opt_in = frozenset(rng.sample(OPT_IN, rng.choice([0, 0, 1])))
    values = lexicon(opt_in).values
    axes = []
    for i in range(rng.randint(0, 4)):
        name = rng.choice(["age", "age", "gender", *values])
        held = (*values[name], "unspecified") if rng.random() < 0.2 else values[name]
        held = held if rng.random() < 0.8 else tuple(v for v in held if rng.random() < 0.7) or held[:1]
        axes.append(Axis(name if i == 0 else f"{name}.{i + 1}", held))
    phrases = {}
    for i in range(rng.randint(0, 4)):
        of = tuple(rng.sample(range(len(axes)), min(len(axes), rng.choice([1, 1, 2]))))
        want = 1
        for a in of:
            want *= len(axes[a].values)
        if want > 3000:
            of, want = of[:1], len(axes[of[0]].values)
        text = tuple(rng.choice(["", "old", "man", "teen", "kid", *PIECES]) for _ in range(want))
        phrases[f"s{i}"] = Phrase(of, text)
    choice = tuple(rng.randrange(len(a.values)) for a in axes)
    return CandidateSlots(public_text(rng), tuple(axes), phrases, choice, scope=Scope(opt_in))


def slots_line(what: str, slots: CandidateSlots) -> str:
    """A request of probe_rules about these slots."""
    head = line(what, slots.template, slots.axes, dict(slots.phrases))
    return f"{head} {_numbers(slots.choice)} {_texts(sorted(slots.scope.opt_in))}"


def tried(what: Any, *given: Any) -> Any:
    """What a function that only refuses says."""
    try:
        what(*given)
    except InputError as e:
        return error_data(e)
    return None


def _same(lines: list[str], want: list[Any]) -> list[Any]:
    answers = [json.loads(a) for a in probe("rules", LEXICON)(lines)]
    for asked, answer, wanted in zip(lines, answers, want, strict=True):
        assert answer == wanted, asked
    return answers


def test_the_rules_are_those_of_the_data() -> None:
    def plain(rule: Any) -> list[Any]:
        drop = [[axis, sorted(values)] for axis, values in rule.drop.items()]
        return [rule.name, list(rule.words), rule.says, drop, list(rule.refuse_words), sorted(rule.refuse_axes)]

    (answer,) = probe("rules", LEXICON)(["rules"])
    found = json.loads(answer)
    for rule in found:
        rule[3] = [[axis, sorted(values)] for axis, values in rule[3]]
        rule[5].sort()
    assert found == [plain(rule) for rule in rules()]


def test_rules_hit_and_narrow_alike() -> None:
    rng = random.Random("rules")
    every = [some_slots(rng) for _ in range(3000)]
    want: list[Any] = []
    for slots in every:
        try:
            left, notes = apply_rules(slots)
            want.append([as_data(left), list(notes)])
        except InputError as e:
            want.append(error_data(e))
    answers = _same([slots_line("rules_on", s) for s in every], want)
    assert sum(isinstance(a, dict) for a in answers) > 200
    assert sum(isinstance(a, list) and bool(a[1]) for a in answers) > 200


def test_words_alone_and_public_words() -> None:
    rng = random.Random("alone")
    texts = [public_text(rng) for _ in range(6000)]
    odd = [chr(c) for c in (*range(0x250), *range(0x300, 0x310), 0x2003, 0x212A, 0x1F600, 0x10FFFF)]
    texts += [a + "naked" + b + " kid" for a in odd for b in ("", "-")] + ["naked" + a + "teen" for a in odd]
    texts += ["{{{s0}", "{s0}}}", "{{s0}}", "{s_1}{A}{1}{", "}{s0", "{é}"]
    _same([f"alone {json.dumps(t)}" for t in texts], [tried(refuse_alone, t) for t in texts])
    _same([f"public {json.dumps(t)}" for t in texts], [public_words(t) for t in texts])


def test_prompts_and_limits() -> None:
    rng = random.Random("limits")
    texts = ["", " \n", "\x00a", "a\x1f", "\ud800x", "\udfff", "\t", "a\tb\r\n", "x" * 4000, "x" * 4001, "\u2003", "a"]
    _same([f"prompt {json.dumps(t)}" for t in texts], [tried(check_prompt, t) for t in texts])
    lines, want = [], []
    for _ in range(4000):
        grid = random_grid(rng)
        phrases, count = grid["phrases"].values(), len(grid["axes"])
        if not all(p.text and all(0 <= a < count for a in p.axes) for p in phrases):
            continue
        slots = CandidateSlots(grid["template"] * rng.choice([1, 1, 9]), grid["axes"], grid["phrases"], ())
        lines.append(line("limits", slots.template, slots.axes, grid["phrases"]))
        want.append(tried(check_limits, slots))
    for sizes in ((40, 40, 40), (41, 40, 40), (256, 256), (257, 256), (190,) * 12):  # at the most forms, and beyond
        axes = tuple(Axis(f"axis{i}", tuple(f"v{v}" for v in range(n))) for i, n in enumerate(sizes))
        phrases = {f"p{i}": Phrase((i,), tuple("x" * (v % 3) for v in range(n))) for i, n in enumerate(sizes)}
        for glue in ("/", " ", " ,"):
            slots = CandidateSlots(glue.join("{" + name + "}" for name in phrases), axes, phrases, ())
            lines.append(line("limits", slots.template, slots.axes, phrases))
            want.append(tried(check_limits, slots))
    answers = _same(lines, want)
    assert len({a["message"].split(":")[0][-20:] for a in answers if a}) >= 4


def _widest(domain: Domain) -> int:
    """Texts of the word that can say most."""
    widest = 1
    for word in domain.template.split():
        names = [part.split("}")[0] for part in word.split("{")[1:]]
        axes = {a for n in names if n in domain.phrases for a in domain.phrases[n].axes}
        widest = max(widest, math.prod(domain.sizes[a] for a in axes))
    return widest


def test_the_longest_member_has_as_many_tokens() -> None:
    rng = random.Random("tokens")
    lines, want = [], []
    while len(lines) < 1500:
        grid = random_grid(rng)
        axes, phrases = grid["axes"], grid["phrases"]
        if not all(a.values for a in axes) or not all(
            all(0 <= a < len(axes) for a in p.axes) for p in phrases.values()
        ):
            continue
        domain = Domain(grid["template"], axes, phrases)
        if _widest(domain) > 3000:
            continue
        try:
            domain.member((0,) * len(axes))
            last = tuple(n - 1 for n in domain.sizes)
            domain.member(last)
            want.append(most_tokens(domain, letters))
        except (KeyError, IndexError, MemoryError):
            continue
        lines.append(line("tokens", domain.template, axes, phrases))
    for _ in range(60):  # tables that hang together, and those that would grow too large
        size, count = rng.choice([(8, 7), (3, 6), (2, 12), (5, 5)]), rng.randint(1, 30)
        axes = tuple(Axis(f"axis{a}", tuple(f"v{v}" for v in range(size[0]))) for a in range(size[1]))
        phrases = {}
        for n in range(count):
            of = tuple(rng.sample(range(len(axes)), rng.choice([1, 2, 2, 3])))
            text = tuple("w" * rng.randint(0, 9) for _ in range(size[0] ** len(of)))
            phrases[f"p{n}"] = Phrase(of, text)
        domain = Domain("".join("{" + n + "}" + rng.choice([" ", " ", "/"]) for n in list(phrases)[:8]), axes, phrases)
        if _widest(domain) <= 5000:
            lines.append(line("tokens", domain.template, axes, phrases))
            want.append(most_tokens(domain, letters))
    _same(lines, want)


def test_slots_are_narrowed_and_covered_alike() -> None:
    rng = random.Random("narrowed")
    lines: list[str] = []
    want: list[Any] = []
    for _ in range(800):
        slots = some_slots(rng)
        keep = [sorted(rng.sample(range(len(a.values)), rng.randint(1, len(a.values)))) for a in slots.axes]
        lines.append(" ".join([slots_line("narrowed", slots), *map(_numbers, keep)]))
        want.append(as_data(slots.narrowed(keep)))
        if all(slots._looked_at(i) for i in range(len(slots.axes))):
            lines.append(slots_line("covering", slots))
            want.append([list(c) for c in slots.covering(64)])
    _same(lines, want)
