package org.obclip.edge

import java.io.File
import java.net.ServerSocket
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.obclip.edge.host.FileLedgerStore
import org.obclip.edge.host.HostLiteRtRuntime

/**
 * Every way in which a picture does not come, with a marked prompt: what is told of it has no word of the prompt, and no
 * file of it is left. What is printed here, scripts/test-android looks through.
 */
class OutcomeTest {
    private val prompt = "an old ${Rig.MARK} woman, ${Rig.MARK}"
    private val ledger = Rig.folder()
    private val options = Rig.options(FileLedgerStore(ledger))

    private class Case(val name: String, val ends: String, val use: suspend () -> Unit)

    private fun draws(name: String, ends: String, cloud: String?, with: PipelineOptions = options, settings: Settings = Rig.quick) = Case(name, ends) {
        val deadline = if ("silent" in cloud.orEmpty()) Rig.short else 20.seconds
        ObclipPipeline.open(Rig.bundle, cloud?.let { Cloud(it, deadline = deadline) }, with).use { it.steps(prompt, settings) }
    }

    private fun cases(): List<Case> {
        val port = ServerSocket(0).use { it.localPort }
        val lies = (Rig.reference["outcomes"] as Json.Fields).values.filterKeys { it !in setOf("honest", "busy") }
        val alone = Settings(steps = 2, mechanism = Mechanism.LOCAL)
        return lies.map { (way, theirs) -> draws(way, theirs["kind"].text, "${Rig.liar}/$way~outcome") } + listOf(
            draws("offline", "UnreachableError", "http://127.0.0.1:$port"),
            draws("no cloud", "InputError", null),
            draws("low memory", "MemoryError", null, Rig.options(memory = { 1L shl 20 }), alone),
            draws("numbers that are none", "LatentError", null, Rig.options(runtime = { Spoiling(HostLiteRtRuntime(it, Rig.liteRt)) }), alone),
            draws("an accelerator that is not there", "AcceleratorError", null,
                Rig.options(runtime = { org.obclip.edge.android.LiteRtRuntime(it, Accelerator.GPU, null) }), alone),
            draws("an option", "InputError", Rig.engine, settings = Rig.quick.copy(sampler = Rig.MARK)),
            draws("a negative prompt", "PrivacyError", Rig.engine, settings = Rig.quick.copy(negativePrompt = "a woman, ${Rig.MARK}")),
            Case("a tampered bundle", "BundleError") {
                val root = Rig.copied()
                File(root, "tokenizer.json").appendText(" ")
                ObclipPipeline.open(root, null, options).use { it.steps(prompt, alone) }
            },
            Case("a graph that changed after it was checked", "DeviceError") {
                val root = Rig.copied()
                ObclipPipeline.open(root, null, options).use {
                    File(root, EdgeBundle.open(root).graph("unet", "tflite").file).writeText("no graph")
                    it.steps(prompt, alone)
                }
            },
            Case("closed", "ClosedError") { Rig.open(null, options).let { it.close(); it.steps(prompt, alone) } },
            Case("a word that gives away", "ImpliedError") { Rig.open(options = options).use { it.steps("a ${Rig.MARK} nun") } },
            Case("left by the person", "IllegalStateException") {
                Rig.open(options = options).use { pipeline -> pipeline.generate(prompt, Rig.quick).collect { if (it is Step.Detected) error("no") } }
            },
        )
    }

    private class Spoiling(private val under: ModelRuntime) : ModelRuntime by under {
        override fun decode(latent: FloatArray) = under.decode(latent).also { it[0] = Float.NaN }
    }

    @Test
    fun whatIsToldHasNoWordOfThePromptAndNothingIsLeft() = runBlocking {
        for (case in cases()) {
            val fault = assertNotNull(runCatching { case.use() }.exceptionOrNull(), case.name)
            assertEquals(case.ends, fault.javaClass.simpleName, "${case.name}: $fault")
            assertSilent(fault, case.name)
            assertClean(case.name)
        }
    }

    @Test
    fun aCancelledRunIsSilentToo() = runBlocking {
        for (way in listOf("silent", "honest")) {
            ObclipPipeline.open(Rig.bundle, Cloud("${Rig.liar}/$way~cancelled"), options).use { pipeline ->
                var told: Throwable? = null
                val run = launch {
                    try {
                        pipeline.generate(prompt, Settings(steps = 60, cloudSteps = 2)).collect { println(it) }
                    } catch (fault: CancellationException) {
                        told = fault
                        throw fault
                    }
                }
                while (Rig.seen("$way~cancelled").none { it["path"].text == "/v1/latents" }) delay(20.milliseconds)
                run.cancel()
                run.join()
                assertSilent(assertNotNull(told), way)
            }
            assertClean(way)
        }
    }

    /** What an app's crash reporter gets: the exception that nobody catches. */
    @Test
    fun anExceptionThatNobodyCatchesIsSilentToo() {
        val caught = ArrayList<Throwable>()
        val thread = Thread { runBlocking { Rig.open(options = options).use { it.steps("a ${Rig.MARK} nun") } } }
        thread.setUncaughtExceptionHandler { _, fault -> caught += fault }
        thread.start()
        thread.join()
        assertEquals("ImpliedError", caught.single().javaClass.simpleName)
        assertSilent(caught.single(), "not caught")
        assertClean("not caught")
    }

    private fun assertSilent(fault: Throwable, name: String) {
        fault.printStackTrace()
        println(fault)
        val all = generateSequence(fault) { it.cause }.take(20).flatMap { sequenceOf(it) + it.suppressed }.toList()
        for (one in all) assertTrue(Rig.MARK !in "$one ${one.message} ${one.localizedMessage} ${one.printed()}", name)
    }

    /** The ledger alone is kept, and the bundle is as it was. */
    private fun assertClean(name: String) {
        assertTrue(ledger.list().orEmpty().toSet() - setOf("ledger.bin", "ledger.lock", "device.key") == emptySet<String>(), name)
        for (file in ledger.listFiles().orEmpty()) assertTrue(Rig.MARK !in file.readText(Charsets.ISO_8859_1), "$name: ${file.name}")
        assertEquals(Rig.reference["bundle_sha256"].text, EdgeBundle.open(Rig.bundle).sha256)
        assertEquals(emptyList(), File("").absoluteFile.list().orEmpty().filter { it != "out.png" }, name)
    }
}
