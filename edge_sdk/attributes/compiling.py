"""From the data files to the :class:`~.lexicon.Lexicon`: every surface form becomes a phrase of the trie."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from .axes import AXES, OPT_IN, TRAITS
from .kinds import Kind, NounKind, PronounForm
from .lexicon import NEUTRAL, AxisForms, Lexicon, Meaning, Noun, Origin, Trait, data
from .matching import Trie, tokens, trie
from .matching import words as words_of

#: What may stand around a demonym and mean much the same: "Chinese-American", "half-Japanese", "Greek-born".
_AROUND = ("{} american", "{} canadian", "{} british", "{} australian", "half {}", "part {}", "{} born", "{} looking")
Phrases = Iterator[tuple[str, Meaning]]


def _plural(word: str) -> str:
    if word.endswith(("s", "x", "ch", "sh", "z")):
        return f"{word}es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return (
        f"{word[:-3]}men" if word.endswith("man") and len(word) > 5 and word.endswith(("sman", "hman")) else f"{word}s"
    )


def _gender_nouns(gender: dict[str, Any]) -> dict[str, Noun]:
    nouns: dict[str, Noun] = {}
    index = {v: i for i, v in enumerate(gender["values"])}
    for number, plural in (("singular", False), ("plural", True)):
        for i, word in enumerate(gender["plain"][number]):
            nouns[word] = Noun(NounKind.PLAIN, plural, i)
        for i, word in enumerate(gender["child"][number]):
            nouns[word] = Noun(NounKind.CHILD, plural, i, 0)
    for word, (value, number) in gender["to_plain"].items():
        nouns[word] = Noun(NounKind.PLAIN, number == "plural", index[value])
    for word, (value, number) in gender["to_child"].items():
        nouns[word] = Noun(NounKind.CHILD, number == "plural", index[value], 0)
    for pair in gender["adjectives"]:
        for i, word in enumerate(pair):
            nouns[word] = Noun(NounKind.ADJECTIVE, False, i, forms=tuple(pair))
    for pair in gender["pairs"]:
        for i, word in enumerate(pair):
            plural = re.search(r"(men|ies|[^s]s|sses|wives)$", pair[0]) is not None
            nouns[word] = Noun(NounKind.PAIR, plural, i, forms=tuple(pair))
    for stem in gender["stems"]:
        for several in ((f"{stem}woman", f"{stem}man"), (f"{stem}women", f"{stem}men")):
            for i, word in enumerate(several):
                nouns[word] = Noun(NounKind.PAIR, word.endswith("men"), i, forms=several)
    women, men = gender["adjectives"][0]
    for word, (value, role) in gender["with_adjective"].items():
        nouns[word] = Noun(NounKind.PAIR, role.endswith("s"), index[value], forms=(f"{women} {role}", f"{men} {role}"))
    for word, same in gender["aliases"].items():
        nouns[word] = nouns[same]
    for pair in gender["phrases"]:
        forms = [gender["phrase_forms"].get(p.replace("mrs ", "mrs. "), p) for p in pair]
        for i, words in enumerate(pair):
            nouns.setdefault(
                words, Noun(NounKind.PAIR, words.endswith("s") and " cla" not in words, i, forms=tuple(forms))
            )
    return nouns


def _with_neutral(gender: dict[str, Any]) -> dict[str, Any]:
    """The forms that say no gender, as a third column."""
    third = gender["neutral"]
    return {
        "plain": {n: [*words, third["plain"][n]] for n, words in gender["plain"].items()},
        "child": {n: [*words, third["child"][n]] for n, words in gender["child"].items()},
        "pronouns": {role: [*forms, third["pronouns"][role]] for role, forms in gender["pronouns"].items()},
        "title_forms": [*gender["title_forms"], "Mx"],
    }


def _neutral_nouns(nouns: dict[str, Noun], gender: dict[str, Any]) -> dict[str, Noun]:
    """Pairs gain their neutral word where there is one; of pairs with the same, the first stands for all."""
    forms: dict[str, tuple[str, ...]] = {}
    third: dict[str, str] = gender["neutral_pairs"]
    out = dict(nouns)
    for word, noun in nouns.items():
        if noun.kind is not NounKind.PAIR or noun.forms is None or not third.get(noun.forms[0]):
            continue
        neutral = third[noun.forms[0]]
        forms.setdefault(neutral, (*noun.forms, neutral))
        out[word] = replace(noun, forms=forms[neutral])
    for neutral, all_forms in forms.items():
        out[neutral] = Noun(NounKind.PAIR, out[all_forms[0]].plural, NEUTRAL, forms=all_forms)
    for number, plural in (("singular", False), ("plural", True)):
        out[gender["plain"][number][NEUTRAL]] = Noun(NounKind.PLAIN, plural, NEUTRAL)
        out[gender["child"][number][NEUTRAL]] = Noun(NounKind.CHILD, plural, NEUTRAL, 0)
    for word, noun in list(out.items()):
        if noun.kind is NounKind.NEUTRAL and noun.age == 0:
            out[word] = Noun(NounKind.CHILD, noun.plural, NEUTRAL, 0)
    return out


def _all_nouns(gender: dict[str, Any], age: dict[str, Any], roles: dict[str, Any]) -> dict[str, Noun]:
    nouns = _gender_nouns(gender)
    ages = list(age["values"])
    for word, (value, number) in age["neutral_nouns"].items():
        if _is_composed(word, nouns, age, roles):
            continue  # "old person", "child actor": the grammar reads them, and makes them
        nouns.setdefault(word, Noun(NounKind.NEUTRAL, number == "plural", None, ages.index(value)))
    collective = set(roles["collective"])
    for word in (*roles["people"], *roles["roles"]):
        plural = word in ("people", "humans")
        nouns.setdefault(word, Noun(NounKind.ROLE, plural, collective=word in collective))
        if not plural:
            nouns.setdefault(roles["plurals"].get(word, _plural(word)), Noun(NounKind.ROLE, True))
    return nouns


def _is_composed(word: str, nouns: dict[str, Noun], age: dict[str, Any], roles: dict[str, Any]) -> bool:
    """Whether a word of several is an age before a noun that the lexicon has."""
    first, _, rest = word.rpartition(" ")
    known = rest in nouns or rest in age["neutral_nouns"] or rest in roles["roles"] or rest in roles["people"]
    return bool(first) and known and (first in age["adjectives"] or first in age["values"])


def _decoys(phrases: list[str], nouns: dict[str, Noun], gender: dict[str, Any]) -> Phrases:
    """Decoys and the same with the other gender: a set must never have a member that is one ("gingerbread woman")."""

    def swapped(m: re.Match[str]) -> str:
        noun = nouns.get(m.group())
        if noun is None or noun.gender is None:
            return m.group()
        number = "plural" if noun.plural else "singular"
        forms: tuple[str, ...] = noun.forms or tuple(
            gender["child" if noun.kind is NounKind.CHILD else "plain"][number]
        )
        # A word that no member says ("chick") has no other half that one could.
        return forms[1 - noun.gender] if m.group() in forms else m.group()

    for phrase in phrases:
        for words in dict.fromkeys((phrase, re.sub("[a-z]+", swapped, phrase))):
            yield words, Meaning(Kind.WORD, decoy=True, hyphens=True)


def _trait_words(axis: str, spec: dict[str, Any], capitals: frozenset[str]) -> Phrases:
    """Phrases of ethnicity, religion, disability, body and hair."""
    values: list[str] = spec["values"]
    several = spec.get("of_several", ())
    direct = frozenset((*spec.get("direct", ()), *several))

    def trait(word: str, value: int | None, near: bool, **place: bool) -> tuple[str, Meaning]:
        found = Trait(axis, value, near=near, direct=word in direct, capital=word in capitals, **place)
        return word, Meaning(Kind.TRAIT, trait=found)

    groups: list[tuple[int | None, dict[str, Any]]] = [(values.index(v), f) for v, f in spec["forms"].items()]
    for value, forms in [*groups, (None, spec["unlisted"])]:
        near_nouns = {*forms.get("nouns_near", ())}
        nouns = [*forms.get("nouns", ()), *near_nouns]
        adjectives = [(w, value is None) for w in (*forms.get("adjectives", ()), *(several if value is None else ()))]
        adjectives += [(w, True) for w in forms.get("near", ())]
        exact = {w for w, near in adjectives if not near}
        for word, near in adjectives:
            yield trait(word, value, near, adjective=True, singular=word in nouns)
        for word in nouns:
            near = word in near_nouns or (
                bool(exact) and word not in exact and not word.startswith(values[value or 0][:3].lower())
            )
            if word not in {w for w, _ in adjectives}:
                yield trait(word, value, near, singular=True)
            yield trait(_plural(word), value, near, plural=True)
        for key, near in (("post", value is None), ("post_near", True)):
            for phrase in forms.get(key, ()):
                yield trait(phrase, value, near, behind=True)
        for word in (w for w, near in adjectives if not near):
            for frame in spec.get("joined", ()):
                noun = frame.endswith(("american", "british"))
                joined = Trait(axis, value, adjective=True, singular=noun, near=True)
                yield frame.format(word), Meaning(Kind.TRAIT, trait=joined, hyphens=True)
        for frame in spec.get("post_frames", ()):
            for word, near in adjectives:
                yield trait(frame.format(word), value, near, behind=True)


def _nationality_words(spec: dict[str, Any], capitals: frozenset[str]) -> Phrases:
    frames = data("ethnicity")["post_frames"]
    for value, (adjective, about) in enumerate(spec["about"].items()):
        name = adjective.lower()

        def meaning(word: str, near: bool = False, value: int = value, **place: bool) -> tuple[str, Meaning]:
            found = Trait("nationality", value, near=near, capital=word in capitals, **place)
            return word, Meaning(Kind.TRAIT, trait=found)

        nouns = [n.lower() for n in about["nouns"]]
        near = [n.lower() for n in about.get("near", ())]
        for word in (name, *near):
            noun = word in nouns or (word in near and word.endswith(("an", "er", "i")))
            yield meaning(word, word in near, adjective=True, singular=noun)
            if noun:
                yield meaning(f"{word}s", word in near, plural=True)
            for around in _AROUND:
                if around.format(word) != f"{word} {word}":
                    yield meaning(around.format(word), True, adjective=True, singular=around.endswith("n"))
            if word != "american":
                yield meaning(f"{word} americans", True, plural=True)
            for frame in frames:
                yield meaning(frame.format(word), word in near, behind=True)
        for word in nouns:
            yield meaning(word, singular=True)
            yield meaning(f"{word}s", plural=True)
        for country in about["countries"]:
            yield meaning(f"from {country.lower()}", behind=True)


def _gendered(axis: str, spec: dict[str, Any], genders: list[str]) -> Phrases:
    """Nouns that say a value and a gender: "Latina", "Frenchmen"."""
    for word, (value, gender, plural) in spec["gendered"].items():
        for surface, several in ((word.lower(), False), (plural.lower(), True)):
            found = Trait(
                axis,
                spec["values"].index(value),
                adjective=not several and not surface.endswith("man"),
                singular=not several,
                plural=several,
                near=word.startswith(("Chicana", "mesti", "Welsh", "Scots")),
                gender=None if surface.endswith("os") else genders.index(gender),
            )
            yield surface, Meaning(Kind.TRAIT, trait=found)


def _forms(axis: str, spec: dict[str, Any]) -> AxisForms:
    before = tuple(spec.get("pre", spec["values"]))

    def both(place: dict[str, list[str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return tuple(place["singular"]), tuple(place.get("plural", place["singular"]))

    if axis == "nationality":
        behind = tuple(f"from {about['countries'][0]}" for about in spec["about"].values())
        return AxisForms(before, (behind, behind), (before, before))
    return AxisForms(before, both(spec["post"]), both(spec.get("predicate", {"singular": before})))


def _words(opt_in: frozenset[str], nouns: dict[str, Noun], specs: dict[str, dict[str, Any]]) -> Phrases:
    """All phrases, those that count first where two are the same."""
    gender, age, skin, roles = specs["gender"], specs["age"], specs["skin_tone"], data("roles")
    animals, capitals = data("animals"), frozenset(data("decoys")["only_with_capital"])
    index = {v: i for i, v in enumerate(gender["values"])}
    yield from _decoys(data("decoys")["phrases"], nouns, gender)
    if "profession" in opt_in:
        yield from _professions(specs["profession"], index)
    if "first_names" in opt_in:
        for i, name in enumerate(specs["first_names"]["values"]):
            yield name, Meaning(Kind.NAME, value=i)
        for name in (*data("names")["female"], *data("names")["male"], *data("names")["either"]):
            if name not in data("names")["with_surname_only"]:
                yield name, Meaning(Kind.NAME, value=len(name) % len(specs["first_names"]["values"]), near=True)
    for role, forms in gender["pronouns"].items():
        for i, form in enumerate(forms):
            yield form, Meaning(Kind.PRONOUN, value=i, form=PronounForm(role))
    for axis in TRAITS:
        if axis in specs:
            yield from _gendered(axis, specs[axis], gender["values"])
    yield from _nationality_words(specs["nationality"], capitals)
    for axis in TRAITS:
        if axis in specs and axis != "nationality":
            yield from _trait_words(axis, specs[axis], capitals)
    for word in gender["unlisted"]:
        yield word, Meaning(Kind.TRAIT, trait=Trait("gender", None, adjective=True, near=True))
    ages = list(age["values"])
    for word, value in age["adjectives"].items():
        if word not in nouns:
            yield word, Meaning(Kind.AGE, value=ages.index(value))
    for phrase, value in age.get("phrases", ()):
        yield phrase, Meaning(Kind.AGE, value=ages.index(value), near=True, behind=True)
    for phrase, value in skin.get("phrases", ()):
        behind = phrase.split()[0] in ("with", "of", "whose", "having", "has")
        yield phrase, Meaning(Kind.SKIN if behind else Kind.TONE, value=skin["values"].index(value), behind=behind)
    tones = {s: i for i, v in enumerate(skin["values"]) for s in skin["synonyms"][v]}
    for word in skin["adjectives"]:
        yield word, Meaning(Kind.TONE, value=tones[word])
    for word, value in dict(skin.get("words", {})).items():
        yield word, Meaning(Kind.TONE, value=skin["values"].index(value), near=True)
    for word in age["child_adjectives"]:
        yield word, Meaning(Kind.LITTLE)
    ambiguous = {w: ages.index(v) for w, v in age["adjectives"].items()}
    for word, noun in nouns.items():
        yield word, Meaning(Kind.NOUN, noun=noun, value=ambiguous.get(word, -1))
    for word in animals["animals"]:
        yield word, Meaning(Kind.ANIMAL)
    for word in roles["stops"]:
        yield word, Meaning(Kind.STOP)
    for word, origin in _origin_entries(specs):
        if origin.kind == "place" and not word.startswith("the "):
            found = Trait(origin.axis, origin.value, adjective=True, near=True, capital=True, place=True)
            yield word.lower(), Meaning(Kind.TRAIT, trait=found)


def _professions(spec: dict[str, Any], genders: dict[str, int]) -> Phrases:
    values: list[str] = spec["values"]
    plurals = data("roles")["plurals"]
    for word, (role, gender) in spec["gendered"].items():
        several = role not in values
        value = values.index(role.removesuffix("s") if several else role)
        noun = Noun(NounKind.ROLE, several, genders[gender])
        yield word, Meaning(Kind.PROFESSION, noun=noun, value=value)
    for value, forms in spec["forms"].items():
        for near, words in ((False, forms["nouns"]), (True, forms["near"])):
            for word in words:
                for plural, surface in ((False, word), (True, plurals.get(word, _plural(word)))):
                    noun = Noun(NounKind.ROLE, plural)
                    yield surface, Meaning(Kind.PROFESSION, noun=noun, value=values.index(value), near=near)


def _classes(
    age: dict[str, Any], skin: dict[str, Any], roles: dict[str, Any], animals: dict[str, Any]
) -> dict[str, frozenset[str]]:
    """The closed classes of words that the passes ask for by name."""
    found = {
        name: frozenset(words) for file in ("grammar", "pronouns", "ordinary") for name, words in data(file).items()
    }
    found |= {name: frozenset(roles[name]) for name in ("costume", "people", "objects", "events", "not_persons")}
    found |= {name: frozenset(skin[name]) for name in ("not_before_roles", "between")}
    found |= {
        "child_adjectives": frozenset(age["child_adjectives"]),
        "ages_of_persons": frozenset(age["of_persons"]),
        "exact_ages": frozenset(age["exact"]),
        "not_the_animal": frozenset(animals["not_the_animal"]),
        "animal_parents": frozenset(animals["parents"]),
        "skin_words": found["skin_words"] | frozenset(h for h in skin.get("heads", ()) if h.isalpha()),
        "surnames": frozenset(n.lower() for n in data("names").get("surnames", ())),
        "with_surname_only": frozenset(n.lower() for n in data("names")["with_surname_only"]),
        "not_before_names": frozenset(n.lower() for n in data("names")["not_before"]),
        "surname_particles": frozenset(data("names")["surname_particles"]),
        "of_several": frozenset(data("ethnicity")["of_several"]),
    }
    return found


def _origin_entries(specs: dict[str, dict[str, Any]]) -> Iterator[tuple[str, Origin]]:
    """Places, peoples and faiths by their words."""
    for value, (adjective, about) in enumerate(specs["nationality"]["about"].items()):
        for word in (*about["countries"], *about.get("places", ())):
            yield word, Origin("nationality", value, "place")
        for word in (adjective, *about.get("near", ())):
            yield word, Origin("nationality", value, "adjective")
    disabled = specs["disability"]["values"].index("disabled")
    for word in specs["disability"].get("conditions", ()):
        yield word, Origin("disability", disabled, "condition")
    for axis in ("ethnicity", "religion"):
        spec = specs[axis]
        groups = [(spec["values"].index(v), f) for v, f in spec["forms"].items()]
        for index, forms in [*groups, (None, spec["unlisted"])]:
            for kind, key in (
                ("place", "places"),
                ("faith", "faiths"),
                ("adjective", "adjectives"),
                ("adjective", "near"),
            ):
                for word in forms.get(key, ()):
                    yield word, Origin(axis, index, kind)


def _origins(specs: dict[str, dict[str, Any]]) -> Trie:
    """All origins of each phrase, in the order of the files."""
    found: dict[str, list[Origin]] = {}
    for word, origin in _origin_entries(specs):
        found.setdefault(word.lower(), []).append(origin)
    return trie((word, tuple(origins)) for word, origins in found.items())


def _frame_starts(
    specs: dict[str, dict[str, Any]],
) -> dict[str, tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...]]:
    """Frames by their first word: the tokens before and behind what they hold, and its kind."""
    frames = [(f, "place") for f in specs["nationality"].get("place_frames", ())]
    frames += [("{}-born", "place"), ("{}-raised", "place"), ("{}-bred", "place")]
    for axis in ("ethnicity", "religion"):
        frames += [(f, "adjective") for key in ("descent_frames", "stated_frames") for f in specs[axis].get(key, ())]
        frames += [(f, "faith") for f in specs[axis].get("faith_frames", ())]
    frames += [(f, "condition") for f in specs["disability"].get("condition_frames", ())]
    starts: dict[str, list[tuple[tuple[str, ...], tuple[str, ...], str]]] = {"": []}
    for frame, kind in sorted(set(frames), key=lambda f: (-len(f[0]), f)):
        before, _, behind = frame.partition("{}")
        first, last = tuple(tokens(before).texts), tuple(tokens(behind).texts)
        starts.setdefault(first[0] if first else "", []).append((first, last, kind))
    return {word: tuple(found) for word, found in starts.items()}


#: Kinds of meanings that give an axis away by themselves.
_SAYING = (Kind.NOUN, Kind.TRAIT, Kind.AGE, Kind.TITLE)


def _sensitive(entries: list[tuple[str, Meaning]], cues: dict[str, Any], stops: list[str]) -> frozenset[str]:
    """Words that give an axis away: what spelling is looked for, and no tag may hold."""
    found: set[str] = set()
    for phrase, meaning in entries:
        says = meaning.kind in _SAYING and not meaning.decoy
        if meaning.noun is not None and meaning.noun.kind is NounKind.ROLE:
            says = False
        words = [t for t in words_of(phrase) if t.isalpha()]
        short = len(words) == 1 or (len(words) == 2 and meaning.trait is not None and meaning.trait.adjective)
        if says and short and not (meaning.trait is not None and (meaning.trait.behind or meaning.trait.place)):
            found.update(words)
    for group in cues["strong"]:
        found.update(w for w in group["words"] if w.isalpha())
    return frozenset(found - set(stops))


def _cue_words(cues: dict[str, Any]) -> Iterator[str]:
    for group in cues["strong"]:
        yield from group["words"]
    yield from data("gender")["adjective_words"]
    for words in cues["weak"].values():
        yield from words


def _tone_words(skin: dict[str, Any]) -> Iterator[str]:
    for words in skin["synonyms"].values():
        yield from words


def _vocabulary(*tries: Trie) -> frozenset[str]:
    found: set[str] = set()
    left = list(tries)
    while left:
        for key, node in left.pop().items():
            if key:
                found.add(key)
                left.append(node)
    return frozenset(found)


def _emoji_words(spec: dict[str, Any]) -> dict[str, str]:
    """Emoji without variation selectors and the words for them, each skin tone of those that can have one."""
    plain = {e.replace("\ufe0f", ""): words for e, words in spec["emoji"].items()}
    bare = {e.replace("\ufe0f", ""): words for e, words in spec["only_toned"].items()}
    toned = {
        e[0] + tone + e[1:]: f"{words} {skin}"
        for e, words in (*plain.items(), *bare.items())
        if e[0] in spec["toned"]
        for tone, skin in spec["tones"].items()
    }
    return {**toned, **plain}


def compile_lexicon(opt_in: frozenset[str], neutral: bool = False) -> Lexicon:
    """Read the data files and compile them; with neutral words as a third gender if asked."""
    axes = (*AXES, *(a for a in OPT_IN if a in opt_in))
    specs = {axis: data(axis) for axis in axes}
    gender, age, skin, roles, animals = (
        specs["gender"],
        specs["age"],
        specs["skin_tone"],
        data("roles"),
        data("animals"),
    )
    nouns = _all_nouns(gender, age, roles)
    if neutral:
        gender = {**gender, **_with_neutral(gender)}
        specs["gender"] = gender
        nouns = _neutral_nouns(nouns, gender)
    index = {v: i for i, v in enumerate(gender["values"])}
    nationality = specs["nationality"]
    wide = {region: continent for continent, regions in nationality["regions"].items() for region in regions}
    groups = {v: (wide[a["region"]], a["region"]) for v, a in nationality["about"].items()}
    entries = list(_words(opt_in, nouns, specs))
    phrases, origins = trie(entries), _origins(specs)
    cues = data("implied")
    other = trie((w, None) for w in (*_cue_words(cues), *data("grammar")["of_skin"], *_tone_words(skin)))
    emoji = _emoji_words(data("emoji"))
    plain_kinds = (Kind.STOP, Kind.PRONOUN, Kind.NOUN, Kind.ANIMAL, Kind.LITTLE, Kind.TONE)
    alone = {
        w: node[""] for w, node in phrases.items() if len(node) == 1 and "" in node and node[""].kind in plain_kinds
    }
    return Lexicon(
        axes=axes,
        values={axis: tuple(spec["values"]) for axis, spec in specs.items()},
        phrases=phrases,
        alone=alone,
        nouns=nouns,
        vocabulary=_vocabulary(phrases, origins, other) | frozenset(age["numbers"]),
        sensitive=_sensitive(entries, cues, roles["stops"]),
        origins=origins,
        frame_starts=_frame_starts(specs),
        emoji=emoji,
        emoji_starts=frozenset(e[0] for e in emoji),
        longest_emoji=2 * max((len(e) for e in emoji), default=0),
        forms={axis: _forms(axis, specs[axis]) for axis in TRAITS if axis in specs},
        gender_adjectives=tuple(gender["adjectives"][0]),
        respelled=dict(gender["gendered_spellings"]),
        given_names=frozenset(n.lower() for key in ("female", "male", "either") for n in data("names")[key]),
        titles={w: index[v] for w, v in gender["titles"].items()} | ({"mx": NEUTRAL} if neutral else {}),
        pronouns={role: tuple(forms) for role, forms in gender["pronouns"].items()},
        ages={w: list(age["values"]).index(v) for w, v in age["adjectives"].items()},
        tones={s: i for i, v in enumerate(skin["values"]) for s in skin["synonyms"][v]},
        tone_keys={s.replace(" ", "-"): s for v in reversed(skin["values"]) for s in reversed(skin["synonyms"][v])},
        suffixes=tuple(roles["suffixes"]),
        words=_classes(age, skin, roles, animals),
        neutral=(tuple(age["neutral"]["singular"]), tuple(age["neutral"]["plural"])),
        plain=(tuple(gender["plain"]["singular"]), tuple(gender["plain"]["plural"])),
        children=(tuple(gender["child"]["singular"]), tuple(gender["child"]["plural"])),
        title_forms=tuple(gender["title_forms"]),
        child_below=int(age["child_below"]),
        old_from=int(age["old_from"]),
        numbers=dict(age["numbers"]),
        decades=dict(age["decades"]),
        decade_forms=tuple(age["decade_forms"]),
        age_predicates=tuple(age["predicates"]),
        year_forms=tuple(age["year_forms"]),
        roles_plural=dict(roles["plurals"]),
        neutral_pairs=dict(gender["neutral_pairs"]),
        large={"nationality": tuple(nationality["representatives"])},
        groups={"nationality": groups},
    )
