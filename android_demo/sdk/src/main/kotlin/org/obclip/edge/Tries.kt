package org.obclip.edge

import java.security.SecureRandom
import java.time.DateTimeException
import java.time.ZonedDateTime
import java.time.format.DateTimeFormatter

/**
 * Which cloud is asked next, and when (`edge_sdk/cloud/tries.py`, `retries.py`): by status and transport alone, never by
 * what the latents are. Each address up to three times; the next one at once when one cannot answer. Times are
 * milliseconds of [clock].
 */
internal class Tries(endpoints: List<Endpoint>, private val until: Long, private val clock: () -> Long) {
    private val ready = endpoints.associateWithTo(LinkedHashMap()) { 0L }
    private val again = endpoints.associateWithTo(HashMap()) { 0 }
    private val faults = LinkedHashMap<Endpoint, CloudError>()

    /** Whom to ask, and how long to wait before; `null` if nobody is left, or the wait would be too long. */
    fun next(): Pair<Endpoint, Long>? {
        val (endpoint, at) = ready.entries.minByOrNull { it.value } ?: return null
        return if (at >= until) null else endpoint to maxOf(0L, at - clock())
    }

    /** What is wrong there is not wrong for a moment: this address is not asked again. */
    fun giveUp(endpoint: Endpoint, fault: CloudError) {
        faults[endpoint] = fault
        ready.remove(endpoint)
    }

    /** Ask it again after a while; [told] is its `Retry-After`. */
    fun tryLater(endpoint: Endpoint, fault: CloudError, told: String = "") {
        val before = again.getValue(endpoint)
        if (before == WAITS.size) return giveUp(endpoint, fault)
        faults[endpoint] = fault
        again[endpoint] = before + 1
        ready[endpoint] = clock() + waitBefore(before, told)
    }

    /** No time is left for anybody. */
    fun stop(endpoint: Endpoint, fault: CloudError) {
        faults[endpoint] = fault
        ready.clear()
    }

    /** One error for all addresses; of the one kind that all have, if they have one. */
    fun error(): CloudError {
        val all = faults.values.toList()
        if (all.size == 1) return all[0]
        val text = "no cloud answered: " + all.joinToString("; ") { it.message.orEmpty() }
        return when {
            all.any { it is DeadlineError } -> DeadlineError(text)
            all.isNotEmpty() && all.all { it is UnreachableError } -> UnreachableError(text)
            else -> CloudError(text)
        }
    }

    companion object {
        /** Answers that a later try may change (RFC 9110, sections 15.5.9 and 15.6; RFC 6585; RFC 8470). */
        val AGAIN = setOf(408, 425, 429, 502, 503, 504)

        /** Before the second and the third try, where the cloud does not say. */
        private val WAITS = listOf(500L, 2000L)

        /** As a share of the wait, so that devices that were told the same do not all come back at once. */
        private const val JITTER = 0.25
        private val random = SecureRandom()

        fun waitBefore(again: Int, told: String): Long =
            (maxOf(toldWait(told, System.currentTimeMillis()), WAITS[again]) * (1.0 + JITTER * random.nextDouble())).toLong()

        /** The wait of a `Retry-After` header (RFC 9110, section 10.2.3): seconds, or a date; 0 for neither. */
        fun toldWait(told: String, now: Long): Long {
            val text = told.trim()
            if (text.isNotEmpty() && text.all { it in '0'..'9' }) {
                return if (text.length <= 9) 1000 * text.toLong() else Long.MAX_VALUE / 4
            }
            return try {
                maxOf(0L, ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant().toEpochMilli() - now)
            } catch (_: DateTimeException) {
                0L
            }
        }
    }
}
