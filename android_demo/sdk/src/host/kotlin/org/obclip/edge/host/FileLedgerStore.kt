package org.obclip.edge.host

import java.io.File
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardCopyOption.REPLACE_EXISTING
import java.nio.file.StandardOpenOption.CREATE
import java.nio.file.StandardOpenOption.READ
import java.nio.file.StandardOpenOption.TRUNCATE_EXISTING
import java.nio.file.StandardOpenOption.WRITE
import java.nio.file.attribute.PosixFilePermissions
import java.security.SecureRandom
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.locks.ReentrantLock
import kotlin.concurrent.withLock
import org.obclip.edge.LedgerError
import org.obclip.edge.LedgerRecord
import org.obclip.edge.LedgerStore

/** The ledger as a file in [folder], which only its owner can read. Processes and threads take turns. */
public class FileLedgerStore(private val folder: File) : LedgerStore {
    override fun <T> locked(use: (LedgerRecord) -> T): T = LOCKS.getOrPut(folder.canonicalPath) { ReentrantLock() }.withLock {
        val channel = try {
            if (!folder.isDirectory) Files.createDirectories(folder.toPath(), PosixFilePermissions.asFileAttribute(OWNER))
            FileChannel.open(File(folder, "ledger.lock").toPath(), CREATE, WRITE)
        } catch (fault: IOException) {
            throw unusable(fault)
        }
        channel.use {
            it.lock()
            use(Record())
        }
    }

    private inner class Record : LedgerRecord {
        private val file = File(folder, "ledger.bin")
        override val bytes: ByteArray = read(file) ?: ByteArray(0)
        override val key: ByteArray = read(File(folder, "device.key")) ?: newKey()

        override fun store(bytes: ByteArray) = replace(file, bytes)

        private fun newKey(): ByteArray {
            if (bytes.isNotEmpty()) throw LedgerError("the ledger is there and its key is not: put device.key back, or remove both")
            return ByteArray(KEY).also(SecureRandom()::nextBytes).also { replace(File(folder, "device.key"), it) }
        }
    }

    private fun read(file: File): ByteArray? = try {
        if (file.exists()) file.readBytes() else null
    } catch (fault: IOException) {
        throw unusable(fault)
    }

    /** Written beside it and on disk before it takes the old one's place. */
    private fun replace(file: File, bytes: ByteArray) {
        val part = File(folder, "${file.name}.part").toPath()
        try {
            Files.deleteIfExists(part)
            Files.createFile(part, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))
            FileChannel.open(part, WRITE, TRUNCATE_EXISTING).use { channel ->
                val buffer = ByteBuffer.wrap(bytes)
                while (buffer.hasRemaining()) channel.write(buffer)
                channel.force(true)
            }
            Files.move(part, file.toPath(), ATOMIC_MOVE, REPLACE_EXISTING)
            FileChannel.open(folder.toPath(), READ).use { it.force(true) }
        } catch (fault: IOException) {
            throw unusable(fault)
        }
    }

    private fun unusable(fault: IOException) =
        LedgerError("the ledger's folder cannot be used (${fault.javaClass.simpleName}): is it writable, or the disk full? Nothing was sent")

    private companion object {
        const val KEY = 32
        val OWNER = PosixFilePermissions.fromString("rwx------")

        /** A file's lock is the whole process's: threads need one of their own. */
        val LOCKS = ConcurrentHashMap<String, ReentrantLock>()
    }
}
