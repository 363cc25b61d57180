package org.obclip.edge.android

import android.content.ContentValues
import android.content.Context
import android.database.SQLException
import android.database.sqlite.SQLiteDatabase
import java.io.ByteArrayOutputStream
import java.io.File
import java.security.SecureRandom
import java.util.concurrent.locks.ReentrantLock
import kotlin.concurrent.withLock
import org.obclip.edge.LedgerError
import org.obclip.edge.LedgerRecord
import org.obclip.edge.LedgerStore

/**
 * The ledger in a database that only this app can read and that no backup takes along (`noBackupFilesDir`): a copy on a
 * second device would let both spend the same budget.
 */
public class SqliteLedgerStore(context: Context) : LedgerStore {
    private val file = File(context.noBackupFilesDir, "obclip-ledger.sqlite3")

    override fun <T> locked(use: (LedgerRecord) -> T): T = TURN.withLock {
        try {
            SQLiteDatabase.openOrCreateDatabase(file, null).use { database ->
                database.execSQL("PRAGMA synchronous = FULL") // on disk when the transaction has ended
                database.beginTransaction() // EXCLUSIVE: keeps out other processes from here on
                try {
                    val out = use(Record(database))
                    database.setTransactionSuccessful()
                    out
                } finally {
                    database.endTransaction()
                }
            }
        } catch (_: SQLException) {
            throw LedgerError("the ledger's database cannot be used: is the disk full? Nothing was sent")
        }
    }

    private class Record(private val database: SQLiteDatabase) : LedgerRecord {
        init {
            database.execSQL("CREATE TABLE IF NOT EXISTS record (name TEXT PRIMARY KEY, bytes BLOB NOT NULL)")
        }

        override val bytes: ByteArray = read(LEDGER) ?: ByteArray(0)
        override val key: ByteArray = read(KEY) ?: newKey()

        override fun store(bytes: ByteArray) = write(LEDGER, bytes)

        private fun newKey(): ByteArray {
            if (bytes.isNotEmpty()) throw LedgerError("the ledger is there and its key is not: remove the ledger")
            return ByteArray(KEY_BYTES).also(SecureRandom()::nextBytes).also { write(KEY, it) }
        }

        /** In pieces: a row of a cursor holds no more than about 2 MB. */
        private fun read(name: String): ByteArray? {
            val out = ByteArrayOutputStream()
            while (true) {
                val arguments = arrayOf("${out.size() + 1}", "$PIECE", name)
                val piece = database.rawQuery("SELECT substr(bytes, ?, ?) FROM record WHERE name = ?", arguments).use {
                    if (it.moveToFirst()) it.getBlob(0) else return null
                } ?: ByteArray(0)
                out.write(piece, 0, piece.size)
                if (piece.size < PIECE) return out.toByteArray()
            }
        }

        private fun write(name: String, bytes: ByteArray) {
            val row = ContentValues()
            row.put("name", name)
            row.put("bytes", bytes)
            database.insertWithOnConflict("record", null, row, SQLiteDatabase.CONFLICT_REPLACE)
                .let { if (it < 0) throw SQLException("not stored") }
        }
    }

    private companion object {
        const val LEDGER = "ledger"
        const val KEY = "key"
        const val KEY_BYTES = 32
        const val PIECE = 1 shl 20
        val TURN = ReentrantLock()
    }
}
