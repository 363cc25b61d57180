import Foundation
import ObclipKit

/// Where the models come from, and which are meant: what whoever hosts them publishes.
struct ModelSource: Codable, Equatable, Sendable {
    /// Folders that hold `bundle.json` and its files, one address a line; the next is asked where one fails.
    var mirrors = ""
    /// SHA-256 and size of `bundle.json`, which in turn pins every file.
    var sha256 = ""
    var bytes = 0

    var urls: [URL] {
        mirrors.split(whereSeparator: \.isWhitespace).compactMap { URL(string: $0.hasSuffix("/") ? String($0) : "\($0)/") }
    }

    var pin: BundleStore.Pin? { try? BundleStore.Pin(sha256: sha256.trimmingCharacters(in: .whitespacesAndNewlines).lowercased(), bytes: bytes) }

    /// What is wrong with it; `nil` where nothing is.
    var problem: String? {
        let list = mirrors.split(whereSeparator: \.isWhitespace).map(String.init)
        guard !list.isEmpty else { return words("Give the address of a folder with models.") }
        if let wrong = list.lazy.compactMap({ Preferences.problem(cloud: $0) }).first { return wrong }
        return pin == nil ? words("The pin is the SHA-256 of bundle.json in 64 hex digits, and its size in bytes.") : nil
    }

    static func read(_ file: URL) -> ModelSource {
        (try? Data(contentsOf: file)).flatMap { try? JSONDecoder().decode(ModelSource.self, from: $0) } ?? ModelSource()
    }

    func write(_ file: URL) throws { try JSONEncoder().encode(self).write(to: file, options: .atomic) }
}

/// Whether the models are here.
enum Setup: Equatable {
    /// There are none, and the person has not begun to fetch them.
    case absent
    case loading(done: Int, total: Int, file: String)
    /// All bytes are here; the models are being made ready, so many of three are.
    case preparing(Int)
    case failed(String)
    case ready
}
