package org.obclip.edge.host

import com.sun.jna.Memory
import com.sun.jna.Pointer
import com.sun.jna.ptr.ByteByReference
import java.io.File
import org.obclip.edge.Accelerator
import org.obclip.edge.BundleError
import org.obclip.edge.DeviceError
import org.obclip.edge.EdgeBundle
import org.obclip.edge.GraphRole
import org.obclip.edge.GraphRuntime
import org.obclip.edge.GraphSpec
import org.obclip.edge.LoadedGraph
import org.obclip.edge.SignatureSpec
import org.obclip.edge.Tensor

/**
 * Runs an edge bundle's `.tflite` graphs on this machine's CPU, by the libLiteRt.so in [library].
 *
 * @param threads as many as the machine has cores and four at most, unless said.
 */
public class HostLiteRtRuntime(bundle: EdgeBundle, library: File, threads: Int? = null) :
    GraphRuntime(bundle, "LiteRT 2.3 (JVM)", Accelerator.CPU, threads = threads) {
    private val calls = LiteRtLibrary.open(library)
    private val environment = pointer("begin") { calls.LiteRtCreateEnvironment(0, null, it) }

    override fun load(role: GraphRole, spec: GraphSpec, file: File): LoadedGraph =
        HostGraph(calls, environment, role, file, threads ?: 1, spec.outputs.firstOrNull()?.name ?: throw BundleError("the ${role.word} names no output"))

    override fun closeLibrary(): Unit = calls.LiteRtDestroyEnvironment(environment)
}

/** One graph with the buffers of all its signatures, which are made once. */
private class HostGraph(
    private val calls: LiteRtLibrary,
    private val environment: Pointer,
    private val role: GraphRole,
    file: File,
    threads: Int,
    private val output: String,
) : LoadedGraph {
    private val frees = ArrayList<() -> Unit>()
    private val model: Pointer
    private val compiled: Pointer
    private val signatures: Map<String, Signature>

    override val isFullyAccelerated: Boolean

    private class Buffer(val name: String, val at: Pointer, val bytes: Long)
    private class Signature(val index: Long, val inputs: List<Buffer>, val outputs: List<Buffer>)

    init {
        try {
            model = pointer("read ${file.name}") { calls.LiteRtCreateModelFromFile(environment, file.path, it) }
            frees += { calls.LiteRtDestroyModel(model) }
            val options = pointer("make options") { calls.LiteRtCreateOptions(it) }
            try {
                demand(calls.LiteRtSetOptionsHardwareAccelerators(options, LiteRtLibrary.CPU), "choose the CPU")
                calls.setThreads(options, threads)
                compiled = pointer("compile ${file.name}") { calls.LiteRtCreateCompiledModel(environment, model, options, it) }
            } finally {
                calls.LiteRtDestroyOptions(options)
            }
            frees += { calls.LiteRtDestroyCompiledModel(compiled) }
            val told = ByteByReference()
            isFullyAccelerated = calls.LiteRtCompiledModelIsFullyAccelerated(compiled, told) == 0 && told.value.toInt() != 0
            val all = count("count signatures") { calls.LiteRtGetNumModelSignatures(model, it) }
            signatures = (0 until all).associate(::signature)
        } catch (fault: Throwable) {
            close()
            throw fault
        }
    }

    private fun signature(index: Long): Pair<String, Signature> {
        val at = pointer("read a signature") { calls.LiteRtGetModelSignature(model, index, it) }
        val name = pointer("read a signature's name") { calls.LiteRtGetSignatureKey(at, it) }.getString(0)
        val inputs = List(count("count inputs") { calls.LiteRtGetNumSignatureInputs(at, it) }.toInt()) { i ->
            val what = pointer("read an input's name") { calls.LiteRtGetSignatureInputName(at, i.toLong(), it) }.getString(0)
            val tensor = pointer("read an input") { calls.LiteRtGetSignatureInputTensorByIndex(at, i.toLong(), it) }
            buffer(what, tensor, pointer("size an input") { calls.LiteRtGetCompiledModelInputBufferRequirements(compiled, index, i.toLong(), it) })
        }
        val outputs = List(count("count outputs") { calls.LiteRtGetNumSignatureOutputs(at, it) }.toInt()) { i ->
            val what = pointer("read an output's name") { calls.LiteRtGetSignatureOutputName(at, i.toLong(), it) }.getString(0)
            val tensor = pointer("read an output") { calls.LiteRtGetSignatureOutputTensorByIndex(at, i.toLong(), it) }
            buffer(what, tensor, pointer("size an output") { calls.LiteRtGetCompiledModelOutputBufferRequirements(compiled, index, i.toLong(), it) })
        }
        return name to Signature(index, inputs, outputs)
    }

    private fun buffer(name: String, tensor: Pointer, requirements: Pointer): Buffer {
        val type = Memory(LiteRtLibrary.TENSOR_TYPE)
        demand(calls.LiteRtGetRankedTensorType(tensor, type), "read a tensor's type")
        val at = pointer("make a buffer") { calls.LiteRtCreateManagedTensorBufferFromRequirements(environment, type, requirements, it) }
        frees += { calls.LiteRtDestroyTensorBuffer(at) }
        return Buffer(name, at, count("size a buffer") { calls.LiteRtGetTensorBufferPackedSize(at, it) })
    }

    override fun run(signature: SignatureSpec, inputs: Map<String, Tensor>): FloatArray {
        val called = signatures[signature.name] ?: signatures.values.singleOrNull() ?: unfit()
        if (called.inputs.map { it.name }.toSet() != inputs.keys) unfit()
        for (buffer in called.inputs) {
            locked(buffer, LiteRtLibrary.WRITE) { at ->
                when (val tensor = inputs.getValue(buffer.name)) {
                    is Tensor.Floats -> if (4L * tensor.values.size == buffer.bytes) at.write(0, tensor.values, 0, tensor.values.size) else unfit()
                    is Tensor.Ints -> if (4L * tensor.values.size == buffer.bytes) at.write(0, tensor.values, 0, tensor.values.size) else unfit()
                }
            }
        }
        fun pointers(of: List<Buffer>) = Array(of.size) { of[it].at }
        demand(
            calls.LiteRtRunCompiledModel(compiled, called.index, called.inputs.size.toLong(), pointers(called.inputs),
                called.outputs.size.toLong(), pointers(called.outputs)),
            "run the ${role.word}")
        val result = called.outputs.firstOrNull { it.name == output } ?: unfit()
        return locked(result, LiteRtLibrary.READ) { it.getFloatArray(0, (result.bytes / 4).toInt()) }
    }

    private inline fun <T> locked(buffer: Buffer, mode: Int, use: (Pointer) -> T): T {
        val at = pointer("reach a buffer") { calls.LiteRtLockTensorBuffer(buffer.at, it, mode) }
        try {
            return use(at)
        } finally {
            calls.LiteRtUnlockTensorBuffer(buffer.at)
        }
    }

    private fun unfit(): Nothing =
        throw BundleError("the ${role.word} has other inputs or outputs than its manifest says; export the bundle again")

    override fun close() {
        frees.asReversed().forEach { it() }
        frees.clear()
    }
}
