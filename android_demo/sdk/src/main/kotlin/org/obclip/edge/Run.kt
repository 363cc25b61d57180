package org.obclip.edge

import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.FlowCollector

/**
 * One picture: asks the session what is next, and does it. Every step is told in the collector's own coroutine and the
 * next one waits for it, so that who leaves the flow at [Step.Detected] leaves before anything is sent.
 */
internal class Run(
    private val parts: Parts,
    private val prompt: String,
    private val settings: Settings,
    private val seed: ULong,
    private val coins: ByteArray,
) {
    private val clock = Clock()
    private var answered: Cloud.Response? = null
    private var states = FloatArray(0)

    /** The session, wherever the run is cancelled. */
    @Volatile private var held: Session? = null

    suspend fun make(to: FlowCollector<Step>) {
        clock.begin()
        try {
            val session = read(to, dry = false)
            to.emit(Step.Detected(session.candidates()))
            while (true) {
                parts.checkOpen()
                currentCoroutineContext().ensureActive()
                if (advance(session, to)) return
            }
        } finally {
            held?.close()
        }
    }

    /** What would be sent; nothing is entered in the ledger. */
    suspend fun candidates(to: FlowCollector<Step>): Candidates? = try {
        read(to, dry = true).candidates()
    } finally {
        held?.close()
    }

    // -- reading

    private suspend fun read(to: FlowCollector<Step>, dry: Boolean): Session {
        var decisions: List<Decision>? = null
        while (true) {
            when (val read = clock.time("detect") { parts.working { reading(decisions, dry) } }) {
                is Reading.Known -> return read.session
                is Reading.Asks -> {
                    // The ledger's lock is not held while the person thinks: the prompt is read again afterwards.
                    val step = Step.Undecided(read.findings)
                    to.emit(step)
                    decisions = parts.orClosed { step.decided.await() }
                }
            }
        }
    }

    private sealed interface Reading {
        class Known(val session: Session) : Reading
        class Asks(val findings: List<Finding>) : Reading
    }

    private fun reading(decisions: List<Decision>?, dry: Boolean): Reading {
        val ledger = parts.ledger ?: return reading(decisions, null as LedgerRecord?)
        return ledger.locked { record -> reading(decisions, if (dry) Rehearsed(record) else record) }
    }

    private fun reading(decisions: List<Decision>?, record: LedgerRecord?): Reading {
        val values = parts.bundle.manifest.numbers + settings.values() + mapOf("cloud_checked" to "${parts.isCloudChecked}")
        val session = parts.core.options(values, parts.tokenizer, record, System.currentTimeMillis() / 1000).use {
            parts.core.session(it, prompt, seed, coins)
        }
        held = session
        while (true) {
            when (val action = session.next()) {
                Action.DETECTED -> return Reading.Known(session)
                Action.NEEDS_DECISION -> {
                    if (decisions == null) return Reading.Asks(session.findings()).also { session.close() }
                    decisions.forEachIndexed { i, decision -> session.decide(i, decision) }
                }
                Action.STORE -> session.stored(isStored(record, session))
                Action.STOPPED -> throw stopped(session)
                else -> error("the core asked for $action while it read")
            }
        }
    }

    private fun isStored(record: LedgerRecord?, session: Session): Boolean = try {
        record?.store(session.bytes(Field.LEDGER_BYTES))
        record != null
    } catch (_: LedgerError) {
        false // the core knows whether the guarantee needs the entry
    }

    // -- the rest; `true` when the picture is done

    private suspend fun advance(session: Session, to: FlowCollector<Step>): Boolean {
        when (val action = session.next()) {
            Action.SEND -> send(session, to)
            Action.ENCODE_TEXT -> {
                answered?.let { if (session.count(Field.BYTES_DOWN) > 0) to.emit(Step.Received(it.answer.body.size)) }
                val tokens = session.ints(Field.TOKENS)
                val rows = session.count(Field.ROWS)
                states = clock.time("finish") { parts.graph { it.encodeText(tokens, rows) } }
                session.floats(states)
            }
            Action.DENOISE -> {
                val sample = session.floats(Field.SAMPLE)
                val timestep = session.number(Field.TIMESTEP).toFloat()
                val rows = session.count(Field.ROWS)
                session.floats(clock.time("finish") { parts.graph { it.denoise(sample, timestep, states, rows) } })
            }
            Action.STEP -> to.emit(
                Step.Denoised(session.count(Field.STEP_INDEX) - 1, session.count(Field.STEPS), session.number(Field.TIMESTEP),
                    session.floats(Field.LATENT_FLOATS), parts::preview))
            Action.DECODE -> {
                val latent = session.floats(Field.LATENT_FLOATS)
                session.floats(clock.time("decode") { parts.decode(latent) })
            }
            Action.DONE -> {
                val receipt = session.receipt(seed, answered?.shown.orEmpty(), parts.runtime.report, clock.all())
                to.emit(Step.Finished(session.picture(), receipt))
                return true
            }
            Action.STOPPED -> throw stopped(session)
            else -> error("the core asked for $action in the midst of a picture")
        }
        return false
    }

    private suspend fun send(session: Session, to: FlowCollector<Step>) {
        val cloud = parts.cloud ?: throw InputError(
            "no cloud was given: open the pipeline with one, or choose Mechanism.LOCAL to stay on the device")
        val request = session.outgoing()
        clock.begin("cloud")
        val response = cloud.send(
            request,
            telling = { attempt -> request.body?.let { to.emit(Step.Sent(it.size, attempt)) } },
            waiting = { exchange -> parts.orClosed { exchange() } },
        )
        clock.end("cloud")
        answered = response
        session.response(response.answer.status, response.answer.body)
        if (request.body == null && response.answer.status == 200) isHealthAsked = true
        if (request.body != null && isHealthAsked) parts.isCloudChecked = true // the core went on: it serves this pair
    }

    private var isHealthAsked = false

    private fun stopped(session: Session): ObclipError {
        val detail = session.text(Field.MESSAGE)
        return refused(session.count(Field.REFUSAL), parts.cloud?.scrub(detail) ?: detail, answered?.answer?.status)
    }
}

/** Adds up milliseconds by phase. */
internal class Clock {
    private val ms = linkedMapOf("detect" to 0.0, "cloud" to 0.0, "finish" to 0.0, "decode" to 0.0)
    private val began = HashMap<String, Long>()

    fun begin(phase: String = "total") {
        began[phase] = System.nanoTime()
    }

    fun end(phase: String) {
        ms[phase] = (ms[phase] ?: 0.0) + (System.nanoTime() - began.getValue(phase)) / 1e6
    }

    suspend fun <T> time(phase: String, work: suspend () -> T): T {
        begin(phase)
        return work().also { end(phase) }
    }

    fun all(): Map<String, Double> {
        end("total")
        return LinkedHashMap(ms)
    }
}
