package org.obclip.edge

/**
 * Where the ledger lies on this device. What its bytes mean is the core's matter (`edge_core/src/ledger/ledger.h`).
 *
 * [locked] holds a lock that keeps out every other run and process from reading to storing, for both may change it. It
 * blocks, and is called off the main thread. A store that cannot be read or written throws [LedgerError].
 */
public interface LedgerStore {
    /** What [use] gives, called with the ledger while nobody else may read or change it. */
    public fun <T> locked(use: (LedgerRecord) -> T): T
}

/** The ledger while its lock is held. */
public interface LedgerRecord {
    /** As it was stored last; empty: a new one. */
    public val bytes: ByteArray

    /** The device's 32 random bytes, made once by the operating system's CSPRNG, kept beside the ledger. */
    public val key: ByteArray

    /** Replace it, in one step that cannot be half done; on disk at the latest when [LedgerStore.locked] returns. */
    public fun store(bytes: ByteArray)
}

/** For a dry run: reads like the real one, and stores nothing. */
internal class Rehearsed(private val record: LedgerRecord) : LedgerRecord by record {
    override fun store(bytes: ByteArray) = Unit
}
