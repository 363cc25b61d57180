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
    /// Steps of the device in all.
    public let total: Int
    /// The model's.
    public let timestep: Double
    /// The picture so far, where the run was asked for previews.
    public let preview: Picture?
}

/// A picture and what it cost.
public struct Output: Sendable, Equatable {
    /// What was asked for.
    public let picture: Picture
    /// The record of what left the device.
    public let receipt: Receipt
}

/// An RGB picture, 8 bits a channel, row by row from the top.
public struct Picture: Sendable, Equatable {
    /// In points.
    public let width: Int
    /// In points.
    public let height: Int
    /// Three bytes for each point.
    public let rgb: Data

    /// Points of your own, `3 * width * height` bytes.
    public init(width: Int, height: Int, rgb: Data) {
        self.width = width
        self.height = height
        self.rgb = rgb
    }
}

/// Words that say who somebody is and are in no slot; the person decides. Stays on the device.
public struct Finding: Sendable, Equatable {
    /// What the words give away, e.g. `"religion"`.
    public let axis: String
    /// The words as they stand in the prompt.
    public let surface: String
    /// What they hint at most often; "" where that is unknown.
    public let value: String
    /// What ``Decision/generalise`` would write instead; "" where it is of no use.
    public let instead: String
    /// What ``Decision/slot`` would hide instead, for a noun such as "grandmother"; else "".
    public let slot: String
    /// In a line for the person.
    public let why: String
    /// Code points of the prompt as it was read.
    public let range: Range<Int>
}

/// An attribute that was found in the prompt. Stays on the device.
public struct Attribute: Sendable, Equatable {
    /// Of what, e.g. `"age"`.
    public let axis: String
    /// The words as they stand in the prompt.
    public let surface: String
    /// What they say.
    public let value: String
}

/// Words that stay readable for the cloud and hint at an axis.
public struct Hint: Sendable, Equatable, Codable {
    /// At which axis.
    public let axis: String
    /// As the cloud reads them.
    public let words: String
}

/// What the cloud will see, and what it will not.
public struct Candidates: Sendable, Equatable {
    /// The prompt with slots in the attributes' places.
    public let template: String
    /// The axes that are hidden, in the grid's order.
    public let axes: [String]
    /// Every prompt that the cloud reads, in the order of the request.
    public let members: [String]
    /// Which of them is the person's own: never leaves the device.
    public let trueMember: String
    /// What was found and is hidden.
    public let attributes: [Attribute]
    /// What decided the set, with the core's word.
    public let mechanism: String
    /// What it promises, in a sentence.
    public let guarantee: String
    /// What stays readable.
    public let hints: [Hint]
    /// What the person should know, in plain words.
    public let notes: [String]
    /// `nil` where there is none to give: nothing to protect, or bits that leak for certain.
    public let epsilon: Double?
    /// What of it is new.
    public let epsilonSpent: Double
    /// `nil` without a ledger.
    public let epsilonTotal: Double?
    /// About the values, at most, that the choice of what is sent gives away.
    public let bits: Double
    /// The word lists' version.
    public let lexicon: String
    /// The exact request body.
    public let body: Data
    /// Of the body.
    public let requestSha256: String
}

/// What one run disclosed and took (`edge_sdk/receipt.py`).
public struct Receipt: Sendable, Equatable, Codable {
    /// What decided the set; "local": nothing was sent.
    public let mechanism: String
    /// `nil` where there is none to give.
    public let epsilon: Double?
    /// What of it is new.
    public let epsilonSpent: Double
    /// The ledger's sum; `nil` without one.
    public let epsilonTotal: Double?
    /// About the values, at most, that the choice of what was sent gives away.
    public let bits: Double
    /// What the mechanism promises, in a sentence.
    public let guarantee: String
    /// What the cloud could read.
    public let hints: [Hint]
    /// Candidates sent; 0 where nothing was.
    public let n: Int
    /// The public text that the cloud read; "" for "local".
    public let template: String
    /// The protected axes, in the grid's order.
    public let axes: [String]
    /// The word lists' version.
    public let lexicon: String
    /// In all.
    public let steps: Int
    /// Steps in the cloud, and its plan; 0 and "local" where nothing was sent.
    public let cloudSteps: Int
    /// Of the cloud's steps.
    public let plan: String
    /// Of the noise, public.
    public let seed: UInt64
    /// HTTP bodies of the exchange that succeeded.
    public let bytesUp: Int
    /// Of the answer.
    public let bytesDown: Int
    /// Of the exact request's body; "" for "local".
    public let requestSha256: String
    /// The cloud that answered, without secrets; "" where nothing was sent.
    public let cloud: String
    /// What ran the graphs, and on what.
    public let runtime: RuntimeReport
    /// Milliseconds of "detect", "cloud", "finish", "decode" and "total".
    public let ms: [String: Double]
    /// What the person should know, in plain words.
    public let notes: [String]
}
