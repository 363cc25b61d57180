package org.obclip.demo

import java.io.File
import java.time.Instant
import java.time.temporal.ChronoUnit
import org.obclip.edge.EdgeBundle
import org.obclip.edge.host.HostLiteRtRuntime

/** The app's measurement on a JVM, with the real graphs: `scripts/bench-android`, which gives all that is needed. */
fun main(arguments: Array<String>) {
    val given = arguments.toList().chunked(2).associate { it[0].removePrefix("--") to it[1] }
    fun need(name: String) = given.getValue(name)
    val bundle = EdgeBundle.open(File(need("bundle")))
    val shape = Shape(need("length").toInt(), need("padding").toInt(), need("latent").toInt(), need("pair"), need("precision"))
    val measured = Measure(shape, { HostLiteRtRuntime(bundle, File(need("litert"))) }, {}).run()
    val machine = Machine(
        need("name"), need("system"), need("cores").toInt(), need("memory").toDouble(), need("emulated").toBooleanStrict())
    val peak = File("/proc/self/status").readLines().first { it.startsWith("VmHWM:") }.filter { it.isDigit() }.toDouble() / 1024
    val now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString()
    File(need("out")).writeText(writeBenchmark(measured, machine, shape, bundle.model, need("version"), peak, null, now))
}
