import Foundation

/// What decides which prompts the cloud sees (docs/PRIVACY.md).
public enum Mechanism: String, Sendable, Codable, CaseIterable {
    /// ``closed`` where all ways to fill the prompt are few enough, else ``cover``.
    case auto
    /// Every way to fill the prompt.
    case closed
    /// A fixed public choice of representatives.
    case cover
    /// One cell of a fixed public partition, which leaks bits.
    case cells
    /// A random part, drawn once for each template; spends ε.
    case kSubset = "k-subset"
    /// One prompt without the attributes.
    case neutral
    /// Nothing is sent.
    case local
}

/// What to do about words outside the slots that say who somebody is.
public enum Decision: String, Sendable, Codable, CaseIterable {
    /// Hide them as a slot.
    case slot
    /// Write a word that says less.
    case generalise
    /// Send them as they are.
    case allow
    /// Refuse the prompt.
    case refuse
}

/// What to do where nobody was asked yet.
public enum OnImplied: String, Sendable, Codable, CaseIterable {
    /// The `decide` closure of the run is asked; without one the run ends with ``ObclipError/implied(_:findings:)``.
    case ask
    /// As in ``Decision``, for all findings.
    case slot, generalise, allow, refuse
}

/// The public parameters of a run. `nil` and empty stand for the reference's defaults, which the core knows.
public struct Settings: Sendable, Equatable {
    /// Denoising steps in all.
    public var steps: Int?
    /// Steps in the cloud, k; 0 sends nothing.
    public var cloudSteps: Int?
    /// Classifier-free guidance, 0 to 30; default: the bundle's.
    public var guidanceScale: Double?
    /// Sent as it is; it may name no attribute.
    public var negativePrompt = ""
    /// Of the steps, e.g. `"ddim"`.
    public var sampler: String?
    /// From the cloud's steps to the device's, e.g. `"carry"`.
    public var handover: String?
    /// Of the cloud's steps, e.g. `"balanced"`: what they cost and what they keep.
    public var plan: String?
    /// The device asks its model at every step (1), or at each of so many.
    public var deviceStride: Int?
    /// What decides which prompts the cloud sees.
    public var mechanism: Mechanism = .auto
    /// Privacy loss of one draw, for ``Mechanism/kSubset``.
    public var epsilon: Double?
    /// Choices in a cell at most, for ``Mechanism/cells``.
    public var cellSize: Int?
    /// Prompts that are sent at most, N.
    public var maxCandidates: Int?
    /// Where the person's own prompt is not among those sent: begin from the `"nearest"`, or stay `"local"`.
    public var onMiss: String?
    /// Axes to hide and no others; empty: all that are found.
    public var axes: [String] = []
    /// Axes that are hidden only when asked for, e.g. `"profession"`.
    public var optIn: [String] = []
    /// Public sub-lists of an axis' values.
    public var domains: [String: [String]] = [:]
    /// Refuse words that are no canonical values, instead of moving to the nearest one.
    public var strict: Bool?
    /// Hide as well whether a value was given at all.
    public var unspecified: Bool?
    /// What is done about words outside the slots that say who somebody is.
    public var onImplied: OnImplied = .ask

    /// The defaults.
    public init() {}

    /// The same with changes: `Settings().with { $0.steps = 12 }`.
    public func with(_ change: (inout Settings) -> Void) -> Settings {
        var copy = self
        change(&copy)
        return copy
    }

    /// Name and value of each option as the core reads it, in an order that never changes.
    var options: [(String, String)] {
        var out: [(String, String)] = []
        func add(_ name: String, _ value: (some Any)?) {
            if let value { out.append((name, "\(value)")) }
        }
        add("steps", steps)
        add("cloud_steps", cloudSteps)
        add("guidance_scale", guidanceScale)
        add("negative_prompt", negativePrompt)
        add("sampler", sampler)
        add("handover", handover)
        add("plan", plan)
        add("device_stride", deviceStride)
        add("mechanism", mechanism.rawValue)
        add("epsilon", epsilon)
        add("cell_size", cellSize)
        add("max_candidates", maxCandidates)
        add("on_miss", onMiss)
        add("strict", strict)
        add("unspecified", unspecified)
        add("on_implied", onImplied.rawValue)
        if !axes.isEmpty { add("axes", axes.joined(separator: ",")) }
        if !optIn.isEmpty { add("opt_in", optIn.joined(separator: ",")) }
        for (axis, values) in domains.sorted(by: { $0.key < $1.key }) {
            add("domain.\(axis)", values.joined(separator: ","))
        }
        return out
    }
}
