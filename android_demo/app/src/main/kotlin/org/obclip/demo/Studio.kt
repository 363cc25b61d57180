package org.obclip.demo

import android.content.Intent
import android.os.SystemClock
import java.io.File
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import org.obclip.edge.Candidates
import org.obclip.edge.Decision
import org.obclip.edge.Finding
import org.obclip.edge.ObclipPipeline
import org.obclip.edge.Step
import org.obclip.edge.android.LiteRtRuntime
import org.obclip.edge.android.Obclip

/** Opens the pipeline, reads the prompt while it is typed, and makes pictures; whatever ends that is in the state. */
internal class Studio(private val demo: DemoApplication) {
    private val store get() = demo.store
    private var pipeline: ObclipPipeline? = null
    private var opening: Job? = null
    private var reading: Job? = null
    private var drawing: Job? = null

    /** What the pipeline was opened with. */
    private var key: List<Any?> = emptyList()
    private var isWatching = false

    /** Open what is needed, once; called whenever a screen comes up. */
    fun begin() {
        if (isWatching) return
        isWatching = true
        SharedPicture.forget(demo)
        store.watch(::note)
        reopen()
    }

    fun reopen() {
        if (store.state.run != null) {
            key = emptyList() // with the next change
            return
        }
        key = wanted(store.state)
        val before = opening
        opening = demo.scope.launch {
            withContext(NonCancellable) { before?.cancelAndJoin() } // or two would be in memory at once
            open()
        }
    }

    /** On the person's word: an accelerator whose start took the app down is tried once more. */
    fun retry() {
        LiteRtRuntime.startMark(demo).forget()
        reopen()
    }

    fun close() {
        cancel()
        opening?.cancel()
        reading?.cancel()
        demo.scope.launch { closePipeline() }
    }

    private suspend fun closePipeline() {
        val old = pipeline ?: return
        pipeline = null
        withContext(NonCancellable + Dispatchers.IO) { old.close() } // waits for the graph that runs
    }

    private fun wanted(state: State): List<Any?> = with(state.preferences) {
        listOf(cloud, state.token, pin, backup, expires, accelerator, demo.models.pin().sha256)
    }

    private suspend fun open() {
        tell(Setup.Starting)
        closePipeline()
        delay(PAUSE) // an address is still being typed
        val folder = withContext(Dispatchers.IO) { demo.models.installed() }
        if (folder == null) return tell(Setup.Missing)
        tell(Setup.Preparing)
        try {
            pipeline = load(folder)
            tell(Setup.Ready)
            readSoon(0)
        } catch (fault: CancellationException) {
            throw fault
        } catch (_: LinkageError) {
            tell(Setup.NoLibrary)
        } catch (fault: Exception) {
            tell(Setup.Failed(demo.resources.explain(fault)))
        }
    }

    private suspend fun load(folder: File): ObclipPipeline {
        val state = store.state
        val options = withContext(Dispatchers.IO) {
            Obclip.options(demo, state.preferences.accelerator, demo.models.pin().sha256)
        }
        return ObclipPipeline.open(folder, state.preferences.cloud(state.token), options)
    }

    private fun tell(setup: Setup) = store.update { it.copy(setup = setup) }

    private fun note(state: State, before: State) {
        if (state === before) return
        if (wanted(state) != key && state.run == null) reopen()
        val isSame = state.prompt == before.prompt && state.preferences == before.preferences &&
            state.isAlone == before.isAlone && state.seed == before.seed && state.decisions === before.decisions
        if (!isSame) readSoon(PAUSE)
    }

    // -- reading: nothing is sent

    private fun readSoon(after: Long) {
        reading?.cancel()
        reading = demo.scope.launch {
            delay(after)
            val found = read(store.state)
            store.update { it.copy(reading = found) }
        }
    }

    private class Undecided(val findings: List<Finding>) : Exception()

