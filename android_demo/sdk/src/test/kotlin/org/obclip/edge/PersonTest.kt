package org.obclip.edge

import java.io.File
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.obclip.edge.host.FileLedgerStore

/** What the person decides, what is entered in the ledger, and what nobody else is told. */
class PersonTest {
    private val implied = "a person in a hijab with a ${Rig.MARK} cat"
    private val asking = Rig.quick.copy(onImplied = OnImplied.ASK)
    private val subset = Rig.quick.copy(mechanism = Mechanism.K_SUBSET, epsilon = 1.0, maxCandidates = 4)

    @Test
    fun findingsAreDecidedByThePerson() = runBlocking {
        Rig.open().use { pipeline ->
            val steps = ArrayList<Step>()
            pipeline.generate(implied, asking, Rig.seed).take(2).collect { step ->
                steps += step
                if (step is Step.Undecided) {
                    assertFailsWith<InputError> { step.decide(emptyList()) }
                    launch { step.decide(step.findings.map { Decision.ALLOW }) } // later, from elsewhere
                }
            }
            val findings = assertIs<Step.Undecided>(steps[0]).findings
            assertEquals("hijab" to "head covering", findings.single().surface to findings.single().instead)
            assertEquals("religion", findings.single().axis)
            val at = implied.indexOf("hijab")
            assertEquals(at to at + 5, findings.single().start to findings.single().end)
            val candidates = assertNotNull(assertIs<Step.Detected>(steps[1]).candidates)
            assertTrue(candidates.members.all { "hijab" in it })
            // The same by the dry run, and other words by another decision.
            assertContentEquals(candidates.body, assertNotNull(pipeline.read(implied, asking, Rig.seed) { listOf(Decision.ALLOW) }).body)
            assertTrue(assertNotNull(pipeline.read(implied, asking, Rig.seed) { listOf(Decision.SLOT) }).members.size > 1)
            val wider = assertNotNull(pipeline.read(implied, asking, Rig.seed) { listOf(Decision.GENERALISE) })
            assertTrue(wider.members.all { "head covering" in it })
            assertFailsWith<ImpliedError> { pipeline.read(implied, asking, Rig.seed) { listOf(Decision.REFUSE) } }
            assertFailsWith<ImpliedError> { pipeline.read(implied, asking) }
            val fault = assertFailsWith<ImpliedError> { pipeline.steps(implied) } // the default refuses
            assertTrue("hijab" in fault.detail && "hijab" !in fault.printed())
        }
    }

    @Test
    fun aDrawIsKeptAndPaidOnce() = runBlocking {
        val folder = File(Rig.folder(), "ledger")
        Rig.open("${Rig.liar}/honest~person", Rig.options(FileLedgerStore(folder))).use { pipeline ->
            val shown = assertNotNull(pipeline.read("an old woman", subset))
            assertNotNull(shown.epsilon)
            assertTrue(!File(folder, "ledger.bin").exists(), "a dry run enters nothing")
            val first = pipeline.steps("an old woman", subset).finished.receipt
            assertEquals("k-subset", first.mechanism)
            assertTrue(first.epsilonSpent in 0.99..1.01 && first.epsilonTotal == first.epsilonSpent)
            val again = pipeline.steps("a young man", subset).finished.receipt // the same template: the draw is the kept one
            assertEquals(0.0, again.epsilonSpent)
            assertEquals(first.requestSha256, again.requestSha256)
        }
        val kept = File(folder, "ledger.bin").readBytes()
        assertTrue(kept.decodeToString(0, 16) == "obclip-ledger-1\n")
        assertEquals(setOf("ledger.bin", "ledger.lock", "device.key"), folder.list().orEmpty().toSet())
        // A second process or pipeline reads the same.
        Rig.open(null, Rig.options(FileLedgerStore(folder))).use {
            assertEquals(1.0, assertNotNull(it.read("an old woman", subset)).epsilon ?: 0.0, 0.01)
        }
        File(folder, "ledger.bin").writeBytes(kept.also { it[kept.size / 2] = (it[kept.size / 2] + 1).toByte() })
        Rig.open(null, Rig.options(FileLedgerStore(folder))).use { assertFailsWith<LedgerError> { it.read("an old woman", subset) } }
        File(folder, "device.key").delete()
        assertFailsWith<LedgerError> { FileLedgerStore(folder).locked {} }
        Unit
    }

    @Test
    fun withoutALedgerNothingIsSpent() = runBlocking {
        val before = Rig.seen("honest~person").size
        val broken = object : LedgerStore {
            override fun <T> locked(use: (LedgerRecord) -> T): T = use(object : LedgerRecord {
                override val bytes = ByteArray(0)
                override val key = ByteArray(32)
                override fun store(bytes: ByteArray) = throw LedgerError("the disk is full")
            })
        }
        for (ledger in listOf(null, broken)) {
            Rig.open("${Rig.liar}/honest~person", Rig.options(ledger)).use { assertFailsWith<LedgerError> { it.steps("an old woman", subset) } }
        }
        assertEquals(before, Rig.seen("honest~person").size)
        // What spends nothing goes on, and says so.
        Rig.open("${Rig.liar}/honest~person", Rig.options(broken)).use {
            assertTrue(it.steps("an old woman").finished.receipt.notes.any { note -> "not in the ledger" in note })
        }
    }

    @Test
    fun nothingOfAPromptIsInWhatIsPrinted() = runBlocking {
        Rig.open(options = Rig.options(FileLedgerStore(File(Rig.folder(), "ledger")))).use { pipeline ->
            val prompts = listOf("an old ${Rig.MARK} woman", implied, "${Rig.MARK} ".repeat(200), "x\ud800 ${Rig.MARK}", "an old woman named ${Rig.MARK} Smith")
            for (prompt in prompts) {
                try {
                    for (step in pipeline.generate(prompt, Rig.quick).toList()) {
                        println(step) // into what scripts/test-android looks through
                        if (step is Step.Detected) println("${step.candidates} ${step.candidates?.attributes}")
                        if (step is Step.Finished) println("${step.receipt} ${step.picture}")
                    }
                } catch (fault: ObclipError) {
                    assertTrue(fault.message.orEmpty().isNotEmpty() && fault.detail.isNotEmpty())
                    fault.printStackTrace()
                    assertTrue(Rig.MARK !in fault.printed())
                }
            }
            val asked = assertIs<Step.Undecided>(pipeline.generate(implied, asking).first())
            println("$asked ${asked.findings}")
            println(Settings(negativePrompt = Rig.MARK))
            val fault = assertFailsWith<InputError> { pipeline.read("an old woman", Rig.quick.copy(negativePrompt = "a woman, ${Rig.MARK}")) }
            fault.printStackTrace()
        }
    }

    @Test
    fun promptsThatCannotBeUsed() = runBlocking {
        Rig.open().use { pipeline ->
            for (prompt in listOf("", " ", "x".repeat(5000), "\ud800")) assertFailsWith<InputError> { pipeline.read(prompt) }
            assertFailsWith<InputError> { pipeline.read("a cat", Settings(steps = 0)) }
            assertFailsWith<InputError> { pipeline.read("a cat", Settings(steps = 3, cloudSteps = 4)) }
            assertFailsWith<InputError> { pipeline.read("a cat", Settings(sampler = "no-such")) }
        }
        Rig.open(null).use { pipeline -> assertFailsWith<InputError> { pipeline.steps("an old woman") } }
        Unit
    }
}
