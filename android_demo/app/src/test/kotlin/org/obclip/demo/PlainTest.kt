package org.obclip.demo

import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.obclip.edge.Accelerator
import org.obclip.edge.GraphRole
import org.obclip.edge.Mechanism
import org.obclip.edge.OnImplied
import org.obclip.edge.RuntimeReport

/** What of the app needs no Android. */
class PlainTest {
    private val pinned = Preferences(
        cloud = "https://cloud.example", pin = "sha256/" + "A".repeat(43) + "=", backup = "sha256/" + "B".repeat(42) + "A=", expires = "2030-12-31")

    @Test
    fun addressesAreHttpsOrOfThisDevice() {
        for (good in listOf("", "https://cloud.example", "https://cloud.example:8443/base", "http://localhost:8000", "http://127.0.0.1")) {
            assertNull(Check.cloud(good), good)
        }
        val bad = mapOf(
            "cloud.example" to R.string.wrong_url, "ftp://cloud.example" to R.string.wrong_url, "https://" to R.string.wrong_url,
            "https://me:secret@cloud.example" to R.string.wrong_login, "https://cloud.example?key=1" to R.string.wrong_query,
            "https://cloud.example#part" to R.string.wrong_query, "http://cloud.example" to R.string.wrong_http,
            "http://localhost.evil.example" to R.string.wrong_http)
        for ((address, wrong) in bad) assertEquals(wrong, Check.cloud(address)?.text, address)
    }

    @Test
    fun pinsAreTwoWithADay() {
        assertNull(Check.pins(Preferences()))
        assertNull(Check.pins(pinned))
        assertNull(Check.pins(pinned.copy(cloud = "")))
        for (bad in listOf(pinned.copy(backup = ""), pinned.copy(backup = pinned.pin), pinned.copy(expires = "soon"),
            pinned.copy(pin = "sha256/AAAA"), pinned.copy(cloud = "http://localhost:8000"))) {
            assertNotNull(Check.pins(bad))
        }
    }

    @Test
    fun numbersHaveTheLimitsOfTheContract() {
        val all = Preferences()
        for (good in listOf(10, 25, 200)) assertNull(Check.steps(good, all))
        for (bad in listOf(null, 0, 9, 201)) assertNotNull(Check.steps(bad, all))
        for (good in listOf(0, 25)) assertNull(Check.cloudSteps(good, all))
        for (bad in listOf(null, -1, 26)) assertNotNull(Check.cloudSteps(bad, all))
        for (good in listOf(0.001, 16.0)) assertNull(Check.epsilon(good))
        for (bad in listOf(null, 0.0, -1.0, 16.1, Double.NaN)) assertNotNull(Check.epsilon(bad))
    }

    @Test
    fun aModelIsPinnedWholeOrNotAtAll() {
        val pin = Preferences(revision = "v1", sha256 = "a".repeat(64), bytes = "12")
        assertNull(Check.model(Preferences()))
        assertNull(Check.model(pin))
        for (bad in listOf(pin.copy(revision = ""), pin.copy(revision = "main"), pin.copy(sha256 = "A".repeat(64)), pin.copy(bytes = "many"))) {
            assertNotNull(Check.model(bad))
        }
    }

    @Test
    fun aTokenIsVisibleAscii() {
        assertNull(Check.token("abc-123"))
        assertNotNull(Check.token("two words"))
        assertNotNull(Check.token("ünlaut"))
    }

    @Test
    fun settingsFollowThePreferences() {
        val set = Preferences(mechanism = Mechanism.K_SUBSET, epsilon = 2.0, steps = 30, cloudSteps = 12, strict = true)
        val asked = set.settings(isLocal = false)
        assertEquals(listOf<Any?>(30, 12, 2.0, Mechanism.K_SUBSET, OnImplied.ASK), with(asked) { listOf(steps, cloudSteps, epsilon, mechanism, onImplied) })
        assertTrue(asked.strict)
        assertNull(set.copy(mechanism = Mechanism.CLOSED).settings(isLocal = false).epsilon)
        val alone = set.settings(isLocal = true)
        assertEquals(listOf<Any?>(0, null, Mechanism.LOCAL), with(alone) { listOf(cloudSteps, epsilon, mechanism) })
    }

    @Test
    fun nothingIsAskedWithoutACloud() {
        assertTrue(State(Preferences()).drawsAlone)
        val set = Preferences(cloud = "https://cloud.example")
        assertFalse(State(set).drawsAlone)
        assertTrue(State(set, isAlone = true).drawsAlone)
        assertTrue(State(set.copy(cloudSteps = 0)).drawsAlone)
        assertTrue(State(set.copy(mechanism = Mechanism.LOCAL)).drawsAlone)
    }

    @Test
    fun thePromptIsInNoPrintedState() {
        val mark = "quizzaciously"
        assertFalse(mark in State(Preferences(), prompt = mark, token = mark).toString())
    }

    @Test
    fun theStoreTellsOfChangesUntilItIsAskedNotTo() {
        val store = Store(State(Preferences()))
        val seen = ArrayList<String>()
        val watch = { state: State, _: State -> seen += state.prompt }
        store.watch(watch)
        store.update { it.copy(prompt = "a") }
        store.forget(watch)
        store.update { it.copy(prompt = "b") }
        assertEquals(listOf("", "a"), seen)
    }

    @Test
    fun bytesArePrintedAsHexdumpDoes() {
        val bytes = ByteArray(26) { if (it < 24) 32 else 'a'.code.toByte() }
        assertEquals("00000  20 20 20 20 20 20 20 20          \n*\n00018  61 61                    aa\n0001a", dumpHex(bytes))
    }

    @Test
    fun numbersAreShort() {
        assertEquals(listOf("0", "0.5", "1.235", "16", "100"), listOf(0.0, 0.5, 1.23456, 16.0, 100.0).map(::shortly))
    }

    @Test
    fun quartilesAreNumpys() {
        val times = Times(listOf(4.0, 1.0, 3.0, 2.0), 2, 1.0)
        assertEquals(listOf(1.0, 1.75, 2.5, 3.25, 4.0), with(times) { listOf(least, low, median, high, most) })
        assertEquals(7.0, Times(listOf(7.0), 0, 1.0).high)
    }

    /** scripts/build-apk gives the place, and Python reads the file (tests/android_demo/test_app.py). */
    @Test
    fun theBenchmarkWritesItsFile() {
        val times = Times(listOf(4.0, 1.0, 3.0, 2.0, 1e-5), 2, 2.5)
        val whole = GraphRole.entries.associateWith { true }
        val measured = Measured(12.5, times, listOf("text", "step", "decode").associateWith { times },
            RuntimeReport("LiteRT (Android)", Accelerator.GPU, Accelerator.GPU, whole))
        val machine = Machine("a \"phone\" \\ with\na\u0085name" + "!".repeat(200), "", 8, 7600.5, false)
        val shape = Shape(32, 0, 1024, "a".repeat(64), "int8")
        val text = writeBenchmark(measured, machine, shape, "stickers", "2.3.0", null, "fair", "2026-01-02T03:04:05Z")
        assertTrue(text.startsWith("{\"format\": \"obclip-device-benchmark/1\", "))
        System.getProperty("obclip.benchmark")?.let { File(it).writeText(text) }
    }
}
