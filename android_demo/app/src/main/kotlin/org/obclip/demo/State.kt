package org.obclip.demo

import java.security.SecureRandom
import kotlinx.coroutines.CompletableDeferred
import org.obclip.edge.Candidates
import org.obclip.edge.Decision
import org.obclip.edge.Finding
import org.obclip.edge.Mechanism
import org.obclip.edge.Picture
import org.obclip.edge.Receipt

/** Whether the models are here. */
internal sealed interface Setup {
    object Starting : Setup
    object Missing : Setup
    object Preparing : Setup
    object NoLibrary : Setup
    class Failed(val trouble: Trouble) : Setup
    object Ready : Setup
}

/** What the device makes of the prompt. */
internal sealed interface Reading {
    object Empty : Reading

    /** `null`: nothing would be sent. */
    class Known(val candidates: Candidates?) : Reading

    /** The person will be asked about these before anything is sent. */
    class Asking(val findings: List<Finding>) : Reading
    class Refused(val message: String) : Reading
}

internal enum class Stage { READING, ASKING, SENT, FINISHING }

/** One picture in the making. [up] and [down] are bytes; 0: not there yet. */
internal class Run(
    val isLocal: Boolean,
    val stage: Stage = Stage.READING,
    val up: Int = 0,
    val down: Int = 0,
    val attempt: Int = 1,
    /** `elapsedRealtime` when the request went. */
    val since: Long = 0,
    val step: Int = 0,
    val total: Int = 0,
    val preview: Picture? = null,
) {
    fun copy(
        isLocal: Boolean = this.isLocal, stage: Stage = this.stage, up: Int = this.up, down: Int = this.down,
        attempt: Int = this.attempt, since: Long = this.since, step: Int = this.step, total: Int = this.total,
        preview: Picture? = this.preview,
    ) = Run(isLocal, stage, up, down, attempt, since, step, total, preview)
}

internal class Result(val picture: Picture, val receipt: Receipt)

/** What went wrong, until the next try: for the screen, and for nothing else. */
internal class Trouble(val title: Int, val advice: Int, val message: String, val remedies: List<Remedy>)

/** What can be done at once: a button beside the message. */
internal enum class Remedy { RETRY, SETTINGS, ALONE, MODELS, EDIT }

/** Findings that wait for the person's answer. */
internal class Asked(val findings: List<Finding>) {
    val answer = CompletableDeferred<List<Decision>>()
}

/** What the app knows. The prompt stands here and in its text field only; hence no data class, which would print it. */
internal class State(
    val preferences: Preferences,
    val token: String = "",
    /** The person chose to draw on this device alone, for now. */
    val isAlone: Boolean = false,
    val setup: Setup = Setup.Starting,
    val prompt: String = "",
    /** Of the next picture: drawn before the prompt is known, so that what is shown is what is sent, to the byte. */
    val seed: ULong = freshSeed(),
    /** A picture was drawn with it; the next one takes a new one. */
    val isSeedSpent: Boolean = false,
    val decisions: Decisions = Decisions(),
    val reading: Reading = Reading.Empty,
    val asked: Asked? = null,
    val run: Run? = null,
    val result: Result? = null,
    val trouble: Trouble? = null,
    /** A line that is no fault: cancelled, stopped. */
    val said: Int? = null,
) {
    /** Whether the next picture is drawn without asking anybody. */
    val drawsAlone: Boolean
        get() = isAlone || preferences.cloud.isEmpty() || preferences.mechanism == Mechanism.LOCAL || preferences.cloudSteps == 0

    fun copy(
        preferences: Preferences = this.preferences, token: String = this.token, isAlone: Boolean = this.isAlone,
        setup: Setup = this.setup, prompt: String = this.prompt, seed: ULong = this.seed,
        isSeedSpent: Boolean = this.isSeedSpent, decisions: Decisions = this.decisions, reading: Reading = this.reading,
        asked: Asked? = this.asked, run: Run? = this.run, result: Result? = this.result,
        trouble: Trouble? = this.trouble, said: Int? = this.said,
    ) = State(preferences, token, isAlone, setup, prompt, seed, isSeedSpent, decisions, reading, asked, run, result, trouble, said)
}

/** From the system's CSPRNG, never from the prompt. */
internal fun freshSeed(): ULong = SecureRandom().nextLong().toULong()

/** The one store: what the app knows, and who is told when it changes. On the main thread alone. */
internal class Store(first: State) {
    var state: State = first
        private set
    private val listeners = LinkedHashSet<(State, State) -> Unit>()

    fun update(change: (State) -> State) {
        val before = state
        state = change(before)
        for (listener in listeners.toList()) listener(state, before)
    }

    /** Called now and after every change, until [forget]. */
    fun watch(listener: (state: State, before: State) -> Unit) {
        listeners += listener
        listener(state, state)
    }

    fun forget(listener: (State, State) -> Unit) {
        listeners -= listener
    }
}

/** What the person decided about words that say who somebody is: for this prompt, in memory alone. */
internal class Decisions(private val made: Map<Pair<String, String>, Decision> = emptyMap()) {
    val isEmpty: Boolean get() = made.isEmpty()

    fun areAllMade(findings: List<Finding>): Boolean = findings.all { name(it) in made }

    /** One decision for each; what was not decided is refused. */
    fun settle(findings: List<Finding>): List<Decision> = findings.map { made[name(it)] ?: Decision.REFUSE }

    /** With what the dialog answered. A refusal is not kept: the person is asked again. */
    fun with(findings: List<Finding>, chosen: List<Decision>): Decisions {
        val kept = LinkedHashMap(made)
        findings.zip(chosen).forEach { (finding, decision) ->
            if (decision == Decision.REFUSE) kept.remove(name(finding)) else kept[name(finding)] = decision
        }
        return Decisions(kept)
    }

    private fun name(finding: Finding) = finding.axis to finding.surface.lowercase()
}
