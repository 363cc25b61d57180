package org.obclip.edge

/** What runs the graphs: the processor ([CPU]), its graphics unit ([GPU]) or the one for neural networks ([NPU]). */
public enum class Accelerator { CPU, GPU, NPU }

/**
 * The three graphs of an edge bundle, with the names of its manifest: tokens to hidden states ([TEXT_ENCODER]), the small
 * model's step ([UNET]), latent to picture ([VAE_DECODER]).
 */
public enum class GraphRole(internal val word: String) {
    TEXT_ENCODER("text_encoder"),
    UNET("unet"),
    VAE_DECODER("vae_decoder"),
}

/**
 * What ran a picture's graphs; part of its receipt.
 *
 * @property runtime name and version of the library.
 * @property asked the accelerator that was asked for, and [used] the one that ran.
 * @property fullyAccelerated for each graph, whether all of it ran there. A runtime that cannot tell says `false`.
 * @property threads of the CPU; none where it ran elsewhere.
 */
public data class RuntimeReport(
    val runtime: String,
    val asked: Accelerator,
    val used: Accelerator,
    val fullyAccelerated: Map<GraphRole, Boolean>,
    val threads: Int? = null,
)

/**
 * The graphs of one bundle, floats in and out. Calls come one at a time, from any thread; they block. Only `close()` may
 * come during another call, and waits for it. A fault of a graph is a [DeviceError], a graph that does not fit its bundle
 * a [BundleError].
 */
public interface ModelRuntime : AutoCloseable {
    /** What runs the graphs, and how much of them; complete once they are loaded. */
    public val report: RuntimeReport

    /** Load a graph and run it once, so that the first picture is no slower. Loading what is loaded does nothing. */
    public fun prewarm(role: GraphRole)

    /** Free a graph's memory; the next call loads it again. */
    public fun release(role: GraphRole)

    /** Token ids `[rows, length]` to hidden states `[rows, length, D]`. */
    public fun encodeText(tokens: IntArray, rows: Int): FloatArray

    /** A sample `[C, H, W]`, the same for every row, and [states] `[rows, length, D]` to the output `[rows, C, H, W]`. */
    public fun denoise(sample: FloatArray, timestep: Float, states: FloatArray, rows: Int): FloatArray

    /** A latent `[C, H, W]`, unscaled, to a picture `[3, S, S]` in [-1, 1]. */
    public fun decode(latent: FloatArray): FloatArray
}

/** Makes a runtime for a bundle: `LiteRtRuntime` on Android, `HostLiteRtRuntime` on the JVM, or one of your own. */
public fun interface RuntimeFactory {
    /** A runtime that has loaded nothing yet; whoever opens it closes it. */
    public fun open(bundle: EdgeBundle): ModelRuntime
}

/** How much memory is free, for the check before graphs are loaded; `null`: it cannot be told. */
public fun interface MemoryGauge {
    /** Bytes that may be taken before the system ends apps. */
    public fun freeBytes(): Long?
}
