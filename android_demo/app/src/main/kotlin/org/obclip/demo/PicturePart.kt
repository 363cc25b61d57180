package org.obclip.demo

import android.app.Activity
import android.content.res.Resources
import android.os.SystemClock
import android.view.View
import android.widget.ImageView
import android.widget.ProgressBar
import android.widget.TextView

internal class Told(val text: String, val isDone: Boolean)

/** How far a picture is, in the order of its stages. */
internal fun Resources.tellStages(run: Run): List<Told> {
    val reading = Told(getString(if (run.stage == Stage.ASKING) R.string.stage_asking else R.string.stage_reading),
        run.stage == Stage.SENT || run.stage == Stage.FINISHING)
    val finishing = Told(
        if (run.total == 0) getString(R.string.stage_finish) else getString(R.string.stage_finishing, run.step, run.total), false)
    if (run.isLocal) return listOf(reading, finishing)
    val sending = when {
        run.up == 0 -> getString(R.string.stage_send)
        run.attempt > 1 -> getString(R.string.stage_sent_again, bytes(run.up.toLong()), run.attempt)
        else -> getString(R.string.stage_sent, bytes(run.up.toLong()))
    }
    val seconds = if (run.stage == Stage.SENT) (SystemClock.elapsedRealtime() - run.since) / 1000 else 0
    val waiting = when {
        run.down > 0 -> getString(R.string.stage_received, bytes(run.down.toLong()))
        seconds > 0 -> getString(R.string.stage_waiting, seconds)
        else -> getString(R.string.stage_wait)
    }
    return listOf(reading, Told(sending, run.up > 0), Told(waiting, run.down > 0), finishing)
}

/** The picture while it is made and when it is done. */
internal class PicturePart(private val screen: Activity, draw: () -> Unit, save: () -> Unit, share: () -> Unit) : Part {
    private val title = screen.heading(R.string.your_picture)
    private val image = ImageView(screen).apply {
        adjustViewBounds = true
        scaleType = ImageView.ScaleType.FIT_CENTER
        minimumHeight = screen.dp(128)
        background = screen.rounded(R.color.sunken)
    }
    private val stages = screen.column()
    private val bar = ProgressBar(screen, null, android.R.attr.progressBarStyleHorizontal).apply {
        contentDescription = screen.getText(R.string.progress)
    }
    private val said = screen.small(R.string.stage_reading).live()
    private val progress = screen.column().apply {
        put(stages, bar, screen.plainButton(R.string.cancel) { screen.demo.studio.cancel() })
    }
    private val note = screen.small(R.string.share_note)
    private val receipt = ReceiptPart(screen)
    private val done = screen.column().apply {
        put(screen.row(screen.plainButton(R.string.save, save), screen.plainButton(R.string.share, share),
            screen.plainButton(R.string.draw_again, draw)), note, receipt.view)
    }

    override val view: View = screen.column().apply { put(title, image, progress, done) }

    /** The seconds of waiting go on without a change of the state. */
    private val tick = object : Runnable {
        override fun run() {
            val run = screen.demo.store.state.run ?: return
            showStages(run)
            view.postDelayed(this, TICK)
        }
    }

    override fun show(state: State, before: State) {
        if (state !== before && state.run === before.run && state.result === before.result) return
        val (run, result) = state.run to state.result
        view.showIf(run != null || result != null)
        title.setText(if (run != null) R.string.drawing else R.string.your_picture)
        progress.showIf(run != null)
        done.showIf(result != null && run == null)
        val picture = result?.picture ?: run?.preview
        if (picture == null) image.setImageDrawable(null)
        else if (state === before || picture !== (before.result?.picture ?: before.run?.preview)) image.setImageBitmap(picture.bitmap())
        image.alpha = if (run != null) 0.7f else 1f
        image.contentDescription = screen.getText(
            if (result != null) R.string.picture_done else if (picture != null) R.string.picture_so_far else R.string.picture_none)
        view.removeCallbacks(tick)
        if (run != null) {
            showStages(run)
            bar.isIndeterminate = run.total == 0 // nobody tells how far the cloud is
            bar.max = run.total
            bar.progress = run.step
            if (run.stage == Stage.SENT) view.postDelayed(tick, TICK)
        }
        if (result != null) {
            note.setText(if (result.receipt.n > 0) R.string.share_note_marked else R.string.share_note)
            if (state === before || result !== before.result) receipt.show(result.receipt)
        }
    }

    private fun showStages(run: Run) {
        val told = screen.resources.tellStages(run)
        val current = told.indexOfFirst { !it.isDone }
        while (stages.childCount > told.size) stages.removeViewAt(stages.childCount - 1)
        told.forEachIndexed { i, stage ->
            if (i >= stages.childCount) stages.put(screen.text())
            val mark = if (stage.isDone) R.string.stage_past else if (i == current) R.string.stage_now else R.string.stage_next
            val line = stages.getChildAt(i) as TextView
            line.text = screen.getString(mark, stage.text)
            line.setTextColor(screen.getColor(if (i == current) R.color.ink else R.color.soft))
            // Phases are told to a screen reader, steps are not.
            if (i == current && run.total == 0 && said.text != stage.text) {
                said.text = stage.text
                line.announceForAccessibility(stage.text)
            }
        }
    }

    private companion object {
        const val TICK = 500L
    }
}
