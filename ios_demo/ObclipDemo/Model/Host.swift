import Foundation
import ObclipKit

/// What the app needs of the system it runs on; a test gives its own.
struct Host: Sendable {
    /// The app's own folder: private, and out of backups.
    let folder: URL
    let tokens: any TokenStore
    /// For the compute units that are asked for; `nil`: the best there are.
    let runtime: @Sendable (Unit?) -> RuntimeFactory
    /// Of what runs the graphs.
    let runtimeVersion: String
    let heat: @Sendable () -> Heat?
    /// MiB that this process has taken at most.
    let peakMemory: @Sendable () -> Double?

    var preferencesFile: URL { folder.appendingPathComponent("preferences.json") }
    var sourceFile: URL { folder.appendingPathComponent("models.json") }
    var bundles: URL { folder.appendingPathComponent("bundles", isDirectory: true) }
    var ledger: URL { folder.appendingPathComponent("ledger", isDirectory: true) }
}

/// Where a secret is kept: the Keychain.
protocol TokenStore: Sendable {
    /// "" where there is none.
    func read() throws -> String
    /// "" takes it away.
    func write(_ token: String) throws
}

/// What may run the graphs.
enum Unit: String, CaseIterable, Sendable, Codable, Identifiable {
    case cpu, gpu, npu
    var id: String { rawValue }

    var title: String {
        switch self {
        case .cpu: return words("Processor")
        case .gpu: return words("Graphics processor")
        case .npu: return words("Neural Engine")
        }
    }
}

/// The platform's own word for how hot it is, from the coolest.
enum Heat: String, CaseIterable, Sendable, Codable {
    case nominal, fair, serious, critical

    var title: String {
        switch self {
        case .nominal: return words("cool")
        case .fair: return words("warm")
        case .serious: return words("hot")
        case .critical: return words("very hot")
        }
    }

    static func hotter(_ one: Heat?, _ other: Heat?) -> Heat? {
        guard let one, let other else { return one ?? other }
        return allCases.lastIndex(of: one)! >= allCases.lastIndex(of: other)! ? one : other
    }
}
