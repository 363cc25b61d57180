import Foundation

private let kilo = 1000

/// "812 bytes", "4.1 kB", "13.6 MB".
func formatBytes(_ bytes: Int) -> String {
    if bytes < kilo { return words("%@ bytes", "\(bytes)") }
    if bytes < kilo * kilo { return words("%@ kB", rounded(Double(bytes) / Double(kilo), 1)) }
    return words("%@ MB", rounded(Double(bytes) / Double(kilo * kilo), 1))
}

/// "84 ms", "3.2 s", "2 min 5 s".
func formatTime(ms: Double) -> String {
    if ms < 1000 { return words("%@ ms", rounded(ms, 0)) }
    if ms < 60_000 { return words("%@ s", rounded(ms / 1000, 1)) }
    let seconds = Int((ms / 1000).rounded())
    return words("%@ min %@ s", "\(seconds / 60)", "\(seconds % 60)")
}

/// "ε = 0"; `nil` is no number.
func formatEpsilon(_ epsilon: Double?) -> String {
    epsilon.map { words("ε = %@", plain($0)) } ?? words("no ε")
}

/// Four significant digits, and no zeros at the end.
func plain(_ value: Double) -> String { String(format: "%.4g", value) }

func rounded(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

/// "gender.2" to "gender (2nd person)", "skin_tone" to "skin tone".
func nameAxis(_ axis: String) -> String {
    let parts = axis.split(separator: ".", maxSplits: 1).map(String.init)
    let name = (parts.first ?? axis).replacingOccurrences(of: "_", with: " ")
    return parts.count < 2 ? name : "\(name) (\(parts[1]))"
}

/// What a word gives away: "the skin tone", "who it is".
func nameSecret(_ axis: String) -> String {
    axis == "identity" ? words("who it is") : words("the %@", nameAxis(axis))
}
