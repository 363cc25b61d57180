"""obclip-stickers: the default pair's two bundles, ready to run. ``scripts/build_wheels`` puts them in."""

from pathlib import Path

from setuptools import setup

HERE = Path(__file__).parent
BUNDLES = HERE / "obclip_stickers" / "bundles"
if not (BUNDLES / "edge" / "bundle.json").is_file() or not (BUNDLES / "cloud" / "bundle.json").is_file():
    raise SystemExit(f"{BUNDLES} holds no bundles: build this distribution with scripts/build_wheels")

setup(
    name="obclip-stickers",
    version="0.1.0",
    description="ObCLIP's default pair of models (people as emoji stickers): the device's and the cloud's bundle",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE"],
    python_requires=">=3.11",
    packages=["obclip_stickers"],
    package_data={"obclip_stickers": ["py.typed", "bundles/**/*"]},
    install_requires=["obclip>=0.1.0"],
    # The device needs nothing more; the cloud's engine on this machine needs its runtime and server.
    extras_require={"cloud": ["obclip[cloud]>=0.1.0"]},
    zip_safe=False,
)
