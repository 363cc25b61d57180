"""What the host of an exported page has to send with it: a file that some hosts read, and a text for the others."""

from __future__ import annotations

from typing import Final

from .headers import FIXED, TYPES, cache_of
from .site import Site

__all__ = ["HEADERS", "README", "headers_file", "hosting_file"]

#: Read by several hosts of static files (Cloudflare Pages, Netlify and others), from the site's root.
HEADERS: Final = "_headers"
README: Final = "HOSTING.md"
_CACHE: Final = "Cache-Control"


def headers_file(site: Site) -> str:
    """``_headers``. Each path matches one rule with ``Cache-Control``, because hosts join what several say."""
    lines = ["/*", *(f"  {name}: {value}" for name, value in _headers(site).items())]
    for path, kept in _caches(site).items():
        lines += [path, f"  {_CACHE}: {kept}"]
    return "\n".join([*lines, ""])


def _caches(site: Site) -> dict[str, str]:
    """How long a browser may keep what: by folder where that is one rule, since hosts limit how many there are."""
    folders: dict[str, dict[str, str]] = {}
    for name in ["", *site.parts]:
        folders.setdefault(name.partition("/")[0] if "/" in name else "", {})[f"/{name}"] = cache_of(name)
    out: dict[str, str] = {}
    for folder, rules in folders.items():
        alike = folder and len(set(rules.values())) == 1
        out |= {f"/{folder}/*": next(iter(rules.values()))} if alike else rules
    return out


def hosting_file(site: Site) -> str:
    """A page for whoever puts the folder on a server."""
    types: dict[str, list[str]] = {}
    for ending, media in TYPES.items():
        types.setdefault(media.partition(";")[0], []).append(ending)
    kinds = "\n".join(f"        {media} {' '.join(endings)};" for media, endings in types.items())
    added = "\n".join(f'    add_header {name} "{value}" always;' for name, value in _headers(site).items())
    kept = "\n".join(f'    "/{n}" "{cache_of(n)}";' for n in site.parts if cache_of(n) != cache_of(""))
    index, worker = site.parts["index.html"].sha256, site.parts["sw.js"].sha256
    return f"""# Hosting this folder

Every file here is static; put the folder at the root of a site with https, or below a path of one. Do not put it on the
cloud's own host ({site.cloud}): the page keeps the prompt from the cloud, so the cloud must not be able to change it.

- **The cloud** has to name this site: `obclip serve --allow-origin https://YOUR.HOST` (scheme, host and port, no path).
- **Headers.** `index.html` holds the content policy for itself. Workers and the rest (no frames, threads) need the
  headers that stand in `_headers`; hosts that read that file need nothing else, if it lies at the site's root.
- **Do not change a file.** `sw.js` and the page hold the hashes of all others and refuse what differs: no minifying,
  no script that a host adds. To change the cloud or the bundle, export again.
- **Compare** what is served with what was exported: `sha256sum` of `index.html` is
  `{index}`, of `sw.js`
  `{worker}`. All other hashes hang on these two.

nginx:
```
map $uri $obclip_cache {{
    default "{cache_of("")}";
{kept}
}}
server {{
    # listen 443 ssl; server_name, ssl_certificate and ssl_certificate_key as usual
    root /srv/obclip;
    types {{
{kinds}
    }}
    charset utf-8;
    charset_types text/html text/javascript text/css text/plain;
    gzip on;
    gzip_types text/javascript text/css application/json application/manifest+json application/wasm image/svg+xml;
{added}
    add_header {_CACHE} $obclip_cache always;
}}
```
"""


def _headers(site: Site) -> dict[str, str]:
    return {"Content-Security-Policy": site.policy, **FIXED}
