package org.obclip.edge

import java.net.ServerSocket
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.measureTime
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking

/** Clouds that lie, die and say nothing (tests/android_demo/liar.py): the same ends as Python's, and then a picture. */
class CloudTest {
    private val prompt = "an old ${Rig.MARK} woman"

    /** Long before the cloud's silence ends (30 s) or the deadline; on a busy machine too. */
    private val soon = 10.seconds

    @Test
    fun everyLieEndsAsInPython() = runBlocking {
        val settings = Rig.quick
        for (way in listOf("honest", "busy")) assertEquals("picture", Rig.reference["outcomes"][way]["kind"].text, way)
        for ((way, theirs) in (Rig.reference["outcomes"] as Json.Fields).values) {
            val deadline = if (way.startsWith("silent")) Rig.short else 20.seconds
            ObclipPipeline.open(Rig.bundle, Cloud("${Rig.liar}/$way", token = "secret-token-1", deadline = deadline), Rig.options()).use { pipeline ->
                val fault = runCatching { pipeline.steps(prompt, settings) }.exceptionOrNull()
                val kind = if (fault == null) "picture" else fault.javaClass.simpleName
                assertEquals(theirs["kind"].text to theirs["exit_code"].int, kind to ((fault as? ObclipError)?.exitCode ?: 0), way)
                val told = (fault as? ObclipError)?.let { it.detail + it.printed() }.orEmpty()
                assertTrue("secret-token" !in told && Rig.MARK !in told, "$way: $told")
            }
            val posts = Rig.seen(way).filter { it["path"].text == "/v1/latents" }
            assertEquals(Rig.reference["requests"][way].int, posts.size, way)
            assertEquals(if (posts.isEmpty()) 0 else 1, posts.map { it["sha256"].text }.toSet().size, "$way: other bytes on another try")
        }
        // What was asked of the honest one, by its headers.
        val headers = Rig.seen("honest").last()["headers"] as Json.Fields
        assertEquals("Bearer secret-token-1", headers["authorization"].text)
        assertEquals("obclip", headers["user-agent"].text)
        assertEquals("identity", headers["accept-encoding"].text)
        assertEquals(setOf("content-type", "accept", "accept-encoding", "user-agent", "connection", "host", "content-length", "authorization"), headers.values.keys)
        assertTrue(Rig.seen("redirect").size == 1) // and nobody went where it pointed
    }

    @Test
    fun nobodyThere() = runBlocking {
        val port = ServerSocket(0).use { it.localPort }
        for (address in listOf("http://127.0.0.1:$port", "http://no-such-name.invalid", "https://127.0.0.1:${Rig.engine.substringAfterLast(':')}")) {
            Rig.open(cloud = address).use { pipeline ->
                val fault = assertFailsWith<UnreachableError> { pipeline.steps(prompt) }
                assertEquals(3, fault.exitCode)
                assertTrue(Rig.MARK !in fault.printed() + fault.detail)
                // On the device alone it still works.
                pipeline.steps(prompt, Settings(steps = 1, mechanism = Mechanism.LOCAL)).finished
            }
        }
    }

    @Test
    fun aSecondAddressAnswersWhereTheFirstDoesNot() = runBlocking {
        val port = ServerSocket(0).use { it.localPort }
        val cloud = Cloud(listOf("http://user:pass-word@127.0.0.1:$port", Rig.engine))
        assertEquals("Cloud(http://127.0.0.1:$port, ${Rig.engine})", "$cloud")
        ObclipPipeline.open(Rig.bundle, cloud, Rig.options()).use {
            assertEquals(Rig.engine, it.steps("an old woman").finished.receipt.cloud)
        }
    }

