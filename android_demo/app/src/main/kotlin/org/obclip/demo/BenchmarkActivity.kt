package org.obclip.demo

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import android.os.Process
import android.view.View
import android.view.WindowManager
import android.widget.LinearLayout
import android.widget.TextView
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import org.obclip.edge.ObclipError

/** Measures, shows and saves; in a process of its own that ends with the screen, so that the next load is cold again. */
internal class BenchmarkActivity : DemoActivity() {
    private lateinit var said: TextView
    private lateinit var lines: LinearLayout
    private lateinit var start: View
    private lateinit var save: View
    private var job: Job? = null
    private var file: String? = null

    @Volatile private var told = ""

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        said = text().live()
        lines = column()
        start = mainButton(R.string.benchmark_start, ::begin)
        save = plainButton(R.string.benchmark_save, ::choosePlace).apply { showIf(false) }
        column.put(text(R.string.benchmark_lead), start, said, lines, save)
        if (isSpent) showSpent()
    }

    private fun showSpent() {
        start.showIf(false)
        said.setText(R.string.benchmark_again)
    }

    private fun begin() {
        val folder = demo.models.installed()
        if (folder == null) {
            said.setText(R.string.benchmark_no_model)
            return
        }
        start.showIf(false)
        isSpent = true
        window.addFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
        val sha256 = demo.models.pin().sha256
        val accelerator = demo.store.state.preferences.accelerator
        job = demo.scope.launch {
            try {
                val done = withContext(Dispatchers.Default) {
                    Benchmark(this@BenchmarkActivity, folder, sha256, accelerator).run { phase ->
                        ensureActive()
                        if (phase != told) runOnUiThread { tell(phase) }
                        told = phase
                    }
                }
                file = done.file
                show(done.measured)
            } catch (fault: ObclipError) {
                said.text = resources.translate(fault.detail)
            } catch (_: LinkageError) {
                said.setText(R.string.setup_no_library)
            } finally {
                window.clearFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
            }
        }
    }

    private fun tell(phase: String) {
        val text = if (phase == "load") getString(R.string.benchmark_loading, Measure.LOADS)
        else getString(R.string.benchmark_phase, getString(PHASES.getValue(phase)))
        said.text = text
    }

    private fun show(done: Measured) {
        val load = getString(R.string.benchmark_load, resources.time(done.cold), resources.time(done.warm.median))
        val phases = done.phases.map { (name, times) ->
            getString(R.string.benchmark_line, getString(PHASES.getValue(name)), resources.time(times.median), resources.time(times.low), resources.time(times.high))
        }
        lines.refill(*(listOf(load) + phases).map { text(it) }.toTypedArray(), small(R.string.benchmark_again))
        said.setText(R.string.benchmark_done)
        save.showIf(true)
    }

    private fun choosePlace() {
        val intent = Intent(Intent.ACTION_CREATE_DOCUMENT)
            .addCategory(Intent.CATEGORY_OPENABLE)
            .setType("application/json")
            .putExtra(Intent.EXTRA_TITLE, getString(R.string.benchmark_file))
        startActivityForResult(intent, 0)
    }

    override fun onActivityResult(request: Int, code: Int, data: Intent?) {
        super.onActivityResult(request, code, data)
        val place = data?.data
        val text = file
        if (code != Activity.RESULT_OK || place == null || text == null) return
        val isSaved = write(place) { it.write(text.toByteArray()) }
        say(if (isSaved) R.string.benchmark_saved else R.string.not_saved)
    }

    override fun onDestroy() {
        job?.cancel()
        super.onDestroy()
        if (isFinishing) Process.killProcess(Process.myPid())
    }

    private companion object {
        /** This process has loaded graphs: another first load would not be cold. */
        var isSpent = false
        val PHASES = mapOf("text" to R.string.benchmark_text, "step" to R.string.benchmark_step, "decode" to R.string.benchmark_decode)
    }
}
