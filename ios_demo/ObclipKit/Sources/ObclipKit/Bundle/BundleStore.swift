import Foundation

/// Edge bundles on this device: fetched from mirrors, pinned, and swapped in when they are whole.
///
/// Each revision has a folder of its own, named by the SHA-256 of its manifest. A small file says which one counts; it is
/// replaced as a whole, so the old bundle is used until the new one is there, and a crash at any moment leaves one of the two.
public actor BundleStore {
    /// Which bundle is meant: size and SHA-256 of its `bundle.json`, which in turn pins every file.
    public struct Pin: Sendable, Equatable {
        /// Of `bundle.json`, in lower case.
        public let sha256: String
        /// Of `bundle.json`.
        public let bytes: Int

        /// Throws ``ObclipError/input(_:)`` for what is no SHA-256 and size.
        public init(sha256: String, bytes: Int) throws {
            guard isSha256(sha256), bytes > 0, bytes <= EdgeBundle.maxManifestBytes else {
                throw ObclipError.input("a pin is the SHA-256 of bundle.json in 64 small hex digits, and its size in bytes")
            }
            (self.sha256, self.bytes) = (sha256, bytes)
        }
    }

    /// Bytes of all files so far, and of the whole bundle.
    public struct Progress: Sendable, Equatable {
        /// The file that is fetched.
        public let file: String
        /// Bytes of all files that are here.
        public let done: Int
        /// Bytes of all files.
        public let total: Int
    }

    private static let currentName = "current"
    private let folder: URL

    /// A store in a folder of its own, which is made when it is needed.
    public init(folder: URL) { self.folder = folder }

    /// The folder of the bundle that counts, for ``ObclipPipeline/open(bundle:runtime:cloud:ledger:lexicon:progress:)``; `nil`: none yet.
    public func current() throws -> URL? {
        let mark = folder.appendingPathComponent(Self.currentName)
        guard let name = try? String(contentsOf: mark, encoding: .utf8), isSha256(name) else { return nil }
        let found = folder.appendingPathComponent(name, isDirectory: true)
        return FileManager.default.fileExists(atPath: found.path) ? found : nil
    }

    /// Fetches what is missing, checks all of it, and makes it the bundle that counts.
    ///
    /// - Parameter mirrors: folders that hold `bundle.json` and its files; the next is asked where one fails.
    /// - Returns: the bundle's folder.
    public func install(_ pin: Pin, from mirrors: [URL], progress: (@Sendable (Progress) -> Void)? = nil) async throws -> URL {
        let whole = folder.appendingPathComponent(pin.sha256, isDirectory: true)
        do {
            try Files.makePrivateFolder(folder)
            if (try? current()) != whole {
                if !isWhole(whole, pin) { try await fetch(pin, mirrors, to: whole, progress) }
                try Files.replace(folder.appendingPathComponent(Self.currentName), with: Data(pin.sha256.utf8))
            }
            removeOthers(than: pin)
            return whole
        } catch let error as ObclipError {
            throw error
        } catch {
            throw ObclipError.bundle("the bundle cannot be stored (\(Files.reason(error))): is the disk full?")
        }
    }

    private func fetch(_ pin: Pin, _ mirrors: [URL], to whole: URL, _ progress: (@Sendable (Progress) -> Void)?) async throws {
        guard !mirrors.isEmpty else { throw ObclipError.input("no mirror is given") }
        let staging = folder.appendingPathComponent("\(pin.sha256).part")
        try FileManager.default.createDirectory(at: staging, withIntermediateDirectories: true)
        keepOutOfBackups(staging)
        let list = staging.appendingPathComponent(EdgeBundle.manifestName)
        try await get(EdgeBundle.manifestName, bytes: pin.bytes, sha256: pin.sha256, mirrors, to: list) { _ in }
        let manifest = try EdgeBundle.readManifest(staging)
        try EdgeBundle.checkPaths(manifest)
        let total = manifest.files.reduce(0) { $0 + $1.bytes }
        var before = 0
        for entry in manifest.files {
            let file = staging.appendingPathComponent(entry.path), done = before
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try await get(entry.path, bytes: entry.bytes, sha256: entry.sha256, mirrors, to: file) { size in
                progress?(Progress(file: entry.path, done: done + size, total: total))
            }
            before += entry.bytes
        }
        try? FileManager.default.removeItem(at: whole)
        _ = try EdgeBundle.open(staging)  // as a pipeline will open it: no file too many, none too few
        try FileManager.default.moveItem(at: staging, to: whole)
        try Files.flush(folder)
    }

    /// One file, from the first mirror that has it.
    private func get(
        _ path: String, bytes: Int, sha256: String, _ mirrors: [URL], to file: URL, _ progress: @escaping @Sendable (Int) -> Void
    ) async throws {
        if fits(file, bytes, sha256) { return progress(bytes) }
        try? FileManager.default.removeItem(at: file)
        let part = folder.appendingPathComponent("\(sha256).file")
        var last = ObclipError.unreachable("no mirror answered")
        for mirror in mirrors {
            do {
                try Task.checkCancellation()
                let size = (try? FileManager.default.attributesOfItem(atPath: part.path)[.size] as? Int) ?? 0
                if size > bytes { try FileManager.default.removeItem(at: part) }
                if size != bytes || bytes == 0 {
                    try await Download(mirror.appendingPathComponent(path), to: part, most: bytes, progress: progress).run()
                }
                if fits(part, bytes, sha256) {
                    try Files.flush(part)
                    return try FileManager.default.moveItem(at: part, to: file)
                }
                try? FileManager.default.removeItem(at: part)
                last = .bundle("\(path) is not what was pinned: a mirror has another revision, or was tampered with")
            } catch is CancellationError {
                throw ObclipError.stopped("the download was stopped; what has arrived is kept for the next time")
            } catch let error as ObclipError {
                if case .stopped = error { throw error }
                last = error
            }
        }
        throw last
    }

    private func fits(_ file: URL, _ bytes: Int, _ sha256: String) -> Bool {
        let size = try? FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int
        return size == bytes && (try? Sha256.hex(Sha256.of(file: file))) == sha256
    }

    private func isWhole(_ root: URL, _ pin: Pin) -> Bool {
        fits(root.appendingPathComponent(EdgeBundle.manifestName), pin.bytes, pin.sha256) && (try? EdgeBundle.open(root)) != nil
    }

    /// Older revisions, and what was left of downloads.
    private func removeOthers(than pin: Pin) {
        let kept = [pin.sha256, Self.currentName]
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] where !kept.contains(name) {
            try? FileManager.default.removeItem(at: folder.appendingPathComponent(name))
        }
    }

    private func keepOutOfBackups(_ folder: URL) {
        #if canImport(Darwin)
            var folder = folder
            var values = URLResourceValues()
            values.isExcludedFromBackup = true
            try? folder.setResourceValues(values)
        #endif
    }
}
