import Foundation
import ObclipKit
import ObclipLiteRT

/// The app's measurement with LiteRT on this machine's processor: `scripts/bench-ios`, which gives the arguments.
@main struct Main {
    static func main() async throws {
        let given = CommandLine.arguments
        guard given.count == 6, let threads = Int(given[5]) else { fatalError("bundle library version out threads") }
        let (bundle, library, version, out) = (URL(fileURLWithPath: given[1]), given[2], given[3], URL(fileURLWithPath: given[4]))
        let host = Host(
            folder: out.deletingLastPathComponent(), tokens: None(),
            runtime: { _ in LiteRtRuntime.factory(library: library, threads: threads) }, runtimeVersion: version, heat: { nil }, peakMemory: peakMemory)
        let measuring = Measuring(host, .cpu) { print($0) }
        try await measuring.run(bundle).json.write(to: out)
    }

    /// MiB of this process, at its highest.
    @Sendable private static func peakMemory() -> Double? {
        let lines = ((try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? "").split(separator: "\n")
        return lines.first { $0.hasPrefix("VmHWM:") }.flatMap { Double($0.filter(\.isNumber)) }.map { ($0 / 102.4).rounded() / 10 }
    }
}

private struct None: TokenStore {
    func read() -> String { "" }
    func write(_ token: String) {}
}
