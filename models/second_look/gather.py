"""Reads the open packages that the second look is made from, and writes ``lists/gathered.txt.xz``.

Only needed to refresh the lists: the recipe reads what is committed. The packages (see README.md for versions and
licences) lie unpacked in one folder: ``scowl/``, ``wordnet/``, ``faker/`` (the folder that holds the package),
``names/``, ``babynames/`` (``babynames.parquet``) and ``japanese/``.

    python -m models.second_look.gather FOLDER
"""

from __future__ import annotations

import argparse
import importlib
import lzma
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from edge_sdk.second_look.letters import fold

OUT: Final = Path(__file__).parent / "lists" / "gathered.txt.xz"
#: A given name that at least so many children in the United States were given counts as common.
COMMON_GIVEN: Final = 2000
#: Given names below this were mostly one family's spelling.
LEAST_GIVEN: Final = 50
#: Given names of so many are names before they are anything else (maria, john), whatever a dictionary lists.
TOP_GIVEN: Final = 60_000
#: Surnames of the census up to this rank count as common, all up to the other are kept.
COMMON_SURNAME: Final = 12000
KEPT_SURNAMES: Final = 30000

#: Letters of one list entry: w, v, r (common to rare word), u (written with a capital), x (proper name); G, g, N (given
#: name: common, rare, top), S, s (surname); p (place), d (a thing: Mona
#: Lisa), n (noun for a person), j (adjective); the axes E, F, A, R, D.
Flags = dict[str, set[str]]


def words(folder: Path) -> Iterator[tuple[str, str]]:
    """SCOWL: sizes to 35 are common, to 60 known, 70 is rare; "upper" are written with a capital (Victorian)."""
    for path in sorted(folder.iterdir()):
        kind, size = path.name.rsplit(".", 1)
        if not kind.startswith(("american", "british", "english")) or int(size) > 70:
            continue
        for line in path.read_text(encoding="latin-1").splitlines():
            word = line.strip().removesuffix("'s")
            if kind.endswith("-words"):
                yield word, "w" if int(size) <= 35 else "v" if int(size) <= 60 else "r"
            elif kind.endswith("-upper"):
                yield word, "u"


def proper_names(folder: Path) -> Iterator[str]:
    """SCOWL's proper names: persons and some places; those of size 50."""
    for line in (folder / "english-proper-names.50").read_text(encoding="latin-1").splitlines():
        yield line.strip().removesuffix("'s")


class WordNet:
    """The nouns of WordNet 3.0: lexicographer file, words, hypernyms of each synset, and senses of each word."""

    def __init__(self, folder: Path) -> None:
        self.file: dict[str, int] = {}
        self.words: dict[str, list[str]] = {}
        self.below: dict[str, list[str]] = defaultdict(list)
        #: Single persons, by what they are an instance of.
        self.single: dict[str, list[str]] = defaultdict(list)
        self.gloss: dict[str, str] = {}
        for line in (folder / "data.noun").read_text(encoding="ascii").splitlines():
            if line.startswith(" "):
                continue
            left, self.gloss[line[:8]] = line.split(" | ", 1)
            parts = left.split()
            offset, count = parts[0], int(parts[3], 16)
            self.file[offset] = int(parts[1])
            self.words[offset] = parts[4 : 4 + 2 * count : 2]
            at = 5 + 2 * count
            for symbol, target, pos, _ in zip(*(iter(parts[at : at + 4 * int(parts[at - 1])]),) * 4, strict=True):
                if symbol == "@" and pos == "n":
                    self.below[target].append(offset)
                elif symbol == "@i":
                    self.single[target].append(offset)
        self.senses: dict[str, list[str]] = {}
        for line in (folder / "index.noun").read_text(encoding="ascii").splitlines():
            if not line.startswith(" "):
                parts = line.split()
                self.senses[parts[0]] = parts[-int(parts[2]) :]

    def under(self, *roots: str) -> set[str]:
        """All synsets below those that the words' person senses name."""
        out: set[str] = set()
        stack = [s for r in roots for s in self.senses[r] if self.file[s] == 18]
        while stack:
            synset = stack.pop()
            if synset not in out:
                out.add(synset)
                stack += self.below[synset]
        return out


