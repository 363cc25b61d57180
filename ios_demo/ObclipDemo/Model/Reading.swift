import ObclipKit

/// What the device makes of the prompt.
enum Reading: Equatable {
    case empty
    /// `nil`: nothing would be sent.
    case known(Candidates?)
    /// The person will be asked about these before anything is sent.
    case asking([Finding])
    case refused(String)

    var candidates: Candidates? {
        if case .known(let candidates) = self { return candidates }
        return nil
    }

    /// Words that were found, and whether each is hidden.
    var chips: [Chip] {
        switch self {
        case .known(let candidates): return (candidates?.attributes ?? []).enumerated().map { Chip(id: $0, axis: $1.axis, word: $1.surface, isOpen: false) }
        case .asking(let findings): return findings.enumerated().map { Chip(id: $0, axis: $1.axis, word: $1.surface, isOpen: true) }
        default: return []
        }
    }

    var found: String {
        guard case .known(let known) = self else { return "" }
        guard let candidates = known else { return words("Nothing is sent: this device draws alone.") }
        if candidates.members.count > 1 {
            return words("Found on this device. What you mean travels as one of %@ possibilities.", "\(candidates.members.count)")
        }
        return candidates.attributes.isEmpty ? "" : words("Found on this device. These words are not sent.")
    }

    /// What the person has to know before anything is sent.
    var cautions: [String] {
        switch self {
        case .refused(let message): return [translate(message)]
        case .asking(let findings): return findings.map { translate($0.why) } + [words("You are asked about this before anything is sent.")]
        case .known(let candidates?):
            let warns = ["none", "cells", "k-subset"].contains(candidates.mechanism)
            return (warns ? [translate(candidates.guarantee)] : [])
                + candidates.hints.map { words("The cloud can read “%@”, which hints at %@.", $0.words, nameSecret($0.axis)) }
        default: return []
        }
    }

    /// Beside "What the cloud sees".
    var brief: String {
        guard case .known(let known) = self else { return "" }
        guard let candidates = known else { return words("nothing") }
        if candidates.mechanism == "none" { return words("your words") }
        let count = candidates.members.count
        return (count == 1 ? words("1 candidate") : words("%@ candidates", "\(count)")) + ", " + formatEpsilon(candidates.epsilon)
    }

    /// Where there is no list to show.
    var instead: String {
        switch self {
        case .known: return words("Nothing. This device draws alone, and no request is made.")
        case .asking: return words("First choose what becomes of the words above; then here stands what would be sent.")
        case .refused: return words("Nothing: this would be refused, and the reason stands above.")
        case .empty: return words("Describe a picture, and here stands what would be sent, to the byte. Nothing is sent before you tap “Draw”.")
        }
    }
}

struct Chip: Equatable, Identifiable {
    let id: Int
    let axis: String
    let word: String
    /// Readable for the cloud unless something is chosen.
    let isOpen: Bool
}

extension Candidates {
    /// Way of asking, ε and promise. A dry run draws for show, and keeps nothing.
    var promise: String {
        let text = "\(Mechanism.title(of: mechanism)), \(formatEpsilon(epsilon)): \(guarantee)."
        guard mechanism == Mechanism.kSubset.rawValue else { return text }
        return text + " " + words("Unless these words were drawn before, this is an example: yours is drawn when you tap “Draw”.")
    }

    var facts: String { words("%@, SHA-256 %@", formatBytes(body.count), requestSha256) }

    /// Words that every candidate has: what is not among them is what tells one from another.
    var shared: Set<Substring> {
        members.dropFirst().reduce(Set(members.first?.split(separator: " ") ?? [])) { $0.intersection($1.split(separator: " ")) }
    }
}
