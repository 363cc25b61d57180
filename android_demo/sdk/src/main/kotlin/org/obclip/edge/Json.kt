package org.obclip.edge

import java.nio.ByteBuffer
import java.nio.charset.CharacterCodingException

/** JSON as `bundle.json` holds it. A number keeps its digits, so that the core reads the very number that was written. */
internal sealed interface Json {
    data class Text(val value: String) : Json
    data class Number(val digits: String) : Json
    data class Flag(val value: Boolean) : Json
    data class Items(val values: List<Json>) : Json
    data class Fields(val values: Map<String, Json>) : Json
    data object Null : Json
}

/** Not the JSON that is expected here; the message names the place and holds no content. */
internal class JsonError(message: String) : Exception(message)

/** A strict reader (RFC 8259): UTF-8 without a mark, no name twice, no more than [DEEPEST] levels, nothing behind it. */
internal class JsonReader private constructor(private val text: String) {
    private var at = 0

    companion object {
        private const val DEEPEST = 32
        private val NUMBER = Regex("-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?")

        fun read(bytes: ByteArray): Json {
            val text = try {
                Charsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString()
            } catch (_: CharacterCodingException) {
                throw JsonError("not UTF-8")
            }
            val reader = JsonReader(text)
            val value = reader.value(0)
            reader.skip()
            if (reader.at != text.length) reader.fail("something follows the end")
            return value
        }
    }

    private fun fail(what: String): Nothing = throw JsonError("$what (at character $at)")

    private fun skip() {
        while (at < text.length && text[at] in " \t\n\r") at++
    }

    private fun take(expected: Char) {
        if (at >= text.length || text[at] != expected) fail("'$expected' is missing")
        at++
    }

    private fun value(depth: Int): Json {
        if (depth > DEEPEST) fail("too many levels")
        skip()
        if (at >= text.length) fail("it ends too early")
        return when (text[at]) {
            '{' -> Json.Fields(fields(depth))
            '[' -> Json.Items(items(depth))
            '"' -> Json.Text(string())
            't' -> word("true", Json.Flag(true))
            'f' -> word("false", Json.Flag(false))
            'n' -> word("null", Json.Null)
            else -> number()
        }
    }

    private fun word(expected: String, value: Json): Json {
        if (!text.startsWith(expected, at)) fail("no value")
        at += expected.length
        return value
    }

    private fun number(): Json {
        val found = NUMBER.matchAt(text, at) ?: fail("no value")
        at += found.value.length
        return Json.Number(found.value)
    }

    private fun fields(depth: Int): Map<String, Json> {
        val out = LinkedHashMap<String, Json>()
        each('{', '}') {
            skip()
            val name = string()
            skip()
            take(':')
            if (out.put(name, value(depth + 1)) != null) fail("a name stands twice")
        }
        return out
    }

    private fun items(depth: Int): List<Json> = ArrayList<Json>().also { out -> each('[', ']') { out += value(depth + 1) } }

    private fun each(open: Char, close: Char, one: () -> Unit) {
        take(open)
        skip()
        if (at < text.length && text[at] == close) {
            at++
            return
        }
        while (true) {
            one()
            skip()
            if (at < text.length && text[at] == close) break
            take(',')
        }
        at++
    }

    private fun string(): String {
        take('"')
        val out = StringBuilder()
        while (true) {
            if (at >= text.length) fail("a text does not end")
            when (val c = text[at++]) {
                '"' -> return out.toString()
                '\\' -> out.append(escaped())
                else -> if (c < ' ') fail("a control character in a text") else out.append(c)
            }
        }
    }

    private fun escaped(): Char {
        if (at >= text.length) fail("a text does not end")
        return when (val c = text[at++]) {
            '"', '\\', '/' -> c
            'b' -> '\b'
            'f' -> '\u000c'
            'n' -> '\n'
            'r' -> '\r'
            't' -> '\t'
            'u' -> {
                val digits = text.substring(at, minOf(at + 4, text.length))
                if (digits.length < 4 || digits.any { it !in '0'..'9' && it !in 'a'..'f' && it !in 'A'..'F' }) fail("no \\u")
                at += 4
                digits.toInt(16).toChar()
            }
            else -> fail("an unknown escape")
        }
    }
}
