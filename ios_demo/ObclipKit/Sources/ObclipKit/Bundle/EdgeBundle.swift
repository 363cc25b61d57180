import Foundation

/// An opened edge bundle: every file was hashed and matched its manifest (`obclip_contract/bundle.py`).
///
/// The hashes find damage and mix-ups. Against someone who can rewrite `bundle.json` too, pin its own SHA-256, as
/// ``BundleStore`` does.
public struct EdgeBundle: Sendable {
    static let manifestName = "bundle.json"
    static let maxManifestBytes = 4 * 1024 * 1024

    /// Its folder.
    public let root: URL
    /// What `bundle.json` says.
    public let manifest: Manifest
    /// What the person should know: the bundle was exported although its graphs failed their check.
    public let notes: [String]

    /// Opens a bundle and checks every file's size and SHA-256. Throws ``ObclipError/bundle(_:)``.
    public static func open(_ root: URL, kind: String = "edge") throws -> EdgeBundle {
        do {
            let manifest = try readManifest(root)
            guard manifest.kind == kind else {
                throw ObclipError.bundle("this is the \(manifest.kind) bundle; the \(kind) bundle is needed here")
            }
            try checkPaths(manifest)
            try checkListing(root, manifest)
            for entry in manifest.files { try check(entry, at: root.appendingPathComponent(entry.path)) }
            let notes = manifest.verified ? [] : ["this bundle is not verified against its source: its pictures may be wrong; export it again"]
            return EdgeBundle(root: root, manifest: manifest, notes: notes)
        } catch let error as ObclipError {
            throw error
        } catch {
            throw ObclipError.bundle("the bundle cannot be used (\(Files.reason(error))): fetch or export it again")
        }
    }

    /// The first graph of a role and format.
    public func graph(_ role: ModelRole, format: String, precision: String? = nil) throws -> GraphSpec {
        let found = manifest.graphs.first {
            $0.role == role.rawValue && $0.format == format && (precision == nil || precision == $0.precision)
        }
        guard let found else {
            throw ObclipError.bundle("the bundle has no \(format) graph for the \(role.rawValue): export it again with that format")
        }
        return found
    }

    /// Where a file of the bundle lies.
    public func url(_ file: String) -> URL { root.appendingPathComponent(file) }

    /// Bytes of a file, or of all files of a folder (an `.mlpackage`), by the manifest.
    public func bytes(_ file: String) -> Int {
        let name = file.hasSuffix("/") ? String(file.dropLast()) : file
        return manifest.files.filter { $0.path == name || $0.path.hasPrefix(name + "/") }.reduce(0) { $0 + $1.bytes }
    }

    /// The manifest as the core's options.
    var options: [(String, String)] {
        let m = manifest
        let numbers: [(String, String)] = [
            ("model", m.model), ("pair_sha256", m.pairSha256),
            ("latent_channels", "\(m.latentShape[0])"), ("latent_height", "\(m.latentShape[1])"),
            ("latent_width", "\(m.latentShape[2])"), ("image_size", "\(m.imageSize)"),
            ("scaling_factor", "\(m.scalingFactor)"), ("shift_factor", "\(m.shiftFactor)"),
            ("guidance_default", "\(m.guidanceDefault)"), ("max_length", "\(m.tokenizer.maxLength)"),
            ("bos_id", "\(m.tokenizer.bosId)"), ("eos_id", "\(m.tokenizer.eosId)"), ("pad_id", "\(m.tokenizer.padId)"),
        ]
        return numbers + m.noiseSchedule.sorted { $0.key < $1.key }.map { ($0.key, $0.value.option) }
    }

    static func readManifest(_ root: URL) throws -> Manifest {
        let file = root.appendingPathComponent(manifestName)
        let facts = try? FileManager.default.attributesOfItem(atPath: file.path)
        guard facts?[.type] as? FileAttributeType == .typeRegular else {
            throw ObclipError.bundle("there is no bundle here: \(manifestName) is missing or not a plain file; fetch or export it")
        }
        guard (facts?[.size] as? Int ?? 0) <= maxManifestBytes else {
            throw ObclipError.bundle("\(manifestName) is over \(maxManifestBytes) bytes")
        }
        return try parseManifest(Data(contentsOf: file))
    }

    static func parseManifest(_ data: Data) throws -> Manifest {
        do {
            return try JSONDecoder().decode(Manifest.self, from: data)
        } catch let error as DecodingError {
            throw ObclipError.bundle("\(manifestName): \(told(error))")
        }
    }

    static func check(_ entry: FileEntry, at file: URL) throws {
        let size = try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int
        guard size == entry.bytes, Sha256.hex(try Sha256.of(file: file)) == entry.sha256 else {
            throw ObclipError.bundle("\(entry.path) was altered: its sha256 is not the manifest's; fetch or export the bundle again")
        }
    }

    /// Every path is a plain one inside the bundle, is named once, and what is referred to is among the files.
    static func checkPaths(_ manifest: Manifest) throws {
        let named = manifest.files.map(\.path)
        let references = [manifest.tokenizer.file] + manifest.graphs.flatMap { [$0.file] + $0.chunks }.map(withoutSlash)
        for path in named + references where !isInside(path) || path == manifestName {
            throw ObclipError.bundle("\(manifestName) names a path outside the bundle, or not a plain one")
        }
        // Lower case: on some file systems two spellings are one file.
        guard Set(named.map { $0.lowercased() }).count == named.count else {
            throw ObclipError.bundle("\(manifestName) names a file twice")
        }
        for path in references where !named.contains(path) && !named.contains(where: { $0.hasPrefix(path + "/") }) {
            throw ObclipError.bundle("\(manifestName) refers to \(path), which is not among its files")
        }
    }

    static func isInside(_ path: String) -> Bool {
        let odd = path.unicodeScalars.contains { "\\:*?\"<>|".unicodeScalars.contains($0) || $0.value < 0x20 || $0.value == 0x7F }
        return !odd && path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { $0 != "" && $0 != "." && $0 != ".." }
    }

    private static func withoutSlash(_ path: String) -> String { path.hasSuffix("/") ? String(path.dropLast()) : path }

    /// The folder holds the manifest's files, all of them plain, and no other.
    private static func checkListing(_ root: URL, _ manifest: Manifest) throws {
        var present: Set<String> = []
        for path in try FileManager.default.subpathsOfDirectory(atPath: root.path) {
            switch try FileManager.default.attributesOfItem(atPath: root.appendingPathComponent(path).path)[.type] as? FileAttributeType {
            case .typeRegular?: present.insert(path)
            case .typeDirectory?: continue
            default: throw ObclipError.bundle("\(path) is not a plain file; a bundle holds nothing else")
            }
        }
        present.remove(manifestName)
        let named = Set(manifest.files.map(\.path))
        if let missing = named.subtracting(present).sorted().first {
            throw ObclipError.bundle("\(missing) is missing: the bundle is incomplete, fetch or export it again")
        }
        if let extra = present.subtracting(named).sorted().first {
            throw ObclipError.bundle("the bundle holds \(extra), which its manifest does not name; remove it")
        }
    }
}
