package org.obclip.edge

import kotlin.math.floor
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.selects.select
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext

/** What the runs of one pipeline share. */
internal class Parts(
    val bundle: EdgeBundle,
    val core: Core,
    val runtime: ModelRuntime,
    val cloud: Cloud?,
    val ledger: LedgerStore?,
    private val memory: MemoryGauge?,
) {
    val tokenizer: ByteArray = bundle.path(bundle.manifest.tokenizerFile).readBytes()

    /** The cloud has shown before that it serves this pair. */
    @Volatile var isCloudChecked = false

    private val closing = Job()
    private val graphs = Mutex()
    private var runs = 0

    // -- one thing at a time, off the collector's thread

    suspend fun <T> working(work: () -> T): T = withContext(Dispatchers.IO) { work() }

    /** One call of a graph. Whoever waits here can be cancelled; a call that has begun is waited for. */
    suspend fun <T> graph(call: (ModelRuntime) -> T): T = graphs.withLock {
        checkOpen()
        working { call(runtime) }
    }

    /** [work], ended by [close]. */
    suspend fun <T> orClosed(work: suspend CoroutineScope.() -> T): T = coroutineScope {
        val result = async(block = work)
        select {
            result.onAwait { it }
            closing.onJoin {
                result.cancel()
                throw closed()
            }
        }
    }

    // -- decoding

    /** The UNet goes first where the decoder would not fit beside it; the next picture loads it again. */
    suspend fun decode(latent: FloatArray): FloatArray = graph {
        if (isShort(GraphRole.VAE_DECODER)) it.release(GraphRole.UNET)
        it.decode(latent)
    }

    /** A latent of a step as a picture. The last one is the core's; this is only shown on the way. */
    suspend fun preview(latent: FloatArray): Picture {
        val scale = bundle.manifest.scalingFactor.toFloat()
        val shift = bundle.manifest.shiftFactor.toFloat()
        val decoded = decode(FloatArray(latent.size) { latent[it] / scale + shift })
        if (decoded.any { !it.isFinite() }) throw DeviceError("the decoder gave numbers that are not finite")
        val size = bundle.imageSize
        val plane = size * size
        return Picture(size, size, ByteArray(3 * plane) { i ->
            val value = (decoded[i % 3 * plane + i / 3].coerceIn(-1f, 1f) + 1f) * 127.5f
            floor(value + 0.5f).toInt().toByte()
        })
    }

    /** @throws MemoryError the graphs would not fit, even one after the other. */
    fun checkMemory() {
        val free = memory?.freeBytes() ?: return
        val most = GraphRole.entries.maxOf { need(it) }
        if (free < most) {
            throw MemoryError("this device has ${free shr 20} MB free and the largest graph needs about ${most shr 20} MB: close other apps")
        }
    }

    private fun isShort(role: GraphRole): Boolean = (memory?.freeBytes() ?: return false) < need(role)

    /** Weights are unpacked beside their file, and a decoder's activations are many pictures large. */
    private fun need(role: GraphRole): Long {
        val files = bundle.manifest.files.filter { f -> bundle.manifest.graphs.any { it.role == role.word && (it.file == f.path || f.path in it.chunks) } }
        val size = bundle.imageSize.toLong()
        val activations = if (role == GraphRole.VAE_DECODER) 4 * 256 * size * size else 16L shl 20
        return 2 * files.sumOf { it.bytes } + activations
    }

    // -- closing

    val isClosed: Boolean get() = !closing.isActive

    fun checkOpen() {
        if (isClosed) throw closed()
    }

    private fun closed() = ClosedError("the pipeline is closed; open another")

    suspend fun <T> running(work: suspend () -> T): T {
        synchronized(this) {
            checkOpen()
            runs++
        }
        try {
            return work()
        } finally {
            val last = synchronized(this) { --runs == 0 && isClosed }
            if (last) core.close()
        }
    }

    fun close() {
        val last = synchronized(this) { closing.complete() && runs == 0 }
        runtime.close() // waits for the call in progress
        if (last) core.close()
    }
}
