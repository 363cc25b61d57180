package org.obclip.demo

import android.os.Bundle
import android.widget.ProgressBar

/** Which model is here, where it comes from, and by what it is known. */
internal class ModelsActivity : DemoActivity() {
    private val store get() = demo.store
    private val set get() = store.state.preferences
    private lateinit var state: android.widget.TextView
    private lateinit var pin: android.widget.TextView
    private lateinit var said: android.widget.TextView
    private lateinit var bar: ProgressBar
    private lateinit var start: android.widget.Button
    private lateinit var stop: android.widget.Button
    private lateinit var remove: android.widget.Button
    private val watch = { download: Download -> show(download) }

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        state = heading(R.string.models, NORMAL)
        pin = text("", SMALL).selectable()
        said = text().live()
        bar = ProgressBar(this, null, android.R.attr.progressBarStyleHorizontal).apply {
            max = PARTS
            contentDescription = getText(R.string.progress)
        }
        start = mainButton(R.string.download) { demo.models.start(set.mirrors.lines().map { it.trim() }.filter { it.isNotEmpty() }) }
        stop = plainButton(R.string.stop) { demo.models.stop() }
        remove = plainButton(R.string.remove) {
            demo.models.remove()
            say(R.string.removed)
        }
        val address = field(R.string.model_address, R.string.model_address_help, R.string.model_address_hint, LINES, set.mirrors, lines = 2) { text ->
            // {revision} is no part of a URL.
            text.lines().firstNotNullOfOrNull { Check.cloud(it.trim().replace(REVISION, "")) }.also {
                if (it == null) keep(set.copy(mirrors = text))
            }
        }
        column.put(text(R.string.models_lead), card(state, pin, said, bar, start, stop, remove), address, heading(R.string.model_other))
        column.put(small(R.string.model_other_help))
        other()
    }

    /** The three are right or wrong together: until they are, the old ones hold. */
    private fun other() {
        var typed = set
        val wrong = wrongLine()
        fun check(change: Preferences.() -> Preferences): Wrong? {
            typed = typed.change()
            val found = Check.model(typed)
            if (found == null) keep(set.copy(revision = typed.revision, sha256 = typed.sha256, bytes = typed.bytes))
            wrong.tell(found)
            show(demo.models.download)
            return null
        }
        column.put(
            field(R.string.model_set_revision, null, null, PLAIN, set.revision) { check { copy(revision = it) } },
            field(R.string.model_set_sha256, null, null, PLAIN, set.sha256) { check { copy(sha256 = it) } },
            field(R.string.model_set_bytes, null, null, WHOLE, set.bytes) { check { copy(bytes = it) } },
            wrong,
        )
    }

    private fun keep(preferences: Preferences) {
        store.update { it.copy(preferences = preferences) }
        demo.keeper.keep(preferences, store.state.token)
    }

    override fun onStart() {
        super.onStart()
        demo.models.watch(watch)
    }

    override fun onStop() {
        demo.models.forget(watch)
        super.onStop()
    }

    private fun show(download: Download) {
        val pinned = demo.models.pin()
        val isHere = demo.models.installed() != null
        val isGoing = download is Download.Going
        val size = resources.bytes(pinned.bytes)
        state.text = getString(if (isHere) R.string.model_installed else R.string.model_absent, pinned.name, size)
        pin.text = getString(R.string.model_pin, pinned.revision, pinned.sha256)
        said.text = when (download) {
            is Download.Idle -> ""
            is Download.Going -> getString(R.string.downloading, resources.bytes(download.done), resources.bytes(download.total), download.file)
            is Download.Failed -> getString(R.string.chosen, resources.translate(download.message), getString(R.string.download_kept))
            is Download.Stopped -> getString(R.string.download_stopped)
            is Download.Done -> getString(R.string.downloaded)
        }
        said.showIf(said.text.isNotEmpty())
        bar.showIf(isGoing)
        if (download is Download.Going) bar.progress = (PARTS * download.done / maxOf(1, download.total)).toInt()
        start.setText(if (isHere) R.string.download_again else R.string.download)
        start.showIf(!isGoing)
        stop.showIf(isGoing)
        remove.showIf(isHere && !isGoing)
    }

    private companion object {
        const val PARTS = 1000
        const val REVISION = "{revision}"
    }
}
