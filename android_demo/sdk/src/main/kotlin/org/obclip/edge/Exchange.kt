package org.obclip.edge

import java.io.EOFException
import java.io.IOException
import java.io.InputStream
import java.net.HttpRetryException
import java.net.HttpURLConnection
import java.net.ProtocolException
import java.net.Proxy
import java.net.SocketException
import java.net.SocketTimeoutException
import java.net.URL
import java.net.UnknownHostException
import javax.net.ssl.HttpsURLConnection
import javax.net.ssl.SSLException
import javax.net.ssl.SSLSocketFactory
import kotlin.concurrent.thread
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.withTimeoutOrNull

/** Status and body exactly as they came; a body over its limit is cut one byte behind it, so that the core sees it is. */
internal class Answer(val status: Int, val body: ByteArray, val retryAfter: String)

/** What goes over the wire: a function of the request alone. */
internal class Outgoing(val method: String, val url: URL, val headers: List<Pair<String, String>>, val body: ByteArray?, val most: Int)

/**
 * One try (`edge_sdk/cloud/exchange.py`): a connection, a request, the whole answer. The socket is a thread's own while
 * the coroutine waits with a clock in its hand; when the wait ends, for whatever reason, nothing more is sent.
 */
internal class Exchange(private val outgoing: Outgoing, private val tls: SSLSocketFactory?, private val shown: String) {
    private val outcome = CompletableDeferred<Result<Answer>>()
    private val greeted = CompletableDeferred<Unit>()
    private var connection: HttpURLConnection? = null
    private var isSent = false
    private var isGivenUp = false

    /** [connecting] and [left]: milliseconds for name, connection and handshake, and for everything. */
    suspend fun run(connecting: Long, left: Long): Answer {
        if (left <= 0) throw DeadlineError("$shown did not answer in time")
        val end = System.nanoTime() + left * 1_000_000
        thread(name = "obclip-exchange", isDaemon = true) {
            outcome.complete(runCatching { exchange(minOf(connecting, left).toInt(), left.toInt()) })
            greeted.complete(Unit)
        }
        try {
            withTimeoutOrNull(minOf(connecting, left)) { greeted.await() }
                ?: throw if (left <= connecting) late() else UnreachableError("no connection to $shown within ${connecting / 1000.0} s")
            val result = withTimeoutOrNull((end - System.nanoTime()) / 1_000_000) { outcome.await() } ?: throw late()
            return result.getOrElse { throw told(it) }
        } finally {
            giveUp()
        }
    }

    private fun late() = DeadlineError("$shown did not answer in time")

    private fun exchange(connecting: Int, left: Int): Answer {
        val made = outgoing.url.openConnection(Proxy.NO_PROXY) as HttpURLConnection
        synchronized(this) {
            if (isGivenUp) throw SocketTimeoutException()
            connection = made
        }
        made.instanceFollowRedirects = false
        made.useCaches = outgoing.body != null // never the health report; for a POST the platform would add headers
        made.allowUserInteraction = false
        made.connectTimeout = connecting
        made.readTimeout = left
        made.requestMethod = outgoing.method
        for ((name, value) in outgoing.headers) made.setRequestProperty(name, value)
        if (tls != null && made is HttpsURLConnection) made.sslSocketFactory = tls
        outgoing.body?.let { body ->
            made.doOutput = true
            made.setFixedLengthStreamingMode(body.size) // else the platform sends a POST again when it likes
        }
        try {
            made.connect()
            synchronized(this) {
                if (isGivenUp) throw SocketTimeoutException()
                isSent = true
            }
            greeted.complete(Unit)
            outgoing.body?.let { body -> made.outputStream.use { it.write(body) } }
            return read(made)
        } finally {
            made.disconnect()
        }
    }

    private fun read(made: HttpURLConnection): Answer {
        val status = try {
            made.responseCode
        } catch (fault: HttpRetryException) { // a login is asked for; a body that was streamed is not sent again
            return Answer(fault.responseCode(), ByteArray(0), "")
        }
        if (status < 0) throw ProtocolException("no HTTP")
        val most = if (status == HttpURLConnection.HTTP_OK) outgoing.most else SMALL_ANSWER
        val stream = if (status < 400) made.inputStream else made.errorStream
        // Asked for a login, a JVM hangs up, keeps the head, and gives no body: the answer is whole as it is.
        if (stream == null && status == HttpURLConnection.HTTP_UNAUTHORIZED) return Answer(status, ByteArray(0), "")
        val body = stream?.use { read(it, most + 1) } ?: ByteArray(0)
        val declared = made.getHeaderField("Content-Length")?.trim()?.toLongOrNull()
        if (declared != null && body.size < minOf(declared, most + 1L)) throw EOFException("the answer is cut")
        return Answer(status, body, made.getHeaderField("Retry-After").orEmpty())
    }

    private fun read(stream: InputStream, most: Int): ByteArray {
        var out = ByteArray(minOf(most, 1 shl 16))
        var size = 0
        while (size < most) {
            if (size == out.size) out = out.copyOf(minOf(most, 2 * size))
            val got = stream.read(out, size, out.size - size)
            if (got < 0) break
            size += got
        }
        return out.copyOf(size)
    }

    private fun giveUp() {
        val open = synchronized(this) {
            isGivenUp = true
            connection
        }
        // On a thread: closing a connection can wait for whoever reads from it.
        if (open != null && !outcome.isCompleted) thread(name = "obclip-hang-up", isDaemon = true) { open.disconnect() }
    }

    /** A fault of the transport as an error that says what is wrong and what to do. */
    private fun told(fault: Throwable): CloudError {
        val causes = generateSequence(fault) { it.cause }.take(10).toList()
        val sent = synchronized(this) { isSent }
        return when {
            causes.any { it is PinError } -> UnreachableError(
                "$shown has another key than the pinned ones: somebody is in between, or the cloud has a new key and its " +
                    "pin is needed. Nothing was sent")
            causes.any { it is UnknownHostException } ->
                UnreachableError("cannot reach the cloud at $shown: its name is not known; check the address and the network")
            causes.any { it is SSLException } && causes.none { sent && it is SocketException } ->
                UnreachableError("cannot reach the cloud at $shown: TLS failed (${causes.last().javaClass.simpleName})")
            !sent && causes.any { it is IOException || it is SecurityException } ->
                UnreachableError("cannot reach the cloud at $shown (${fault.javaClass.simpleName}); is 'obclip serve' running there?")
            causes.any { it is SocketTimeoutException } -> late()
            causes.any { it is ProtocolException } || fault.message.orEmpty().startsWith("Invalid Http response") ->
                CloudError("$shown answers, but not as HTTP asks for: is the address right?")
            fault is IOException -> BrokenOffError("the cloud at $shown broke off before its whole answer had arrived")
            else -> CloudError("the way to the cloud at $shown failed: ${fault.javaClass.simpleName}")
        }
    }

    companion object {
        /** Bytes of an answer that is no latents: an error, or the health report. */
        const val SMALL_ANSWER = 64 * 1024

        /** `MAX_RESPONSE_BYTES` of the contract. */
        const val MOST_LATENTS = 32 * 1024 * 1024
    }
}
