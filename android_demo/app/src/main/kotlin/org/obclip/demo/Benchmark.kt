package org.obclip.demo

import android.content.Context
import android.os.Build
import android.os.PowerManager
import android.os.SystemClock
import java.io.File
import java.io.IOException
import java.time.Instant
import java.time.temporal.ChronoUnit
import java.util.Random
import org.json.JSONArray
import org.json.JSONException
import org.json.JSONObject
import org.obclip.edge.Accelerator
import org.obclip.edge.BundleError
import org.obclip.edge.EdgeBundle
import org.obclip.edge.RuntimeReport
import org.obclip.edge.android.LiteRtRuntime

/** Milliseconds of repeated calls. Quartiles as numpy's: linear between neighbours. */
internal class Times(taken: List<Double>, private val warmup: Int, private val seconds: Double) {
    private val sorted = taken.sorted()
    val median get() = at(0.5)
    val low get() = at(0.25)
    val high get() = at(0.75)

    private fun at(share: Double): Double {
        val place = share * (sorted.size - 1)
        val below = place.toInt()
        val above = minOf(below + 1, sorted.size - 1)
        return sorted[below] + (place - below) * (sorted[above] - sorted[below])
    }

    fun json(): JSONObject = JSONObject()
        .put("median", median).put("low_quartile", low).put("high_quartile", high).put("least", sorted.first())
        .put("most", sorted.last()).put("count", sorted.size).put("warmup", warmup).put("seconds", seconds)
}

/**
 * Loads and runs every graph of a bundle, as `obclip bench device` does (benchmarks/device/run.py), and writes the same
 * file (benchmarks/device/device.schema.json). Blocks; in a process that has loaded no graph before.
 */
internal class Benchmark(private val context: Context, private val folder: File, sha256: String, private val accelerator: Accelerator) {
    private val bundle = EdgeBundle.open(folder, sha256)
    private val shape = Shape.read(folder)
    private var report: RuntimeReport? = null
    var cold = 0.0
        private set
    lateinit var warm: Times
        private set
    val phases = LinkedHashMap<String, Times>()

    /** [say] is told "load" and each phase as it begins; it may throw to stop. */
    fun run(say: (String) -> Unit): JSONObject {
        val before = thermal()
        say("load")
        cold = load()
        val loads = List(LOADS) { load() }
        warm = Times(loads, 1, loads.sum() / 1000)
        val runtime = LiteRtRuntime(bundle, accelerator, LiteRtRuntime.startMark(context))
        try {
            for ((name, call) in calls(runtime)) {
                say(name)
                phases[name] = measure(call) { say(name) }
            }
            report = runtime.report
        } finally {
            runtime.close()
        }
        return json(listOfNotNull(before, thermal()).maxOrNull())
    }

    /** Milliseconds until every graph has been called once. */
    private fun load(): Double {
        val began = now()
        val runtime = LiteRtRuntime(bundle, accelerator, LiteRtRuntime.startMark(context))
        try {
            calls(runtime).values.forEach { it() }
            return now() - began
        } finally {
            runtime.close()
        }
    }

    /** One call of each graph, as a picture makes it. Its numbers do not matter, their count does. */
    private fun calls(runtime: LiteRtRuntime): Map<String, () -> Unit> {
        val random = Random(0)
        val tokens = IntArray(2 * shape.length) { shape.padding }
        val states by lazy { runtime.encodeText(tokens, 2) }
        val latent = FloatArray(shape.latent) { random.nextGaussian().toFloat() }
        return linkedMapOf(
            "text" to { runtime.encodeText(tokens, 2) },
            "step" to { runtime.denoise(latent, MIDDLE, states, 2) },
            "decode" to { runtime.decode(latent) },
        )
    }

