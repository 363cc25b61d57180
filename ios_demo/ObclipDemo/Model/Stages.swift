import Foundation

/// A line of the list that says how far a picture is.
struct StageLine: Equatable, Identifiable {
    let id: Int
    let text: String
    let isDone: Bool
    let isNow: Bool
}

extension RunState {
    func lines(at now: Date = Date()) -> [StageLine] {
        let told = isLocal ? [reading, finishing] : [reading, sending, waiting(now), finishing]
        let current = told.firstIndex { !$0.isDone }
        return told.enumerated().map { StageLine(id: $0, text: $1.text, isDone: $1.isDone, isNow: $0 == current) }
    }

    /// Phases are told to a screen reader, steps are not.
    var said: String {
        switch stage {
        case .reading: return words("Reading your words on this device.")
        case .asking: return ""
        case .sent: return words("Sent. Waiting for the cloud.")
        case .finishing: return words("Finishing on this device.")
        }
    }

    private var reading: (text: String, isDone: Bool) {
        stage == .asking ? (words("Waiting for your choice"), false) : (words("Read on this device"), stage != .reading)
    }

    private var sending: (text: String, isDone: Bool) {
        up == 0 ? (words("Send every possibility"), false) : (words("Sent %@", formatBytes(up)), true)
    }

    private func waiting(_ now: Date) -> (text: String, isDone: Bool) {
        if down > 0 { return (words("Received %@; yours was picked here", formatBytes(down)), true) }
        let seconds = since.map { Int(now.timeIntervalSince($0)) } ?? 0
        return (seconds > 0 ? words("Wait for the cloud, %@ s", "\(seconds)") : words("Wait for the cloud"), false)
    }

    private var finishing: (text: String, isDone: Bool) {
        (total == 0 ? words("Finish on this device") : words("Finishing on this device, step %@ of %@", "\(step)", "\(total)"), false)
    }
}