#: Which axis a noun for a person says, by what WordNet puts it under.
_AXES: Final = {
    "F": ("woman", "man", "girl", "boy", "female", "male", "wife", "husband", "mother", "father"),
    "A": ("juvenile", "child", "old_person", "adolescent", "baby"),
    "R": ("religious_person", "religionist", "clergyman", "religious", "christian", "muslim", "jew", "hindu"),
    "D": ("handicapped_person", "sick_person"),
}


def wordnet(folder: Path) -> Iterator[tuple[str, str]]:
    """Person nouns with their axes, peoples, places, and adjectives of peoples."""
    net = WordNet(folder)
    axes = {letter: net.under(*roots) for letter, roots in _AXES.items()}
    peoples = net.under("inhabitant", "person_of_color", "caucasian", "ethnic")
    for word, senses in net.senses.items():
        first = senses[0]
        names = [w for w in net.words[first] if w.lower() == word]
        shown = names[0] if names else word
        capital = shown[:1].isupper()
        if net.file[first] == 15 and capital:
            yield shown, "p"
        if net.file[first] not in (15, 18) and "_" in shown:
            yield shown, "d" if any(w[:1].isupper() for w in shown.split("_")) else "e"
        if net.file[first] != 18:
            continue
        instance = capital and not any(first in below for below in net.below.values())
        if instance:
            continue
        yield shown, "n"
        for letter, synsets in axes.items():
            if first in synsets and (len(senses) == 1 or letter in "RD"):
                yield shown, letter
        if first in peoples and capital:
            yield shown, "E"
    yield from adjectives(folder)


#: Whose names are how a picture is to look.
_ARTISTS: Final = (
    "painter", "sculptor", "architect", "photographer", "illustrator", "cartoonist", "couturier", "printmaker",
    "film_maker",
)  # fmt: skip
ARTISTS: Final = OUT.parent / "artists.txt"
#: Names of so many words are titles and enumerations.
_MOST_SPACES: Final = 4
#: The lexicographer file of nouns for persons.
_PERSON_FILE: Final = 18
PERSONS: Final = OUT.parent / "persons.txt"


def artists(folder: Path) -> list[str]:
    """Full names of the artists in WordNet: of two words or more, titles left out."""
    net = WordNet(folder)
    return _full_names(net, net.under(*_ARTISTS), net.under("performer"))  # not Charlie Chaplin


def persons(folder: Path) -> list[str]:
    """Full names of all other persons in WordNet."""
    net = WordNet(folder)
    return _full_names(net, {s for s in net.single if net.file[s] == _PERSON_FILE}, net.under(*_ARTISTS))


def _full_names(net: WordNet, kinds: set[str], without: set[str]) -> list[str]:
    left_out = {person for kind in without for person in net.single[kind]}
    people = {person for kind in kinds for person in net.single[kind]} - left_out
    names = {w.replace("_", " ").lower() for person in people for w in net.words[person] if "_" in w}
    given = [
        n
        for n in names
        if not n.startswith(("sir ", "saint ", "st. ", "the ")) and " of " not in n and " the " not in n
    ]
    return sorted(n for n in given if n.count(" ") < _MOST_SPACES)


def adjectives(folder: Path) -> Iterator[tuple[str, str]]:
    """Capitalised adjectives of a country, people or language ("Tuareg"), and that a word is an adjective."""
    for line in (folder / "data.adj").read_text(encoding="ascii").splitlines():
        if line.startswith(" "):
            continue
        left, gloss = line.split(" | ", 1)
        parts = left.split()
        of_people = any(w in gloss for w in ("people", "inhabitants", "language", "its culture", "country", "Indians"))
        for raw in parts[4 : 4 + 2 * int(parts[3], 16) : 2]:
            word = raw.split("(")[0]
            yield word, "j"
            if word[:1].isupper() and of_people and "relating to" in gloss:
                yield word, "E"


def faker(folder: Path) -> Iterator[tuple[str, str]]:
    """Given and last names of all locales that are written in Latin letters."""
    sys.path.insert(0, str(folder))
    root = folder / "faker" / "providers" / "person"
    for locale in sorted(p.name for p in root.iterdir() if (p / "__init__.py").is_file()):
        provider: Any = importlib.import_module(f"faker.providers.person.{locale}").Provider
        for field in sorted(vars(provider)):
            kind = "G1" if "first" in field else "S1" if "last" in field else ""
            value = getattr(provider, field)
            if not kind or not isinstance(value, (tuple, list, dict)):
                continue
            for entry in value:
                for name in _flat(entry):
                    yield name, kind


