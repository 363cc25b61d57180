package com.google.ai.edge.litert

import com.sun.jna.Memory
import com.sun.jna.Native
import com.sun.jna.Pointer
import com.sun.jna.ptr.IntByReference
import com.sun.jna.ptr.PointerByReference
import org.obclip.edge.host.LiteRtLibrary
import org.obclip.edge.host.setThreads

/*
 * LiteRT's Kotlin interface over the C API of this machine's libLiteRt.so, as its JNI layer has it
 * (litert/kotlin/src/main/jni), so that the SDK's Android runtime runs on a JVM with the real library beneath. Signatures
 * are those of stubs/litert, against which the SDK is compiled: whatever differs does not link.
 */

internal interface Calls : LiteRtLibrary {
    fun LiteRtGetNumAccelerators(environment: Pointer, out: LongArray): Int
    fun LiteRtGetAccelerator(environment: Pointer, index: Long, out: PointerByReference): Int
    fun LiteRtGetAcceleratorHardwareSupport(accelerator: Pointer, out: IntByReference): Int
}

private val CALLS: Calls by lazy { Native.load(System.getProperty("obclip.litert"), Calls::class.java) }

private fun demand(status: Int) {
    if (status != 0) throw LiteRtException("status $status")
}

private inline fun pointer(call: (PointerByReference) -> Int): Pointer = PointerByReference().also { demand(call(it)) }.value
private inline fun count(call: (LongArray) -> Int): Long = LongArray(1).also { demand(call(it)) }[0]

/** With the bits of `LiteRtHwAccelerators`. */
public enum class Accelerator(internal val bit: Int) { NONE(0), CPU(1), GPU(2), NPU(4) }

public class LiteRtException(message: String) : Exception(message)

public abstract class JniHandle internal constructor() : AutoCloseable {
    private var isClosed = false
    internal abstract fun destroy()

    final override fun close() {
        check(!isClosed) { "closed twice" }
        isClosed = true
        destroy()
    }
}

public class TensorBuffer internal constructor(internal val at: Pointer) : JniHandle() {
    private val bytes = count { CALLS.LiteRtGetTensorBufferPackedSize(at, it) }

    public fun writeInt(data: IntArray): Unit = locked(LiteRtLibrary.WRITE) { fit(data.size); it.write(0, data, 0, data.size) }
    public fun writeFloat(data: FloatArray): Unit = locked(LiteRtLibrary.WRITE) { fit(data.size); it.write(0, data, 0, data.size) }
    public fun readFloat(): FloatArray = locked(LiteRtLibrary.READ) { it.getFloatArray(0, (bytes / 4).toInt()) }

    private fun fit(values: Int) {
        if (4L * values != bytes) throw LiteRtException("$values values for $bytes bytes")
    }

    private inline fun <T> locked(mode: Int, use: (Pointer) -> T): T {
        val data = pointer { CALLS.LiteRtLockTensorBuffer(at, it, mode) }
        try {
            return use(data)
        } finally {
            CALLS.LiteRtUnlockTensorBuffer(at)
        }
    }

    override fun destroy() = CALLS.LiteRtDestroyTensorBuffer(at)
}

public class Environment private constructor(internal val at: Pointer) : JniHandle() {
    /** In the order of `LiteRtEnvOptionTag`. */
    public enum class Option { CompilerPluginLibraryDir, DispatchLibraryDir }

    public fun getAvailableAccelerators(): Set<Accelerator> = List(count { CALLS.LiteRtGetNumAccelerators(at, it) }.toInt()) { i ->
        val one = pointer { CALLS.LiteRtGetAccelerator(at, i.toLong(), it) }
        val hardware = IntByReference().also { demand(CALLS.LiteRtGetAcceleratorHardwareSupport(one, it)) }.value
        Accelerator.entries.first { it.bit == hardware }
    }.toSet()

    override fun destroy() = CALLS.LiteRtDestroyEnvironment(at)

    public companion object {
        private const val OPTION_BYTES = 24L
        private const val STRING = 8

        @JvmOverloads
        @JvmStatic
        public fun create(options: Map<Option, String> = mapOf()): Environment {
            // `LiteRtEnvOption`: tag, then type and value of a `LiteRtAny`.
            val block = Memory(OPTION_BYTES * maxOf(1, options.size))
            val texts = options.values.map { text -> Memory(text.toByteArray().size + 1L).also { it.setString(0, text) } }
            options.keys.forEachIndexed { i, option ->
                block.setInt(OPTION_BYTES * i, option.ordinal)
                block.setInt(OPTION_BYTES * i + 8, STRING)
                block.setPointer(OPTION_BYTES * i + 16, texts[i])
            }
            return Environment(pointer { CALLS.LiteRtCreateEnvironment(options.size, block, it) })
        }
    }
}