    @Test
    fun addressesAndLoginsThatCannotBeUsed() {
        for (address in listOf("", "ftp://a.example", "http://", "http://a.example:70000", "http://a.example/#x", "a b")) {
            assertFailsWith<CloudError>(address) { Cloud(address) }
        }
        assertFailsWith<InputError> { Cloud("http://a.example", token = "two\nlines") }
        assertFailsWith<InputError> { Cloud("https://user:pw@a.example", token = "x") }
        assertFailsWith<InputError> { Cloud("http://a.example", pins = Pins("ab".repeat(32), "cd".repeat(32), Long.MAX_VALUE)) }
    }

    @Test
    fun cancelledWhileItWaitsForTheCloud() = runBlocking {
        ObclipPipeline.open(Rig.bundle, Cloud("${Rig.liar}/silent~left"), Rig.options()).use { pipeline ->
            val job = waitingFor<Step.Sent>(pipeline)
            delay(200.milliseconds)
            assertTrue(measureTime { job.cancelAndJoin() } < soon)
            pipeline.steps(prompt, Settings(steps = 1, mechanism = Mechanism.LOCAL)).finished
        }
    }

    @Test
    fun cancelledBetweenTwoGraphCalls() = runBlocking {
        Rig.open().use { pipeline ->
            assertTrue(measureTime { waitingFor<Step.Denoised>(pipeline).cancelAndJoin() } < 20.seconds)
            val whole = pipeline.steps(prompt).finished.picture.rgb
            assertEquals(Double.POSITIVE_INFINITY, Rig.psnr(whole, pipeline.steps(prompt).finished.picture.rgb))
        }
    }

    @Test
    fun whoLeavesAtDetectedSendsNothing() = runBlocking {
        val before = Rig.seen("honest~left").size
        ObclipPipeline.open(Rig.bundle, Cloud("${Rig.liar}/honest~left"), Rig.options()).use { pipeline ->
            assertFailsWith<IllegalStateException> {
                pipeline.generate(prompt, Rig.quick).collect { if (it is Step.Detected) error("the person said no") }
            }
        }
        assertEquals(before, Rig.seen("honest~left").size)
    }

    @Test
    fun closingEndsWhatWaitsAndWhatComesAfter() = runBlocking {
        val pipeline = ObclipPipeline.open(Rig.bundle, Cloud("${Rig.liar}/silent~closed"), Rig.options())
        coroutineScope {
            val run = async { runCatching { pipeline.steps(prompt) } }
            while (Rig.seen("silent~closed").none { it["path"].text == "/v1/latents" }) delay(50.milliseconds)
            delay(300.milliseconds)
            pipeline.close()
            val ended: Duration = measureTime { assertTrue(run.await().exceptionOrNull() is ClosedError) }
            assertTrue(ended < soon)
        }
        pipeline.close()
        assertFailsWith<ClosedError> { pipeline.steps(prompt) }
        assertFailsWith<ClosedError> { pipeline.read(prompt) }
        Unit
    }

    /** A run that has come as far as a step, and is still at it. */
    private suspend inline fun <reified T : Step> waitingFor(pipeline: ObclipPipeline): Job = coroutineScope {
        val there = Job()
        val job = CoroutineScope(Dispatchers.Default).launch {
            try {
                pipeline.generate(prompt, Settings(steps = 60, cloudSteps = 2), Rig.seed).collect { if (it is T) there.complete() }
            } finally {
                there.complete()
            }
        }
        there.join()
        job
    }

    @Test
    fun whatRetryAfterSays() {
        val now = 1_700_000_000_000
        assertEquals(7000, Tries.toldWait(" 7 ", now))
        assertEquals(0, Tries.toldWait("soon", now))
        assertEquals(0, Tries.toldWait("-3", now))
        assertEquals(10_000, Tries.toldWait("Tue, 14 Nov 2023 22:13:30 GMT", now))
        assertTrue(Tries.toldWait("99999999999", now) > 1_000_000_000)
        val waited = List(50) { Tries.waitBefore(0, "") }
        assertTrue(waited.all { it in 500..625 } && waited.toSet().size > 5)
    }
}
