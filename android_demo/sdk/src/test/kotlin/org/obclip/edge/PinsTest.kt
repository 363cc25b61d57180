package org.obclip.edge

import com.sun.net.httpserver.HttpsConfigurator
import com.sun.net.httpserver.HttpsServer
import java.io.File
import java.net.InetSocketAddress
import java.security.KeyStore
import java.security.MessageDigest
import java.util.Base64
import java.util.concurrent.atomic.AtomicInteger
import javax.net.ssl.KeyManagerFactory
import javax.net.ssl.SSLContext
import kotlin.test.AfterTest
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking

/** A cloud behind TLS, with a key that is pinned or not. */
class PinsTest {
    private val password = "for this test alone".toCharArray()
    private val keys = File(Rig.folder(), "keys.p12").also { file ->
        val tool = File(System.getProperty("java.home"), "bin/keytool").path
        val made = ProcessBuilder(tool, "-genkeypair", "-alias", "cloud", "-keyalg", "EC", "-dname", "CN=localhost", "-ext",
            "san=dns:localhost", "-validity", "2", "-storetype", "PKCS12", "-keystore", file.path, "-storepass", String(password))
            .redirectErrorStream(true).start()
        val said = made.inputStream.readBytes().decodeToString()
        assertEquals(0, made.waitFor(), said)
    }
    private val store = KeyStore.getInstance("PKCS12").also { s -> keys.inputStream().use { s.load(it, password) } }
    private val roots = KeyStore.getInstance("PKCS12").also {
        it.load(null, null)
        it.setCertificateEntry("cloud", store.getCertificate("cloud"))
    }
    private val key = "sha256/" + Base64.getEncoder().encodeToString(
        MessageDigest.getInstance("SHA-256").digest(store.getCertificate("cloud").publicKey.encoded))
    private val asked = AtomicInteger()
    private val server = HttpsServer.create(InetSocketAddress("127.0.0.1", 0), 0).also { server ->
        val factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm()).also { it.init(store, password) }
        val context = SSLContext.getInstance("TLS").also { it.init(factory.keyManagers, null, null) }
        server.httpsConfigurator = HttpsConfigurator(context)
        server.createContext("/") { exchange ->
            asked.incrementAndGet()
            exchange.sendResponseHeaders(404, -1)
            exchange.close()
        }
        server.start()
    }

    @AfterTest
    fun stop() = server.stop(0)

    private fun ask(pins: Pins?, host: String = "localhost", trusted: KeyStore? = roots): Throwable? = runBlocking {
        val cloud = Cloud(listOf("https://$host:${server.address.port}"), pins = pins, roots = if (pins == null) null else trusted)
        ObclipPipeline.open(Rig.bundle, cloud, Rig.options()).use { pipeline ->
            runCatching { pipeline.steps("an old ${Rig.MARK} woman") }.exceptionOrNull()
        }
    }

    private val other = "00".repeat(32)
    private val later = System.currentTimeMillis() / 1000 + 1000

    @Test
    fun aPinnedKeyIsSpokenTo() {
        assertEquals(404, (ask(Pins(key, other, later)) as RefusedError).status)
        assertEquals(404, (ask(Pins(other, key, later)) as RefusedError).status, "by its backup")
        assertEquals(404, (ask(Pins(other, "11".repeat(32), later - 2000)) as RefusedError).status, "the pins have expired")
        assertEquals(3, asked.get())
    }

    @Test
    fun anotherKeyIsToldNothing() {
        val fault = ask(Pins(other, "11".repeat(32), later))
        assertTrue(fault is UnreachableError && "pinned" in fault.message.orEmpty(), "$fault")
        assertTrue(ask(null) is UnreachableError, "an unknown authority")
        assertTrue(ask(Pins(key, other, later), trusted = null) is UnreachableError, "a pin is no authority")
        assertTrue(ask(Pins(key, other, later), host = "127.0.0.1") is UnreachableError, "another name")
        assertEquals(0, asked.get(), "a request got through")
    }

    @Test
    fun pinsInOtherForms() {
        for (pin in listOf("", "sha256/", "sha256/AAAA", "zz".repeat(32), "ab".repeat(31))) assertFailsWith<InputError>(pin) { Pins(pin, other, 1) }
        assertFailsWith<InputError> { Pins(other, other.chunked(2).joinToString(":"), 1) }
        val slash = "/" + "A".repeat(42) + "=" // one digest in 64 begins like this
        for (pin in listOf("sha256/$slash", "sha256//$slash", slash, "fc" + "00".repeat(31))) {
            Pins(pin, other.uppercase(), 1)
            assertFailsWith<InputError>(pin) { Pins(pin, "sha256/$slash", 1) }
        }
    }
}
