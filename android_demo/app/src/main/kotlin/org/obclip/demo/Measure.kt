package org.obclip.demo

import java.util.Random
import org.obclip.edge.ModelRuntime
import org.obclip.edge.RuntimeReport

/** Milliseconds of repeated calls, [warmup] before them not counted. Quartiles as numpy's: linear between neighbours. */
internal class Times(taken: List<Double>, val warmup: Int, val seconds: Double) {
    private val sorted = taken.sorted()
    val median get() = at(0.5)
    val low get() = at(0.25)
    val high get() = at(0.75)
    val least get() = sorted.first()
    val most get() = sorted.last()
    val count get() = sorted.size

    private fun at(share: Double): Double {
        val place = share * (sorted.size - 1)
        val below = place.toInt()
        val above = minOf(below + 1, sorted.size - 1)
        return sorted[below] + (place - below) * (sorted[above] - sorted[below])
    }
}

/** What of a bundle the calls of its graphs need: tokens in a text, the padding's id, numbers in a latent. */
internal class Shape(val length: Int, val padding: Int, val latent: Int, val pair: String, val precision: String)

internal class Measured(val cold: Double, val warm: Times, val phases: Map<String, Times>, val report: RuntimeReport)

/**
 * Loads and runs every graph, as `obclip bench device` does (benchmarks/device/run.py); blocks. [open] gives a runtime
 * that has loaded nothing, in a process that has not either. [say] is told "load" and each phase, and may throw to stop.
 */
internal class Measure(private val shape: Shape, private val open: () -> ModelRuntime, private val say: (String) -> Unit) {
    fun run(): Measured {
        say("load")
        val cold = load()
        val loads = List(LOADS) { load() }
        val phases = LinkedHashMap<String, Times>()
        open().use { runtime ->
            for ((name, call) in calls(runtime)) phases[name] = measure(name, call)
            return Measured(cold, Times(loads, 1, loads.sum() / 1000), phases, runtime.report)
        }
    }

    /** Milliseconds until every graph has been called once: runtimes load when they are first asked. */
    private fun load(): Double {
        val began = now()
        open().use { runtime ->
            calls(runtime).values.forEach { it() }
            return now() - began
        }
    }

    /** One call of each graph, as a picture makes it. Its numbers do not matter, their count does. */
    private fun calls(runtime: ModelRuntime): Map<String, () -> Unit> {
        val random = Random(0)
        val tokens = IntArray(ROWS * shape.length) { shape.padding }
        val states by lazy { runtime.encodeText(tokens, ROWS) }
        val latent = FloatArray(shape.latent) { random.nextGaussian().toFloat() }
        return linkedMapOf(
            "text" to { runtime.encodeText(tokens, ROWS) },
            "step" to { runtime.denoise(latent, MIDDLE, states, ROWS) },
            "decode" to { runtime.decode(latent) },
        )
    }

    private fun measure(name: String, call: () -> Unit): Times {
        say(name)
        repeat(WARMUP) { call() }
        val taken = ArrayList<Double>()
        val began = now()
        while (taken.size < MOST_CALLS && (taken.size < LEAST_COUNT || now() - began < LEAST_MS)) {
            say(name)
            val at = now()
            call()
            taken += now() - at
        }
        return Times(taken, WARMUP, (now() - began) / 1000)
    }

    private fun now() = System.nanoTime() / 1e6

    companion object {
        const val LOADS = 5
        private const val LEAST_COUNT = 5
        private const val LEAST_MS = 2000.0
        private const val WARMUP = 2
        private const val MOST_CALLS = 100_000

        /** The prompt and the negative prompt. */
        private const val ROWS = 2

        /** Any timestep costs the same. */
        private const val MIDDLE = 500f
    }
}
