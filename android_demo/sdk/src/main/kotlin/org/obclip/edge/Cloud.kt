package org.obclip.edge

import java.io.IOException
import java.net.CookieHandler
import java.security.KeyStore
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.delay

/**
 * The cloud engine that a pipeline asks. Nothing is sent before [ObclipPipeline.generate] sends it.
 *
 * One request is the same bytes on every try and to every address. No proxy, login or cookie is taken from the app's
 * surroundings, and no redirect is followed.
 *
 * @param urls addresses of clouds that serve the same pair, asked in this order, beginning with the one that answered
 *   last. A user, password or query in one is sent, and never shown.
 * @param token sent as `Authorization: Bearer …`.
 * @param pins the cloud's keys; needs https.
 * @param roots certificates to trust instead of the platform's, with [pins] alone.
 * @param connectTimeout for name, connection and handshake.
 * @param deadline for the whole of one exchange: all tries, waiting in the cloud's queue, the whole answer.
 * @throws CloudError an address that is no http(s) URL. [InputError]: any other argument that cannot be used.
 */
public class Cloud(
    urls: List<String>,
    token: String? = null,
    private val pins: Pins? = null,
    private val roots: KeyStore? = null,
    private val connectTimeout: Duration = 10.seconds,
    private val deadline: Duration = 300.seconds,
) {
    /** A cloud with one address. */
    public constructor(url: String, token: String? = null, pins: Pins? = null, deadline: Duration = 300.seconds) :
        this(listOf(url), token, pins, null, deadline = deadline)

    private val endpoints = urls.map { Endpoint.read(it) }
    private val bearer = token?.let { "Bearer $it" }
    private val secrets = endpoints.flatMap { it.secrets } + listOfNotNull(token)
    private val tls = pins?.let { pinned(it, roots) { System.currentTimeMillis() / 1000 } }

    @Volatile private var first = 0

    init {
        if (endpoints.isEmpty()) throw InputError("give the cloud's address")
        if (pins != null && !endpoints.all { it.isSecure }) throw InputError("pins need https:// addresses: without TLS there is no key")
        if (roots != null && pins == null) throw InputError("roots of your own need pins")
        if (token != null && (token.isEmpty() || token.any { it !in '!'..'~' })) throw InputError("a token is visible ASCII")
        if (token != null && endpoints.any { it.authorization != null }) throw InputError("give one login: a token, or one in the address")
        if (!connectTimeout.isPositive() || !deadline.isPositive()) throw InputError("times are longer than nothing")
    }

    /** The addresses, without their secrets. */
    public val shown: List<String> get() = endpoints.map { it.shown }

    override fun toString(): String = "Cloud(${shown.joinToString()})"

    internal fun scrub(text: String) = Endpoint.scrub(text, secrets)

    /** What the core wants to be sent. */
    internal class Request(val method: String, val path: String, val headers: List<Pair<String, String>>, val body: ByteArray?)

    /** Who answered, and what. */
    internal class Response(val answer: Answer, val shown: String)

    /**
     * Address and answer of the first cloud that gives a final one. [telling] is called before each try; [waiting] runs
     * the try, and may end it.
     */
    internal suspend fun send(
        request: Request,
        telling: suspend (attempt: Int) -> Unit,
        waiting: suspend (suspend () -> Answer) -> Answer,
    ): Response {
        val until = now() + deadline.inWholeMilliseconds
        val start = first
        val tries = Tries(endpoints.drop(start) + endpoints.take(start), until, ::now)
        var attempt = 0
        while (true) {
            val (endpoint, wait) = tries.next() ?: break
            delay(wait)
            telling(++attempt)
            try {
                val exchange = Exchange(outgoing(endpoint, request), tls, endpoint.shown)
                val answer = waiting { exchange.run(connectTimeout.inWholeMilliseconds, until - now()) }
                if (answer.status !in Tries.AGAIN) {
                    first = endpoints.indexOf(endpoint)
                    return Response(answer, endpoint.shown)
                }
                val fault = RefusedError("the cloud at ${endpoint.shown} refused the request (${answer.status})",
                    "the cloud is busy or away (${answer.status}); try again later", answer.status)
                tries.tryLater(endpoint, fault, answer.retryAfter)
            } catch (fault: BrokenOffError) {
                tries.tryLater(endpoint, fault)
            } catch (fault: DeadlineError) {
                tries.stop(endpoint, fault)
            } catch (fault: CloudError) {
                tries.giveUp(endpoint, fault)
            }
        }
        throw tries.error()
    }

    private fun outgoing(endpoint: Endpoint, request: Request): Outgoing {
        val url = endpoint.url(request.path)
        refuseCookies(url.toURI())
        val headers = request.headers + listOfNotNull((bearer ?: endpoint.authorization)?.let { "authorization" to it })
        val most = if (request.method == "POST") Exchange.MOST_LATENTS else Exchange.SMALL_ANSWER
        return Outgoing(request.method, url, headers, request.body, most)
    }

    /** The platform adds the cookies of the app's own store to every request; one would tell this device from others. */
    private fun refuseCookies(uri: java.net.URI) {
        val kept = try {
            CookieHandler.getDefault()?.get(uri, emptyMap())?.values?.any { it.isNotEmpty() } ?: false
        } catch (_: IOException) {
            true
        }
        if (kept) throw InputError("the app's CookieHandler keeps a cookie for the cloud's address, which would be sent: remove it")
    }

    private fun now() = (System.nanoTime() - BEGAN) / 1_000_000

    private companion object {
        val BEGAN = System.nanoTime()
    }
}
