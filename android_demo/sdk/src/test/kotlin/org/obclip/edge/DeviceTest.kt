package org.obclip.edge

import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.obclip.edge.host.HostLiteRtRuntime

/** Graphs: what they may give, what they need, and what is remembered of an accelerator's start. */
class DeviceTest {
    private val local = Settings(steps = 2, mechanism = Mechanism.LOCAL)

    /** The real graphs, watched, and with one number of one graph changed. */
    private class Watched(bundle: EdgeBundle, private val spoiled: GraphRole? = null, private val under: ModelRuntime = HostLiteRtRuntime(bundle, Rig.liteRt)) :
        ModelRuntime by under {
        val released = ArrayList<GraphRole>()

        override fun release(role: GraphRole) {
            released += role
            under.release(role)
        }

        private fun spoil(role: GraphRole, values: FloatArray) = values.also { if (spoiled == role) it[it.size / 2] = Float.NaN }
        override fun encodeText(tokens: IntArray, rows: Int) = spoil(GraphRole.TEXT_ENCODER, under.encodeText(tokens, rows))
        override fun denoise(sample: FloatArray, timestep: Float, states: FloatArray, rows: Int) =
            spoil(GraphRole.UNET, under.denoise(sample, timestep, states, rows))

        override fun decode(latent: FloatArray) = spoil(GraphRole.VAE_DECODER, under.decode(latent))
    }

    @Test
    fun numbersThatAreNotFiniteEndThePicture() = runBlocking {
        for (role in GraphRole.entries) {
            Rig.open(null, Rig.options(runtime = { Watched(it, role) })).use { pipeline ->
                val fault = assertFailsWith<ObclipError>("$role") { pipeline.steps("a cat", local) }
                assertTrue(fault is DeviceError || fault is LatentError, "$role: $fault") // as the reference calls each
            }
        }
        Rig.open(null, Rig.options(runtime = { Watched(it, GraphRole.VAE_DECODER) })).use { pipeline ->
            assertFailsWith<ObclipError> {
                pipeline.generate("a cat", local).collect { if (it is Step.Denoised) it.preview() }
            }
        }
        Unit
    }

    @Test
    fun littleMemory() = runBlocking {
        assertFailsWith<MemoryError> { Rig.open(null, Rig.options(memory = { 1L shl 20 })) }
        // Enough at the start, too little when the decoder is to be loaded beside the UNet.
        var free = 1L shl 40
        lateinit var watched: Watched
        val options = Rig.options(memory = { free }, runtime = { bundle -> Watched(bundle).also { watched = it } })
        Rig.open(null, options).use { pipeline ->
            val first = pipeline.steps("a cat", local).finished.picture.rgb
            assertEquals(emptyList(), watched.released)
            free = 1L shl 20
            assertEquals(Double.POSITIVE_INFINITY, Rig.psnr(first, pipeline.steps("a cat", local).finished.picture.rgb))
            assertEquals(listOf(GraphRole.UNET), watched.released)
        }
    }

    @Test
    fun anAcceleratorThatTookTheAppDownIsRemembered() {
        val file = File(Rig.folder(), "mark")
        val mark = StartMark(file, "system 1")
        assertNull(mark.crashed())
        assertEquals(7, mark.starting(Accelerator.GPU) { assertTrue(file.isFile); 7 })
        assertFailsWith<IllegalStateException> { mark.starting(Accelerator.GPU) { error("told, so no crash") } }
        assertFalse(file.exists())
        // The app ended in the midst of it: the mark is what is left.
        mark.starting(Accelerator.NPU) { file.copyTo(File(file.path + ".kept")) }
        File(file.path + ".kept").renameTo(file)
        assertEquals(Accelerator.NPU, StartMark(file, "system 1").crashed())
        assertNull(StartMark(file, "system 2").crashed(), "after an update it is tried again")
        assertEquals(Accelerator.CPU, assertFailsWith<AcceleratorError> { StartMark(file, "system 1").check(Accelerator.NPU) }.instead)
        StartMark(file, "system 1").check(Accelerator.GPU)
        StartMark(file, "system 1").check(Accelerator.CPU)
        mark.forget()
        mark.check(Accelerator.NPU)
    }

    @Test
    fun graphsThatDoNotFitTheirManifest() {
        EdgeBundle.open(Rig.bundle).let { bundle ->
            HostLiteRtRuntime(bundle, Rig.liteRt).use { runtime ->
                assertFailsWith<BundleError> { runtime.decode(FloatArray(5)) }
                assertFailsWith<BundleError> { runtime.encodeText(IntArray(6), 2) }
                assertTrue(runtime.report.fullyAccelerated.isEmpty())
                runtime.prewarm(GraphRole.UNET)
                assertEquals(setOf(GraphRole.UNET), runtime.report.fullyAccelerated.keys)
                runtime.close()
                assertFailsWith<ClosedError> { runtime.prewarm(GraphRole.UNET) }
            }
        }
        assertFailsWith<DeviceError> { HostLiteRtRuntime(EdgeBundle.open(Rig.bundle), File(Rig.folder(), "libLiteRt.so")) }
    }

    @Test
    fun rowsOfAnyNumberGoThroughTheNearestSignature() {
        HostLiteRtRuntime(EdgeBundle.open(Rig.bundle), Rig.liteRt).use { runtime ->
            val length = 32
            val two = IntArray(2 * length) { it % 7 + 1 }
            val both = runtime.encodeText(two, 2)
            val one = runtime.encodeText(two.copyOf(length), 1)
            assertEquals(both.copyOf(both.size / 2).toList(), one.toList())
        }
    }
}
