import Foundation
import ObclipKit

/// Measures an edge bundle's graphs on this device, as `obclip bench device` does (benchmarks/device/run.py).
struct Measuring: Sendable {
    /// Each phase goes on for so long and for so many calls: what the report asks for.
    var seconds = 2.0
    var count = 5
    var warmup = 2
    var loads = 5
    /// Any timestep costs the same.
    private let middle = 500.0
    let host: Host
    let unit: Unit
    let say: @Sendable (String) async -> Void

    init(_ host: Host, _ unit: Unit, say: @escaping @Sendable (String) async -> Void) {
        (self.host, self.unit, self.say) = (host, unit, say)
    }

    /// - Parameter cold: milliseconds of this process's first load; `nil`: this is it.
    func run(_ folder: URL, cold: Double? = nil, now: Date = Date()) async throws -> BenchmarkResult {
        let bundle = try EdgeBundle.open(folder), before = host.heat()
        await say(words("loading"))
        let first = try await timedLoad(bundle)
        var warm: [Double] = []
        for _ in 0..<loads { warm.append(try await timedLoad(bundle)) }
        let runtime = try await host.runtime(unit)(bundle)
        let phases: [String: Times]
        let report: RuntimeReport
        do {
            phases = try await measured(runtime, bundle.manifest)
            report = await runtime.report()
        } catch {
            await runtime.close()
            throw error
        }
        await runtime.close()
        let used = unit(of: report.used)
        return BenchmarkResult(
            device: .here(),
            runner: .init(runtime: report.name.plain, version: host.runtimeVersion.plain, threads: report.threads),
            accelerator: .init(
                asked: unit, used: used, whole: used == .cpu ? true : report.fullyAccelerated, detail: "compute units \(report.used)".plain),
            pair: .init(
                model: bundle.manifest.model.plain, pairSha256: bundle.manifest.pairSha256,
                precision: (bundle.manifest.graphs.first { $0.role == ModelRole.unet.rawValue }?.precision ?? "fp32").plain),
            load: .init(cold: cold ?? first, warm: Times(warm, warmup: 1, seconds: warm.reduce(0, +) / 1000)),
            phases: phases, peakMemoryMib: host.peakMemory(), thermal: Heat.hotter(before, host.heat()),
            takenAt: Self.stamp(now))
    }

    /// Loaded, and each run once.
    private func timedLoad(_ bundle: EdgeBundle) async throws -> Double {
        try Task.checkCancellation()
        let clock = Stopwatch()
        let runtime = try await host.runtime(unit)(bundle)
        do {
            for role in ModelRole.allCases { try await runtime.prewarm(role) }
        } catch {
            await runtime.close()
            throw error
        }
        let taken = clock.ms
        await runtime.close()
        return taken
    }

    private func measured(_ runtime: any ModelRuntime, _ manifest: Manifest) async throws -> [String: Times] {
        let rows = 2, tokenizer = manifest.tokenizer
        // Texts are padded: which words they hold does not matter.
        let empty = [tokenizer.bosId, tokenizer.eosId] + [Int](repeating: tokenizer.padId, count: max(0, tokenizer.maxLength - 2))
        let ids = (empty + empty).map { Int32($0) }
        let latent = (0..<manifest.latentShape.reduce(1, *)).map { Float(sin(Double($0))) }
        let states = try await runtime.encodeText(ids, rows: rows)
        let timestep = middle
        return [
            "text": try await measure(words("text")) { _ = try await runtime.encodeText(ids, rows: rows) },
            "step": try await measure(words("step")) { _ = try await runtime.denoise(latent, timestep: timestep, states: states, rows: rows) },
            "decode": try await measure(words("decoding")) { _ = try await runtime.decode(latent) },
        ]
    }

    private func measure(_ name: String, _ call: @Sendable () async throws -> Void) async throws -> Times {
        await say(name)
        for _ in 0..<warmup { try await call() }
        var taken: [Double] = []
        let whole = Stopwatch()
        while taken.count < count || whole.ms < seconds * 1000 {
            try Task.checkCancellation()
            let clock = Stopwatch()
            try await call()
            taken.append(clock.ms)
        }
        return Times(taken, warmup: warmup, seconds: whole.ms / 1000)
    }

    /// CoreML's compute units, and LiteRT's words.
    private func unit(of used: String) -> Unit {
        if used.contains("npu") || used == "all" { return .npu }
        return used.contains("gpu") ? .gpu : .cpu
    }

    static func stamp(_ date: Date) -> String {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "UTC")
        format.dateFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'"
        return format.string(from: date)
    }
}
