package org.obclip.edge.android

import android.app.ActivityManager
import android.content.Context
import java.io.File
import java.io.IOException
import org.obclip.edge.Accelerator
import org.obclip.edge.LedgerStore
import org.obclip.edge.LexiconError
import org.obclip.edge.LoadProgress
import org.obclip.edge.MemoryGauge
import org.obclip.edge.PipelineOptions
import org.obclip.edge.RuntimeFactory
import org.obclip.edge.WordLists

/** The SDK on Android: its native library, the word lists in its assets, LiteRT, a ledger in SQLite, the free memory. */
public object Obclip {
    init {
        System.loadLibrary("obclip_jni")
    }

    /**
     * Options for `ObclipPipeline.open`. Call it off the main thread: it reads the word lists (4 MB).
     *
     * @param accelerator what runs the graphs; one that cannot is an error that names another, never a silent change.
     * @param bundleSha256 of the bundle's `bundle.json`.
     * @throws LexiconError the SDK's assets are missing.
     */
    public fun options(
        context: Context,
        accelerator: Accelerator = Accelerator.CPU,
        bundleSha256: String? = null,
        ledger: LedgerStore? = SqliteLedgerStore(context.applicationContext),
        progress: (LoadProgress) -> Unit = {},
    ): PipelineOptions = PipelineOptions(
        words = WordLists(asset(context, "lexicon.bin"), asset(context, "second_look.bin")),
        runtime = runtime(context, accelerator),
        ledger = ledger,
        memory = AndroidMemory(context.applicationContext),
        bundleSha256 = bundleSha256,
        progress = progress,
    )

    /** The graphs on [accelerator], as [options] has them: for whoever runs graphs without a pipeline. */
    public fun runtime(context: Context, accelerator: Accelerator): RuntimeFactory = RuntimeFactory {
        LiteRtRuntime(it, accelerator, LiteRtRuntime.startMark(context), File(context.applicationInfo.nativeLibraryDir))
    }

    private fun asset(context: Context, name: String): ByteArray = try {
        context.assets.open("obclip/$name").use { it.readBytes() }
    } catch (fault: IOException) {
        throw LexiconError("the SDK's assets lack obclip/$name: build it with its Gradle file")
    }
}

/** What the system has free before it begins to end other apps. */
public class AndroidMemory(private val context: Context) : MemoryGauge {
    override fun freeBytes(): Long? {
        val manager = context.getSystemService(Context.ACTIVITY_SERVICE) as? ActivityManager ?: return null
        val info = ActivityManager.MemoryInfo()
        manager.getMemoryInfo(info)
        return maxOf(0L, info.availMem - info.threshold)
    }
}