public class CompiledModel private constructor(private val environment: Environment, private val model: Pointer, private val at: Pointer) :
    JniHandle() {
    public data class CpuOptions(val numThreads: Int? = null, val xnnPackFlags: Int? = null, val xnnPackWeightCachePath: String? = null)

    public class Options constructor(internal val accelerators: Set<Accelerator>) {
        public var cpuOptions: CpuOptions? = null

        public constructor(vararg accelerators: Accelerator) : this(setOf(*accelerators))

        /** As LiteRT's own: what the NPU does not run, the CPU does. */
        internal val bits = accelerators.sumOf { it.bit } or (if (Accelerator.NPU in accelerators) Accelerator.CPU.bit else 0)
    }

    private class Signature(val index: Long, val at: Pointer)

    private val signatures = (0 until count { CALLS.LiteRtGetNumModelSignatures(model, it) }).associate { i ->
        val one = pointer { CALLS.LiteRtGetModelSignature(model, i, it) }
        pointer { CALLS.LiteRtGetSignatureKey(one, it) }.getString(0) to Signature(i, one)
    }

    private fun signature(name: String) = if (name.isEmpty()) signatures.values.first() else signatures[name] ?: throw LiteRtException("no signature $name")
    private fun inputs(of: Signature) = List(count { CALLS.LiteRtGetNumSignatureInputs(of.at, it) }.toInt()) { i ->
        pointer { CALLS.LiteRtGetSignatureInputName(of.at, i.toLong(), it) }.getString(0)
    }

    private fun outputs(of: Signature) = List(count { CALLS.LiteRtGetNumSignatureOutputs(of.at, it) }.toInt()) { i ->
        pointer { CALLS.LiteRtGetSignatureOutputName(of.at, i.toLong(), it) }.getString(0)
    }

    private fun place(names: List<String>, name: String) = names.indexOf(name).toLong().also { if (it < 0) throw LiteRtException("no tensor $name") }

    private fun buffer(tensor: Pointer, requirements: Pointer): TensorBuffer {
        val type = Memory(LiteRtLibrary.TENSOR_TYPE)
        demand(CALLS.LiteRtGetRankedTensorType(tensor, type))
        return TensorBuffer(pointer { CALLS.LiteRtCreateManagedTensorBufferFromRequirements(environment.at, type, requirements, it) })
    }

    public fun createInputBuffer(inputName: String, signature: String = ""): TensorBuffer {
        val of = signature(signature)
        val i = place(inputs(of), inputName)
        return buffer(pointer { CALLS.LiteRtGetSignatureInputTensorByIndex(of.at, i, it) },
            pointer { CALLS.LiteRtGetCompiledModelInputBufferRequirements(at, of.index, i, it) })
    }

    public fun createOutputBuffer(outputName: String, signature: String = ""): TensorBuffer {
        val of = signature(signature)
        val i = place(outputs(of), outputName)
        return buffer(pointer { CALLS.LiteRtGetSignatureOutputTensorByIndex(of.at, i, it) },
            pointer { CALLS.LiteRtGetCompiledModelOutputBufferRequirements(at, of.index, i, it) })
    }

    public fun run(inputs: Map<String, TensorBuffer>, outputs: Map<String, TensorBuffer>, signature: String = "") {
        val of = signature(signature)
        fun ordered(names: List<String>, given: Map<String, TensorBuffer>) = Array(names.size) { (given[names[it]] ?: throw LiteRtException(names[it])).at }
        val from = ordered(inputs(of), inputs)
        val to = ordered(outputs(of), outputs)
        demand(CALLS.LiteRtRunCompiledModel(at, of.index, from.size.toLong(), from, to.size.toLong(), to))
    }

    override fun destroy() {
        CALLS.LiteRtDestroyCompiledModel(at)
        CALLS.LiteRtDestroyModel(model)
    }

    public companion object {
        @JvmOverloads
        @JvmStatic
        public fun create(filePath: String, options: Options = Options(Accelerator.CPU), optionalEnv: Environment? = null): CompiledModel {
            val environment = checkNotNull(optionalEnv) { "the SDK gives its own" }
            val model = pointer { CALLS.LiteRtCreateModelFromFile(environment.at, filePath, it) }
            val chosen = pointer { CALLS.LiteRtCreateOptions(it) }
            try {
                demand(CALLS.LiteRtSetOptionsHardwareAccelerators(chosen, options.bits))
                options.cpuOptions?.numThreads?.let { CALLS.setThreads(chosen, it) }
                return CompiledModel(environment, model, pointer { CALLS.LiteRtCreateCompiledModel(environment.at, model, chosen, it) })
            } catch (fault: LiteRtException) {
                CALLS.LiteRtDestroyModel(model)
                throw fault
            } finally {
                CALLS.LiteRtDestroyOptions(chosen)
            }
        }
    }
}
