"""The Android app: its manifest, its texts and colours, its pins; and the APK, where the tools are there."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.device.result import read_result
from edge_sdk.attributes import LEXICON_VERSION

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "android_demo"
APP = DEMO / "app"
RES = APP / "src/main/res"
KOTLIN = sorted((APP / "src/main/kotlin").rglob("*.kt"))
ANDROID = "{http://schemas.android.com/apk/res/android}"
#: Texts of the core that are replaced (Words.kt), the benchmark's file, and messages that are never shown.
NOT_FOR_PEOPLE = {
    " or choose on_implied: allow (go on knowingly)",
    r" or choose on_implied: .*?\\(go on knowingly\\)",
    ", raise --max-candidates, or narrow an axis with --domain",
    ", or raise it with 'obclip ledger budget'",
    r" \\(epsilon 0[^)]*\\)",
    "(?:use |with )?--mechanism ([a-z-]+)",
    "bundle.json lacks what the benchmark needs; export the bundle again",
    "Android ${Build.VERSION.RELEASE}, API ${Build.VERSION.SDK_INT}",
    "no day",
}


def manifest() -> ElementTree.Element:
    return ElementTree.parse(APP / "src/main/AndroidManifest.xml").getroot()


def values(folder: str = "values") -> dict[tuple[str, str], str]:
    """What a folder of values defines, by kind and name."""
    found: dict[tuple[str, str], str] = {}
    for path in sorted((RES / folder).glob("*.xml")):
        for element in ElementTree.parse(path).getroot():
            key = (element.tag.replace("string-array", "array"), element.attrib["name"].replace(".", "_"))
            assert key not in found, f"{key} stands twice"
            found[key] = "".join(element.itertext())
    for path in [*RES.glob("drawable*/*"), *RES.glob("mipmap*/*"), *RES.glob("xml*/*")]:
        found[(path.parent.name.split("-")[0], path.stem)] = ""
    return found


def code() -> str:
    """All of the app's Kotlin, without its comments."""
    text = "\n".join(path.read_text() for path in KOTLIN)
    return re.sub(r"(?<![:\"/])//[^\n]*", "", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL))


def used() -> set[tuple[str, str]]:
    """What code, manifest and resources refer to."""
    kinds = "string|color|drawable|mipmap|array|integer|bool|style|xml"
    found = set(re.findall(rf"(?<!android\.)\bR\.({kinds})\.(\w+)", code()))
    for path in [APP / "src/main/AndroidManifest.xml", *RES.rglob("*.xml")]:
        pairs = re.findall(rf"@({kinds})/([\w.]+)", path.read_text())
        found |= {(kind, name.replace(".", "_")) for kind, name in pairs}
    return found


def test_everything_that_is_used_is_there_and_everything_there_is_used() -> None:
    there = set(values())
    assert used() - there == set()
    assert there - used() == set()


def test_the_dark_theme_has_every_colour_of_the_light_one() -> None:
    light = {key for key in values() if key[0] in ("color", "bool")} - {("color", "launcher")}
    dark = {key for key in values("values-night") if key[0] in ("color", "bool")}
    assert light == dark
    assert ("style", "Theme_Demo") in values("values-night")


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("folder", ["values", "values-night"])
def test_texts_can_be_read_on_their_ground(folder: str) -> None:
    found = values(folder)
    for ink, ground in (
        ("ink", "ground"), ("ink", "surface"), ("ink", "sunken"), ("ink", "accent_tint"), ("soft", "ground"),
        ("soft", "surface"), ("accent", "accent_tint"), ("accent_ink", "accent"),
        ("warn_ink", "warn_tint"), ("bad_ink", "bad_tint"),
    ):  # fmt: skip
        pair = sorted(luminance(found[("color", name)]) for name in (ink, ground))
        assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5, (ink, ground)


def test_no_text_for_people_stands_in_the_code() -> None:
    """Two words in quotes are one; names, addresses, numbers and JSON's keys have no space between letters."""
    literals = re.findall(r'"((?:[^"\\\n]|\\.)*)"', code())
    plain = [
        re.sub(r"\$\{[^}]*\}|\$\w+|%[\w.]+|R\.string\.\w+", "", one) for one in literals if one not in NOT_FOR_PEOPLE
    ]
    assert [one for one in plain if re.search(r"[A-Za-z]{2,} +[A-Za-z]{2,}", one)] == []


def test_a_text_gets_as_many_values_as_it_names() -> None:
    texts = {
        name: len(set(re.findall(r"%(\d)\$", text))) for (kind, name), text in values().items() if kind == "string"
    }
    calls = re.findall(r"getString\(R\.string\.(\w+)((?:, [^()]*(?:\((?:[^()]|\([^()]*\))*\)[^()]*)*)?)\)", code())
    assert len(calls) > 60
    for name, arguments in calls:
        depth, count = 0, 0
        for letter in arguments:
            depth += (letter in "([{") - (letter in ")]}")
            count += letter == "," and depth == 0
        assert count == texts[name], (name, arguments)


