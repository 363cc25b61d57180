package org.obclip.edge

import java.net.URI
import java.net.URISyntaxException
import java.net.URL
import java.util.Base64

/** One cloud (`edge_sdk/cloud/endpoint.py`). [shown] is the only form of its address that is ever told. */
internal class Endpoint private constructor(
    val shown: String,
    val authorization: String?,
    val secrets: List<String>,
    private val uri: URI,
) {
    val isSecure: Boolean get() = uri.scheme == "https"

    /** Where [path] of the contract is: behind the base path, with the address's own query. */
    fun url(path: String): URL {
        val query = uri.rawQuery?.let { "?$it" }.orEmpty()
        return URI("${uri.scheme}://${uri.host}${port(uri)}${base(uri)}$path$query").toURL()
    }

    companion object {
        fun read(address: String): Endpoint {
            val uri = try {
                URI(address)
            } catch (_: URISyntaxException) {
                throw CloudError("the cloud's address is not a URL, e.g. https://cloud.example")
            }
            val scheme = uri.scheme?.lowercase()
            if (scheme != "http" && scheme != "https" || uri.host.isNullOrEmpty()) {
                throw CloudError("the cloud's address is not an http(s) URL, e.g. https://cloud.example")
            }
            if (uri.port != -1 && uri.port !in 1..65535) throw CloudError("the port of the cloud's address is between 1 and 65535")
            if (uri.rawFragment != null) throw CloudError("the cloud's address has a fragment ('#…'), which means nothing: leave it out")
            val login = uri.userInfo.orEmpty()
            val basic = if (login.isEmpty()) null else Base64.getEncoder().encodeToString(
                (if (':' in login) login else "$login:").toByteArray(Charsets.UTF_8))
            val values = uri.rawQuery.orEmpty().split('&').map { it.substringAfter('=', "") }
            val secrets = login.split(':', limit = 2) + uri.rawUserInfo.orEmpty().split(':') + values + uri.rawQuery.orEmpty() + basic.orEmpty()
            val plain = URI(scheme, null, uri.host, uri.port, uri.path, uri.query, null)
            return Endpoint("$scheme://${uri.host}${port(uri)}${base(uri)}", basic?.let { "Basic $it" }, secrets.filter { it.isNotEmpty() }, plain)
        }

        private fun port(uri: URI) = if (uri.port == -1) "" else ":${uri.port}"
        private fun base(uri: URI) = uri.rawPath.orEmpty().trimEnd('/')

        /** A shorter secret would be found in ordinary words, and hide nothing; the same of the beginning of one. */
        private const val SECRET = 4
        private const val PART = 8

        /** [text] without the secrets, or the beginning of one, should a server send them back. */
        fun scrub(text: String, secrets: List<String>): String {
            var out = text
            for (secret in secrets.sortedByDescending { it.length }) {
                if (secret.length >= SECRET) out = out.replace(secret, "…")
                if (secret.length <= PART || secret.take(PART) !in out) continue
                for (length in secret.length - 1 downTo PART) out = out.replace(secret.take(length), "…")
            }
            return out
        }
    }
}
