package org.obclip.demo

import org.obclip.edge.Accelerator

/** Where it ran. [memory] is in MiB. */
internal class Machine(val name: String, val system: String, val cores: Int, val memory: Double?, val isEmulated: Boolean)

private const val FORMAT = "obclip-device-benchmark/1"
private const val MOST_LETTERS = 200

/** The file that all runners write (benchmarks/device/device.schema.json). [peak] is in MiB; [thermal] the schema's word. */
internal fun writeBenchmark(
    measured: Measured, machine: Machine, shape: Shape, model: String, version: String, peak: Double?, thermal: String?, takenAt: String,
): String {
    val ran = measured.report
    val whole = when (ran.used) {
        Accelerator.CPU -> true // nothing else could run any of it
        Accelerator.GPU -> ran.fullyAccelerated.values.all { it }
        Accelerator.NPU -> null // LiteRT does not tell what ran there
    }
    return writeJson(linkedMapOf(
        "format" to FORMAT,
        "device" to linkedMapOf(
            "name" to plain(machine.name), "system" to plain(machine.system), "cores" to machine.cores, "memory_mib" to machine.memory,
            "emulated" to machine.isEmulated),
        "runner" to linkedMapOf("sdk" to "kotlin", "runtime" to plain(ran.runtime), "version" to plain(version), "threads" to ran.threads),
        "accelerator" to linkedMapOf(
            "asked" to ran.asked.name.lowercase(), "used" to ran.used.name.lowercase(),
            "whole" to whole, "detail" to ""),
        "pair" to linkedMapOf("model" to plain(model), "pair_sha256" to shape.pair, "precision" to plain(shape.precision)),
        "load" to linkedMapOf("cold" to measured.cold, "warm" to fields(measured.warm)),
        "phases" to measured.phases.mapValues { fields(it.value) },
        "peak_memory_mib" to peak,
        "thermal" to thermal,
        "taken_at" to takenAt,
    )) + "\n"
}

/** As the schema has texts: without control characters, not empty, not long. A maker's name for a device may hold anything. */
private fun plain(text: String): String =
    text.map { if (it.isISOControl() || it.isSurrogate()) ' ' else it }.joinToString("").take(MOST_LETTERS).ifBlank { "?" }

private fun fields(times: Times) = linkedMapOf(
    "median" to times.median, "low_quartile" to times.low, "high_quartile" to times.high, "least" to times.least,
    "most" to times.most, "count" to times.count, "warmup" to times.warmup, "seconds" to times.seconds,
)

/** Objects, texts, finite numbers, true, false and nothing. */
private fun writeJson(value: Any?): String = when (value) {
    null -> "null"
    is Map<*, *> -> value.entries.joinToString(", ", "{", "}") { (name, inner) -> writeJson(name) + ": " + writeJson(inner) }
    is String -> value.map(::escape).joinToString("", "\"", "\"")
    else -> value.toString()
}

private fun escape(letter: Char): String = if (letter < ' ' || letter == '"' || letter == '\\') "\\u%04x".format(letter.code) else letter.toString()