def test_permissions_and_entries_are_minimal() -> None:
    root = manifest()
    assert {p.attrib[ANDROID + "name"].removeprefix("android.permission.") for p in root.iter("uses-permission")} == {
        "INTERNET", "FOREGROUND_SERVICE", "FOREGROUND_SERVICE_DATA_SYNC", "POST_NOTIFICATIONS",
    }  # fmt: skip
    parts = [part for kind in ("activity", "service", "provider", "receiver") for part in root.iter(kind)]
    exported = [p.attrib[ANDROID + "name"] for p in parts if p.attrib[ANDROID + "exported"] == "true"]
    assert exported == [".MainActivity"]
    text = code()
    for part in parts:
        assert re.search(rf"\bclass {part.attrib[ANDROID + 'name'][1:]}\b", text)
    services = {
        s.attrib[ANDROID + "name"]: s.attrib.get(ANDROID + "foregroundServiceType") for s in root.iter("service")
    }
    assert services == {".DrawingService": "dataSync"}


def test_nothing_leaves_by_backup_transfer_or_plain_http() -> None:
    application = manifest().find("application")
    assert application is not None
    assert application.attrib[ANDROID + "allowBackup"] == "false"
    assert application.attrib[ANDROID + "fullBackupContent"] == "false"
    rules = ElementTree.parse(RES / "xml/data_extraction_rules.xml").getroot()
    for way in ("cloud-backup", "device-transfer"):
        excluded = rules.find(way)
        assert excluded is not None
        assert {e.attrib["domain"] for e in excluded} >= {"root", "file", "database", "sharedpref", "external"}
        assert {e.tag for e in excluded} == {"exclude"}
    network = ElementTree.parse(RES / "xml/network_security_config.xml").getroot()
    clear = {d.text for c in network.iter("domain-config") for d in c.iter("domain")}
    assert clear == {"localhost", "127.0.0.1"}
    base = network.find("base-config")
    assert base is not None
    assert base.attrib["cleartextTrafficPermitted"] == "false"
    assert {c.attrib["src"] for c in network.iter("certificates")} == {"system"}


def test_the_prompt_is_in_no_log_state_or_file() -> None:
    text = code()
    assert not re.search(r"\b(Log\.|println|printStackTrace|Timber)", text)
    assert not re.search(r"\.put(String|Serializable|Parcelable|CharSequence)\([^)]*prompt", text)
    # Views keep nothing: no state is restored, and none is written.
    assert "super.onCreate(null)" in text
    assert "onSaveInstanceState(out: Bundle) = Unit" in text
    field = (RES / "values/themes.xml").read_text()
    for line in ('saveEnabled">false', 'importantForAutofill">noExcludeDescendants', "flagNoPersonalizedLearning"):
        assert line in field
    assert "setContentCaptureEnabled(false)" in text
    assert "data class State" not in text
    assert "data class Run" not in text


def test_images_and_progress_have_descriptions() -> None:
    for path in KOTLIN:
        text = path.read_text()
        for view in ("ImageView(screen)", "ProgressBar(", "RadioGroup(", "HorizontalScrollView(screen)"):
            count = len(re.findall(rf"= {re.escape(view)}", text))
            assert text.count("contentDescription = ") >= count, path.name


def test_versions_are_the_same_everywhere() -> None:
    catalogue = (DEMO / "gradle/libs.versions.toml").read_text()
    versions = dict(re.findall(r'^(\w+) = "([\d.]+)"$', catalogue, re.MULTILINE))
    sdk = (DEMO / "sdk/build.gradle.kts").read_text()
    for library, name in (("com.google.ai.edge.litert:litert", "litert"), ("kotlinx-coroutines-android", "coroutines")):
        assert re.search(rf'{re.escape(library)}:{re.escape(versions[name])}"', sdk) or f"libs.{name}" in sdk
    assert values()[("string", "litert_version")] == versions["litert"]
    for name in re.findall(r"libs\.plugins\.([a-z.]+)\)", (DEMO / "build.gradle.kts").read_text()):
        assert re.search(rf"^{name.replace('.', '-')} = ", catalogue, re.MULTILINE)


