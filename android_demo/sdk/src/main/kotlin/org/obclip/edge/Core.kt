package org.obclip.edge

import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.CharBuffer
import java.nio.charset.CharacterCodingException
import java.util.concurrent.locks.ReentrantLock
import kotlin.concurrent.withLock

/** The one lock around every call of the core in this process: two threads may not be inside it at once. */
private val NATIVE = ReentrantLock()
private const val ABI = 1
private const val OK = 0
private const val MISUSE = 1

/**
 * The word lists that a prompt is read with: the bytes of `lexicon.bin` and `second_look.bin`, as they lie beside the
 * native library (on Android, in the SDK's assets).
 */
public class WordLists(internal val lexicon: ByteArray, internal val secondLook: ByteArray)

/** A core with its word lists, opened once; any number of sessions. */
internal class Core private constructor(private var handle: Long) : AutoCloseable {
    companion object {
        fun open(words: WordLists): Core = NATIVE.withLock {
            check(Native.abi() == ABI) { "the native library is of ABI ${Native.abi()}, not $ABI: use the one of this SDK" }
            val handle = Native.coreNew(words.lexicon, words.secondLook)
            if (handle == 0L) throw LexiconError("the word lists cannot be used", text(Native.lastError(0)))
            Core(handle)
        }
    }

    /** What a session works with: [values] by the core's names. A value that the core refuses is an [InputError]. */
    fun options(values: Map<String, String>, tokenizer: ByteArray, ledger: LedgerRecord?, now: Long): Options =
        NATIVE.withLock {
            val options = Native.optionsNew(handle)
            check(options != 0L) { lastError() }
            Options(options).also { made ->
                try {
                    for ((name, value) in values) demand(Native.set(options, terminated(name), utf8(value, name)))
                    demand(Native.setTokenizer(options, tokenizer)) { BundleError("the bundle's tokenizer cannot be read", it) }
                    if (ledger != null) demand(Native.setLedger(options, ledger.bytes, ledger.key, now))
                } catch (fault: Throwable) {
                    made.close()
                    throw fault
                }
            }
        }

    fun session(options: Options, prompt: String, seed: ULong, coins: ByteArray): Session = NATIVE.withLock {
        val session = Native.sessionNew(handle, options.handle, utf8(prompt, "the prompt"), seed.toLong(), coins)
        if (session == 0L) throw InputError("the prompt or an option cannot be used", lastError())
        Session(this, session)
    }

    override fun close() = NATIVE.withLock {
        if (handle != 0L) Native.coreFree(handle)
        handle = 0
    }

    fun demand(status: Int, refused: (String) -> ObclipError = { InputError("an option cannot be used", it) }) {
        if (status == OK) return
        val why = lastError()
        check(status != MISUSE) { "the core was called wrongly: $why" }
        throw refused(why)
    }

    private fun lastError() = text(Native.lastError(handle))

    /** Options of this core; freed after its sessions were made. */
    class Options(internal var handle: Long) : AutoCloseable {
        override fun close() = NATIVE.withLock {
            if (handle != 0L) Native.optionsFree(handle)
            handle = 0
        }
    }
}

/** One picture: what is to be done next, and what came of it. [Run] drives it. */
internal class Session(private val core: Core, private var handle: Long) : AutoCloseable {
    fun next(): Int = NATIVE.withLock {
        Native.next(handle).also { check(it != 0) { "what the session waits for was not answered" } }
    }

    fun text(field: Int, index: Int = 0): String = NATIVE.withLock { text(Native.get(handle, field, index)) }
    fun bytes(field: Int): ByteArray = NATIVE.withLock {
        checkNotNull(Native.get(handle, field, -1)) { "the session has no buffer $field now" }
    }

    fun floats(field: Int): FloatArray {
        val raw = ByteBuffer.wrap(bytes(field)).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer()
        return FloatArray(raw.remaining()).also(raw::get)
    }

    fun ints(field: Int): IntArray {
        val raw = ByteBuffer.wrap(bytes(field)).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer()
        return IntArray(raw.remaining()).also(raw::get)
    }

    fun number(field: Int, index: Int = 0): Double = NATIVE.withLock { Native.number(handle, field, index) }
    fun count(field: Int): Int = number(field).toInt()
    fun texts(field: Int, count: Int): List<String> = List(count(count)) { text(field, it) }

    fun decide(finding: Int, decision: Decision) = give { Native.giveDecision(it, finding, terminated(decision.word)) }
    fun stored(isStored: Boolean) = give { Native.giveStored(it, isStored) }
    fun response(status: Int, body: ByteArray) = give { Native.giveResponse(it, status, body) }
    fun failure(refusal: Int, message: String) = give { Native.giveFailure(it, refusal, utf8(message, "a message")) }
    fun floats(values: FloatArray) = give { Native.giveFloats(it, values) }
    fun cancel() = give { Native.cancel(it) }

    private fun give(call: (Long) -> Int) = NATIVE.withLock { core.demand(call(handle)) }

    override fun close() = NATIVE.withLock {
        if (handle != 0L) Native.sessionFree(handle)
        handle = 0
    }
}

/** Strictly: a lone surrogate is no text, and becomes no question mark. */
private fun utf8(text: String, what: String): ByteArray = try {
    val raw = Charsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text))
    ByteArray(raw.remaining()).also(raw::get)
} catch (_: CharacterCodingException) {
    throw InputError("$what is no text: it holds half of a character")
}

private fun terminated(word: String): ByteArray = utf8(word + "\u0000", "a name")

private fun text(raw: ByteArray?): String = String(checkNotNull(raw) { "there is no such text now" }, Charsets.UTF_8)
