"""Vectors of the article rule, the grid and the request."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any, Final

from ..articles import article
from ..errors import RequestError
from ..grid import Axis, Phrase, PromptGrid
from ..request import GenerateRequest

_ARTICLES: Final = (
    "woman", "old man", "hour", "honest", "heirloom", "house", "university", "uninvited", "European", "one", "one-eyed",
    "onerous", "Once", "umbrella", "user", "usher", "unicorn", "US", "X", "u-turn", "8-year-old", "11", "11th", "18",
    "110", "180", "1800s", "1950s", "80", "800", "7", "\"old\"", "“old”", "(hour)", "— old", "étude", "Élan", "Œuvre",
    "über", "ñandú", "猫 image", "LGBT", "Ukrainian", "Uzbek", "Uyghur", "...", "",
)  # fmt: skip
GENDER: Final = Axis("gender", ("woman", "man", "person"))
TONE: Final = Axis("skin_tone", ("light", "dark"))
AGE: Final = Axis("age", ("young", "old"))
STICKER: Final = PromptGrid(
    "sticker of {a} {p1} firefighter with {t1} skin on a blue background",
    (GENDER, TONE),
    {"p1": Phrase((0,), ("woman", "man", "")), "t1": Phrase((1,), ("light", "dark"))},
)


#: Some rows of a product over the limit on N, and of a small one.
SOME: Final = PromptGrid(
    "{a} {p} of {n} years and {a} {q}",
    (Axis("gender", ("woman", "man")), Axis("years", tuple(map(str, range(40)))), Axis("gender.2", ("woman", "man"))),
    {
        "p": Phrase((0,), ("old woman", "man")),
        "n": Phrase((1,), tuple(map(str, range(40)))),
        "q": Phrase((0, 2), ("ww", "wm", "mw", "mm")),
    },
    tuple(sorted((v % 2, v, v // 20) if v % 3 else (0, v, 0) for v in range(40))),
)
FEW: Final = PromptGrid(STICKER.template, (GENDER, TONE), STICKER.phrases, ((0, 1), (1, 0), (1, 1), (2, 0)))


def _grid(grid: PromptGrid) -> dict[str, Any]:
    return {
        "template": grid.template,
        "axes": [{"name": a.name, "values": list(a.values)} for a in grid.axes],
        "phrases": {n: {"axes": list(p.axes), "text": list(p.text)} for n, p in grid.phrases.items()},
        **({} if grid.rows is None else {"rows": [list(row) for row in grid.rows]}),
    }


def _grids() -> list[PromptGrid]:
    return [
        STICKER,
        SOME,
        FEW,
        PromptGrid("a cat", (), {}),
        PromptGrid("", (), {}),
        PromptGrid("{A} {s} and {a} {a} {s} , {{brace}} !", (AGE,), {"s": Phrase((0,), ("young  one", "old one"))}),
        PromptGrid(
            "{who} holding {his} hat",
            (GENDER,),
            {"who": Phrase((0,), ("woman", "man", "person")), "his": Phrase((0,), ("her", "his", "their"))},
        ),
        # Phrase axes in another order than the grid's; a phrase without axes; non-ASCII text.
        PromptGrid(
            "{a} {n}{end}",
            (AGE, GENDER),
            {
                "n": Phrase((1, 0), ("girl", "élan", "boy", "old man", "child", "8-year-old")),
                "end": Phrase((), (" 猫\u00a0.",)),
            },
        ),
    ]


def _refused_grids() -> list[dict[str, Any]]:
    good = _grid(STICKER)
    phrases = good["phrases"]
    changes: list[dict[str, Any]] = [
        {"template": "{p1} {t1} {x}"},
        {"template": "{p1} {t1} {"},
        {"template": "{p1} {t1} }"},
        {"template": "{p1}"},
        {"template": "{p1} {t1} \t"},
        {"template": "{p1} {t1} " + "x" * 2000},
        {"axes": [good["axes"][0], good["axes"][0]]},
        {"axes": [good["axes"][0], {"name": "Tone", "values": ["light", "dark"]}]},
        {"axes": [good["axes"][0], {"name": "tone", "values": ["light", "light"]}]},
        {"axes": [good["axes"][0], {"name": "tone", "values": []}]},
        {"axes": [{"name": f"x{i}", "values": ["a", "b"]} for i in range(7)]},
        {"axes": [{"name": f"x{i}", "values": ["a"]} for i in range(13)]},
        {"phrases": {**phrases, "p1": {"axes": [2], "text": ["x"]}}},
        {"phrases": {**phrases, "p1": {"axes": [0, 0], "text": ["x"] * 9}}},
        {"phrases": {**phrases, "p1": {"axes": [0], "text": ["x", "y"]}}},
        {"phrases": {**phrases, "p1": {"axes": [0], "text": ["x", "y", "z" * 201]}}},
        {"phrases": {**phrases, "a": {"axes": [], "text": ["x"]}}},
        {"rows": []},
        {"rows": [[0, 0], [1, 1], [2, 2]]},
        {"rows": [[0, 0], [1, 1], [2, -1]]},
        {"rows": [[0, 0], [1, 1], [2]]},
        {"rows": [[0, 0], [2, 0], [1, 1]]},
        {"rows": [[0, 0], [1, 1], [1, 1], [2, 0]]},
        {"rows": [[0, 0], [1, 1]]},
        {"rows": [[g, t] for g in range(3) for t in range(2)]},
        {
            "axes": [{"name": f"x{i}", "values": list("abcdefghi")} for i in range(2)],
            "phrases": {"p1": {"axes": [0, 1], "text": ["x"] * 81}, "t1": {"axes": [], "text": ["x"]}},
            "rows": [[i, i] for i in range(9)],
        },
    ]
    out = []
    for change in changes:
        grid = {**good, **change}
        try:
            PromptGrid(
                grid["template"],
                tuple(Axis(a["name"], tuple(a["values"])) for a in grid["axes"]),
                {n: Phrase(tuple(p["axes"]), tuple(p["text"])) for n, p in grid["phrases"].items()},
                tuple(map(tuple, grid["rows"])) if "rows" in grid else None,
            )
        except RequestError as error:
            out.append({**grid, "field": error.field})
    assert len(out) == len(changes)
    return out


def grid_vectors() -> dict[str, Any]:
    """Articles, expanded grids, and grids that are refused with the field that is named."""
    return {
        "tolerance": 0.0,
        "article": [[text, article(text)] for text in _ARTICLES],
        "expand": [{**_grid(g), "members": list(g.expand())} for g in _grids()],
        "refused": _refused_grids(),
    }


def _requests() -> list[GenerateRequest]:
    texts = tuple(f'line {i} "quoted" \\ / é 猫 \U0001f600 \u2028' for i in range(3))
    cat, lines = PromptGrid("a cat", (), {}), PromptGrid("{s}", (GENDER,), {"s": Phrase((0,), texts)})
    return [
        GenerateRequest("stickers", "1", STICKER, 5),
        GenerateRequest("stickers", "1", cat, 2**64 - 1, 0.0, sampler="ddim", steps=1, cloud_steps=1),
        GenerateRequest(
            "sd-1.5_x", "2026.11", STICKER, 0x0123456789ABCDEF, 7.5, "blurry, é", "ddim", 50, 50, "carry", "cached-4"
        ),
        GenerateRequest("stickers", "1", lines, 0, 1 / 3, "x" * 700),
        GenerateRequest("stickers", "1", SOME, 6),
        GenerateRequest("stickers", "1", FEW, 7),
    ]


def _fields(request: GenerateRequest) -> dict[str, Any]:
    plain = {f.name: getattr(request, f.name) for f in fields(request)}
    return {**plain, "seed": f"{request.seed:016x}", "grid": _grid(request.grid)}


def _refused_bodies() -> list[dict[str, str]]:
    good = GenerateRequest("stickers", "1", STICKER, 5).to_bytes().decode()
    bodies = [
        good.replace('"steps":25', '"steps":"25"'),
        good.replace('"steps":25', '"steps":0'),
        good.replace('"steps":25', '"steps":201'),
        good.replace('"steps":25', '"steps":9'),
        good.replace('"steps":25', '"steps":true'),
        good.replace('"steps":25', '"stops":25'),
        good.replace('"version":1', '"version":2'),
        good.replace('"guidance_scale":"5.0000"', '"guidance_scale":"5.000"'),
        good.replace('"guidance_scale":"5.0000"', '"guidance_scale":"31.0000"'),
        good.replace('"guidance_scale":"5.0000"', '"guidance_scale":5.0'),
        good.replace('"seed":"0000000000000005"', '"seed":"000000000000000X"'),
        good.replace('"sampler":"dpmpp_2m"', '"sampler":"euler"'),
        good.replace('"handover":"restart"', '"handover":"keep"'),
        good.replace('"model":"stickers"', '"model":"../etc"'),
        good.replace("{t1}", "{t2}"),
        good.replace('"negative_prompt":""', '"negative_prompt":"\\n"'),
        good.replace('{"axes":[{', '{"rows":[[0,0]],"axes":[{'),
        good.replace('"template":"sticker', '"rows":null,"template":"sticker'),
        good.replace('"template":"sticker', '"rows":[[0,0],[1,1],[2,1],[2,0]],"template":"sticker'),
        good.replace('"pad":" ', '"pad":"x'),
        good.replace('"pad":" ', '"pad":"'),
        good.replace('"pad":" ', '"pad": " '),
        good.replace('"plan":"balanced"', '"plan":"balanced","plan":"balanced"'),
        good.replace("firefighter", "f\\u0069refighter"),
        good + "\n",
        json.dumps(json.loads(good)),
        good[:-1],
        "[]",
        "",
    ]
    out = []
    for body in bodies:
        assert body != good
        try:
            GenerateRequest.from_bytes(body.encode())
        except RequestError as error:
            out.append({"body": body, "field": error.field})
    assert len(out) == len(bodies)
    return out


def request_vectors() -> dict[str, Any]:
    """Requests with their exact bodies, and bodies that are refused with the field that is named."""
    return {
        "tolerance": 1e-12,
        "accepted": [
            {
                "fields": _fields(r),
                "body": r.to_bytes().decode(),
                "bytes": len(r.to_bytes()),
                "sha256": r.sha256,
                "members": list(r.grid.expand()),
            }
            for r in _requests()
        ],
        "refused": _refused_bodies(),
    }
