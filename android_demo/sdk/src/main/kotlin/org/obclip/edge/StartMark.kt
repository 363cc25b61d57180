package org.obclip.edge

import java.io.File
import java.io.FileOutputStream
import java.io.IOException

/**
 * Remembers that an accelerator was being started, so that a driver that takes the whole app down does so once: the mark
 * is on disk while a graph is loaded and first run there, and who finds it at the next start learns that it crashed.
 *
 * @param file the mark; in a folder that is kept between starts.
 * @param system what the driver belongs to, e.g. the system's build: after an update it is tried again.
 */
public class StartMark(private val file: File, private val system: String) {
    /** The accelerator that was being started when the app ended last; `null`: none. */
    public fun crashed(): Accelerator? {
        val lines = try {
            file.readLines()
        } catch (_: IOException) {
            return null
        }
        return Accelerator.entries.firstOrNull { lines == listOf(it.name, system) }
    }

    /** Forget a crash, to try the accelerator again: for a button, not for the program. */
    public fun forget() {
        file.delete()
    }

    /** @throws AcceleratorError it crashed at its last start here. */
    internal fun check(accelerator: Accelerator) {
        if (accelerator == Accelerator.CPU || crashed() != accelerator) return
        throw AcceleratorError("the $accelerator ended this app when it was started last: use the CPU, or try again on demand", Accelerator.CPU)
    }

    /** [work] on an accelerator that was not started yet. A fault that is told is no crash. */
    internal fun <T> starting(accelerator: Accelerator, work: () -> T): T {
        if (accelerator == Accelerator.CPU) return work()
        try {
            FileOutputStream(file).use {
                it.write("${accelerator.name}\n$system\n".toByteArray())
                it.fd.sync()
            }
        } catch (_: IOException) {
            throw AcceleratorError("the start of the $accelerator cannot be noted on this device: use the CPU", Accelerator.CPU)
        }
        try {
            return work()
        } finally {
            file.delete()
        }
    }
}
