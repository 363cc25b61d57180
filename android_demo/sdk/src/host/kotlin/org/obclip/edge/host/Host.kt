package org.obclip.edge.host

import java.io.File
import java.io.IOException
import org.obclip.edge.LexiconError
import org.obclip.edge.MemoryGauge
import org.obclip.edge.PipelineOptions
import org.obclip.edge.RuntimeFactory
import org.obclip.edge.WordLists

/** The SDK on a JVM without Android: where its native library, its word lists and LiteRT lie. */
public class Host(nativeLibrary: File, private val lexicon: File, private val secondLook: File, private val liteRt: File) {
    init {
        System.load(nativeLibrary.absolutePath)
    }

    /** Options with the files of this host, and a ledger in [ledger]. */
    public fun options(ledger: File? = null, prewarm: Boolean = true): PipelineOptions = PipelineOptions(
        words = words(),
        runtime = RuntimeFactory { HostLiteRtRuntime(it, liteRt) },
        ledger = ledger?.let { FileLedgerStore(it) },
        memory = MemoryGauge(::freeBytes),
        prewarm = prewarm,
    )

    /** @throws LexiconError they cannot be read. */
    public fun words(): WordLists = try {
        WordLists(lexicon.readBytes(), secondLook.readBytes())
    } catch (fault: IOException) {
        throw LexiconError("the word lists cannot be read (${fault.javaClass.simpleName})")
    }

    private companion object {
        /** Linux tells it; elsewhere nobody is asked. */
        fun freeBytes(): Long? = try {
            File("/proc/meminfo").readLines().firstOrNull { it.startsWith("MemAvailable:") }
                ?.filter { it.isDigit() }?.toLongOrNull()?.times(1024)
        } catch (_: IOException) {
            null
        }
    }
}
