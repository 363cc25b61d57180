"""What is drawn beside a person: animals, foods, vehicles, instruments, tools, plants, and what is in the sky.

A table, one line a thing: code point, words (the first is canonical). The kind decides how a caption joins it
with a person and where it can be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Thing:
    """One thing: its code point, its kind, and its names, canonical first."""

    key: str
    kind: str
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.names[0]


_TABLE: Final[dict[str, str]] = {
    "animal": """1f415 dog/puppy|1f408 cat/kitten|1f40e horse|1f416 pig|1f411 sheep|1f410 goat|1f42a camel
1f992 giraffe|1f418 elephant|1f98f rhino/rhinoceros|1f401 mouse|1f407 rabbit/bunny|1f43f squirrel/chipmunk
1f994 hedgehog|1f43b bear|1f428 koala|1f43c panda|1f9a5 sloth|1f998 kangaroo|1f413 rooster|1f423 chick
1f426 bird|1f427 penguin|1f986 duck|1f9a2 swan|1f989 owl|1f9a9 flamingo|1f99a peacock|1f99c parrot|1f438 frog
1f40a crocodile|1f422 turtle/tortoise|1f98e lizard|1f40d snake|1f409 dragon|1f433 whale|1f42c dolphin|1f420 fish
1f988 shark|1f419 octopus|1f40c snail|1f98b butterfly|1f41d bee|1f41e ladybug|1f98a fox|1f981 lion|1f405 tiger
1f993 zebra|1f98c deer|1f412 monkey|1f42e cow""",
    "food": """1f347 bunch of grapes|1f349 slice of watermelon|1f34b lemon|1f34c banana|1f34d pineapple
1f34e red apple/apple|1f34f green apple|1f350 pear|1f352 cherries|1f353 strawberry|1f345 tomato|1f951 avocado
1f346 eggplant|1f955 carrot|1f33d corn cob|1f336 hot pepper|1f966 broccoli|1f9c5 onion|1f956 baguette|1f968 pretzel
1f9c0 piece of cheese|1f354 burger/hamburger|1f35f french fries|1f355 pizza/slice of pizza|1f32d hot dog|1f96a sandwich
1f32e taco|1f957 salad|1f37f popcorn|1f363 sushi|1f366 ice cream|1f369 doughnut/donut|1f36a cookie
1f382 birthday cake/cake|1f9c1 cupcake|1f967 pie|1f36b chocolate bar|1f36d lollipop|1f95b glass of milk
2615 cup of coffee|1f377 glass of wine|1f379 cocktail|1f37a beer|1f9cb bubble tea""",
    "vehicle": """1f697 red car/car|1f695 taxi|1f691 ambulance|1f692 fire engine|1f693 police car|1f69a delivery van
1f69c tractor|1f3ce racing car|1f3cd motorcycle/motorbike|1f6f5 scooter|1f6b2 bicycle/bike|1f6f9 skateboard|1f68c bus
1f682 steam train|26f5 sailing boat|1f6a4 speedboat|1f6a2 ship|2708 airplane/plane|1f681 helicopter|1f680 rocket
1f6f8 flying saucer/UFO""",
    "instrument": """1f3b7 saxophone|1fa97 accordion|1f3b8 guitar|1f3b9 piano keyboard|1f3ba trumpet|1f3bb violin
1fa95 banjo|1f941 drum|1fa98 long drum|1fa87 pair of maracas|1f3a4 microphone""",
    "tool": """1f528 hammer|1fa93 axe|1fa9b screwdriver|1f527 wrench|1fa9a saw|2702 pair of scissors
1f50d magnifying glass|1f526 flashlight|1f511 key|1fa9c ladder|1f9f2 magnet|1f52c microscope|1f52d telescope
270f pencil|1f58c paintbrush|1f4f7 camera|1f4bb laptop|1f4f1 phone/mobile phone|1f4d6 book|1f4a1 light bulb
1f9f9 broom|1faa3 bucket|1f381 gift/present|1f9f8 teddy bear|26bd football/soccer ball|1f3c0 basketball
1f3c6 trophy|1f4e6 parcel/box|1f392 backpack""",
    "plant": """1f339 rose|1f337 tulip|1f33b sunflower|1f33a hibiscus|1f490 bouquet/bouquet of flowers|1f335 cactus
1f332 pine tree|1f333 tree|1f334 palm tree|1fab4 potted plant|1f340 four-leaf clover|1f341 maple leaf|1f344 mushroom""",
    "sky": """1f308 rainbow|2601 cloud|2600 sun|1f319 crescent moon/moon|2b50 star|2744 snowflake|26a1 lightning bolt
2602 umbrella|1f388 balloon|1fa81 kite""",
    "place": """1f30b volcano|1f3e0 house|1f3f0 castle|26fa tent|26c4 snowman
1f384 Christmas tree|1f525 fire/campfire""",
}


def _read() -> tuple[Thing, ...]:
    things = []
    for kind, lines in _TABLE.items():
        for entry in lines.replace("\n", "|").split("|"):
            key, _, names = entry.partition(" ")
            things.append(Thing(key, kind, tuple(names.split("/"))))
    return tuple(things)


THINGS: Final = _read()
#: kind -> words that join person and thing, and the places that the words allow. The first is canonical.
JOINTS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "animal": (("with", "beside"), ("next to", "beside"), ("in front of", "behind")),
    "food": (("holding", "held"), ("with", "held"), ("eating", "held")),
    "vehicle": (("next to", "beside"), ("with", "beside"), ("in front of", "behind")),
    "instrument": (("holding", "held"), ("playing", "held"), ("with", "held")),
    "tool": (("holding", "held"), ("with", "held")),
    "plant": (("with", "beside"), ("next to", "beside"), ("holding", "held")),
    "sky": (("under", "above"), ("below", "above")),
    "place": (("next to", "beside"), ("in front of", "behind")),
}
#: Drinks are not eaten.
DRINKS: Final = frozenset({"1f95b", "2615", "1f377", "1f379", "1f37a", "1f9cb"})
#: Too large to hold.
STANDING: Final = frozenset({"1f335", "1f332", "1f333", "1f334", "1f52d", "1fa9c", "1f52c"})
#: Places that a thing can be at.
PLACES: Final = ("beside", "held", "behind", "above")


def joints(thing: Thing) -> tuple[tuple[str, str], ...]:
    """The words and places of one thing."""
    every = JOINTS[thing.kind]
    if thing.key in DRINKS:
        return tuple(("drinking", p) if w == "eating" else (w, p) for w, p in every)
    if thing.key in STANDING:
        return (("next to", "beside"), ("with", "beside"))
    return every
