package org.obclip.edge

import java.security.MessageDigest
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.runBlocking

/** Requests and pictures against Python's (tests/android_demo/reference.py), with a real engine. */
class PictureTest {
    @Test
    fun everyMemberOfTenSetsGivesPythonsRequest() = runBlocking {
        Rig.open().use { pipeline ->
            var compared = 0
            for (set in Rig.reference["sets"].items) {
                val body = assertNotNull(pipeline.read(set["prompt"].text, seed = Rig.seed)).body
                assertContentEquals(Rig.raw(set["body"].text), body)
                for (member in set["members"].items) {
                    val told = pipeline.read(member["prompt"].text, seed = Rig.seed)
                    assertEquals(member["sha256"].text, sha256(assertNotNull(told).body))
                    assertEquals(member["sha256"].text, told.requestSha256)
                    assertEquals(member["prompt"].text, told.trueMember)
                    compared++
                }
            }
            assertTrue(compared > 100, "$compared members")
        }
    }

    @Test
    fun picturesArePythons() = runBlocking {
        Rig.open(options = Rig.options(prewarm = true)).use { pipeline ->
            for (one in Rig.reference["pictures"].items) {
                val steps = pipeline.steps(one["prompt"].text, settings(one["options"] as Json.Fields))
                val (picture, receipt) = steps.finished.let { it.picture to it.receipt }
                assertTrue(Rig.psnr(Rig.raw(one["rgb"].text), picture.rgb) >= 45.0)
                assertEquals(one["size"].items.map { it.int }, listOf(picture.height, picture.width))
                val theirs = one["receipt"]
                assertEquals(theirs["mechanism"].text, receipt.mechanism)
                assertEquals(theirs["template"].text, receipt.template)
                assertEquals(theirs["guarantee"].text, receipt.guarantee)
                assertEquals(theirs["lexicon"].text, receipt.lexicon)
                assertEquals(theirs["request_sha256"].text, receipt.requestSha256)
                val numbers = listOf(receipt.n, receipt.cloudSteps, receipt.steps, receipt.bytesUp, receipt.bytesDown)
                assertEquals(listOf("n", "cloud_steps", "steps", "bytes_up", "bytes_down").map { theirs[it].int }, numbers)
                assertEquals(one["notes"].items.map { it.text }, receipt.notes)
                assertEquals(if (receipt.n == 0) "" else Rig.engine, receipt.cloud)
                assertEquals(GraphRole.entries.toSet(), receipt.runtime.fullyAccelerated.keys)
                assertInOrder(steps, receipt)
            }
        }
    }

    private fun settings(options: Json.Fields): Settings = Settings(
        steps = options.values["num_inference_steps"]?.int,
        cloudSteps = options.values["cloud_steps"]?.int,
        guidanceScale = (options.values["guidance_scale"] as? Json.Number)?.digits?.toDouble(),
        handover = options.values["handover"]?.text,
        mechanism = if (options.values["mechanism"]?.text == "local") Mechanism.LOCAL else Mechanism.AUTO,
    )

    private fun assertInOrder(steps: List<Step>, receipt: Receipt) {
        val denoised = steps.filterIsInstance<Step.Denoised>()
        val names = steps.map { it.javaClass.simpleName }
        val sent = if (receipt.n > 0) listOf("Sent", "Received") else emptyList()
        assertEquals(listOf("Detected") + sent + denoised.map { "Denoised" } + "Finished", names)
        assertEquals(denoised.indices.toList(), denoised.map { it.index })
        assertTrue(denoised.all { it.total == denoised.size })
        assertEquals(receipt.steps - receipt.cloudSteps, denoised.size)
        val candidates = assertIs<Step.Detected>(steps[0]).candidates
        if (receipt.n == 0) return assertNull(candidates)
        assertEquals(receipt.n, assertNotNull(candidates).members.size)
        assertEquals(receipt.bytesUp, assertIs<Step.Sent>(steps[1]).bytes)
        assertEquals(receipt.bytesDown, assertIs<Step.Received>(steps[2]).bytes)
    }

    @Test
    fun previewsComeOnDemandAndEndInThePicture() = runBlocking {
        Rig.open().use { pipeline ->
            var last: Picture? = null
            val prompt = "an old woman"
            pipeline.generate(prompt, Rig.quick, Rig.seed).collect { step ->
                if (step is Step.Denoised) last = step.preview()
                if (step is Step.Finished) assertTrue(Rig.psnr(assertNotNull(last).rgb, step.picture.rgb) > 45.0)
            }
            assertContentEquals(pipeline.steps(prompt).finished.picture.rgb, pipeline.steps(prompt).finished.picture.rgb)
        }
    }

    @Test
    fun pipelinesAndRunsSideBySideDoNotMix() = runBlocking {
        val prompts = listOf("an old woman", "a young man")
        Rig.open().use { first ->
            val alone = prompts.map { first.steps(it).finished.picture.rgb }
            assertTrue(Rig.psnr(alone[0], alone[1]) < 45.0)
            Rig.open().use { second ->
                val together = List(4) { i -> async { listOf(first, second)[i / 2].steps(prompts[i % 2]).finished.picture.rgb } }.awaitAll()
                together.forEachIndexed { i, rgb -> assertContentEquals(alone[i % 2], rgb) }
            }
            assertContentEquals(alone[0], first.steps(prompts[0]).finished.picture.rgb) // the other one's end is not this one's
        }
    }

    @Test
    fun aSeedIsDrawnAnewForEveryPicture() = runBlocking {
        Rig.open(cloud = null).use { pipeline ->
            val settings = Settings(steps = 1, mechanism = Mechanism.LOCAL)
            val seeds = List(2) { pipeline.generate("a cat", settings).let { flow -> var seed = 0UL; flow.collect { if (it is Step.Finished) seed = it.receipt.seed }; seed } }
            assertTrue(seeds[0] != seeds[1])
        }
    }

    @Test
    fun loadingIsTold() = runBlocking {
        val told = ArrayList<String>()
        val options = PipelineOptions(Rig.host.words(), { org.obclip.edge.host.HostLiteRtRuntime(it, Rig.liteRt) }) { told += "${it.stage} ${it.done == it.total}" }
        ObclipPipeline.open(Rig.bundle, null, options).close()
        assertEquals("vae_decoder true", told.last())
        assertTrue("bundle true" in told && "words true" in told && "unet false" in told)
    }

    private fun sha256(bytes: ByteArray) = hex(MessageDigest.getInstance("SHA-256").digest(bytes))
}
