@file:Suppress("UNUSED_PARAMETER", "unused")

package com.google.ai.edge.litert

private fun absent(): Nothing = throw UnsupportedOperationException("a stub")

enum class Accelerator { NONE, CPU, GPU, NPU }

class LiteRtException(message: String) : Exception(message)

abstract class JniHandle internal constructor() : AutoCloseable {
    final override fun close(): Unit = absent()
}

class TensorBuffer private constructor() : JniHandle() {
    fun writeInt(data: IntArray): Unit = absent()
    fun writeFloat(data: FloatArray): Unit = absent()
    fun readFloat(): FloatArray = absent()
}

class Environment private constructor() : JniHandle() {
    enum class Option

    fun getAvailableAccelerators(): Set<Accelerator> = absent()

    companion object {
        @JvmOverloads
        @JvmStatic
        fun create(options: Map<Option, String> = mapOf()): Environment = absent()
    }
}

class CompiledModel private constructor() : JniHandle() {
    class Options constructor(internal val accelerators: Set<Accelerator>) {
        constructor(vararg accelerators: Accelerator) : this(setOf(*accelerators))
    }

    fun createInputBuffer(inputName: String, signature: String = ""): TensorBuffer = absent()
    fun createOutputBuffer(outputName: String, signature: String = ""): TensorBuffer = absent()
    fun run(inputs: Map<String, TensorBuffer>, outputs: Map<String, TensorBuffer>, signature: String = ""): Unit = absent()

    companion object {
        @JvmOverloads
        @JvmStatic
        fun create(filePath: String, options: Options = Options(Accelerator.CPU), optionalEnv: Environment? = null): CompiledModel = absent()
    }
}
