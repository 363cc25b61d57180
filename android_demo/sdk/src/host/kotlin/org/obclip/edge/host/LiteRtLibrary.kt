package org.obclip.edge.host

import com.sun.jna.Callback
import com.sun.jna.Library
import com.sun.jna.Memory
import com.sun.jna.Native
import com.sun.jna.Pointer
import com.sun.jna.ptr.ByteByReference
import com.sun.jna.ptr.PointerByReference
import java.io.File
import java.util.concurrent.ConcurrentHashMap
import org.obclip.edge.DeviceError

/**
 * The calls of LiteRT's C API that one graph needs, as libLiteRt.so of version 2.3 has them. In other versions arguments
 * stand elsewhere: use the file of that version.
 */
internal interface LiteRtLibrary : Library {
    fun LiteRtCreateEnvironment(count: Int, options: Pointer?, out: PointerByReference): Int
    fun LiteRtDestroyEnvironment(environment: Pointer)
    fun LiteRtCreateOptions(out: PointerByReference): Int
    fun LiteRtSetOptionsHardwareAccelerators(options: Pointer, accelerators: Int): Int
    fun LiteRtDestroyOptions(options: Pointer)
    fun LiteRtCreateOpaqueOptions(kind: String, payload: Pointer, free: Free, out: PointerByReference): Int
    fun LiteRtAddOpaqueOptions(options: Pointer, added: Pointer): Int
    fun LiteRtCreateModelFromFile(environment: Pointer, file: String, out: PointerByReference): Int
    fun LiteRtDestroyModel(model: Pointer)
    fun LiteRtGetNumModelSignatures(model: Pointer, out: LongArray): Int
    fun LiteRtGetModelSignature(model: Pointer, index: Long, out: PointerByReference): Int
    fun LiteRtGetSignatureKey(signature: Pointer, out: PointerByReference): Int
    fun LiteRtGetNumSignatureInputs(signature: Pointer, out: LongArray): Int
    fun LiteRtGetSignatureInputName(signature: Pointer, index: Long, out: PointerByReference): Int
    fun LiteRtGetSignatureInputTensorByIndex(signature: Pointer, index: Long, out: PointerByReference): Int
    fun LiteRtGetNumSignatureOutputs(signature: Pointer, out: LongArray): Int
    fun LiteRtGetSignatureOutputName(signature: Pointer, index: Long, out: PointerByReference): Int
    fun LiteRtGetSignatureOutputTensorByIndex(signature: Pointer, index: Long, out: PointerByReference): Int
    fun LiteRtGetRankedTensorType(tensor: Pointer, out: Pointer): Int
    fun LiteRtCreateCompiledModel(environment: Pointer, model: Pointer, options: Pointer, out: PointerByReference): Int
    fun LiteRtDestroyCompiledModel(model: Pointer)
    fun LiteRtCompiledModelIsFullyAccelerated(model: Pointer, out: ByteByReference): Int
    fun LiteRtGetCompiledModelInputBufferRequirements(model: Pointer, signature: Long, input: Long, out: PointerByReference): Int
    fun LiteRtGetCompiledModelOutputBufferRequirements(model: Pointer, signature: Long, output: Long, out: PointerByReference): Int
    fun LiteRtCreateManagedTensorBufferFromRequirements(environment: Pointer, type: Pointer, requirements: Pointer, out: PointerByReference): Int
    fun LiteRtGetTensorBufferPackedSize(buffer: Pointer, out: LongArray): Int
    fun LiteRtLockTensorBuffer(buffer: Pointer, out: PointerByReference, mode: Int): Int
    fun LiteRtUnlockTensorBuffer(buffer: Pointer): Int
    fun LiteRtDestroyTensorBuffer(buffer: Pointer)
    fun LiteRtRunCompiledModel(model: Pointer, signature: Long, inputs: Long, input: Array<Pointer>, outputs: Long, output: Array<Pointer>): Int

    /** Frees a payload. */
    fun interface Free : Callback {
        fun invoke(payload: Pointer?)
    }

    companion object {
        /** JNA's memory ends by itself; LiteRT has read the payload by the time its graph is compiled. */
        val NOTHING: Free = Free { }
        const val CPU = 1
        const val READ = 0
        const val WRITE = 1

        /** Bytes of a `LiteRtRankedTensorType`. */
        const val TENSOR_TYPE = 72L

        fun open(file: File): LiteRtLibrary = try {
            Native.load(file.absolutePath, LiteRtLibrary::class.java)
        } catch (fault: UnsatisfiedLinkError) {
            throw DeviceError("${file.name} cannot be loaded: give the libLiteRt.so of the package ai-edge-litert")
        }
    }
}

/** For XNNPACK, whose options are a TOML text. The text lives as long as the library: some ten bytes for each count. */
internal fun LiteRtLibrary.setThreads(options: Pointer, threads: Int) {
    val text = THREADS.getOrPut(threads) { "num_threads = $threads\n".let { line -> Memory(line.length + 1L).also { it.setString(0, line) } } }
    demand(LiteRtAddOpaqueOptions(options, pointer("make options") { LiteRtCreateOpaqueOptions("xnnpack", text, LiteRtLibrary.NOTHING, it) }), "set threads")
}

private val THREADS = ConcurrentHashMap<Int, Memory>()

/** @throws DeviceError the call failed. */
internal fun demand(status: Int, what: String) {
    if (status != 0) throw DeviceError("LiteRT cannot $what (status $status)")
}

internal inline fun pointer(what: String, call: (PointerByReference) -> Int): Pointer {
    val out = PointerByReference()
    demand(call(out), what)
    return out.value ?: throw DeviceError("LiteRT cannot $what")
}

internal inline fun count(what: String, call: (LongArray) -> Int): Long = LongArray(1).also { demand(call(it), what) }[0]
