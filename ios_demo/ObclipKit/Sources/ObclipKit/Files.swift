import Foundation

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What Foundation does not promise: whole files or none, on disk, readable by their owner alone.
enum Files {
    /// Writes beside, flushes and renames: the name has the old content or the new, whatever happens.
    static func replace(_ file: URL, with data: Data) throws {
        let folder = file.deletingLastPathComponent()
        let part = folder.appendingPathComponent(".\(file.lastPathComponent)-\(UUID().uuidString)")
        do {
            #if os(iOS) || os(tvOS) || os(watchOS) || os(visionOS)
                try data.write(to: part, options: [.withoutOverwriting, .completeFileProtection])
            #else
                try data.write(to: part, options: [.withoutOverwriting])
            #endif
            guard chmod(part.path, 0o600) == 0 else { throw posix() }
            try flush(part)
            guard rename(part.path, file.path) == 0 else { throw posix() }
            try flush(folder)
        } catch {
            try? FileManager.default.removeItem(at: part)
            throw error
        }
    }

    static func makePrivateFolder(_ folder: URL) throws {
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    /// Runs while this process holds the lock on `file`.
    static func locked<T>(_ file: URL, _ use: () throws -> T) throws -> T {
        let handle = open(file.path, O_RDWR | O_CREAT, 0o600)
        guard handle >= 0 else { throw posix() }
        defer { close(handle) }  // gives the lock back
        guard flock(handle, LOCK_EX) == 0 else { throw posix() }
        return try use()
    }

    /// On disk, not only in the system's cache.
    static func flush(_ path: URL) throws {
        let handle = open(path.path, O_RDONLY)
        guard handle >= 0 else { throw posix() }
        defer { close(handle) }
        guard fsync(handle) == 0 else { throw posix() }
    }

    /// Why a file cannot be used, in a few words and without its content.
    static func reason(_ error: Error) -> String {
        let found = error as NSError
        let under = found.userInfo[NSUnderlyingErrorKey] as? NSError ?? found
        return under.domain == NSPOSIXErrorDomain ? String(cString: strerror(Int32(under.code))) : "\(under.domain) \(under.code)"
    }

    private static func posix() -> Error { NSError(domain: NSPOSIXErrorDomain, code: Int(errno)) }
}

/// The operating system's generator: seeds, coins and keys never come from anything else, least of all a prompt.
enum Random {
    static func bytes(_ count: Int) -> Data {
        var generator = SystemRandomNumberGenerator()
        return Data((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }

    static func seed() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}
