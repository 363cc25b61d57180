"""What can be checked of the iOS app without Swift; ``tests/ios_demo/typecheck_app`` does the rest."""

from __future__ import annotations

import json
import plistlib
import re
from pathlib import Path

import pytest
from PIL import Image

from . import texts

APP = texts.APP
KIT = APP.parent / "ObclipKit/Sources/ObclipKit"
SOURCES = sorted(APP.rglob("*.swift"))


def test_the_catalog_holds_every_text_and_no_other() -> None:
    strings = texts.catalog()["strings"]
    assert set(strings) == texts.used(), "python -m tests.ios_demo.texts --write"
    assert len(strings) > 100
    for key, entry in strings.items():
        for language, translated in entry.get("localizations", {}).items():
            value = translated["stringUnit"]["value"]
            assert len(re.findall(r"%(?:\d\$)?@", value)) == key.count("%@"), f"{language}: {key}"


def test_values_are_given_for_each_place() -> None:
    for path in SOURCES:
        for key, rest in re.findall(r'words\(\s*"((?:[^"\\]|\\.)*)"(\s*[,)])', path.read_text(encoding="utf-8")):
            assert ("%@" in key) == rest.strip().startswith(","), f"{path.name}: {key}"


def test_nothing_is_collected_and_only_the_local_network_goes_without_tls() -> None:
    privacy = plistlib.loads((APP / "Resources/PrivacyInfo.xcprivacy").read_bytes())
    assert privacy == {
        "NSPrivacyTracking": False,
        "NSPrivacyTrackingDomains": [],
        "NSPrivacyCollectedDataTypes": [],
        "NSPrivacyAccessedAPITypes": [],
    }
    info = plistlib.loads((APP / "Info.plist").read_bytes())
    assert info["NSAppTransportSecurity"] == {"NSAllowsLocalNetworking": True}
    assert info["NSLocalNetworkUsageDescription"]
    assert info["NSPhotoLibraryAddUsageDescription"]
    assert "UIBackgroundModes" not in info
    assert "NSUserActivityTypes" not in info


def test_the_project_names_what_is_there() -> None:
    yaml = pytest.importorskip("yaml")
    project = yaml.safe_load((APP / "project.yml").read_text(encoding="utf-8"))
    target = project["targets"]["ObclipDemo"]
    for folder in target["sources"]:
        assert (APP / folder).is_dir()
    assert {path.relative_to(APP).parts[0] for path in SOURCES} <= set(target["sources"])
    assert (APP / target["settings"]["base"]["INFOPLIST_FILE"]).is_file()
    (package,) = project["packages"].values()
    manifest = (APP / package["path"] / "Package.swift").read_text(encoding="utf-8")
    for dependency in target["dependencies"]:
        assert f'.library(name: "{dependency["product"]}"' in manifest


def test_the_icon_is_what_the_store_wants() -> None:
    folder = APP / "Resources/Assets.xcassets/AppIcon.appiconset"
    (entry,) = json.loads((folder / "Contents.json").read_text(encoding="utf-8"))["images"]
    with Image.open(folder / entry["filename"]) as icon:
        assert (icon.size, icon.mode) == ((1024, 1024), "RGB")  # no transparency


#: Where words of a person could stay behind; an app that has none of them cannot.
KEEPERS = r"\b(?:print|debugPrint|dump|NSLog|os_log|Logger|UserDefaults|SceneStorage|AppStorage|NSUserActivity)\b"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_sources_are_short_and_keep_nothing(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 300
    assert not re.search(KEEPERS + r"[(.<]|@(?:SceneStorage|AppStorage)", text)
    if path.parent.name == "Model":
        # Linux compiles and runs these.
        imports = set(re.findall(r"^\s*import (\w+)", text, re.MULTILINE))
        assert imports <= {"Foundation", "ObclipKit", "Observation", "Darwin", "Glibc"}


def test_every_error_of_the_package_is_explained() -> None:
    names = set(re.findall(r'return \("(\w+)", text', (KIT / "ObclipError.swift").read_text(encoding="utf-8")))
    assert len(names) > 10
    explained = set(re.findall(r'"(\w+)"', "".join(re.findall(r"case (\".*\"):", troubles()))))
    assert names == explained


def troubles() -> str:
    return (APP / "Model/Troubles.swift").read_text(encoding="utf-8")
