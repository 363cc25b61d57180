package org.obclip.edge

import java.io.EOFException
import java.io.File
import java.io.FileOutputStream
import java.io.IOException
import java.net.HttpURLConnection
import java.net.Proxy
import java.net.URI
import kotlin.concurrent.thread
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

/** A mirror that has something else; the message is fit to be told. */
internal class DownloadError(message: String) : IOException(message)

/**
 * One try to have a file from one mirror. What is there of it is gone on with (RFC 9110, section 14.2); no more than [most]
 * bytes are taken. A file that is whole and has another SHA-256 is removed.
 *
 * @param bytes its size, where that is pinned too.
 */
internal class Download(
    private val url: String,
    private val file: File,
    private val bytes: Long?,
    private val most: Long,
    private val sha256: String,
) {
    suspend fun run(progress: (Long) -> Unit) {
        val connection = URI(url).toURL().openConnection(Proxy.NO_PROXY) as? HttpURLConnection
            ?: throw DownloadError("a mirror's address is an http(s) URL")
        coroutineScope {
            val watch = launch(start = CoroutineStart.UNDISPATCHED) {
                try {
                    awaitCancellation()
                } finally {
                    thread(isDaemon = true) { connection.disconnect() } // it can wait for whoever reads
                }
            }
            try {
                withContext(Dispatchers.IO) { take(connection, progress) { coroutineContext.ensureActive() } }
            } finally {
                watch.cancel()
            }
        }
        if (sha256(file) != sha256) {
            file.delete()
            throw DownloadError("a mirror has another file under this name: its SHA-256 is not the pinned one")
        }
    }

    private fun take(connection: HttpURLConnection, progress: (Long) -> Unit, check: () -> Unit) {
        val have = file.length()
        connection.connectTimeout = TIMEOUT
        connection.readTimeout = TIMEOUT
        connection.useCaches = false
        connection.setRequestProperty("user-agent", "obclip")
        connection.setRequestProperty("accept-encoding", "identity")
        if (have > 0) connection.setRequestProperty("range", "bytes=$have-")
        val status = connection.responseCode
        val goesOn = have > 0 && status == HttpURLConnection.HTTP_PARTIAL &&
            connection.getHeaderField("Content-Range").orEmpty().startsWith("bytes $have-")
        if (have > 0 && !goesOn && status != HttpURLConnection.HTTP_OK) {
            file.delete() // from the beginning at the next try
            throw DownloadError("a mirror does not go on with a file ($status)")
        }
        if (!goesOn && status != HttpURLConnection.HTTP_OK) throw DownloadError("a mirror answers $status")
        val begin = if (goesOn) have else 0L
        val end = bytes ?: connection.getHeaderField("Content-Length")?.trim()?.toLongOrNull()?.let { begin + it } ?: 0L
        var size = begin
        connection.inputStream.use { from ->
            FileOutputStream(file, goesOn).use { to ->
                val buffer = ByteArray(1 shl 16)
                while (size < most + 1) {
                    check()
                    val read = from.read(buffer, 0, minOf(buffer.size.toLong(), most + 1 - size).toInt())
                    if (read < 0) break
                    if (read == 0) continue
                    to.write(buffer, 0, read)
                    size += read
                    progress(size)
                }
                to.fd.sync()
            }
        }
        if (size > most) {
            file.delete()
            throw DownloadError("a mirror has a larger file under this name")
        }
        if (size < end) throw EOFException("the file is cut")
    }

    private companion object {
        /** Milliseconds for a connection, and of silence. */
        const val TIMEOUT = 30_000
    }
}
