package org.obclip.edge

import java.io.File
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.obclip.edge.android.LiteRtRuntime
import org.obclip.edge.host.HostLiteRtRuntime

/** The runtime of the Android part, over this machine's libLiteRt.so (src/test/litert): on a JVM, where there is no GPU and no NPU. */
class AndroidRuntimeTest {
    private val bundle = EdgeBundle.open(Rig.bundle)

    @Test
    fun picturesAreThoseOfTheHostsRuntime() = runBlocking {
        val settings = Settings(steps = 3, mechanism = Mechanism.LOCAL)
        val pictures = listOf<RuntimeFactory>(
            RuntimeFactory { LiteRtRuntime(it, Accelerator.CPU, null) },
            RuntimeFactory { HostLiteRtRuntime(it, Rig.liteRt) },
        ).map { runtime ->
            Rig.open(null, Rig.options(runtime = runtime, prewarm = true)).use { pipeline ->
                val finished = pipeline.steps("an old woman", settings).finished
                assertEquals(Accelerator.CPU to Accelerator.CPU, finished.receipt.runtime.let { it.asked to it.used })
                assertEquals(GraphRole.entries.toSet(), finished.receipt.runtime.fullyAccelerated.keys)
                finished.picture.rgb
            }
        }
        assertContentEquals(pictures[0], pictures[1])
    }

    @Test
    fun anAcceleratorThatIsNotThereIsAnError() = runBlocking {
        val empty = Rig.folder()
        val gone = File(empty, "no-such")
        for (accelerator in listOf(Accelerator.GPU, Accelerator.NPU)) {
            for (libraries in listOf(null, empty, gone)) {
                val runtime = RuntimeFactory { LiteRtRuntime(it, accelerator, StartMark(File(Rig.folder(), "mark"), "system"), libraries) }
                val fault = assertFailsWith<AcceleratorError>("$accelerator in $libraries") { Rig.open(null, Rig.options(runtime = runtime)) }
                assertEquals(Accelerator.CPU, fault.instead)
                assertTrue("$accelerator" in fault.message.orEmpty())
            }
        }
    }

    /** LiteRT takes what its NPU does not run to the CPU and does not tell: so the report never says "whole". */
    @Test
    fun anNpuIsNotSaidToRunAllOfAGraph() {
        val libraries = Rig.folder().also { File(it, "libLiteRtDispatch_None.so").writeText("no library") }
        LiteRtRuntime(bundle, Accelerator.NPU, StartMark(File(Rig.folder(), "mark"), "system"), libraries).use { runtime ->
            runtime.prewarm(GraphRole.UNET)
            assertFalse(runtime.report.fullyAccelerated.getValue(GraphRole.UNET))
        }
    }

    @Test
    fun graphsThatCannotBeLoadedAreTheBundles() {
        val folder = Rig.copied()
        val file = bundle.graph("unet", "tflite").file
        val altered = EdgeBundle.open(folder) // checked, and changed afterwards
        File(folder, file).writeBytes(ByteArray(1000))
        LiteRtRuntime(altered, Accelerator.CPU, null).use { runtime ->
            assertFailsWith<BundleError> { runtime.prewarm(GraphRole.UNET) }
            runtime.prewarm(GraphRole.VAE_DECODER)
            runtime.release(GraphRole.VAE_DECODER)
            runtime.prewarm(GraphRole.VAE_DECODER)
        }
    }
}
