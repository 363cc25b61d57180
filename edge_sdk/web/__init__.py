"""The page that makes pictures in a browser: served from this machine (``obclip web``), or as a folder for a host of
one's own choice (``obclip export web``). The page itself is built from ``web_demo`` (docs/WEB.md).
"""
