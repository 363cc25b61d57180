package org.obclip.edge

import java.net.Socket
import java.security.KeyStore
import java.security.MessageDigest
import java.security.cert.CertificateException
import java.security.cert.X509Certificate
import java.util.Base64
import javax.net.ssl.SSLContext
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLSocketFactory
import javax.net.ssl.TrustManagerFactory
import javax.net.ssl.X509ExtendedTrustManager

/**
 * Public keys that the cloud may have: SHA-256 of the SubjectPublicKeyInfo (RFC 7469), as `sha256/BASE64` or 64 hex digits.
 * Compared in every handshake, beside the usual check of the certificate, before anything is sent.
 *
 * @param current the key in use.
 * @param backup a key that is kept elsewhere, for the day on which the first is lost. Both have to be there.
 * @param expires seconds since 1970 from which on the usual check alone holds, so that an app that nobody updates does
 *   not lose its cloud; a year is usual.
 * @throws InputError a pin in another form, or the same one twice.
 */
public class Pins(current: String, backup: String, private val expires: Long) {
    private val keys = listOf(read(current), read(backup))

    init {
        if (keys[0].contentEquals(keys[1])) throw InputError("the backup pin is the key in use: a lost key would lock everybody out")
    }

    internal fun hold(now: Long): Boolean = now < expires

    internal fun check(chain: Array<out X509Certificate>?) {
        val key = chain?.firstOrNull()?.publicKey?.encoded ?: throw PinError()
        val found = MessageDigest.getInstance("SHA-256").digest(key)
        if (keys.none { MessageDigest.isEqual(it, found) }) throw PinError()
    }

    private companion object {
        fun read(pin: String): ByteArray {
            val said = pin.trim().removePrefix("sha256/").removePrefix("sha256:").replace(":", "")
            val text = if (said.length == 45) said.removePrefix("/") else said // curl's "sha256//"; a digest may begin with one
            val bytes = try {
                if (text.length == 64) ByteArray(32) { text.substring(2 * it, 2 * it + 2).toInt(16).toByte() }
                else Base64.getDecoder().decode(text)
            } catch (_: IllegalArgumentException) { // NumberFormatException is one
                ByteArray(0)
            }
            if (bytes.size != 32) throw InputError("a pin is 'sha256/' with 44 characters of base64, or 64 hex digits")
            return bytes
        }
    }
}

/** The cloud has another key than the pinned ones. */
internal class PinError : CertificateException("another key than the pinned ones")

/** Sockets of a context of its own, so that no session of anybody else is resumed without its check. */
internal fun pinned(pins: Pins, roots: KeyStore?, now: () -> Long): SSLSocketFactory {
    val factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm())
    factory.init(roots)
    val usual = factory.trustManagers.filterIsInstance<X509ExtendedTrustManager>().first()
    val context = SSLContext.getInstance("TLS")
    context.init(null, arrayOf(PinnedTrust(usual, pins, now)), null)
    return context.socketFactory
}

private class PinnedTrust(private val usual: X509ExtendedTrustManager, private val pins: Pins, private val now: () -> Long) :
    X509ExtendedTrustManager() {
    private fun pin(chain: Array<out X509Certificate>?) {
        if (pins.hold(now())) pins.check(chain)
    }

    override fun checkServerTrusted(chain: Array<out X509Certificate>?, kind: String?, socket: Socket?) {
        usual.checkServerTrusted(chain, kind, socket)
        pin(chain)
    }

    override fun checkServerTrusted(chain: Array<out X509Certificate>?, kind: String?, engine: SSLEngine?) {
        usual.checkServerTrusted(chain, kind, engine)
        pin(chain)
    }

    override fun checkServerTrusted(chain: Array<out X509Certificate>?, kind: String?) {
        usual.checkServerTrusted(chain, kind)
        pin(chain)
    }

    override fun checkClientTrusted(chain: Array<out X509Certificate>?, kind: String?, socket: Socket?) = refuse()
    override fun checkClientTrusted(chain: Array<out X509Certificate>?, kind: String?, engine: SSLEngine?) = refuse()
    override fun checkClientTrusted(chain: Array<out X509Certificate>?, kind: String?) = refuse()
    override fun getAcceptedIssuers(): Array<X509Certificate> = usual.acceptedIssuers

    private fun refuse(): Nothing = throw CertificateException("this is a client")
}
