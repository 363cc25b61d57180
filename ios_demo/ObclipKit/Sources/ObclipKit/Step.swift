import Foundation

/// What a run tells, in this order: ``detected(_:)``, then (unless nothing is sent) ``sent(bytes:)`` and
/// ``received(bytes:)``, ``finished(_:)`` for each step of the device, ``decoded(_:)``.
///
/// Nothing is done ahead: the next step is computed when it is asked for. Until the step after ``detected(_:)`` is asked
/// for, nothing has been sent.
public enum Step: Sendable {
    /// The set is known and nothing was sent yet: the last chance to stop. `nil`: nothing will be sent.
    case detected(Candidates?)
    /// The request is about to go out.
    case sent(bytes: Int)
    /// All latents have arrived, and one was picked.
    case received(bytes: Int)
    /// A step of the device is done.
    case finished(DeviceStep)
    /// The picture is there.
    case decoded(Output)
}

/// A step of the device.
public struct DeviceStep: Sendable, Equatable {
    /// From 0.
    public let index: Int
    public let total: Int
    public let timestep: Double
    /// The picture so far, where the run was asked for previews.
    public let preview: Picture?
}

/// A picture and what it cost.
public struct Output: Sendable, Equatable {
    public let picture: Picture
    public let receipt: Receipt
}

/// An RGB picture, 8 bits a channel, row by row from the top.
public struct Picture: Sendable, Equatable {
    public let width: Int
    public let height: Int
    public let rgb: Data

    public init(width: Int, height: Int, rgb: Data) {
        self.width = width
        self.height = height
        self.rgb = rgb
    }
}

/// Words that say who somebody is and are in no slot; the person decides. Stays on the device.
public struct Finding: Sendable, Equatable {
    public let axis: String
    public let surface: String
    public let value: String
    /// What ``Decision/generalise`` would write instead; "" where it is of no use.
    public let instead: String
    public let slot: String
    public let why: String
    /// Code points of the prompt as it was read.
    public let range: Range<Int>
}

/// An attribute that was found in the prompt. Stays on the device.
public struct Attribute: Sendable, Equatable {
    public let axis: String
    public let surface: String
    public let value: String
}

/// Words that stay readable for the cloud and hint at an axis.
public struct Hint: Sendable, Equatable, Codable {
    public let axis: String
    public let words: String
}

/// What the cloud will see, and what it will not.
public struct Candidates: Sendable, Equatable {
    public let template: String
    /// The axes that are hidden, in the grid's order.
    public let axes: [String]
    /// Every prompt that the cloud reads, in the order of the request.
    public let members: [String]
    /// Which of them is the person's own: never leaves the device.
    public let trueMember: String
    public let attributes: [Attribute]
    public let mechanism: String
    public let guarantee: String
    public let hints: [Hint]
    public let notes: [String]
    /// `nil` where there is none to give: nothing to protect, or bits that leak for certain.
    public let epsilon: Double?
    public let epsilonSpent: Double
    /// `nil` without a ledger.
    public let epsilonTotal: Double?
    public let bits: Double
    public let lexicon: String
    /// The exact request body.
    public let body: Data
    public let requestSha256: String
}

/// What one run disclosed and took (`edge_sdk/receipt.py`).
public struct Receipt: Sendable, Equatable, Codable {
    public let mechanism: String
    public let epsilon: Double?
    public let epsilonSpent: Double
    public let epsilonTotal: Double?
    public let bits: Double
    public let guarantee: String
    public let hints: [Hint]
    /// Candidates sent; 0 where nothing was.
    public let n: Int
    public let template: String
    public let axes: [String]
    public let lexicon: String
    public let steps: Int
    /// Steps in the cloud, and its plan; 0 and "local" where nothing was sent.
    public let cloudSteps: Int
    public let plan: String
    public let seed: UInt64
    /// HTTP bodies of the exchange that succeeded.
    public let bytesUp: Int
    public let bytesDown: Int
    public let requestSha256: String
    /// The cloud that answered, without secrets; "" where nothing was sent.
    public let cloud: String
    /// What ran the graphs, and on what.
    public let runtime: RuntimeReport
    /// Milliseconds of "detect", "cloud", "finish", "decode" and "total".
    public let ms: [String: Double]
    public let notes: [String]
}
