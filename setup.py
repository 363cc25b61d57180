"""ObCLIP: oblivious cloud-device image generation. The base install is the light edge SDK.

The wheel holds the four packages that applications and servers import, with their data. ``attacks``, ``benchmarks``,
``models`` and ``testing`` stay in the checkout, and so do their commands. The default pair's bundles are a distribution
of their own (``packages/obclip_stickers``); ``scripts/build_wheels`` builds both.
"""

from pathlib import Path

from setuptools import find_packages, setup

VERSION = "0.1.0"
PACKAGES = ("obclip_contract", "edge_sdk", "cloud_engine", "export")

#: A server on ONNX Runtime: no torch.
CLOUD = [
    "onnxruntime>=1.22",
    "fastapi>=0.115",
    "uvicorn>=0.54",  # ssl_context_factory; its h11 protocol is subclassed
    "pydantic-settings>=2.7",
    "prometheus-client>=0.21",
    "structlog>=24.4",
]
TORCH = [
    *CLOUD,
    "torch>=2.9",
    "diffusers>=0.36",
    "transformers>=5.0",
    "accelerate>=1.10",
]
#: ``obclip export`` to ONNX and LiteRT, for the default pair and its like.
CONVERT = [
    *TORCH,
    "onnx>=1.18",
    "onnxscript>=0.5",
    "onnxslim>=0.1.50",
    "litert-torch>=0.9",
    "ai-edge-quantizer>=0.9",
]
EXPORT = [*CONVERT, "coremltools>=9.0; platform_system != 'Windows'"]
#: Builds engines on any x86-64 machine, without a GPU or any other library of NVIDIA's.
RTX = ["tensorrt-rtx-cu13>=1.5; platform_machine == 'x86_64' or platform_machine == 'AMD64'"]
TRAIN = [*TORCH, "peft>=0.15", "uharfbuzz>=0.45", "fonttools>=4.50", "resvg-py>=0.5"]
BENCH = [
    *EXPORT,
    "scipy>=1.12",
    "scikit-learn>=1.5",
    "matplotlib>=3.8",
    "psutil>=5.9",
    "simpy>=4.1",
    "DeepCache>=0.1.1",
    "tgate>=1.0.0",
]

setup(
    name="obclip",
    version=VERSION,
    description="Oblivious cloud-device image generation: the cloud works on a closed set, the device keeps one",
    long_description=Path("README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE"],
    python_requires=">=3.11",
    packages=find_packages(include=[f"{p}{s}" for p in PACKAGES for s in ("", ".*")]),
    # Every file of these packages that is not Python; tests/packaging compares the wheel with the checkout.
    package_data={
        "": ["*.json", "*.md", "*.bin", "*.txt", "*.gz", "*.typed", "data/*.json", "data/*.bin"],
        "edge_sdk.web": ["page/**/*"],  # the built page, where scripts/build_wheels puts one
    },
    install_requires=[
        "numpy>=1.26",
        "pydantic>=2.6",
        "safetensors>=0.4",
        "tokenizers>=0.20",
        "httpx>=0.27",
        "click>=8.1",
        "rich>=13",
        "pillow>=10",
        "ai-edge-litert>=2.0",
    ],
    extras_require={
        "cloud": CLOUD,
        "torch": TORCH,
        "convert": CONVERT,
        "export": EXPORT,
        "train": TRAIN,
        "bench": BENCH,
        "tensorrt": [*TORCH, "tensorrt>=10.1"],
        "tensorrt-rtx": [*CONVERT, *RTX],
        "ray": [*CLOUD, "ray[serve]>=2.60"],
        "dev": [
            *BENCH,
            *TRAIN,
            "pytest>=8",
            "pytest-xdist>=3.6",  # as many processes as cores
            "hypothesis>=6.100",
            "schemathesis>=4.20",  # fuzzes the service against its OpenAPI description
            "atheris>=3.0; platform_system == 'Linux' and platform_machine == 'x86_64'",  # fuzzes the parsers
            "ruff>=0.6",
            "mypy>=1.11",
            "grimp>=3.5",  # draws ARCHITECTURE.md
            "networkx>=3.2",
            "opendp>=0.12",  # oracle of the privacy mechanisms' tests
            "tensorrt_cu13_bindings>=10.0; platform_system == 'Linux'",  # names of TensorRT's API; no library, no GPU
            *RTX,  # tests build engines; nothing of it runs without a GPU
        ],
    },
    # Its commands stand in edge_sdk.cli.commands; other packages add theirs by the group "obclip.commands".
    entry_points={"console_scripts": ["obclip = edge_sdk.cli.main:main"]},
)
