package org.obclip.edge.host

import java.awt.image.BufferedImage
import java.io.File
import javax.imageio.ImageIO
import kotlin.system.exitProcess
import kotlinx.coroutines.runBlocking
import org.obclip.edge.Cloud
import org.obclip.edge.Mechanism
import org.obclip.edge.ObclipError
import org.obclip.edge.ObclipPipeline
import org.obclip.edge.Settings
import org.obclip.edge.Step

private const val USAGE = """usage: Main --native FILE --lexicon FILE --second-look FILE --litert FILE --bundle FOLDER --out FILE.png
            [--cloud URL] [--seed N] [--ledger FOLDER] [--steps N]
The prompt is one line on standard input, so that it stands in no list of processes."""

/** One picture, for trying the SDK without a phone. Ends with the error's exit code, and its words on standard error. */
public fun main(arguments: Array<String>) {
    val given = arguments.toList().chunked(2).associate { it[0].removePrefix("--") to (it.getOrNull(1) ?: "") }
    fun need(name: String) = given[name] ?: run {
        System.err.println(USAGE)
        exitProcess(2)
    }
    val prompt = readlnOrNull().orEmpty()
    try {
        val host = Host(File(need("native")), File(need("lexicon")), File(need("second-look")), File(need("litert")))
        val settings = Settings(
            steps = given["steps"]?.toIntOrNull(),
            mechanism = if (given["cloud"] == null) Mechanism.LOCAL else Mechanism.AUTO,
        )
        runBlocking {
            ObclipPipeline.open(File(need("bundle")), given["cloud"]?.let { Cloud(it) }, host.options(given["ledger"]?.let(::File))).use { pipeline ->
                pipeline.generate(prompt, settings, given["seed"]?.toULongOrNull()).collect { step ->
                    when (step) {
                        is Step.Detected -> println("candidates: ${step.candidates?.members?.size ?: 0}")
                        is Step.Sent -> println("sent: ${step.bytes} bytes")
                        is Step.Received -> println("received: ${step.bytes} bytes")
                        is Step.Denoised -> println("step ${step.index + 1} of ${step.total}")
                        is Step.Undecided -> error("nobody is asked here")
                        is Step.Finished -> {
                            val image = BufferedImage(step.picture.width, step.picture.height, BufferedImage.TYPE_INT_RGB)
                            image.setRGB(0, 0, image.width, image.height, step.picture.argb(), 0, image.width)
                            ImageIO.write(image, "png", File(need("out")))
                            println("milliseconds: ${step.receipt.ms}")
                        }
                    }
                }
            }
        }
    } catch (fault: ObclipError) {
        System.err.println("${fault.javaClass.simpleName}: ${fault.detail}")
        exitProcess(fault.exitCode)
    }
}