def _flat(entry: Any) -> list[str]:
    if isinstance(entry, str):
        return entry.replace("-", " ").split()
    return [n for e in entry for n in _flat(e)] if isinstance(entry, (tuple, list)) else []


def census(folder: Path) -> Iterator[tuple[str, str]]:
    """Surnames and given names of the 1990 census of the United States."""
    for line in (folder / "dist.all.last").read_text().splitlines():
        name, _, _, rank = line.split()
        if int(rank) <= KEPT_SURNAMES:
            yield name.title(), "S" if int(rank) <= COMMON_SURNAME else "s"
    for path in ("dist.female.first", "dist.male.first"):
        for line in (folder / path).read_text().splitlines():
            yield line.split()[0].title(), "G"


def babies(path: Path) -> Iterator[tuple[str, str]]:
    """Given names of the United States since 1880."""
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(path, columns=["name", "n"])
    for row in table.group_by("name").aggregate([("n", "sum")]).to_pylist():
        if row["n_sum"] >= LEAST_GIVEN:
            yield row["name"], "G" if row["n_sum"] >= COMMON_GIVEN else "g"
        if row["n_sum"] >= TOP_GIVEN:
            yield row["name"], "N"


def japanese(folder: Path) -> Iterator[tuple[str, str]]:
    """Japanese given and family names, romanised; the commoner half of the family names."""
    for kind in ("man", "woman"):
        for line in (folder / f"first_name_{kind}_opti.csv").read_text(encoding="utf-8").splitlines():
            yield line.split(",")[1].title(), "g"
    for line in (folder / "last_name_org.csv").read_text(encoding="utf-8").splitlines():
        fields = line.split(",")
        if len(fields) > 3 and fields[1].isdigit() and int(fields[1]) >= 3000:
            yield fields[3].title(), "s"


def collect(folder: Path) -> Flags:
    """Everything, by folded word."""
    out: Flags = defaultdict(set)

    def put(word: str, letter: str) -> None:
        key = fold(word.replace("_", " "))
        if key and all("a" <= c <= "z" or c in " -'" for c in key) and 2 <= len(key) <= 30:
            out[key].add(letter)

    for word, letter in words(folder / "scowl"):
        put(word, letter)
    for word, letter in wordnet(folder / "wordnet"):
        put(word, letter)
    for name in proper_names(folder / "scowl"):
        put(name, "x")
    for word, letter in [*census(folder / "names"), *babies(folder / "babynames" / "babynames.parquet")]:
        put(word, letter)
    for word, letter in japanese(folder / "japanese"):
        put(word, letter)
    for word, letter in faker(folder / "faker"):
        if not any(ord(c) > 0x24F for c in unicodedata.normalize("NFC", word)):
            put(word, letter[0].lower() if len(word) < 3 else letter[0])
    given = {w for w, f in out.items() if "N" in f}
    for word, letters in out.items():
        if "e" in letters and any(part in given for part in word.split()):
            letters.add("d")
    return {w: f - {"e"} for w, f in out.items() if " " not in w or f & set("EpRFDAd")}


def write_people(folder: Path) -> None:
    """Write ``artists.txt`` and ``persons.txt``."""
    for path, names, what in (
        (ARTISTS, artists(folder), "Artists, after WordNet 3.0: public words."),
        (PERSONS, persons(folder), "Persons who are no artists, after WordNet 3.0."),
    ):
        path.write_text(f"# {what}\n" + "\n".join(names) + "\n", encoding="utf-8")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="gather the lists of the second look from open packages")
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    ARTISTS.write_text(
        "# Artists, after WordNet 3.0: public words.\n" + "\n".join(artists(folder / "wordnet")) + "\n",
        encoding="utf-8",
    )
    found = collect(folder)
    text = "".join(f"{w}\t{''.join(sorted(f))}\n" for w, f in sorted(found.items()))
    OUT.write_bytes(lzma.compress(text.encode("utf-8"), preset=9 | lzma.PRESET_EXTREME))
    print(f"{len(found)} words, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
