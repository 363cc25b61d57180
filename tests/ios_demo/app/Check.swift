import Foundation
import ObclipLiteRT

@testable import ObclipKit

/// Checks that failed, with where they stand.
@MainActor var failures: [String] = []
@MainActor var count = 0

@MainActor func check(_ isTrue: Bool, _ what: @autoclosure () -> String = "", file: String = #fileID, line: Int = #line) {
    count += 1
    if !isTrue { failures.append("\(file):\(line) \(what())") }
}

@MainActor func check<T: Equatable>(_ found: T, is wanted: T, file: String = #fileID, line: Int = #line) {
    check(found == wanted, "\(found) is not \(wanted)", file: file, line: line)
}

/// A Keychain for one test.
final class Drawer: TokenStore, @unchecked Sendable {
    private let lock = NSLock()
    private var token = ""

    func read() -> String { lock.withLock { token } }
    func write(_ token: String) { lock.withLock { self.token = token } }
}

extension Host {
    /// A new folder, and the real graphs on this machine's processor.
    @MainActor static func here(_ name: String) throws -> Host {
        let folder = given("FOLDER").appendingPathComponent(name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return Host(
            folder: folder, tokens: Drawer(),
            runtime: { unit in LiteRtRuntime.factory(accelerator: unit == .gpu ? .gpu : .cpu, threads: 2) },
            runtimeVersion: "2.3",
            heat: { .nominal }, peakMemory: { 100 })
    }

    @MainActor static func given(_ name: String) -> URL {
        guard let value = ProcessInfo.processInfo.environment["OBCLIP_TEST_\(name)"] else { fatalError("OBCLIP_TEST_\(name) is not set") }
        return value.hasPrefix("http") ? URL(string: value)! : URL(fileURLWithPath: value)
    }
}

/// Waits until something holds, for a minute at most.
@MainActor func wait(_ what: String, until holds: () -> Bool, file: String = #fileID, line: Int = #line) async {
    for _ in 0..<6000 where !holds() { try? await Task.sleep(for: .milliseconds(10)) }
    check(holds(), "waited in vain for \(what)", file: file, line: line)
}