    private fun measure(call: () -> Unit, stop: () -> Unit): Times {
        repeat(WARMUP) { call() }
        val taken = ArrayList<Double>()
        val began = now()
        while (taken.size < MOST_CALLS && (taken.size < LEAST_COUNT || now() - began < LEAST_MS)) {
            stop()
            val at = now()
            call()
            taken += now() - at
        }
        return Times(taken, WARMUP, (now() - began) / 1000)
    }

    private fun json(thermal: Int?): JSONObject {
        val ran = checkNotNull(report)
        val isNpu = ran.used == Accelerator.NPU // LiteRT does not tell what ran there
        return JSONObject()
            .put("format", FORMAT)
            .put("device", device())
            .put("runner", JSONObject()
                .put("sdk", "kotlin").put("runtime", ran.runtime).put("version", context.getString(R.string.litert_version))
                .put("threads", JSONObject.NULL))
            .put("accelerator", JSONObject()
                .put("asked", ran.asked.name.lowercase()).put("used", ran.used.name.lowercase())
                .put("whole", if (isNpu) JSONObject.NULL else ran.fullyAccelerated.values.all { it })
                .put("detail", ""))
            .put("pair", JSONObject().put("model", bundle.model).put("pair_sha256", shape.pair).put("precision", shape.precision))
            .put("load", JSONObject().put("cold", cold).put("warm", warm.json()))
            .put("phases", JSONObject().apply { for ((name, times) in phases) put(name, times.json()) })
            .put("peak_memory_mib", peakMemory() ?: JSONObject.NULL)
            .put("thermal", thermal?.let { THERMAL[it] } ?: JSONObject.NULL)
            .put("taken_at", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
    }

    private fun device() = JSONObject()
        .put("name", "${Build.MANUFACTURER} ${Build.MODEL} (${Build.HARDWARE})")
        .put("system", "Android ${Build.VERSION.RELEASE}, API ${Build.VERSION.SDK_INT}")
        .put("cores", Runtime.getRuntime().availableProcessors())
        .put("memory_mib", kib("/proc/meminfo", "MemTotal")?.let { it / 1024 } ?: JSONObject.NULL)
        .put("emulated", Build.HARDWARE in EMULATORS || Build.FINGERPRINT.startsWith("generic"))

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

    private fun now() = SystemClock.elapsedRealtimeNanos() / 1e6

    /** What of `bundle.json` the graphs' calls need; its SHA-256 was compared before. */
    private class Shape(val length: Int, val padding: Int, val latent: Int, val pair: String, val precision: String) {
        companion object {
            fun read(folder: File): Shape = try {
                val manifest = JSONObject(File(folder, "bundle.json").readText())
                val tokenizer = manifest.getJSONObject("tokenizer")
                val shape = manifest.getJSONArray("latent_shape")
                val unet = manifest.getJSONArray("graphs").objects().first { it.getString("role") == "unet" }
                Shape(tokenizer.getInt("max_length"), tokenizer.getInt("pad_id"), shape.getInt(0) * shape.getInt(1) * shape.getInt(2),
                    manifest.getString("pair_sha256"), unet.optString("precision", "fp32"))
            } catch (_: JSONException) {
                throw BundleError("bundle.json lacks what the benchmark needs; export the bundle again")
            }

            private fun JSONArray.objects() = List(length()) { getJSONObject(it) }
        }
    }

    companion object {
        const val FORMAT = "obclip-device-benchmark/1"
        const val LOADS = 5
        const val LEAST_COUNT = 5
        const val LEAST_MS = 2000.0
        private const val WARMUP = 2
        private const val MOST_CALLS = 100_000

        /** Any timestep costs the same. */
        private const val MIDDLE = 500f
        private const val FIRST_WITH_THERMAL = 29

        /** By Android's NONE, LIGHT, MODERATE, SEVERE, CRITICAL, EMERGENCY, SHUTDOWN. From MODERATE on the system slows down. */
        private val THERMAL = listOf("nominal", "fair", "serious", "critical", "critical", "critical", "critical")
        private val EMULATORS = setOf("goldfish", "ranchu", "cutf_cvm")
    }
}