def test_gradle_files_say_nothing_that_was_taken_out() -> None:
    """Kotlin 2.2 warns of `kotlinOptions`, and 2.3 refuses it; no build here would say so."""
    for path in (DEMO / "sdk/build.gradle.kts", DEMO / "app/build.gradle.kts"):
        text = path.read_text()
        assert "kotlinOptions" not in text
        assert "compilerOptions { jvmTarget = org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_1_8 }" in text
    assert 'consumerProguardFiles("consumer-rules.pro")' in (DEMO / "sdk/build.gradle.kts").read_text()
    rules = (DEMO / "sdk/consumer-rules.pro").read_text()
    native = (DEMO / "sdk/src/main/kotlin/org/obclip/edge/Native.kt").read_text()
    assert "-keep class org.obclip.edge.Native { native <methods>; }" in rules
    assert len(re.findall(r"@JvmStatic external fun", native)) > 15


def test_the_pin_is_that_of_the_default_pair() -> None:
    """As `scripts/demo` and scripts/test-android have exported it; an export gives the same bytes every time."""
    manifest = ROOT / "build/bundles/stickers/edge/bundle.json"
    if not manifest.is_file():
        pytest.skip("there is no build/bundles/stickers (scripts/demo makes it)")
    if json.loads(manifest.read_text())["lexicon"] != LEXICON_VERSION:
        pytest.skip("build/bundles/stickers was exported with other word lists: export it again")
    found = values()
    said = hashlib.sha256(manifest.read_bytes()).hexdigest()
    assert found[("string", "model_sha256")] == said, "the pair has changed: write its pin into res/values/models.xml"
    files = json.loads(manifest.read_text())["files"]
    assert int(found[("integer", "model_bytes")]) == sum(entry["bytes"] for entry in files)
    assert found[("string", "model_name")] == json.loads(manifest.read_text())["model"]


def test_the_pin_has_the_form_of_one() -> None:
    found = values()
    assert re.fullmatch(r"[0-9a-f]{64}", found[("string", "model_sha256")])
    assert found[("string", "model_revision")] not in ("main", "master", "latest", "")
    assert int(found[("integer", "model_bytes")]) > 0


def test_the_benchmark_writes_the_fields_of_the_schema() -> None:
    schema = json.loads((ROOT / "benchmarks/device/device.schema.json").read_text())
    text = next(p for p in KOTLIN if p.name == "BenchmarkFile.kt").read_text()
    written = set(re.findall(r'"(\w+)" to', text)) | {"text", "step", "decode"}
    wanted = set(schema["properties"]) | {name for part in schema["$defs"].values() for name in part["properties"]}
    wanted |= set(schema["properties"]["phases"]["propertyNames"]["enum"])
    assert written == wanted
    assert schema["properties"]["format"]["const"] in text
    measure = next(p for p in KOTLIN if p.name == "Measure.kt").read_text()
    for phase in ("text", "step", "decode"):
        assert f'"{phase}" to {{' in measure


@pytest.mark.skipif("OBCLIP_TEST_ANDROID" not in os.environ, reason="scripts/build-apk runs by itself; takes minutes")
def test_the_apk_is_built_and_verified() -> None:
    done = subprocess.run([sys.executable, ROOT / "scripts/build-apk"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    if done.stdout.startswith("SKIPPED"):
        pytest.skip(done.stdout.strip())
    assert "built and verified" in done.stdout
    assert "LACKS THE NATIVE LIBRARY AND LITERT, AND NEVER RAN" in done.stdout
    if "unit tests on the JVM" in done.stdout:
        result = read_result(ROOT / "build/android/benchmark-sample.json")
        assert result.runner.sdk == "kotlin"
        assert result.device.name == 'a "phone" \\ with a name' + "!" * 177
        assert result.device.system == "?"
        assert result.phases["step"].count == 5
        assert result.faults == ()


@pytest.mark.skipif("OBCLIP_TEST_ANDROID" not in os.environ, reason="scripts/bench-android takes a minute")
def test_the_benchmark_measures_the_real_graphs_on_a_jvm(tmp_path: Path) -> None:
    out = tmp_path / "kotlin.json"
    done = subprocess.run([sys.executable, ROOT / "scripts/bench-android", out], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    if done.stdout.startswith("SKIPPED"):
        pytest.skip(done.stdout.strip())
    result = read_result(out)
    assert (result.runner.sdk, result.runner.runtime) == ("kotlin", "LiteRT 2.3 (JVM)")
    assert result.faults == ()
    assert result.load.cold > 0
    assert all(times.count >= 5 and times.warmup >= 1 for times in result.phases.values())


def test_a_machine_without_the_tools_says_so_and_goes_on() -> None:
    environment = {**os.environ, "PATH": "/no-such-folder"}
    done = subprocess.run([sys.executable, ROOT / "scripts/build-apk"], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-4000:]
    assert done.stdout.startswith("SKIPPED scripts/build-apk: ")
    assert "NOTHING of the Android app was built" in done.stdout
