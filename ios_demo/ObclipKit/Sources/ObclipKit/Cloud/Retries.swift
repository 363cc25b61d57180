import Foundation

/// When the same bytes are sent again: by status and transport alone, never by what the latents are.
enum Retries {
    /// Answers that a later try may change.
    static let again: Set<Int> = [408, 425, 429, 502, 503, 504]
    /// Seconds before the second and the third try, where the cloud does not say; three tries in all.
    static let waits = [0.5, 2.0]
    /// As a share of the wait, so that devices that were told the same do not all come back at once.
    static let jitter = 0.25

    /// Seconds before try `again` + 2 (`again` counts from 0): never less than the cloud's `Retry-After`.
    static func wait(before again: Int, told: String) -> Double {
        max(toldWait(told), waits[again]) * (1 + Double.random(in: 0..<jitter))
    }

    /// The seconds of a `Retry-After` header: a number, or a date; 0 for neither.
    static func toldWait(_ told: String, now: Date = Date()) -> Double {
        let text = told.trimmingCharacters(in: .whitespaces)
        if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return text.count <= 9 ? Double(text)! : .infinity
        }
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "GMT")
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        return max(0, format.date(from: text)?.timeIntervalSince(now) ?? 0)
    }
}

/// Which cloud is asked next, when, and what is said when none is left.
struct Tries {
    private let until: Date
    private let order: [Endpoint]
    private var ready: [Endpoint: Date]
    private var again: [Endpoint: Int] = [:]
    private var faults: [Endpoint: ObclipError] = [:]

    init(_ endpoints: [Endpoint], until: Date) {
        order = endpoints
        self.until = until
        ready = Dictionary(endpoints.map { ($0, Date.distantPast) }, uniquingKeysWith: { first, _ in first })
    }

    /// Whom to ask, and the seconds to wait before; `nil` if nobody is left, or the wait would be too long.
    func next() -> (Endpoint, Double)? {
        let waiting = order.filter { ready[$0] != nil }
        guard let endpoint = waiting.min(by: { ready[$0]! < ready[$1]! }), ready[endpoint]! < until else { return nil }
        return (endpoint, max(0, ready[endpoint]!.timeIntervalSinceNow))
    }

    /// What is wrong there is not wrong for a moment: this address is not asked again.
    mutating func giveUp(_ endpoint: Endpoint, _ fault: ObclipError) {
        faults[endpoint] = fault
        ready[endpoint] = nil
    }

    /// Ask it again after a while; `told` is its `Retry-After`.
    mutating func tryLater(_ endpoint: Endpoint, _ fault: ObclipError, told: String = "") {
        let count = again[endpoint] ?? 0
        guard count < Retries.waits.count else { return giveUp(endpoint, fault) }
        faults[endpoint] = fault
        again[endpoint] = count + 1
        let wait = Retries.wait(before: count, told: told)
        ready[endpoint] = wait.isFinite ? Date(timeIntervalSinceNow: wait) : Date.distantFuture
    }

    /// No time is left for anybody.
    mutating func stop(_ endpoint: Endpoint, _ fault: ObclipError) {
        faults[endpoint] = fault
        ready = [:]
    }

    /// One error for all addresses; of the one kind that all have, if they have one.
    func error() -> ObclipError {
        let all = order.compactMap { faults[$0] }
        if all.count == 1 { return all[0] }
        let text = "no cloud answered: " + all.map(\.message).joined(separator: "; ")
        if all.contains(where: { $0.name == "DeadlineError" }) { return .deadline(text) }
        return all.allSatisfy { $0.name == "UnreachableError" } ? .unreachable(text) : .cloud(text)
    }
}
