package org.obclip.edge

import java.io.File
import java.nio.file.Files
import java.util.concurrent.atomic.AtomicLong
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking

/** What is opened, and how it comes onto the device. */
class BundleTest {
    private val whole = EdgeBundle.open(Rig.bundle)
    private val pin = BundlePin("stickers", "v1", whole.sha256, whole.bytes)
    private val graph = whole.graph("unet", "tflite").file

    private fun altered(change: (File) -> Unit) = Rig.copied().also(change)

    @Test
    fun alteredBundlesAreRefused() {
        val cases = mapOf<String, (File) -> Unit>(
            "a bit" to { root -> File(root, graph).let { f -> f.writeBytes(f.readBytes().also { it[1000] = (it[1000].toInt() xor 1).toByte() }) } },
            "a byte more" to { File(it, graph).appendBytes(ByteArray(1)) },
            "a file less" to { File(it, graph).delete() },
            "a file more" to { File(it, "more.tflite").writeText("x") },
            "a link" to { root -> File(root, graph).let { it.delete(); Files.createSymbolicLink(it.toPath(), File(Rig.bundle, graph).absoluteFile.toPath()) } },
            "no manifest" to { File(it, "bundle.json").delete() },
            "no JSON" to { File(it, "bundle.json").appendText("x") },
            "a name twice" to { edit(it, "\"kind\": \"edge\"", "\"kind\": \"edge\", \"kind\": \"edge\"") },
            "a field more" to { edit(it, "\"kind\": \"edge\"", "\"kind\": \"edge\", \"more\": 1") },
            "another version" to { edit(it, "\"format_version\": 1", "\"format_version\": 2") },
            "the cloud's" to { edit(it, "\"kind\": \"edge\"", "\"kind\": \"cloud\"") },
            "a path outside" to { edit(it, "\"path\": \"$graph\"", "\"path\": \"../$graph\"") },
            "no number" to { edit(it, "\"image_size\": ${whole.imageSize}", "\"image_size\": true") },
        )
        for ((name, change) in cases) assertFailsWith<BundleError>(name) { EdgeBundle.open(altered(change)) }
        assertFailsWith<BundleError> { EdgeBundle.open(Rig.bundle, "0".repeat(64)) }
        assertEquals(whole.model, EdgeBundle.open(altered {}, whole.sha256.uppercase()).model)
        assertTrue(whole.isVerified)
    }

    private fun edit(root: File, from: String, to: String) {
        val file = File(root, "bundle.json")
        val text = file.readText()
        assertTrue(from in text, from)
        file.writeText(text.replaceFirst(from, to))
    }

    @Test
    fun aPipelineOfAnAlteredBundleIsNotOpened() = runBlocking {
        val root = altered { File(it, graph).appendBytes(ByteArray(1)) }
        assertFailsWith<BundleError> { ObclipPipeline.open(root, null, Rig.options()) }
        Unit
    }

    @Test
    fun jsonIsReadStrictly() {
        val good = listOf("0", "-1.5e3", "\"\\u00e9\\n\"", "[]", "{}", " [1, {\"a\": null}, true] ")
        good.forEach { JsonReader.read(it.toByteArray()) }
        val bad = listOf("", "01", "1.", "+1", "nul", "[1,]", "{\"a\":1,}", "{a:1}", "\"\n\"", "\"\\x\"", "\"\\u12\"", "1 2", "[1", "NaN",
            "{\"a\":1,\"a\":2}", "[".repeat(40) + "]".repeat(40), "\uFEFF1")
        for (text in bad) assertFailsWith<JsonError>(text) { JsonReader.read(text.toByteArray()) }
        assertFailsWith<JsonError> { JsonReader.read(byteArrayOf('"'.code.toByte(), 0xc3.toByte(), '"'.code.toByte())) }
        assertEquals("\u00e9", (JsonReader.read("\"\\u00e9\"".toByteArray()) as Json.Text).value)
        assertEquals("0.00085", (JsonReader.read("0.00085".toByteArray()) as Json.Number).digits)
    }

    @Test
    fun aBundleIsFetchedAndGoneOnWith() = runBlocking {
        val store = BundleStore(Rig.folder())
        assertNull(store.installed("stickers"))
        // Every answer is cut after half of the file: each try goes on where the last one ended, until the pieces are small.
        val most = AtomicLong()
        val root = BundleStore(Rig.folder(), most = 40).fetch(pin, listOf("${Rig.liar}/_cut/bundle/")) { most.set(maxOf(most.get(), it.done)) }
        assertEquals(whole.sha256, EdgeBundle.open(root, whole.sha256).sha256)
        assertEquals(whole.bytes, most.get())
        assertTrue(Rig.seen("_cut").any { it["range"].text.startsWith("bytes=") })
        // From the second mirror, whose revision is in its address.
        val second = store.fetch(pin, listOf("${Rig.liar}/_files/no-such", "${Rig.liar}/_files/{revision}/").map { it.replace("{revision}", "bundle") })
        assertEquals(second, store.installed("stickers"))
        val before = Rig.seen("_files").size
        store.fetch(pin, listOf("${Rig.liar}/_files/bundle"))
        assertEquals(before, Rig.seen("_files").size, "it was there already")
        ObclipPipeline.open(second, null, Rig.options()).close()
        store.remove("stickers")
        assertNull(store.installed("stickers"))
    }

    @Test
    fun theOldBundleStaysUntilTheNewOneIsWhole() = runBlocking {
        val folder = Rig.folder()
        val store = BundleStore(folder, most = 1)
        val old = store.fetch(pin, listOf("${Rig.liar}/_files/bundle"))
        val other = BundlePin("stickers", "v2", "1".repeat(64), whole.bytes)
        assertFailsWith<BundleError> { store.fetch(other, listOf("${Rig.liar}/_files/bundle")) }
        val larger = BundlePin("stickers", "v3", whole.sha256, whole.bytes + 1)
        File(old, "bundle.json").appendText(" ") // no longer the pinned one, so that it is fetched again
        assertFailsWith<BundleError> { store.fetch(larger, listOf("${Rig.liar}/_files/bundle")) }
        assertTrue(File(old, graph).isFile)
        assertEquals(whole.sha256, EdgeBundle.open(store.fetch(pin, listOf("${Rig.liar}/_files/bundle"))).sha256)
        assertEquals(listOf("stickers"), folder.list().orEmpty().toList(), "nothing half done is left")
        // The process ended between the two renames.
        assertTrue(File(folder, "stickers").renameTo(File(folder, ".stickers.old")))
        assertEquals(File(folder, "stickers"), assertNotNull(store.installed("stickers")))
        for (name in listOf("../x", "", "a/b")) assertFailsWith<InputError> { BundlePin(name, "v1", whole.sha256, 1) }
        assertFailsWith<InputError> { BundlePin("x", "main", whole.sha256, 1) }
        Unit
    }

    @Test
    fun aCancelledFetchLeavesNoBundle() = runBlocking {
        val folder = Rig.folder()
        val store = BundleStore(folder)
        lateinit var job: kotlinx.coroutines.Job
        job = launch(kotlinx.coroutines.Dispatchers.Default) {
            store.fetch(pin, listOf("${Rig.liar}/_files/bundle")) { if (it.done > 100_000) job.cancel() }
        }
        job.join()
        assertTrue(job.isCancelled)
        assertNull(store.installed("stickers"))
        assertFalse(File(folder, "stickers").exists())
        assertEquals(whole.sha256, EdgeBundle.open(store.fetch(pin, listOf("${Rig.liar}/_files/bundle"))).sha256)
        job.cancelAndJoin()
    }
}
