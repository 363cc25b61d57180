package org.obclip.demo

import android.content.res.Resources
import java.math.BigDecimal
import java.math.MathContext
import java.util.Locale
import org.json.JSONException
import org.json.JSONObject

private const val KILO = 1000.0

/** A phone shows so many with their letters. */
private const val BYTES_A_LINE = 8

/** "812 bytes", "4.1 kB", "13.6 MB". */
internal fun Resources.bytes(count: Long): String = when {
    count < KILO -> getString(R.string.bytes, count)
    count < KILO * KILO -> getString(R.string.kilobytes, count / KILO)
    else -> getString(R.string.megabytes, count / KILO / KILO)
}

/** "84 ms", "3.2 s", "2 min 5 s". */
internal fun Resources.time(ms: Double): String {
    val seconds = Math.round(ms / KILO)
    return when {
        ms < KILO -> getString(R.string.milliseconds, Math.round(ms))
        ms < 60 * KILO -> getString(R.string.seconds, ms / KILO)
        else -> getString(R.string.minutes, seconds / 60, seconds % 60)
    }
}

/** "ε = 0"; `null` is no number. */
internal fun Resources.epsilon(epsilon: Double?): String =
    if (epsilon == null) getString(R.string.no_epsilon) else getString(R.string.epsilon, shortly(epsilon))

/** Four digits that count. */
internal fun shortly(number: Double): String =
    if (number.isFinite()) BigDecimal(number).round(MathContext(4)).stripTrailingZeros().toPlainString() else number.toString()

/** "gender.2" -> "gender (2nd person)", "skin_tone" -> "skin tone". */
internal fun Resources.axis(axis: String): String {
    val name = axis.substringBefore('.').replace('_', ' ')
    return if ('.' in axis) getString(R.string.axis_person, name, axis.substringAfter('.')) else name
}

/** What a word gives away: "the skin tone", "who it is". */
internal fun Resources.secret(axis: String): String =
    if (axis == "identity") getString(R.string.secret_identity) else getString(R.string.secret_axis, axis(axis))

/** Offset, hexadecimal and ASCII, as hexdump prints it: rows that are as the one before are a star, and the size ends it. */
internal fun dumpHex(bytes: ByteArray): String {
    val lines = ArrayList<String>()
    var before = ""
    for (at in bytes.indices step BYTES_A_LINE) {
        val row = bytes.copyOfRange(at, minOf(at + BYTES_A_LINE, bytes.size))
        val hex = row.joinToString(" ") { "%02x".format(Locale.ROOT, it) }
        if (hex == before && at + BYTES_A_LINE < bytes.size) {
            if (lines.last() != "*") lines += "*"
            continue
        }
        before = hex
        val ascii = row.joinToString("") { if (it in 0x20..0x7e) it.toInt().toChar().toString() else "." }
        lines += "%05x  %s %s".format(Locale.ROOT, at, hex.padEnd(BYTES_A_LINE * 3), ascii)
    }
    lines += "%05x".format(Locale.ROOT, bytes.size)
    return lines.joinToString("\n")
}

/** The request's JSON, indented; its padding as a count, since it is nothing but spaces. */
internal fun Resources.printRequest(body: ByteArray): String {
    val text = String(body, Charsets.UTF_8)
    return try {
        val request = JSONObject(text)
        val pad = request.optString("pad")
        if (request.has("pad") && pad.isBlank()) request.put("pad", getString(R.string.pad, pad.length))
        request.toString(2)
    } catch (_: JSONException) {
        text
    }
}
