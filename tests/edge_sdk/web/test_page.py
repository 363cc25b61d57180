"""A built page is taken only when it is whole; what is made of it holds its hashes and one content policy."""

from __future__ import annotations

import json
import os
import re
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256, sha384
from html.parser import HTMLParser
from pathlib import Path

import pytest

from edge_sdk.errors import CloudError, InputError
from edge_sdk.web import page as pages
from edge_sdk.web.headers import content_policy, page_cloud, source_of
from edge_sdk.web.page import open_page
from edge_sdk.web.site import Site, make_site
from obclip_contract import BundleError

from .conftest import CLOUD
from .made import CODE, INDEX, MAIN, list_page, make_bundle


def read(site: Site, name: str) -> bytes:
    with site.parts[name].open() as file:
        return file.read()


class Seen(HTMLParser):
    """Tags of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    @property
    def policy(self) -> str:
        (found,) = [a["content"] for t, a in self.tags if a.get("http-equiv") == "Content-Security-Policy"]
        assert found is not None
        return found


def _directives(policy: str) -> dict[str, list[str]]:
    return {d.split()[0]: d.split()[1:] for d in policy.split("; ")}


def integrity(data: bytes) -> str:
    return f"sha384-{b64encode(sha384(data).digest()).decode()}"


def test_every_script_and_style_has_the_hash_of_what_is_served(site: Site) -> None:
    seen = Seen(read(site, "index.html").decode())
    compared = 0
    for tag, given in seen.tags:
        name = (given.get("src") or given.get("href") or "").removeprefix("./")
        if (tag == "script" and name) or given.get("rel") in ("stylesheet", "modulepreload"):
            assert given["integrity"] == integrity(read(site, name)), name
            compared += 1
        else:
            assert "integrity" not in given
    assert compared == 3


def test_the_page_is_otherwise_as_it_was_built(site: Site) -> None:
    text = read(site, "index.html").decode()
    text = re.sub(r' integrity="[^"]*"', "", text)
    text = re.sub(r"\n    <meta http-equiv[^>]*>", "", text)
    old = re.sub(r"<meta http-equiv[^>]*>", "", INDEX)
    assert text == old


def test_the_policy_names_the_cloud_and_nobody_else(site: Site) -> None:
    header = _directives(site.policy)
    meta = _directives(Seen(read(site, "index.html").decode()).policy)
    assert header["connect-src"] == ["'self'", "https://cloud.example"]
    assert (
        header["default-src"] == header["base-uri"] == header["form-action"] == header["frame-ancestors"] == ["'none'"]
    )
    assert header["style-src"] == header["manifest-src"] == ["'self'"]
    assert header["worker-src"] == ["'self'", "blob:"]
    assert header["img-src"] == ["'self'", "blob:", "data:"]
    assert header["script-src"] == ["'self'", "'wasm-unsafe-eval'"]
    del header["frame-ancestors"]  # a <meta> cannot hold it
    assert meta == header


@pytest.mark.parametrize(
    ("cloud", "source"),
    [
        (None, None),
        ("https://cloud.example", "https://cloud.example"),
        ("https://Cloud.Example:8443/a/b/", "https://cloud.example:8443"),
        ("https://cloud.example:443", "https://cloud.example"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost:8000/", "http://localhost:8000"),
    ],
)
def test_connect_src(cloud: str | None, source: str | None) -> None:
    given = None if cloud is None else source_of(page_cloud(cloud))
    wanted = ["'self'"] if source is None else ["'self'", source]
    assert _directives(content_policy(given))["connect-src"] == wanted


@pytest.mark.parametrize(
    ("cloud", "error", "says"),
    [
        ("https://user:word@cloud.example", InputError, "login or a query"),
        ("https://cloud.example/?key=secret", InputError, "login or a query"),
        ("http://cloud.example", InputError, "proxy with TLS"),
        ("http://192.168.1.7:8000", InputError, "proxy with TLS"),
        ("https://[::1]:8000", InputError, "cannot name"),
        ("https://cloud.example; script-src https:", InputError, "cannot name"),
        ("https://a;b.example", (InputError, CloudError), "cannot name|not a URL"),
        ("https://*.example", (InputError, CloudError), "cannot name|not a URL"),
        ("cloud.example", CloudError, "not an http"),
        ("ftp://cloud.example", CloudError, "not an http"),
        ("https://cloud.example/#part", CloudError, "fragment"),
    ],
)
def test_a_cloud_that_the_page_cannot_be_given(cloud: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says) as raised:
        page_cloud(cloud)
    assert "word" not in str(raised.value)
    assert "=secret" not in str(raised.value)


def test_the_worker_and_its_list_hold_what_is_served(site: Site) -> None:
    listed = json.loads(read(site, "files.json"))
    worker = read(site, "sw.js").decode()
    assert worker == f"const BUILD = {json.dumps(listed, separators=(',', ':'))};{CODE}"
    assert set(site.parts) - set(listed["files"]) == {
        "sw.js", "files.json", "config.json", *(n for n in site.parts if n.startswith("bundle/") and n[-5:] != ".json"),
        "bundle/tokenizer.json",
    }  # fmt: skip
    for name, entry in listed["files"].items():
        data = read(site, name)
        assert entry == {"bytes": len(data), "sha256": sha256(data).hexdigest()}, name


def test_another_cloud_or_bundle_is_another_build(page: Path, bundle: Path, tmp_path: Path) -> None:
    opened = open_page(page)
    other = make_bundle(tmp_path / "other")
    (other / "bundle.json").write_bytes((other / "bundle.json").read_bytes() + b"\n")
    sites = [make_site(opened, b, c) for b, c in ((bundle, None), (bundle, None), (bundle, CLOUD), (other, None))]
    versions = [json.loads(read(site, "files.json"))["version"] for site in sites]
    assert versions[0] == versions[1]
    assert len(set(versions)) == 3


def _edit(old: str, new: str) -> Callable[[Path], None]:
    def edit(root: Path) -> None:
        text = (root / "index.html").read_text()
        assert old in text
        (root / "index.html").write_text(text.replace(old, new))
        list_page(root)

    return edit


def _break_list(root: Path) -> None:
    (root / "files.json").write_text((root / "files.json").read_text().replace("0123456789abcdef", "another"))


def _link(root: Path) -> None:
    (root / "assets" / "link.js").symlink_to(root / MAIN)


def _old_words(root: Path) -> None:
    (root / "core" / "lexicon.bin").write_bytes(b"old")
    list_page(root)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda root: (root / "index.html").unlink(), "no built page at .*scripts/build_web"),
        (lambda root: (root / "core/obclip.wasm").unlink(), "lacks core/obclip.wasm.*scripts/build_web"),
        (lambda root: (root / "litert/litert_wasm_internal.wasm").unlink(), r"lacks litert/\*.wasm"),
        (lambda root: (root / "sw.js").unlink(), r"lacks sw.js"),
        (lambda root: (root / "icon.svg").unlink(), r"lacks icon.svg"),
        (lambda root: (root / MAIN).write_text("other"), "main.* was altered"),
        (lambda root: (root / "assets/more.js").write_text("more"), "more.js is not in the build's list"),
        (lambda root: (root / "sw.js").write_text("self"), "not those of one build"),
        (lambda root: os.mkfifo(root / "pipe"), "special file"),
        (_break_list, "not those of one build"),
        (_link, "is a link"),
        (_old_words, "lexicon.bin is of another version"),
        (_edit("./icon.svg", "https://cdn.example/icon.svg"), "cdn.example.*not beside the page"),
        (_edit("./icon.svg", "//cdn.example/icon.svg"), "cdn.example.*not beside the page"),
        (_edit("./icon.svg", "../icon.svg"), "not beside the page"),
        (_edit("<title>", "<link rel='preconnect' href='https://fonts.example'><title>"), "fonts.example"),
        (_edit("<title>", "<script>alert(1)</script><title>"), "a script in the page itself"),
        (_edit("<title>", "<style>a{}</style><title>"), "<style>"),
        (_edit("<title>", "<base href='/'><title>"), "<base>"),
        (_edit("<body>", "<body style='color:red'>"), "a style attribute"),
        (_edit("<body>", "<body onload='x()'>"), "onload of <body>"),
        (_edit(f"./{MAIN}", "./assets/none.js"), "lacks assets/none.js"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_a_page_that_is_not_taken(page: Path, spoil: Callable[[Path], object], says: str) -> None:
    spoil(page)
    with pytest.raises(InputError, match=says):
        open_page(page)


def test_what_a_preview_left_in_the_page_is_not_served(page: Path, bundle: Path) -> None:
    (page / "config.json").write_text('{"cloud": "https://old.example"}')
    (page / "bundle").mkdir()
    (page / "bundle" / "old.tflite").write_text("old")
    (page / ".vite").mkdir()
    (page / ".vite" / "manifest.json").write_text("{}")
    (page / "assets" / "main.js.map").write_text("{}")
    site = make_site(open_page(page), bundle, None)
    assert not [n for n in site.parts if "old" in n or ".vite" in n]
    assert json.loads(read(site, "config.json")) == {"cloud": None, "bundle": "bundle/"}


def test_where_the_page_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, page: Path) -> None:
    """In a wheel it lies beside the modules; a wheel without it says what to do."""
    installed = tmp_path / "site-packages" / "edge_sdk" / "web"
    installed.mkdir(parents=True)
    monkeypatch.setattr(pages, "__file__", str(installed / "page.py"))
    with pytest.raises(InputError, match=r"no built page: build it in a checkout with scripts/build_web, .* --page"):
        open_page()
    (tmp_path / "site-packages" / "setup.py").touch()
    with pytest.raises(InputError, match=r"no built page at .*site-packages/build/web: .*scripts/build_web"):
        open_page()
    page.rename(installed / "page")
    assert open_page().root == installed / "page"


def test_a_bundle_that_no_browser_runs(page: Path, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no LiteRT graphs"):
        make_site(open_page(page), make_bundle(tmp_path / "coreml", "coreml"), None)
    with pytest.raises(BundleError, match="no bundle"):
        make_site(open_page(page), tmp_path / "none", None)


def test_the_built_page_is_taken(bundle: Path) -> None:
    """The one that scripts/build_web made here, if it did."""
    if not (pages.default_page() / "index.html").is_file():
        pytest.skip("there is no built page here: scripts/build_web")
    site = make_site(open_page(), bundle, CLOUD)
    assert "integrity" in read(site, "index.html").decode()
