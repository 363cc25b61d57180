import Foundation

/// Whatever the SDK throws on purpose: the reference's names (`edge_sdk/errors.py`) and `notSupported`.
///
/// Each message is for the person, and says what to do. No message of this package holds the prompt; what the device's
/// core says about a prompt may name the words that it refuses, so show it, and log ``name`` alone.
public enum ObclipError: Error, Sendable, Equatable {
    /// A setting, an option or the prompt cannot be used.
    case input(String)
    /// The prompt cannot be hidden with the guarantee that was asked for; nothing was sent.
    case privacy(String)
    /// Words outside the slots give an axis away; the person decides. Nothing was sent.
    case implied(String, findings: [Finding])
    /// The ledger on this device cannot be read or written; nothing was sent.
    case ledger(String)
    /// The privacy budget is exhausted; nothing was sent.
    case budget(String)
    /// The word lists are missing, damaged or of another version.
    case lexicon(String)
    /// The edge bundle is missing, altered or of another pair than the cloud's.
    case bundle(String)
    /// The cloud answered something else than an ObCLIP engine does.
    case cloud(String)
    /// The cloud answered with an error.
    case refused(String, status: Int)
    /// No connection: a wrong name, a refused connection, a certificate that does not fit.
    case unreachable(String)
    /// The whole answer did not come in time, however the time was spent.
    case deadline(String)
    /// The cloud's latents cannot be used; the whole set is discarded.
    case latent(String)
    /// The small model cannot be run on this device: its numbers, its memory, its accelerator.
    case device(String)
    /// A pipeline or runtime was used after its `close()`.
    case closed(String)
    /// The run was stopped: `interrupt()`, `close()` or a cancelled task. There is no picture.
    case stopped(String)
    /// This system cannot do what was asked for (a runtime, an accelerator, pins without Security).
    case notSupported(String)

    /// The reference's name of the error, e.g. `"DeadlineError"`.
    public var name: String { facts.name }
    /// What the person is told.
    public var message: String { facts.message }
    /// The exit code of the commands `obclip` and `obclip-swift`.
    public var exitCode: Int32 { facts.exitCode }
    /// With ``implied(_:findings:)``: what was found.
    public var findings: [Finding] {
        if case .implied(_, let findings) = self { return findings }
        return []
    }

    private var facts: (name: String, message: String, exitCode: Int32) {
        switch self {
        case .input(let text): return ("InputError", text, 2)
        case .privacy(let text): return ("PrivacyError", text, 2)
        case .implied(let text, _): return ("ImpliedError", text, 2)
        case .ledger(let text): return ("LedgerError", text, 2)
        case .budget(let text): return ("BudgetError", text, 2)
        case .lexicon(let text): return ("LexiconError", text, 1)
        case .bundle(let text): return ("BundleError", text, 4)
        case .cloud(let text): return ("CloudError", text, 3)
        case .refused(let text, _): return ("RefusedError", text, 3)
        case .unreachable(let text): return ("UnreachableError", text, 3)
        case .deadline(let text): return ("DeadlineError", text, 3)
        case .latent(let text): return ("LatentError", text, 3)
        case .device(let text): return ("DeviceError", text, 4)
        case .closed(let text): return ("ClosedError", text, 2)
        case .stopped(let text): return ("StoppedError", text, 130)
        case .notSupported(let text): return ("NotSupported", text, 5)
        }
    }

    /// The same kind of error with another message.
    func saying(_ change: (String) -> String) -> ObclipError {
        let text = change(message)
        switch self {
        case .cloud: return .cloud(text)
        case .refused(_, let status): return .refused(text, status: status)
        case .unreachable: return .unreachable(text)
        case .deadline: return .deadline(text)
        case .latent: return .latent(text)
        default: return self
        }
    }
}

extension ObclipError: LocalizedError {
    public var errorDescription: String? { message }
}

extension ObclipError: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The name alone: what a crash report, a log line or `print` may hold.
    public var description: String { name }
    public var debugDescription: String { name }
    public var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}
