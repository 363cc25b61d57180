package org.obclip.edge

import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNotNull
import kotlinx.coroutines.runBlocking

/** The JNI layer alone, without LiteRT: scripts/test-android runs it a second time under `-Xcheck:jni`. */
class NativeTest {
    @Test
    fun theNativeLayerRefusesMisuse() {
        assertEquals(1, Native.abi())
        assertFailsWith<IllegalArgumentException> { Native.next(0) }
        assertFailsWith<IllegalArgumentException> { Native.get(0, Field.MESSAGE, 0) }
        assertFailsWith<IllegalArgumentException> { Native.number(0, Field.STEPS, 0) }
        assertFailsWith<IllegalArgumentException> { Native.giveFloats(0, FloatArray(1)) }
        assertFailsWith<LexiconError> { Core.open(WordLists(ByteArray(0), ByteArray(0))) }
        val words = Rig.host.words()
        assertFailsWith<LexiconError> { Core.open(WordLists(words.lexicon.copyOf().also { it[it.size / 2] = (it[it.size / 2] + 1).toByte() }, words.secondLook)) }
        Core.open(words).use { core ->
            val tokenizer = File(Rig.bundle, "tokenizer.json").readBytes()
            val numbers = EdgeBundle.open(Rig.bundle).manifest.numbers
            assertFailsWith<InputError> { core.options(mapOf("no_such" to "1"), tokenizer, null, 0) }
            assertFailsWith<InputError> { core.options(mapOf("steps" to "many"), tokenizer, null, 0) }
            assertFailsWith<BundleError> { core.options(emptyMap(), ByteArray(3), null, 0) }
            val session = core.options(numbers + ("mechanism" to "local"), tokenizer, null, 0).use { core.session(it, "a cat", 1u, ByteArray(0)) }
            assertFailsWith<IllegalStateException> { session.floats(FloatArray(3)) }
            assertEquals(Action.DETECTED, session.next())
            assertFailsWith<IllegalStateException> { session.response(200, ByteArray(0)) }
            assertEquals(Action.ENCODE_TEXT, session.next())
            assertFailsWith<IllegalStateException> { session.next() }
            session.cancel()
            assertEquals(Action.STOPPED, session.next())
            assertEquals(Refusal.CANCELLED, session.count(Field.REFUSAL))
            session.close()
            session.close()
            assertFailsWith<IllegalArgumentException> { session.next() }
        }
    }

    @Test
    fun aSessionOfNoughtsGoesThrough() {
        val words = Rig.host.words()
        val bundle = EdgeBundle.open(Rig.bundle)
        val shape = bundle.manifest.latentShape.reduce(Int::times)
        Core.open(words).use { core ->
            val values = bundle.manifest.numbers + mapOf("mechanism" to "local", "steps" to "2", "guidance_scale" to "2.0")
            val options = core.options(values, bundle.path("tokenizer.json").readBytes(), null, 0)
            core.session(options, "a cat", 1u, ByteArray(0)).use { session ->
                options.close() // they were copied
                val actions = generateSequence { session.next() }.onEach { action ->
                    when (action) {
                        Action.ENCODE_TEXT -> session.floats(FloatArray(session.ints(Field.TOKENS).size))
                        Action.DENOISE -> session.floats(FloatArray(shape * session.count(Field.ROWS)))
                        Action.DECODE -> session.floats(FloatArray(3 * bundle.imageSize * bundle.imageSize))
                    }
                }.takeWhile { it != Action.DONE }.toList()
                val each = listOf(Action.DENOISE, Action.STEP)
                assertEquals(listOf(Action.DETECTED, Action.ENCODE_TEXT) + each + each + Action.DECODE, actions)
                assertEquals(3 * bundle.imageSize * bundle.imageSize, session.picture().rgb.size)
            }
        }
    }

    @Test
    fun aRequestIsReadAndALedgerIsKept() = runBlocking {
        val none = RuntimeFactory { bundle ->
            object : GraphRuntime(bundle, "none", Accelerator.CPU) {
                override fun load(role: GraphRole, spec: GraphSpec, file: File) = error("no graph runs here")
            }
        }
        val ledger = org.obclip.edge.host.FileLedgerStore(Rig.folder())
        Rig.open(null, Rig.options(ledger, runtime = none)).use { pipeline ->
            val set = Rig.reference["sets"].items.first()
            assertEquals(Rig.raw(set["body"].text).toList(), assertNotNull(pipeline.read(set["prompt"].text, seed = Rig.seed)).body.toList())
            assertFailsWith<InputError> { pipeline.steps("an old woman") } // no cloud; what is entered by then stays
        }
        ledger.locked { assertEquals("obclip-ledger-1\n", it.bytes.decodeToString(0, 16)) }
    }
}
