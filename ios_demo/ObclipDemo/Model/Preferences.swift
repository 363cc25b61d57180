import Foundation
import ObclipKit

/// What the person set: checked, kept in a file, and turned into the SDK's settings. Never the prompt, never the token.
struct Preferences: Codable, Equatable, Sendable {
    /// "": no cloud.
    var cloud = ""
    /// Pins of the cloud's key, one a line; "": its certificate alone is checked.
    var pins = ""
    var steps = 25
    var cloudSteps = 10
    var mechanism = Mechanism.auto
    var epsilon = 1.0
    var strict = false
    var preview = true
    /// The own candidate is marked in the list.
    var marksMine = true

    /// The contract's limits (obclip_contract/limits.py, edge_sdk/mechanisms/k_subset.py).
    static let maxSteps = 200
    static let maxEpsilon = 16.0

    /// What is wrong, in words for the person; `nil` where nothing is.
    var problem: String? { Self.problem(cloud: cloud) ?? pinProblem ?? stepProblem ?? epsilonProblem }

    var stepProblem: String? {
        guard (1...Self.maxSteps).contains(steps) else { return words("Steps are a whole number from 1 to %@.", "\(Self.maxSteps)") }
        guard (0...steps).contains(cloudSteps) else {
            return words("Cloud steps are a whole number from 0 (nothing is sent) to %@, the steps in all.", "\(steps)")
        }
        return nil
    }

    var epsilonProblem: String? {
        epsilon > 0 && epsilon <= Self.maxEpsilon
            ? nil : words("Epsilon is a number above 0 and at most %@; less is more private.", plain(Self.maxEpsilon))
    }

    var pinProblem: String? {
        guard !pinList.isEmpty else { return nil }
        if !cloud.lowercased().hasPrefix("https:") { return words("Pins need an address with https://.") }
        do {
            _ = try Pins(pinList)
            return nil
        } catch {
            return translate((error as? ObclipError)?.message ?? "\(error)")
        }
    }

    var pinList: [String] { pins.split(whereSeparator: \.isWhitespace).map(String.init) }

    /// What is wrong with a cloud's address.
    static func problem(cloud: String) -> String? {
        guard !cloud.isEmpty else { return nil }
        guard let parts = URLComponents(string: cloud), let host = parts.host, !host.isEmpty, let scheme = parts.scheme?.lowercased() else {
            return words("This is no web address; it looks like https://cloud.example.")
        }
        if parts.user != nil || parts.password != nil {
            return words("Leave name and password out of the address; the token has a field of its own.")
        }
        if parts.query != nil || parts.fragment != nil { return words("Leave out what follows “?” or “#”.") }
        if scheme == "https" || (scheme == "http" && isNear(host.lowercased())) { return nil }
        return words("The address begins with https://, so that nobody on the way can read or change what is sent (http:// is for a cloud on your own network alone).")
    }

    /// This machine or one on the same network: what the app's transport security lets through without TLS.
    static func isNear(_ host: String) -> Bool {
        if host == "localhost" || host == "127.0.0.1" || host.hasSuffix(".local") { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard parts.count == 4, let first = parts[0], let second = parts[1], parts.allSatisfy({ $0 != nil }) else { return false }
        return first == 10 || (first == 192 && second == 168) || (first == 172 && (16...31).contains(second))
    }

    /// The next picture is drawn without asking anybody.
    var isLocal: Bool { cloud.isEmpty || mechanism == .local || cloudSteps == 0 }

    /// The SDK's; `isLocal` where nothing is to be sent.
    func settings(isLocal: Bool) -> Settings {
        var made = Settings()
        made.steps = steps
        made.strict = strict
        made.cloudSteps = isLocal ? 0 : cloudSteps
        made.mechanism = isLocal ? .local : mechanism
        if !isLocal && mechanism == .kSubset { made.epsilon = epsilon }
        return made
    }

    /// What was kept; where that cannot be used, the defaults.
    static func read(_ file: URL) -> Preferences {
        guard let data = try? Data(contentsOf: file), let found = try? JSONDecoder().decode(Preferences.self, from: data),
            found.problem == nil
        else { return Preferences() }
        return found
    }

    func write(_ file: URL) throws { try JSONEncoder().encode(self).write(to: file, options: .atomic) }
}
