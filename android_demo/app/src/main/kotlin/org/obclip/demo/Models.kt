package org.obclip.demo

import java.io.File
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch
import org.obclip.edge.BundlePin
import org.obclip.edge.BundleStore
import org.obclip.edge.LoadProgress
import org.obclip.edge.ObclipError

/** What the download tells its screen. */
internal sealed interface Download {
    object Idle : Download
    class Going(val file: String, val done: Long, val total: Long) : Download
    class Failed(val message: String) : Download
    object Stopped : Download
    object Done : Download
}

/** The one model of this app: pinned, in the app's own files, where no backup takes it along. */
internal class Models(private val demo: DemoApplication) {
    private val folder = File(demo.noBackupFilesDir, "bundles")
    private val store = BundleStore(folder)
    private var job: Job? = null
    private val listeners = LinkedHashSet<(Download) -> Unit>()

    var download: Download = Download.Idle
        private set(value) {
            field = value
            for (listener in listeners.toList()) listener(value)
        }

    /** The built-in pin, or the one in the settings. */
    fun pin(): BundlePin {
        val set = demo.store.state.preferences
        val name = demo.getString(R.string.model_name)
        if (set.revision.isNotEmpty() && Check.model(set) == null) return BundlePin(name, set.revision, set.sha256, set.bytes.toLong())
        val size = demo.resources.getInteger(R.integer.model_bytes).toLong()
        return BundlePin(name, demo.getString(R.string.model_revision), demo.getString(R.string.model_sha256), size)
    }

    /** The folder of the installed bundle; `null`: none. */
    fun installed(): File? = store.installed(pin().name)

    /** Fetch what the pin names; what is here stays until the new one is whole. */
    fun start(mirrors: List<String>) {
        if (job?.isActive == true) return
        val pin = pin()
        download = Download.Going("", 0, pin.bytes)
        job = demo.scope.launch {
            try {
                store.fetch(pin, mirrors, ::tell)
                demo.studio.reopen()
                download = Download.Done
            } catch (_: CancellationException) {
                download = Download.Stopped
            } catch (fault: ObclipError) {
                download = Download.Failed(fault.detail)
            }
        }
    }

    fun stop() {
        job?.cancel()
    }

    fun remove() {
        demo.studio.close()
        store.remove(pin().name)
        download = Download.Idle
        demo.studio.reopen()
    }

    /** Called now and after every change, until [forget]; on the main thread. */
    fun watch(listener: (Download) -> Unit) {
        listeners += listener
        listener(download)
    }

    fun forget(listener: (Download) -> Unit) {
        listeners -= listener
    }

    // Told on a thread of the download's, many times a second.
    private fun tell(progress: LoadProgress) {
        demo.scope.launch {
            if (job?.isActive == true) download = Download.Going(progress.stage, progress.done, progress.total)
        }
    }
}
