"""Own prompts with names, peoples and things, for the weights. Nothing in them comes from a collection."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Final

from edge_sdk.second_look.table import NAME, Known

#: {N} given name, {F} given name and surname, {S} surname, {P} people; {T} thing's name, {W} unknown word, {L} place;
#: {o} what someone does, {c} where, {k} style words, {a} adjective, {n} noun of a person, {t} noun of a thing.
PERSONS: Final = (
    "{N} {o}", "{F} {o}", "{N}, {c}", "{N} {c}", "{F} {c}", "portrait of {N}", "portrait of {F}, {k}",
    "a photo of {N} {o}", "photo of {F}", "painting of {N}, {k}", "a {a} portrait of {N} {c}",
    "a selfie of {N} and {N}", "{N} and {N} {o}", "my friend {N} {o}", "my sister {N} {c}", "my {n} {N} {o}",
    "our neighbour {N} {o}", "a {n} named {N} {o}", "a {n} called {N} {c}", "a {a} {n} named {F}", "Dr. {S} {o}",
    "Mr. {S} {c}", "Professor {S} {o}", "president {S} {o}", "aunt {N} {c}", "uncle {N} {o}", "{F} as a {n}",
    "{N} as a {n} {c}", "{F}, {a} {n}, {k}", "{a} {N} {o}", "the {n} {F} {o}", "{N} with a {t}",
    "{F} with a {t}, {k}", "{N} in a {a} {t}", "{N}'s face, {k}", "a close-up of {N}'s hands {c}",
    "a {n} and {N} {o}", "a {t} and {N} {c}", "{N} wearing a {t}", "{k}, {F}, {a} {t}",
    "{k}, portrait of {N}, {a} {t}", "a statue of {F} {c}", "caricature of {F}", "a birthday card for {N}",
    "selfie with {N} {c}", "{N}, a {a} {n}, {o}", "a drawing of {N} {o}, {k}", "{F} {o} {c}, {k}", "{F} and {F} {c}",
    "a {a} picture of {N}", "{N} looks at a {t}", "{N} holds a {t}", "{F} walks through a {t}", "{N} smiles",
    "{F} on the cover of a magazine", "young {F} {o}", "a {t} beside {N}", "{N}, {N} and {N} {o}",
    "a wedding photo of {N} and {N}", "close up of {F}", "headshot of {F}, {k}", "full body shot of {N} {o}",
    "{N} is {o}", "{F} is a {n} {c}", "little {N} {o}", "old {N} {o}", "{F} in the rain, {k}", "{k} photo of {F}",
    "a {t} with {N} in it", "1girl, {F}, {k}", "a {t} held by {N}", "a {n} standing by {N}", "a {t} worn by {F}",
    "{N} reading a {t}", "{N} painting a {t}", "{n} hugging {N}", "a letter to {N}", "{F} eating {t}",
    "{F}, solo, {k}", "{N} {o}, {t}, {k}",
)  # fmt: skip
PEOPLES: Final = (
    "a {P} {n} {o}", "an {P} {n} {c}", "portrait of a {P} {n}, {k}", "a {a} {P} {n}", "two {P} {n}s {o}",
    "a {P} {n} with a {t}", "{P} {n}, {k}", "a group of {P} {n}s {c}", "the {P} {n} {o}", "{P} {n} {o}, {k}",
    "a {n} of the {P} people", "a {P} tribe {n}", "young {P} {n} {o}",
)  # fmt: skip
THINGS: Final = (
    "a street in {L} {c}", "skyline of {L}, {k}", "a view of {L}", "map of {L}", "{L} at night, {k}", "the {L} {t}",
    "a {T} {t}, {k}", "a bottle of {T} on a {t}", "a {a} {T} {t}", "a {t} made by {T}", "a poster for {T}",
    "a {t} in the {T} {t}", "{t} of {T}, {k}", "a {n} playing {T}", "a {n} {o} in {L}", "a {n} drinking {T}",
    "a {n} {c}, {k}", "a {a} {n} holding a {W} {t}", "{W} {t}, {k}", "a {W} {t} {c}", "{W}, {W}, {t}, {k}",
    "1girl, {W}, {t}, {k}", "a {n} wearing {W}", "a {n} eating {W} {c}", "a {a} {W}", "the city of {T}, {k}",
    "castle of {T}, {k}", "planet {T}", "a {t} named {T}", "a {n} in a {T} jacket", "a {T} car {c}", "{k}, {W}, {k}",
    "a {a} {t} with {W} {t}", "{a} {n} {o}, {W} style, {k}", "a dog called {N0} {c}", "a cat named {N0}",
    "a {N0} lamp on a {t}", "{N0} street sign", "a {n} {o} {W}", "{W} {n} {o}", "a {W} {n}, {k}", "{W} {a} {n} {o}",
    "a {n} {W} {c}", "{k}, {k}, {W}", "a {t} at the {L} museum", "a {n} {o} at {L} station", "Mount {T}",
    "lake {T} {c}", "a {t} from {T}", "{T} {t} advertisement", "the {T} logo", "{W} of a {n} {o}",
    "a {a} {n} with {W} hair", "a {n} {o} near {L}", "a {n} in {L}", "a {n} visiting {L}", "{n} in {W} armor",
    "{T} wallpaper", "{a} {W} {t}s {c}", "a {n}, {W}, {W}", "a bowl of {W}", "plate of {W} and {W}",
    "a {n} {o} on {W}", "{W} lighting, {k}", "{W}, {k}, a {a} {n}", "a {n} at a {T} concert", "a {a} {n} {o}",
    "a {n} and a {n} {c}", "{a} {t}s and a {n}", "a {n} {W}ing {c}", "an image of {W}", "photo of {W}, {k}",
    "a painting of {W} {c}", "picture of a {W}", "a {n} in the {T} {t}", "the {t} of {T}, {k}",
    "a {n} from the kingdom of {T}", "the dragon {T} over a {t}", "the halls of {T} {T}", "a {T}-{T} {t}",
    "a shelf of {T} {t}s", "a {n} at the {T} festival", "planet {T} {c}", "a {n} on {T}, {k}", "the lost {t} of {T}",
    "a {t} near the {L}", "a {n} on the {T} trail", "a {n} in {T} {t}", "the {T} over a {t}", "a {n} in a {T} jersey",
    "the beast of {T}", "{n}, {T} {t}, {k}", "{W} at {L}", "a {n} and {W}", "a {n} with {W}", "a {n} with a {W}",
)  # fmt: skip
_FILL: Final = {
    "o": "playing a violin|reading a letter|cooking dinner|riding a bike|at the beach|smiling|"
    "standing in a field|walking a dog|drinking coffee|dancing|holding a balloon|sitting on a bench|"
    "looking at the camera|eating an apple|singing on stage|running a race|painting a wall|"
    "at graduation|wearing a red scarf|in a garden|on a horse|surfing|with a cat|in the rain|"
    "examining an x-ray|fixing a car|under a tree|at a desk|sleeping|laughing|waving|giving a speech|"
    "on a skateboard",
    "c": "in a park|at sunset|by the sea|on a bridge|in winter|at home|in a kitchen|on a porch|"
    "in front of a house|at night|in the city|under a bridge|in a forest|at the market|on the street|"
    "in space|in a cafe|by a window|on a mountain",
    "k": "oil on canvas|highly detailed|8k|studio light|watercolor|digital art|cinematic lighting|"
    "soft focus|black and white|masterpiece|best quality|bokeh|sharp focus|trending on artstation|"
    "concept art|photorealistic|pastel colors|line art|red dress|long hair|outdoors|"
    "looking at viewer|flat colors|vintage|film grain|wide angle|close up|matte painting",
    "a": "beautiful|red|large|small|wooden|golden|dark|bright|happy|angry|shiny|colorful|detailed|old|"
    "young|tall|blue|ancient|sad|smiling|elegant|tired|muscular|funny|tiny",
    "n": "woman|man|girl|boy|person|nurse|doctor|warrior|chef|farmer|teacher|child|rider|dancer|soldier|"
    "fisherman|hunter|king|queen|knight|wizard|student|player|worker|elder|shepherd|weaver|bride|"
    "skier|surfer|dentist|couple|family|police officer",
    "t": "table|house|castle|sword|hat|dress|car|boat|robot|cake|dragon|tower|dog|cat|horse|guitar|book|"
    "lamp|chair|tree|mountain|river|phone|ship|flower|train|clock|bag|shirt|pizza|bridge|window|cup|"
    "plane|kite|truck|bottle|rug|mask|toy",
}
_SYLLABLES: Final = (
    "ka zor the lin dra mor vel xan tri pho ne os ul gra bi qua ex ar on ix um ys ta ro mi lu ven der sy no"
)
_STYLES: Final = (
    "core",
    "punk",
    "wave",
    "esque",
    "ish",
    "like",
    "tech",
    "verse",
    "craft",
    "scape",
    "gram",
    "tone",
    "ware",
    "matic",
)
_FOREIGN: Final = (
    "strasse haus schloss bahnhof kirche jardin maison rue escalier plage soleil fleur mercado calle "
    "playa casa iglesia corazon flores piazza ponte chiesa mare sole luce torre fiore praia rio cidade "
    "floresta dom most ulica les hora mizu hana yama kaze hikari tsuki umi inu neko ramen udon soba gyoza "
    "okonomiyaki takoyaki pierogi borscht pelmeni goulash paella tapas churros gelato espresso macchiato "
    "croissant baguette brioche ratatouille fondue raclette kimchi bibimbap bulgogi tteokbokki pho banh "
    "dosa idli biryani samosa naan chai lassi ghee hummus falafel shawarma baklava kebab tagine couscous "
    "injera jollof fufu egusi empanada arepa ceviche tamale pozole mole pupusa feijoada "
)


@dataclass
class Prompt:
    """A prompt being made, and what each stretch of it is."""

    text: str = ""
    labels: list[tuple[int, int, int]] = field(default_factory=list)
    #: Stretches whose entry in the lists is hidden, so that the weights learn words that no list has.
    hidden: list[tuple[int, int]] = field(default_factory=list)

    def add(self, words: str, label: int = 0, hide: bool = False) -> None:
        """Append words; ``label`` is a class of the weights."""
        at = len(self.text)
        self.text += words
        if label:
            self.labels.append((at, len(self.text), label))
        if hide:
            self.hidden.append((at, len(self.text)))


class Maker:
    """Draws prompts. All choices come from one seeded generator.

    Args:
        entries: the table's words and bits.
        seed: of the generator.
    """

    def __init__(self, entries: dict[str, int], seed: int) -> None:
        self._random = random.Random(seed)
        words = sorted(w for w in entries if w.isalpha() and len(w) > 2)
        bits = {w: entries[w] for w in words}
        clean = Known.WORD | Known.STYLE | Known.FICTION | Known.AXIS
        self._tops = [w for w in words if bits[w] & Known.TOP]
        self._given = [w for w in words if bits[w] & Known.GIVEN and not bits[w] & clean]
        self._scarce = [
            w for w in words if bits[w] & (Known.GIVEN | Known.SCARCE) and not bits[w] & (clean | Known.RARE)
        ]
        self._wordy = [
            w for w in words if bits[w] & Known.GIVEN and bits[w] & Known.WORD and not bits[w] & Known.QUALITY
        ]
        self._surnames = [w for w in words if bits[w] & Known.SURNAME and not bits[w] & clean]
        self._common = [w for w in words if bits[w] & Known.WORD and not bits[w] & NAME and len(w) > 3]
        self._doing = [w for w in self._common if w.endswith("ing") and len(w) > 5]
        self._rare = [w for w in words if bits[w] & Known.RARE and not bits[w] & (NAME | Known.AXIS) and len(w) > 3]
        self._places = [w for w in words if bits[w] & Known.PLACE and not bits[w] & Known.WORD]
        self._peoples = [w for w in words if bits[w] & Known.AXIS and not bits[w] & (Known.WORD | Known.PERSON)]

    def draw(self) -> Prompt:
        """One prompt, in one of the ways people write."""
        r = self._random.random()
        group = PERSONS if r < 0.46 else PEOPLES if r < 0.54 else THINGS
        prompt = Prompt()
        template = self._random.choice(group)
        if self._random.random() < 0.15:
            template += ", " + self._random.choice(("{k}", "{k}, {k}", "{W}, {k}", "by {W}"))
        for piece in template.replace("}", "{").split("{"):
            self._fill(prompt, piece)
        return self._written(prompt)

    def _fill(self, prompt: Prompt, piece: str) -> None:
        pick, r = self._random.choice, self._random.random()
        if piece == "o" and r < 0.4:
            prompt.add(f"{pick(self._doing)} {pick(('a', 'the', 'some', 'his', 'her'))} {pick(_FILL['t'].split('|'))}")
        elif piece in _FILL and len(piece) == 1:
            prompt.add(pick(_FILL[piece].split("|")))
        elif piece == "N":
            self._name(prompt)
        elif piece == "F":
            self._name(prompt)
            prompt.add(" ")
            prompt.add(pick(self._surnames).title(), 1, r < 0.4)
        elif piece == "S":
            prompt.add(pick(self._surnames).title(), 1, r < 0.4)
        elif piece == "P":
            prompt.add(pick(self._peoples).title(), 2, r < 0.7)
        elif piece == "N0":
            prompt.add(pick(self._given if r < 0.7 else self._scarce).title(), 0, r < 0.2)
        elif piece == "L":
            prompt.add(pick(self._places).title(), 0, r < 0.5)
        elif piece == "T":
            prompt.add(self._invented().title() if r < 0.8 else pick(self._surnames).title(), 0, True)
        elif piece == "W":
            prompt.add(self._unknown(), 0, True)
        else:
            prompt.add(piece)

    def _name(self, prompt: Prompt) -> None:
        r = self._random.random()
        source = self._tops if r < 0.2 else self._given if r < 0.55 else self._scarce if r < 0.93 else self._wordy
        name = self._random.choice(source)
        prompt.add(
            name.title(), 1, source is not self._tops and source is not self._wordy and self._random.random() < 0.5
        )

    def _invented(self) -> str:
        syllables = _SYLLABLES.split()
        r = self._random.random()
        if r < 0.5:
            return "".join(self._random.choice(syllables) for _ in range(self._random.choice((2, 2, 3))))
        return self._unknown()

    def _unknown(self) -> str:
        """A word on no list that is no name: rare, mistyped, joined, foreign."""
        r, pick = self._random.random(), self._random.choice
        if r < 0.4:
            return pick(self._rare)
        if r < 0.65:
            word = pick(self._common)
            k = self._random.randrange(1, len(word))
            return pick(
                (
                    word[:k] + word[k + 1 :],
                    word[: k - 1] + word[k] + word[k - 1] + word[k + 1 :],
                    word[:k] + word[k - 1 :],
                )
            )
        if r < 0.85:
            return pick(self._common) + (pick(_STYLES) if self._random.random() < 0.5 else pick(self._common))
        return pick(_FOREIGN.split())

    def _written(self, prompt: Prompt) -> Prompt:
        r = self._random.random()
        text = prompt.text
        if r < 0.3:
            text = text.lower()
        elif r < 0.42:
            text = text.title() if len(text.title()) == len(text) else text
        elif r < 0.72:
            text = text[:1].upper() + text[1:]
        if len(text) == len(prompt.text):
            prompt.text = text
        return prompt
