import Foundation
import ObclipKit

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#endif

/// One result in the format of benchmarks/device/device.schema.json.
struct BenchmarkResult: Codable, Equatable, Sendable {
    struct Device: Codable, Equatable, Sendable {
        let name: String
        let system: String
        let cores: Int
        let memoryMib: Double
        let emulated: Bool

        enum CodingKeys: String, CodingKey {
            case name, system, cores, emulated
            case memoryMib = "memory_mib"
        }
    }

    struct Runner: Codable, Equatable, Sendable {
        var sdk = "swift"
        let runtime: String
        let version: String
        let threads: Int?
    }

    struct Accelerator: Codable, Equatable, Sendable {
        let asked: Unit
        let used: Unit
        let whole: Bool?
        let detail: String
    }

    struct Pair: Codable, Equatable, Sendable {
        let model: String
        let pairSha256: String
        let precision: String

        enum CodingKeys: String, CodingKey {
            case model, precision
            case pairSha256 = "pair_sha256"
        }
    }

    struct Load: Codable, Equatable, Sendable {
        let cold: Double
        let warm: Times
    }

    var format = "obclip-device-benchmark/1"
    let device: Device
    let runner: Runner
    let accelerator: Accelerator
    let pair: Pair
    let load: Load
    /// "text", "step", "decode".
    let phases: [String: Times]
    let peakMemoryMib: Double?
    let thermal: Heat?
    let takenAt: String

    enum CodingKeys: String, CodingKey {
        case format, device, runner, accelerator, pair, load, phases, thermal
        case peakMemoryMib = "peak_memory_mib"
        case takenAt = "taken_at"
    }

    /// The file's text.
    var json: Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return ((try? encoder.encode(self)) ?? Data()) + Data("\n".utf8)
    }
}

/// Milliseconds of repeated calls, after `warmup` that were not counted.
struct Times: Codable, Equatable, Sendable {
    let median: Double
    let lowQuartile: Double
    let highQuartile: Double
    let least: Double
    let most: Double
    let count: Int
    let warmup: Int
    let seconds: Double

    enum CodingKeys: String, CodingKey {
        case median, least, most, count, warmup, seconds
        case lowQuartile = "low_quartile"
        case highQuartile = "high_quartile"
    }

    /// At least one value. Quartiles between values, as numpy's.
    init(_ values: [Double], warmup: Int, seconds: Double) {
        let sorted = values.sorted()
        func quantile(_ part: Double) -> Double {
            let at = part * Double(sorted.count - 1), below = Int(at)
            let above = min(below + 1, sorted.count - 1)
            return sorted[below] + (sorted[above] - sorted[below]) * (at - Double(below))
        }
        (lowQuartile, median, highQuartile) = (quantile(0.25), quantile(0.5), quantile(0.75))
        (least, most, count) = (sorted[0], sorted[sorted.count - 1], sorted.count)
        (self.warmup, self.seconds) = (warmup, seconds)
    }
}

extension String {
    /// As the format has texts: without control characters, not empty, not long.
    var plain: String {
        let kept = unicodeScalars.prefix(200).map { $0.properties.generalCategory == .control ? " " : $0 }
        let text = String(String.UnicodeScalarView(kept)).trimmingCharacters(in: .whitespaces)
        return text.isEmpty ? "?" : text
    }
}

extension BenchmarkResult.Device {
    static func here() -> Self {
        let process = ProcessInfo.processInfo, version = process.operatingSystemVersion
        #if os(iOS)
            let system = "iOS \(version.majorVersion).\(version.minorVersion).\(version.patchVersion)"
        #else
            let system = process.operatingSystemVersionString
        #endif
        #if targetEnvironment(simulator)
            let emulated = true
        #else
            let emulated = false
        #endif
        return Self(
            name: machine().plain, system: system.plain, cores: process.processorCount,
            memoryMib: (Double(process.physicalMemory) / 1_048_576 * 10).rounded() / 10, emulated: emulated)
    }

    /// "iPhone16,1": the model, and nothing that tells one phone from another of its kind.
    private static func machine() -> String {
        #if os(Linux)
            // There the processor's name says more.
            let lines = ((try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? "").split(separator: "\n")
            if let name = lines.first(where: { $0.hasPrefix("model name") })?.split(separator: ":", maxSplits: 1).last { return "\(name)" }
        #endif
        var facts = utsname()
        guard uname(&facts) == 0 else { return "?" }
        let name = withUnsafeBytes(of: facts.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return name.isEmpty ? "?" : name
    }
}
