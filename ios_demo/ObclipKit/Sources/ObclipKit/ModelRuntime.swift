import Foundation

/// The small model's three graphs.
public enum ModelRole: String, Sendable, Codable, CaseIterable {
    /// Tokens to hidden states.
    case textEncoder = "text_encoder"
    /// One step: the noise in a latent.
    case unet
    /// A latent to a picture.
    case vaeDecoder = "vae_decoder"
}

/// What ran the graphs, and on what: asked of the runtime after loading, never assumed.
public struct RuntimeReport: Sendable, Equatable, Codable {
    /// `"litert"` or `"coreml"`.
    public var name: String
    /// What was asked for: `"cpu"`, `"gpu"`, `"npu"`, or CoreML's compute units.
    public var asked: String
    /// What the graphs were loaded with; differs from ``asked`` only where a fallback was allowed.
    public var used: String
    /// Every operation of every loaded graph runs there; `nil` where the runtime does not tell.
    public var fullyAccelerated: Bool?
    /// Of the CPU; `nil` where it ran elsewhere, or the runtime chooses.
    public var threads: Int?

    /// For runtimes of your own.
    public init(name: String, asked: String, used: String, fullyAccelerated: Bool?, threads: Int? = nil) {
        self.name = name
        self.asked = asked
        self.used = used
        self.fullyAccelerated = fullyAccelerated
        self.threads = threads
    }
}

/// The graphs of one edge bundle. A call runs as one; what it returns is the caller's own. Numbers are float32, row by row.
public protocol ModelRuntime: Sendable {
    /// Token ids `[rows, length]` to hidden states `[rows, length, D]`.
    func encodeText(_ ids: [Int32], rows: Int) async throws -> [Float]
    /// One latent `[C, H, W]`, computed `rows` times at a timestep with the states of the rows: `[rows, C, H, W]`.
    func denoise(_ latent: [Float], timestep: Double, states: [Float], rows: Int) async throws -> [Float]
    /// An unscaled latent to a picture `[3, S, S]` in [-1, 1].
    func decode(_ latent: [Float]) async throws -> [Float]
    /// Load a graph, and run it once on zeros: the first picture then takes no longer than the others.
    func prewarm(_ role: ModelRole) async throws
    /// Free a graph; it is loaded again when it is needed.
    func unload(_ role: ModelRole) async
    /// Free every graph; later calls throw ``ObclipError/closed(_:)``.
    func close() async
    /// What ran the graphs; complete once they are loaded.
    func report() async -> RuntimeReport
}

/// Opens a runtime on a bundle whose files have been checked: `LiteRtRuntime.factory()`, `CoreMlRuntime.factory()`.
public typealias RuntimeFactory = @Sendable (EdgeBundle) async throws -> any ModelRuntime

/// Bytes that loaded graphs may take. Checked before a graph is loaded: the system kills an app that takes too much.
public struct MemoryBudget: Sendable, Equatable {
    /// What a loaded graph takes, as a multiple of its file: weights, their packed copy, and the activations.
    static let graphFactor = 2.5
    /// `nil`: what the system has free when a graph is to be loaded.
    public let bytes: Int?

    /// So many bytes, or what the system has free.
    public init(bytes: Int? = nil) { self.bytes = bytes }

    /// What a loaded graph takes, from its file's size.
    public static func estimate(fileBytes: Int) -> Int { Int(Double(fileBytes) * graphFactor) }

    /// Whether a graph may be loaded beside those that take `loaded` bytes.
    public func allows(_ needed: Int, beside loaded: Int) -> Bool {
        if let bytes { return loaded + needed <= bytes }
        guard let free = FreeMemory.bytes else { return true }  // the system does not tell
        return needed <= free
    }

    /// What is thrown where it may not, even alone.
    public func refusal(_ role: ModelRole, _ needed: Int) -> ObclipError {
        let most = (bytes ?? FreeMemory.bytes ?? 0) / 1_000_000
        return .device(
            "the \(role.rawValue) needs about \(needed / 1_000_000) MB and \(most) MB may be used: close other apps, use a "
                + "bundle of a smaller precision, or allow more with MemoryBudget")
    }
}
