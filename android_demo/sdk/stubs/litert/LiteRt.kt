@file:Suppress("UNUSED_PARAMETER", "unused")

package com.google.ai.edge.litert

private fun absent(): Nothing = throw UnsupportedOperationException("a stub")

public enum class Accelerator { NONE, CPU, GPU, NPU }

public class LiteRtException(message: String) : Exception(message)

public abstract class JniHandle internal constructor() : AutoCloseable {
    final override fun close(): Unit = absent()
}

public class TensorBuffer private constructor() : JniHandle() {
    public fun writeInt(data: IntArray): Unit = absent()
    public fun writeFloat(data: FloatArray): Unit = absent()
    public fun readFloat(): FloatArray = absent()
}

public class Environment private constructor() : JniHandle() {
    public enum class Option { CompilerPluginLibraryDir, DispatchLibraryDir }

    public fun getAvailableAccelerators(): Set<Accelerator> = absent()

    public companion object {
        @JvmOverloads
        @JvmStatic
        public fun create(options: Map<Option, String> = mapOf()): Environment = absent()
    }
}

public class CompiledModel private constructor() : JniHandle() {
    public data class CpuOptions(val numThreads: Int? = null, val xnnPackFlags: Int? = null, val xnnPackWeightCachePath: String? = null)

    public class Options constructor(internal val accelerators: Set<Accelerator>) {
        public var cpuOptions: CpuOptions? = null

        public constructor(vararg accelerators: Accelerator) : this(setOf(*accelerators))
    }

    public fun createInputBuffer(inputName: String, signature: String = ""): TensorBuffer = absent()
    public fun createOutputBuffer(outputName: String, signature: String = ""): TensorBuffer = absent()
    public fun run(inputs: Map<String, TensorBuffer>, outputs: Map<String, TensorBuffer>, signature: String = ""): Unit = absent()

    public companion object {
        @JvmOverloads
        @JvmStatic
        public fun create(filePath: String, options: Options = Options(Accelerator.CPU), optionalEnv: Environment? = null): CompiledModel = absent()
    }
}
