package org.obclip.edge.android

import android.content.Context
import android.os.Build
import com.google.ai.edge.litert.CompiledModel
import com.google.ai.edge.litert.Environment
import com.google.ai.edge.litert.LiteRtException
import com.google.ai.edge.litert.TensorBuffer
import java.io.File
import org.obclip.edge.Accelerator
import org.obclip.edge.AcceleratorError
import org.obclip.edge.BundleError
import org.obclip.edge.DeviceError
import org.obclip.edge.EdgeBundle
import org.obclip.edge.GraphRole
import org.obclip.edge.GraphRuntime
import org.obclip.edge.GraphSpec
import org.obclip.edge.LoadedGraph
import org.obclip.edge.SignatureSpec
import org.obclip.edge.StartMark
import org.obclip.edge.Tensor
import com.google.ai.edge.litert.Accelerator as LiteRtAccelerator

/**
 * Runs an edge bundle's `.tflite` graphs with LiteRT (`com.google.ai.edge.litert:litert`; the GPU needs the artefact
 * `litert-gpu` beside it).
 *
 * An accelerator that was asked for is used, or this fails: a graph is compiled for it alone, and LiteRT refuses a graph
 * of which it does not run every operation. The NPU is the exception: LiteRT adds the CPU by itself there, and its Kotlin
 * interface cannot be asked what ran where. So an NPU is taken only where LiteRT has one and the app has its maker's
 * library, and the report says "not fully accelerated".
 *
 * @param mark remembers a start that took the app down ([startMark] for the usual place).
 * @param npuLibraries the folder with the NPU's libraries of its maker (`libLiteRtDispatch_….so`), e.g. the app's
 *   `nativeLibraryDir`, if its libraries are unpacked at installation.
 * @param threads of the CPU; as many as it has cores and four at most, unless said.
 * @throws AcceleratorError this device or app lacks the accelerator, or its last start crashed.
 */
public class LiteRtRuntime(
    bundle: EdgeBundle,
    private val accelerator: Accelerator,
    mark: StartMark?,
    npuLibraries: File? = null,
    threads: Int? = null,
) : GraphRuntime(bundle, "LiteRT (Android)", accelerator, mark, threads) {
    private val environment: Environment

    init {
        val options = if (accelerator == Accelerator.NPU) npuOptions(npuLibraries) else emptyMap()
        environment = guarded("begin") { Environment.create(options) }
        try {
            val there = guarded("list accelerators") { environment.getAvailableAccelerators() }
            if (accelerator != Accelerator.CPU && accelerator.liteRt() !in there) throw absent(accelerator)
        } catch (fault: DeviceError) {
            environment.close()
            throw fault
        }
    }

    override fun load(role: GraphRole, spec: GraphSpec, file: File): LoadedGraph {
        val output = spec.outputs.firstOrNull()?.name ?: throw BundleError("the ${role.name} names no output; export it again")
        val model = try {
            CompiledModel.create(file.path, options(), environment)
        } catch (fault: LiteRtException) {
            if (accelerator == Accelerator.CPU) throw BundleError("LiteRT cannot load ${spec.file}; export it again")
            throw AcceleratorError("the $accelerator does not run all of ${spec.file}", Accelerator.CPU)
        }
        return AndroidGraph(model, role, output, isFullyAccelerated = accelerator != Accelerator.NPU)
    }

    override fun closeLibrary(): Unit = environment.close()

    private fun options() = CompiledModel.Options(accelerator.liteRt()).apply {
        threads?.let { cpuOptions = CompiledModel.CpuOptions(numThreads = it) }
    }

    /** LiteRT takes any folder for an NPU's, so that it is looked into here. */
    private fun npuOptions(folder: File?): Map<Environment.Option, String> {
        if (folder?.list().orEmpty().none { it.startsWith(DISPATCH) && it.endsWith(".so") }) throw absent(Accelerator.NPU)
        return listOf(Environment.Option.DispatchLibraryDir, Environment.Option.CompilerPluginLibraryDir).associateWith { folder!!.path }
    }

    public companion object {
        private const val DISPATCH = "libLiteRtDispatch"

        /** The mark for this app and this build of the system. */
        public fun startMark(context: Context): StartMark =
            StartMark(File(context.noBackupFilesDir, "obclip-accelerator-start"), Build.FINGERPRINT)
    }
}

private fun absent(accelerator: Accelerator): AcceleratorError {
    val lacking = if (accelerator == Accelerator.NPU) "the libraries of its maker" else "the artefact litert-gpu"
    return AcceleratorError("LiteRT has no $accelerator here: the device has none, or the app lacks $lacking", Accelerator.CPU)
}

/** One graph, with the buffers of each signature that was called. */
private class AndroidGraph(
    private val model: CompiledModel,
    private val role: GraphRole,
    private val output: String,
    override val isFullyAccelerated: Boolean,
) : LoadedGraph {
    private class Buffers(val inputs: Map<String, TensorBuffer>, val outputs: Map<String, TensorBuffer>)

    private val buffers = HashMap<String, Buffers>()

    override fun run(signature: SignatureSpec, inputs: Map<String, Tensor>): FloatArray = guarded("run the ${role.name}") {
        val called = buffers.getOrPut(signature.name) { make(signature) }
        for ((name, tensor) in inputs) {
            val buffer = called.inputs.getValue(name)
            when (tensor) {
                is Tensor.Floats -> buffer.writeFloat(tensor.values)
                is Tensor.Ints -> buffer.writeInt(tensor.values)
            }
        }
        model.run(called.inputs, called.outputs, signature.name)
        called.outputs.getValue(output).readFloat()
    }

    private fun make(signature: SignatureSpec) = Buffers(
        signature.inputs.associate { it.name to model.createInputBuffer(it.name, signature.name) },
        signature.outputs.associate { it.name to model.createOutputBuffer(it.name, signature.name) },
    )

    override fun close() {
        for (one in buffers.values) (one.inputs.values + one.outputs.values).forEach { it.close() }
        buffers.clear()
        model.close()
    }
}

private fun Accelerator.liteRt() = when (this) {
    Accelerator.CPU -> LiteRtAccelerator.CPU
    Accelerator.GPU -> LiteRtAccelerator.GPU
    Accelerator.NPU -> LiteRtAccelerator.NPU
}

/** LiteRT's own words can hold paths and tensors: they are left out. */
private inline fun <T> guarded(what: String, work: () -> T): T = try {
    work()
} catch (_: LiteRtException) {
    throw DeviceError("LiteRT cannot $what on this device")
}