    private suspend fun read(state: State): Reading {
        val prompt = state.prompt.trim()
        val open = pipeline
        if (prompt.isEmpty() || open == null) return Reading.Empty
        return try {
            Reading.Known(candidates(open, prompt, state))
        } catch (fault: CancellationException) {
            throw fault
        } catch (asking: Undecided) {
            Reading.Asking(asking.findings)
        } catch (fault: Exception) {
            // Closed meanwhile: the next one reads it again.
            if (open === pipeline) Reading.Refused(demo.resources.explain(fault).message) else Reading.Empty
        }
    }

    private suspend fun candidates(open: ObclipPipeline, prompt: String, state: State): Candidates? =
        open.read(prompt, state.preferences.settings(state.drawsAlone), state.seed) { findings ->
            if (!state.decisions.areAllMade(findings)) throw Undecided(findings)
            state.decisions.settle(findings)
        }

    // -- drawing

    fun draw() {
        val open = pipeline
        if (open == null || drawing?.isActive == true || store.state.prompt.isBlank()) return
        if (store.state.isSeedSpent) store.update { it.copy(seed = freshSeed(), isSeedSpent = false) }
        val state = store.state
        store.update { it.copy(run = Run(state.drawsAlone), result = null, trouble = null, said = null) }
        demo.startService(Intent(demo, DrawingService::class.java))
        drawing = demo.scope.launch {
            try {
                val settings = state.preferences.settings(state.drawsAlone)
                open.generate(state.prompt.trim(), settings, state.seed).collect { note(it, state.preferences.preview) }
            } catch (_: CancellationException) {
                val wasSent = (store.state.run?.up ?: 0) > 0
                store.update { it.copy(said = if (wasSent) R.string.cancelled_sent else R.string.cancelled) }
            } catch (_: Stopped) {
                store.update { it.copy(said = R.string.t_implied) }
            } catch (fault: Exception) {
                store.update { it.copy(trouble = demo.resources.explain(fault)) }
            } finally {
                store.update { it.copy(run = null, asked = null) }
            }
        }
    }

    fun cancel() {
        drawing?.cancel()
    }

    /** Ask about the findings of the reading, without drawing. */
    fun settle() {
        val found = store.state.reading as? Reading.Asking ?: return
        demo.scope.launch { decide(found.findings) }
    }

    private class Stopped : Exception()

    private suspend fun note(step: Step, previews: Boolean) {
        when (step) {
            is Step.Undecided -> {
                val chosen = decide(step.findings)
                if (Decision.REFUSE in chosen) throw Stopped()
                step.decide(chosen)
            }
            is Step.Detected -> {
                change { it.copy(isLocal = step.candidates == null, stage = if (step.candidates == null) Stage.FINISHING else Stage.READING) }
                if (step.candidates != null) store.update { it.copy(reading = Reading.Known(step.candidates)) }
            }
            is Step.Sent -> {
                store.update { it.copy(isSeedSpent = true) }
                change { it.copy(stage = Stage.SENT, up = step.bytes, attempt = step.attempt, since = SystemClock.elapsedRealtime()) }
            }
            is Step.Received -> change { it.copy(stage = Stage.FINISHING, down = step.bytes) }
            is Step.Denoised -> {
                val preview = if (previews && step.index + 1 < step.total) step.preview() else store.state.run?.preview
                change { it.copy(stage = Stage.FINISHING, step = step.index + 1, total = step.total, preview = preview) }
            }
            is Step.Finished -> store.update { it.copy(isSeedSpent = true, result = Result(step.picture, step.receipt)) }
        }
    }

    private suspend fun decide(findings: List<Finding>): List<Decision> {
        val made = store.state.decisions
        if (made.areAllMade(findings)) return made.settle(findings)
        val asked = Asked(findings)
        change { it.copy(stage = Stage.ASKING) }
        store.update { it.copy(asked = asked) }
        try {
            val chosen = asked.answer.await()
            store.update { it.copy(decisions = it.decisions.with(findings, chosen)) }
            change { it.copy(stage = Stage.READING) }
            return chosen
        } finally {
            store.update { it.copy(asked = null) }
        }
    }

    private fun change(how: (Run) -> Run) = store.update { state -> state.copy(run = state.run?.let(how)) }

    private companion object {
        /** After the last key, in milliseconds: reading takes a few, drawing the list of candidates some more. */
        const val PAUSE = 250L
    }
}
