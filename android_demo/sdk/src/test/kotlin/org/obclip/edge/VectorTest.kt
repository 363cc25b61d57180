package org.obclip.edge

import java.io.File
import java.util.zip.GZIPInputStream
import kotlin.math.abs
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import kotlin.test.fail

/** Every session and every release of edge_core/vectors (its README.md says what they are), through this SDK's binding. */
class VectorTest {
    private val common = JsonReader.read(File(Rig.vectors, "common.json").readBytes())
    private val seed = (common["seed"] as Json.Number).digits.toULong()
    private val coins = ByteArray(4096) { ((167 * it + 13) % 251).toByte() }
    private val tokenizer = Rig.clipTokenizer.readBytes()

    @Test
    fun everySessionIsPlayedAsInPython() {
        var played = 0
        val ends = HashSet<String>()
        Core.open(Rig.host.words()).use { core ->
            for (row in rows("session")) {
                val events = Replay(core, row).run()
                assertSame(row["events"], events, "session $played")
                val last = events.last() as List<*>
                ends += if (last[0] == "stopped") "${last[1]}" else "done"
                played++
            }
        }
        assertTrue(played >= 24, "$played sessions")
        assertTrue(ends.containsAll(listOf("done", "CANCELLED", "IMPLIED")), "$ends")
    }

    @Test
    fun everyPromptIsReleasedOrRefusedAsInPython() {
        var stopped = 0
        val all = rows("release")
        Core.open(Rig.host.words()).use { core ->
            all.forEachIndexed { number, row ->
                val released = release(core, row)
                val expected = (row as Json.Fields).values - setOf("prompt", "options")
                assertSame(Json.Fields(expected), released, "release $number")
                if ("stopped" in expected) stopped++
            }
        }
        assertTrue(all.size > 300 && stopped in 20 until all.size / 2, "${all.size} prompts, $stopped refused")
    }

    private fun rows(name: String): List<Json> =
        GZIPInputStream(File(Rig.vectors, "$name.jsonl.gz").inputStream()).bufferedReader().useLines { lines ->
            lines.map { JsonReader.read(it.toByteArray()) }.toList()
        }

    private fun open(core: Core, row: Json): Session {
        val own = strings(row["options"])
        val draws = own["mechanism"] == "k-subset"
        val ledger = if (draws) NewLedger(common["key"].text.chunked(2).map { it.toInt(16).toByte() }.toByteArray()) else null
        return core.options(strings(common["options"]) + own, tokenizer, ledger, common["now"].int.toLong()).use {
            core.session(it, row["prompt"].text, seed, if (draws) coins else ByteArray(0))
        }
    }

    private class NewLedger(override val key: ByteArray) : LedgerRecord {
        override val bytes = ByteArray(0)
        override fun store(bytes: ByteArray) = Unit
    }

    private fun strings(fields: Json) = (fields as Json.Fields).values.mapValues { it.value.text }

    // -- what a prompt is released as

    private fun release(core: Core, row: Json): Map<String, Any?> {
        val session = try {
            open(core, row)
        } catch (fault: InputError) {
            return mapOf("stopped" to listOf(fault.detail))
        }
        session.use {
            var action = session.next()
            if (action == Action.STORE) {
                session.stored(true)
                action = session.next()
            }
            if (action == Action.STOPPED) return mapOf("stopped" to stopped(session))
            assertEquals(Action.DETECTED, action)
            val told = receipt(session).filterKeys { it in setOf("n", "mechanism", "guarantee", "bits", "epsilon", "spent", "notes", "hints") }
            return mapOf("detected" to detected(session), "told" to told)
        }
    }

    // -- a picture from end to end

    private inner class Replay(core: Core, private val row: Json) {
        private val session = open(core, row)
        private val answers = ArrayDeque(row["answers"].items)
        private val events = ArrayList<List<Any?>>()

        fun run(): List<Any?> = session.use {
            while (true) {
                when (session.next()) {
                    Action.NEEDS_DECISION -> decide()
                    Action.DETECTED -> events += listOf("detected", detected(session))
                    Action.STORE -> session.stored(true)
                    Action.SEND -> send()
                    Action.ENCODE_TEXT -> {
                        val ids = session.ints(Field.TOKENS)
                        events += listOf("encode", ids.toList().chunked(session.count(Field.LENGTH)))
                        session.floats(FloatArray(ids.size))
                    }
                    Action.DENOISE -> {
                        val sample = session.floats(Field.SAMPLE)
                        val rows = session.count(Field.ROWS)
                        events += listOf("denoise", rows, session.number(Field.TIMESTEP))
                        val half = FloatArray(sample.size) { sample[it] * 0.5f }
                        session.floats(if (rows == 2) half + sample else half)
                    }
                    Action.STEP -> {
                        val step = session.count(Field.STEP_INDEX)
                        events += listOf("step", step, session.count(Field.STEPS), session.number(Field.TIMESTEP))
                        if ((row["cancel_at"] as? Json.Number)?.digits?.toInt() == step) session.cancel()
                    }
                    Action.DECODE -> {
                        events += listOf("decode", session.floats(Field.LATENT_FLOATS).toList())
                        session.floats(FloatArray(3 * session.count(Field.WIDTH) * session.count(Field.HEIGHT)) { (it % 5 - 2) / 2f })
                    }
                    Action.DONE -> {
                        assertTrue(answers.isEmpty(), "${answers.size} answers were not asked for")
                        events += listOf("done", sha256(session.picture().rgb), receipt(session))
                        break
                    }
                    else -> {
                        events += listOf("stopped") + stopped(session)
                        break
                    }
                }
            }
            events
        }

        private fun decide() {
            val findings = session.findings()
            events += listOf("asked", findings.map { listOf(it.axis, it.surface, it.value, it.instead, it.slot, it.why, it.start, it.end) })
            val decision = Decision.entries.first { it.word == row["decision"].text }
            findings.indices.forEach { session.decide(it, decision) }
        }

        private fun send() {
            val request = session.outgoing()
            val body = request.body ?: ByteArray(0)
            events += listOf("send", request.method, request.path, request.headers.toMap(), body.size, sha256(body))
            val answer = answers.removeFirst().items
            session.response(answer[0].int, Rig.raw(answer[1].text))
        }
    }

