package org.obclip.edge

import java.io.File
import java.security.SecureRandom
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.FlowCollector
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.withContext

/** What loading tells: [done] of [total] of a [stage] ("bundle", "words", or the name of a graph). */
public class LoadProgress(public val stage: String, public val done: Long, public val total: Long)

/**
 * What a pipeline is opened with.
 *
 * @property words the word lists that prompts are read with.
 * @property runtime what runs the graphs.
 * @property ledger where the ledger lies; without one nothing is entered, and [Mechanism.K_SUBSET] is refused.
 * @property memory asked before graphs are loaded, and before the decoder runs; `null`: never.
 * @property bundleSha256 of `bundle.json`, from a trusted place.
 * @property prewarm load every graph and run it once, so that the first picture is no slower.
 * @property progress is told of loading, on a thread of its own.
 */
public class PipelineOptions(
    public val words: WordLists,
    public val runtime: RuntimeFactory,
    public val ledger: LedgerStore? = null,
    public val memory: MemoryGauge? = null,
    public val bundleSha256: String? = null,
    public val prewarm: Boolean = true,
    public val progress: (LoadProgress) -> Unit = {},
)

/**
 * Prompt to picture: the cloud denoises a set of prompts of which one is the person's own and does not learn which; this
 * device picks its own, finishes and decodes it.
 *
 * Any number of coroutines may use one pipeline, and any number of pipelines may be open: calls of the core take turns,
 * and so do the graphs of one pipeline. Nothing of a prompt is written to a log, a file or an exception's message.
 */
public class ObclipPipeline private constructor(private val parts: Parts) : AutoCloseable {
    /** What runs the graphs. */
    public val runtime: RuntimeReport get() = parts.runtime.report

    /** The model's name, from the bundle. */
    public val model: String get() = parts.bundle.model

    /**
     * Make one picture. The flow is cold: every collection is a run. It is cancelled by its coroutine at any point, the
     * wait for the cloud too; a call of a graph that has begun is waited for, and nothing of the run is left.
     *
     * @param seed of the noise; `null`: drawn by the operating system. The same seed and settings give the same picture.
     * @throws ObclipError from the collection: [InputError] and its kinds before anything is sent, [CloudError] for the
     *   cloud's part, [BundleError] for another pair or a graph that cannot be loaded, [DeviceError] for numbers that are
     *   not finite, [ClosedError] after [close].
     */
    public fun generate(prompt: String, settings: Settings = Settings(), seed: ULong? = null): Flow<Step> = flow {
        val to = this
        parts.running { run(prompt, settings, seed).make(to) }
    }

    /**
     * What [generate] would send, `null` where it would send nothing: a dry run, in which nothing is sent and nothing is
     * entered in the ledger. With the same [seed] the bytes are the same, but for a draw of [Mechanism.K_SUBSET] that is
     * not kept yet.
     *
     * @param decide asked for the decisions when [Settings.onImplied] is ASK and there are findings.
     * @throws ObclipError as [generate] before its first step.
     */
    public suspend fun read(
        prompt: String,
        settings: Settings = Settings(),
        seed: ULong? = null,
        decide: suspend (List<Finding>) -> List<Decision> = { throw ImpliedError("words outside the slots need a decision") },
    ): Candidates? {
        val deciding = FlowCollector<Step> { step -> if (step is Step.Undecided) step.decide(decide(step.findings)) }
        return parts.running { run(prompt, settings, seed).candidates(deciding) }
    }

    /** End all runs with [ClosedError], wait for the call of a graph in progress, and free everything. Once or often. */
    override fun close(): Unit = parts.close()

    private fun run(prompt: String, settings: Settings, seed: ULong?): Run {
        val random = SecureRandom()
        val coins = ByteArray(if (settings.mechanism == Mechanism.K_SUBSET) COINS else 0).also(random::nextBytes)
        return Run(parts, prompt, settings, seed ?: random.nextLong().toULong(), coins)
    }

    public companion object {
        private const val COINS = 4096

        /**
         * Open the edge bundle in [bundle], check every file of it, and load its graphs. Nothing is sent.
         *
         * @param cloud whom to ask; `null`: pictures are made on this device alone ([Mechanism.LOCAL]).
         * @throws ObclipError [BundleError], [LexiconError], [MemoryError], [AcceleratorError].
         */
        public suspend fun open(bundle: File, cloud: Cloud?, options: PipelineOptions): ObclipPipeline {
            var made: Parts? = null // set where it is made, so that it is freed wherever this is cancelled
            try {
                val parts = withContext(Dispatchers.IO) { load(bundle, cloud, options).also { made = it } }
                parts.checkMemory()
                if (options.prewarm) {
                    GraphRole.entries.forEachIndexed { i, role ->
                        parts.graph { it.prewarm(role) }
                        options.progress(LoadProgress(role.word, i + 1L, GraphRole.entries.size.toLong()))
                    }
                }
                return ObclipPipeline(parts)
            } catch (fault: Throwable) {
                made?.close()
                throw fault
            }
        }

        private fun load(bundle: File, cloud: Cloud?, options: PipelineOptions): Parts {
            val opened = EdgeBundle.open(bundle, options.bundleSha256) { done, total ->
                options.progress(LoadProgress("bundle", done, total))
            }
            val core = Core.open(options.words)
            try {
                options.progress(LoadProgress("words", 1, 1))
                return Parts(opened, core, options.runtime.open(opened), cloud, options.ledger, options.memory)
            } catch (fault: Throwable) {
                core.close()
                throw fault
            }
        }
    }
}
