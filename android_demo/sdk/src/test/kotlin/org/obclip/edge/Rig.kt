package org.obclip.edge

import java.io.File
import java.net.URI
import java.nio.file.Files
import java.util.Base64
import kotlin.math.log10
import kotlin.test.fail
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.flow.toList
import org.obclip.edge.host.Host
import org.obclip.edge.host.HostLiteRtRuntime

/** What scripts/test-android tells the tests, and what Python said. */
internal object Rig {
    private fun told(name: String) = System.getProperty("obclip.$name") ?: error("run these tests with scripts/test-android")

    val bundle = File(told("bundle"))
    val engine = told("engine")
    val liteRt = File(told("litert"))
    val host = Host(File(told("native")), File(told("lexicon")), File(told("second-look")), liteRt)
    val reference = JsonReader.read(File(told("reference")).readBytes()) as Json.Fields
    val vectors = File(told("vectors"))
    val clipTokenizer = File(told("tokenizer"))
    val liar = reference["liar"].text
    val seed = reference["seed"].text.toULong()
    val quick = Settings(steps = 4, cloudSteps = 2)

    /** A word that stands in prompts alone: scripts/test-android looks for it in all that was written. */
    const val MARK = "quizzaciously"

    fun options(ledger: LedgerStore? = null, memory: MemoryGauge? = null, runtime: RuntimeFactory? = null, prewarm: Boolean = false) =
        PipelineOptions(host.words(), runtime ?: RuntimeFactory { HostLiteRtRuntime(it, liteRt) }, ledger, memory, prewarm = prewarm)

    suspend fun open(cloud: String? = engine, options: PipelineOptions = options()) = ObclipPipeline.open(bundle, cloud?.let { Cloud(it) }, options)

    fun folder(): File = Files.createTempDirectory("obclip-test").toFile()

    fun copied(): File = folder().also { bundle.copyRecursively(it, overwrite = true) }

    /** What was asked of the lying cloud. */
    fun seen(way: String): List<Json.Fields> =
        (JsonReader.read(URI("$liar/$way/_seen").toURL().readBytes()) as Json.Items).values.map { it as Json.Fields }

    fun psnr(a: ByteArray, b: ByteArray): Double {
        if (a.size != b.size) fail("pictures of two sizes: ${a.size} and ${b.size}")
        val error = a.indices.sumOf { i -> ((a[i].toInt() and 0xff) - (b[i].toInt() and 0xff)).let { (it * it).toDouble() } } / a.size
        return if (error == 0.0) Double.POSITIVE_INFINITY else 10 * log10(255.0 * 255.0 / error)
    }

    fun raw(text: String): ByteArray = Base64.getDecoder().decode(text)

    val short = 2.seconds
}

internal operator fun Json.get(name: String): Json = (this as Json.Fields).values.getValue(name)
internal val Json.text get() = (this as Json.Text).value
internal val Json.int get() = (this as Json.Number).digits.toInt()
internal val Json.items get() = (this as Json.Items).values

internal suspend fun ObclipPipeline.steps(prompt: String, settings: Settings = Rig.quick, seed: ULong = Rig.seed): List<Step> =
    generate(prompt, settings, seed).toList()

internal val List<Step>.finished get() = last() as Step.Finished

/** All that an exception tells, its causes' words and its stack too. */
internal fun Throwable.printed(): String = stackTraceToString()