    private fun stopped(session: Session): List<Any> {
        val refusal = session.count(Field.REFUSAL)
        val message = session.text(Field.MESSAGE)
        val code = session.count(EXIT_CODE)
        // The SDK's own error of that kind has the same number; a cancelled run is told by its coroutine instead.
        if (refusal != Refusal.CANCELLED) assertEquals(code, refused(refusal, message, null).exitCode)
        return listOf(REFUSALS.getValue(refusal), code, message)
    }

    private fun detected(session: Session): Map<String, Any>? {
        val found = session.candidates() ?: return null
        return mapOf(
            "template" to found.template, "members" to found.members, "axes" to found.axes, "true_member" to found.trueMember,
            "attributes" to found.attributes.mapIndexed { i, one ->
                listOf(one.axis, one.surface, one.value, session.number(Field.ATTRIBUTE_START, i), session.number(Field.ATTRIBUTE_END, i))
            },
            "index" to session.number(Field.INDEX), "exact" to (session.count(Field.EXACT) == 1),
            "bytes" to found.body.size, "sha256" to sha256(found.body).also { assertEquals(found.requestSha256, it) },
        )
    }

    private fun receipt(session: Session): Map<String, Any?> {
        val ran = RuntimeReport("none", Accelerator.CPU, Accelerator.CPU, emptyMap())
        val told = session.receipt(seed, "", ran, emptyMap())
        return mapOf(
            "n" to told.n, "epsilon" to told.epsilon, "spent" to told.epsilonSpent, "total" to told.epsilonTotal, "bits" to told.bits,
            "guarantee" to told.guarantee, "hints" to told.hints.map { listOf(it.first, it.second) }, "mechanism" to told.mechanism,
            "template" to told.template, "axes" to told.axes, "lexicon" to told.lexicon, "up" to told.bytesUp, "down" to told.bytesDown,
            "sha256" to told.requestSha256, "notes" to told.notes,
        )
    }

    private fun sha256(bytes: ByteArray) = hex(java.security.MessageDigest.getInstance("SHA-256").digest(bytes))

    // -- comparing: floats within 0.0001, all else exactly

    private fun assertSame(want: Json, got: Any?, place: String) {
        when (want) {
            is Json.Fields -> {
                val fields = got as? Map<*, *> ?: fail("$place: $got is no object")
                assertEquals(want.values.keys, fields.keys, place)
                for ((name, value) in want.values) assertSame(value, fields[name], "$place $name")
            }
            is Json.Items -> {
                val items = got as? List<*> ?: fail("$place: $got is no list")
                assertEquals(want.values.size, items.size, place)
                want.values.forEachIndexed { i, value -> assertSame(value, items[i], "$place $i") }
            }
            is Json.Number -> {
                val number = (got as? Number ?: fail("$place: $got is no number")).toDouble()
                val wanted = want.digits.toDouble()
                if (want.digits.all { it == '-' || it in '0'..'9' }) assertEquals(wanted, number, place)
                else assertTrue(abs(wanted - number) <= 1e-4 * maxOf(1.0, abs(wanted)), "$place: $wanted and $number")
            }
            is Json.Text -> assertEquals(want.value, got, place)
            is Json.Flag -> assertEquals(want.value, got, place)
            Json.Null -> assertEquals(null, got, place)
        }
    }

    @Test
    fun aDifferenceIsSeen() {
        val want = JsonReader.read("""{"a": [1, 0.5, "x", true, null]}""".toByteArray())
        assertSame(want, mapOf("a" to listOf(1, 0.50001, "x", true, null)), "")
        val others = listOf(listOf(2, 0.5, "x", true, null), listOf(1, 0.6, "x", true, null), listOf(1, 0.5, "y", true, null),
            listOf(1, 0.5, "x", false, null), listOf(1, 0.5, "x", true, 0), listOf(1, 0.5, "x", true), listOf("1", 0.5, "x", true, null))
        for (other in others) assertFailsWith<AssertionError>("$other") { assertSame(want, mapOf("a" to other), "") }
        assertFailsWith<AssertionError> { assertSame(want, mapOf("a" to listOf(1, 0.5, "x", true, null), "b" to 1), "") }
    }

    private companion object {
        /** OBCLIP_EXIT_CODE, which the SDK itself has from its errors. */
        const val EXIT_CODE = 76
        val REFUSALS = mapOf(
            Refusal.INPUT to "INPUT", Refusal.PRIVACY to "PRIVACY", Refusal.IMPLIED to "IMPLIED", Refusal.LEDGER to "LEDGER",
            Refusal.BUDGET to "BUDGET", Refusal.LEXICON to "LEXICON", Refusal.BUNDLE to "BUNDLE", Refusal.CLOUD to "CLOUD",
            Refusal.UNREACHABLE to "UNREACHABLE", Refusal.DEADLINE to "DEADLINE", Refusal.LATENT to "LATENT",
            Refusal.RUNTIME to "RUNTIME", Refusal.CANCELLED to "CANCELLED",
        )
    }
}
