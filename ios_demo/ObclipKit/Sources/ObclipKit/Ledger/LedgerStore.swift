import Foundation

/// The ledger as it was stored last, and the device's key.
public struct StoredLedger: Sendable, Equatable {
    /// Empty: a new ledger.
    public let bytes: Data
    /// 32 random bytes that key every hash in it.
    public let key: Data

    /// What a store of your own has read.
    public init(bytes: Data, key: Data) {
        self.bytes = bytes
        self.key = key
    }
}

/// Where the record of what was spent is kept. The core reads and writes its bytes; a store keeps them.
public protocol LedgerStore: Sendable {
    /// Throws ``ObclipError/ledger(_:)``. `forWriting` false: a dry run; where there is none yet, nothing is made.
    func load(forWriting: Bool) throws -> StoredLedger
    /// Puts `bytes` in the place of `old`, on disk before it returns. `false`, and nothing is changed, where the ledger is
    /// no longer `old`: another run was first, and this one reads it again.
    func replace(_ old: Data, with bytes: Data) throws -> Bool
}

/// A ledger in two files of a folder: `ledger.bin` and `device.key`, which the owner alone can read.
///
/// On iOS both are under complete protection: while the device is locked, a picture that needs the ledger is refused.
/// Keep the folder out of backups; a restored ledger would know of fewer draws than the clouds do.
public final class FileLedgerStore: LedgerStore {
    private static let keyBytes = 32
    private let folder: URL
    private let lock = NSLock()

    /// A ledger in a folder of its own, which is made at its first entry. Keep it out of backups.
    public init(folder: URL) { self.folder = folder }

    private var ledger: URL { folder.appendingPathComponent("ledger.bin") }
    private var key: URL { folder.appendingPathComponent("device.key") }

    public func load(forWriting: Bool) throws -> StoredLedger {
        let isThere = [ledger, key].contains { FileManager.default.fileExists(atPath: $0.path) }
        if !forWriting && !isThere { return StoredLedger(bytes: Data(), key: Random.bytes(Self.keyBytes)) }
        return try exclusively { StoredLedger(bytes: try bytes(), key: try deviceKey()) }
    }

    public func replace(_ old: Data, with bytes: Data) throws -> Bool {
        try exclusively {
            guard try self.bytes() == old else { return false }
            try Files.replace(ledger, with: bytes)
            return true
        }
    }

    /// Forget everything, the key too. What clouds have learned is not undone by it.
    public func wipe() throws {
        try exclusively {
            for file in [ledger, key] where FileManager.default.fileExists(atPath: file.path) {
                try FileManager.default.removeItem(at: file)
            }
        }
    }

    private func bytes() throws -> Data {
        FileManager.default.fileExists(atPath: ledger.path) ? try Data(contentsOf: ledger) : Data()
    }

    private func deviceKey() throws -> Data {
        if !FileManager.default.fileExists(atPath: key.path) {
            guard !FileManager.default.fileExists(atPath: ledger.path) else {
                throw ObclipError.ledger("the device key is missing beside the ledger: put it back, or wipe the ledger. Nothing was sent")
            }
            try Files.replace(key, with: Random.bytes(Self.keyBytes))
        }
        let found = try Data(contentsOf: key)
        guard found.count == Self.keyBytes else {
            throw ObclipError.ledger("device.key is no device key: wipe the ledger to make a new one. Nothing was sent")
        }
        return found
    }

    /// Alone in this process, and, by a lock on a file, among those that share the folder (an app and its extensions).
    private func exclusively<T>(_ use: () throws -> T) throws -> T {
        lock.lock()
        defer { lock.unlock() }
        do {
            try Files.makePrivateFolder(folder)
            return try Files.locked(folder.appendingPathComponent("ledger.lock"), use)
        } catch let error as ObclipError {
            throw error
        } catch {
            throw ObclipError.ledger("the ledger cannot be used (\(Files.reason(error))): is its folder writable, the disk full, the device locked? Nothing was sent")
        }
    }
}
