package org.obclip.demo

import android.content.Context
import android.os.Build
import android.os.PowerManager
import java.io.File
import java.io.IOException
import java.time.Instant
import java.time.temporal.ChronoUnit
import org.json.JSONArray
import org.json.JSONException
import org.json.JSONObject
import org.obclip.edge.Accelerator
import org.obclip.edge.BundleError
import org.obclip.edge.EdgeBundle
import org.obclip.edge.android.Obclip

/** [Measure] on this device, and what its file says of the device. Blocks; in a process that has loaded no graph before. */
internal class Benchmark(private val context: Context, private val folder: File, private val sha256: String, private val accelerator: Accelerator) {
    class Result(val measured: Measured, val file: String)

    fun run(say: (String) -> Unit): Result {
        val bundle = EdgeBundle.open(folder, sha256)
        val shape = readShape()
        val before = thermal()
        val measured = Measure(shape, { Obclip.runtime(context, accelerator).open(bundle) }, say).run()
        val hotter = listOfNotNull(before, thermal()).maxOrNull()?.let { THERMAL[it] }
        val version = context.getString(R.string.litert_version)
        val now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString()
        return Result(measured, writeBenchmark(measured, machine(), shape, bundle.model, version, peakMemory(), hotter, now))
    }

    private fun machine() = Machine(
        "${Build.MANUFACTURER} ${Build.MODEL} (${Build.HARDWARE})",
        "Android ${Build.VERSION.RELEASE}, API ${Build.VERSION.SDK_INT}",
        Runtime.getRuntime().availableProcessors(),
        kib("/proc/meminfo", "MemTotal")?.let { it / 1024 },
        Build.HARDWARE in EMULATORS || Build.FINGERPRINT.startsWith("generic"),
    )

    /** Place in [THERMAL]; `null`: the platform does not tell. */
    private fun thermal(): Int? {
        if (Build.VERSION.SDK_INT < FIRST_WITH_THERMAL) return null
        val manager = context.getSystemService(Context.POWER_SERVICE) as PowerManager
        return minOf(manager.currentThermalStatus, THERMAL.size - 1)
    }

    private fun peakMemory(): Double? = kib("/proc/self/status", "VmHWM")?.let { it / 1024 }

    private fun kib(file: String, name: String): Double? = try {
        File(file).readLines().firstOrNull { it.startsWith("$name:") }?.filter { it.isDigit() }?.toDoubleOrNull()
    } catch (_: IOException) {
        null
    }

    /** From `bundle.json`, whose SHA-256 was compared before. */
    private fun readShape(): Shape = try {
        val manifest = JSONObject(File(folder, "bundle.json").readText())
        val tokenizer = manifest.getJSONObject("tokenizer")
        val latent = manifest.getJSONArray("latent_shape")
        val unet = manifest.getJSONArray("graphs").objects().first { it.getString("role") == "unet" }
        Shape(tokenizer.getInt("max_length"), tokenizer.getInt("pad_id"), latent.getInt(0) * latent.getInt(1) * latent.getInt(2),
            manifest.getString("pair_sha256"), unet.optString("precision", "fp32"))
    } catch (_: JSONException) {
        throw BundleError("bundle.json lacks what the benchmark needs; export the bundle again")
    }

    private fun JSONArray.objects() = List(length()) { getJSONObject(it) }

    private companion object {
        const val FIRST_WITH_THERMAL = 29

        /** By Android's NONE, LIGHT, MODERATE, SEVERE, CRITICAL, EMERGENCY, SHUTDOWN. From MODERATE on the system slows down. */
        val THERMAL = listOf("nominal", "fair", "serious", "critical", "critical", "critical", "critical")
        val EMULATORS = setOf("goldfish", "ranchu", "cutf_cvm")
    }
}
