import ObclipKit

/// What the person decided about words that say who somebody is: for this prompt, in memory alone.
struct Decisions: Equatable {
    private var made: [String: Decision] = [:]

    var isEmpty: Bool { made.isEmpty }

    /// One decision for each; what was not decided is refused.
    func settled(_ findings: [Finding]) -> [Decision] { findings.map { made[Self.name($0)] ?? .refuse } }

    func isSettled(_ findings: [Finding]) -> Bool { findings.allSatisfy { made[Self.name($0)] != nil } }

    /// What the sheet answered. A refusal is not kept: the person is asked again.
    mutating func keep(_ findings: [Finding], _ chosen: [Decision]) {
        for (finding, decision) in zip(findings, chosen) {
            made[Self.name(finding)] = decision == .refuse ? nil : decision
        }
    }

    private static func name(_ finding: Finding) -> String { "\(finding.axis)\n\(finding.surface.lowercased())" }
}
