package org.obclip.edge

import java.io.File

/** A graph's input. */
internal sealed interface Tensor {
    class Floats(val values: FloatArray) : Tensor
    class Ints(val values: IntArray) : Tensor
}

/** One graph that a library has loaded. */
internal interface LoadedGraph : AutoCloseable {
    /** Whether the whole graph runs on the accelerator that was asked for. */
    val isFullyAccelerated: Boolean

    fun run(signature: SignatureSpec, inputs: Map<String, Tensor>): FloatArray
}

/**
 * What all LiteRT runtimes share: which graph, which signature, how many rows at a time (`edge_sdk/runtimes/litert.py`).
 * A library's own part is [load].
 */
public abstract class GraphRuntime internal constructor(
    private val bundle: EdgeBundle,
    private val name: String,
    private val accelerator: Accelerator,
    private val mark: StartMark? = null,
    threads: Int? = null,
) : ModelRuntime {
    /** Of the CPU: LiteRT left alone takes one. */
    internal val threads: Int? = if (accelerator == Accelerator.CPU) threads ?: defaultThreads() else null

    private val graphs = HashMap<GraphRole, LoadedGraph>()
    private val accelerated = LinkedHashMap<GraphRole, Boolean>()
    private var isClosed = false

    init {
        if (threads != null && threads !in 1..MOST_THREADS) throw InputError("a runtime takes 1 to $MOST_THREADS threads, not $threads")
        mark?.check(accelerator)
    }

    /** @throws AcceleratorError an accelerator was asked for, and does not run the whole graph. */
    internal abstract fun load(role: GraphRole, spec: GraphSpec, file: File): LoadedGraph

    /** Called once the runtime is closed, after its graphs. */
    internal open fun closeLibrary() {}

    override val report: RuntimeReport
        @Synchronized get() = RuntimeReport(name, accelerator, accelerator, LinkedHashMap(accelerated), threads)

    @Synchronized
    override fun prewarm(role: GraphRole) {
        val signature = signatures(role).first()
        call(role, signature, signature.inputs.associate { it.name to zeros(it) })
    }

    @Synchronized
    override fun release(role: GraphRole) {
        graphs.remove(role)?.close()
    }

    @Synchronized
    override fun encodeText(tokens: IntArray, rows: Int): FloatArray {
        val length = tokens.size / rows
        return inRows(GraphRole.TEXT_ENCODER, rows) { taken ->
            mapOf("input_ids" to Tensor.Ints(IntArray(length * taken.size) { tokens[taken[it / length] * length + it % length] }))
        }
    }

    @Synchronized
    override fun denoise(sample: FloatArray, timestep: Float, states: FloatArray, rows: Int): FloatArray {
        val width = states.size / STATE_ROWS
        return inRows(GraphRole.UNET, rows) { taken ->
            mapOf(
                "sample" to Tensor.Floats(FloatArray(sample.size * taken.size) { sample[it % sample.size] }),
                "timestep" to Tensor.Floats(floatArrayOf(timestep)),
                "encoder_hidden_states" to
                    Tensor.Floats(FloatArray(width * taken.size) { states[taken[it / width] * width + it % width] }),
            )
        }
    }

    @Synchronized
    override fun decode(latent: FloatArray): FloatArray =
        inRows(GraphRole.VAE_DECODER, 1) { mapOf("latents" to Tensor.Floats(latent)) }

    @Synchronized
    override fun close() {
        if (isClosed) return
        isClosed = true
        graphs.values.forEach { it.close() }
        graphs.clear()
        closeLibrary()
    }

    /** All rows, by a signature of as many, else through the nearest one; what is over is filled with the last row. */
    private fun inRows(role: GraphRole, rows: Int, inputs: (IntArray) -> Map<String, Tensor>): FloatArray {
        val by = signatures(role).associateBy { it.inputs.first { input -> input.name in BATCHED }.shape[0] }
        val batch = by.keys.filter { it >= rows }.minOrNull() ?: by.keys.max()
        val signature = by.getValue(batch)
        val each = (signature.outputs.first().count ?: unfit(role)) / batch
        val out = FloatArray(rows * each)
        for (start in 0 until rows step batch) {
            val part = call(role, signature, inputs(IntArray(batch) { minOf(start + it, rows - 1) }))
            part.copyInto(out, start * each, 0, minOf(batch, rows - start) * each)
        }
        return out
    }

    private fun call(role: GraphRole, signature: SignatureSpec, inputs: Map<String, Tensor>): FloatArray {
        if (isClosed) throw ClosedError("the runtime is closed; open another")
        for (spec in signature.inputs) {
            val fits = when (val tensor = inputs[spec.name]) {
                is Tensor.Floats -> spec.dtype == "float32" && tensor.values.size == spec.count
                is Tensor.Ints -> spec.dtype == "int32" && tensor.values.size == spec.count
                null -> false
            }
            if (!fits) unfit(role)
        }
        val output = graphs[role]?.run(signature, inputs) ?: starting(role) { it.run(signature, inputs) }
        if (output.size != signature.outputs.first().count) unfit(role)
        return output
    }

    private fun starting(role: GraphRole, first: (LoadedGraph) -> FloatArray): FloatArray {
        val spec = bundle.graph(role.word, FORMAT)
        val start = {
            val graph = load(role, spec, bundle.path(spec.file))
            graphs[role] = graph
            accelerated[role] = graph.isFullyAccelerated
            first(graph)
        }
        return mark?.starting(accelerator, start) ?: start()
    }

    private fun signatures(role: GraphRole): List<SignatureSpec> {
        val spec = bundle.graph(role.word, FORMAT)
        val all = spec.signatures.ifEmpty { listOf(SignatureSpec("", spec.inputs, spec.outputs)) }
        val fit = all.all { one ->
            one.inputs.map { it.name }.toSet() == INPUTS.getValue(role) && one.outputs.size == 1 &&
                one.inputs.all { it.shape.isNotEmpty() && (it.count ?: 0) > 0 }
        }
        return if (fit) all else unfit(role)
    }

    private fun unfit(role: GraphRole): Nothing =
        throw BundleError("the ${role.word} has other inputs or outputs than its manifest says; export the bundle again")

    private fun zeros(spec: TensorSpec): Tensor {
        val count = spec.count ?: 0
        return if (spec.dtype == "int32") Tensor.Ints(IntArray(count)) else Tensor.Floats(FloatArray(count))
    }

    private companion object {
        const val FORMAT = "tflite"
        const val MOST_THREADS = 64

        /** A phone has few fast cores, and all threads wait for the slowest. Chosen, not measured on a phone. */
        const val USUAL_THREADS = 4

        fun defaultThreads(): Int = Runtime.getRuntime().availableProcessors().coerceIn(1, USUAL_THREADS)

        /** The encoder reads the prompt and the negative prompt. */
        const val STATE_ROWS = 2
        val BATCHED = setOf("input_ids", "sample", "latents")
        val INPUTS = mapOf(
            GraphRole.TEXT_ENCODER to setOf("input_ids"),
            GraphRole.UNET to setOf("sample", "timestep", "encoder_hidden_states"),
            GraphRole.VAE_DECODER to setOf("latents"),
        )
    }
}
