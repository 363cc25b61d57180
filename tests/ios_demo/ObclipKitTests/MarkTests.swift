import ObclipLiteRT
import XCTest

@testable import ObclipKit

/// A marked prompt is in no error's text; scripts/test-ios looks for it in all that was written.
final class MarkTests: XCTestCase {
    func testErrorsDoNotRepeatThePrompt() async throws {
        let given = try Given.or_skip()
        let mark = Given.mark
        try await withFolder { folder in
            let ledger = FileLedgerStore(folder: folder)
            let honest = try await given.open(ledger: ledger)
            let quick = Settings().with { ($0.steps, $0.cloudSteps) = (3, 1) }
            let output = try await honest.picture("an old \(mark) woman", settings: quick, seed: 1)
            XCTAssertTrue(output.receipt.template.contains(mark), "the mark is public, and is in what is sent")
            for (prompt, settings) in [
                ("an old \(mark) woman " + String(repeating: mark + " ", count: 60), quick),
                (String(repeating: mark, count: 200), quick),
                ("\(mark) <gender>", quick),
                ("an old \(mark) woman", quick.with { $0.negativePrompt = "a \(mark) woman" }),
                ("an old \(mark) woman", quick.with { $0.sampler = "no-such" }),
                ("an old \(mark) woman", quick.with { ($0.mechanism, $0.epsilon) = (.kSubset, 1e-9) }),
            ] {
                let (name, error) = await ending { try await honest.picture(prompt, settings: settings) }
                if error != nil { assertSilent(error, name, mayQuote: true) }
            }
            for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
                XCTAssertNil(try Data(contentsOf: file).range(of: Data(mark.utf8)), file.lastPathComponent)
            }
        }
    }

    /// Every way in which a picture does not come: no word of the prompt is told, and the ledger's two files alone are left.
    func testEveryEndIsSilentAndLeavesNothing() async throws {
        let given = try Given.or_skip()
        let prompt = "an old \(Given.mark) woman, \(Given.mark)"
        let quick = Settings().with { ($0.steps, $0.cloudSteps) = (3, 1) }
        let alone = quick.with { ($0.mechanism, $0.cloudSteps) = (.local, nil) }
        try await withFolder { folder in
            let ledger = FileLedgerStore(folder: folder)
            func check(_ name: String, _ wanted: String, _ use: () async throws -> some Any) async throws {
                let (ended, error) = await ending(use)
                XCTAssertEqual(ended, wanted, "\(name): \(error?.message ?? "")")
                assertSilent(error, name, mayQuote: false)
                let left = Set(try FileManager.default.contentsOfDirectory(atPath: folder.path)).subtracting(["ledger.bin", "ledger.lock", "device.key"])
                XCTAssertEqual(left, [], name)
                for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
                    XCTAssertNil(try Data(contentsOf: file).range(of: Data(Given.mark.utf8)), "\(name): \(file.lastPathComponent)")
                }
            }
            for (way, theirs) in given.reference.outcomes.sorted(by: { $0.key < $1.key }) where theirs.kind != "picture" {
                let seconds = given.reference.deadline[way.hasPrefix("silent") ? "silent" : "other"]!
                let pipe = try await given.open(cloud: "\(given.reference.liar)/\(way)~mark", deadline: seconds, ledger: ledger)
                let wanted = theirs.kind == "BrokenOffError" ? "CloudError" : theirs.kind
                try await check(way, wanted) { try await pipe.picture(prompt, settings: quick, seed: 1) }
            }
            let offline = try await given.open(cloud: "http://127.0.0.1:9", ledger: ledger)
            try await check("offline", "UnreachableError") { try await offline.picture(prompt, settings: quick) }
            let small = try await given.open(ledger: ledger, runtime: LiteRtRuntime.factory(threads: 1, memory: MemoryBudget(bytes: 1000)))
            try await check("low memory", "DeviceError") { try await small.picture(prompt, settings: alone) }
            let absent = try await given.open(ledger: ledger, runtime: LiteRtRuntime.factory(accelerator: .npu, threads: 1))
            try await check("an accelerator that is not there", "NotSupported") { try await absent.picture(prompt, settings: alone) }
            let waiting = try await given.open(cloud: "\(given.reference.liar)/silent~mark-cancel", deadline: 25, ledger: ledger)
            try await check("cancelled", "StoppedError") {
                let task = Task { try await waiting.picture(prompt, settings: quick) }
                while try await Seen.by(given.reference.liar, "silent~mark-cancel").count < 2 { try await Task.sleep(nanoseconds: 20_000_000) }
                task.cancel()
                return try await task.value
            }
            let copy = folder.deletingLastPathComponent().appendingPathComponent(UUID().uuidString)
            try FileManager.default.copyItem(at: given.bundle, to: copy)
            defer { try? FileManager.default.removeItem(at: copy) }
            try Data("{}".utf8).write(to: copy.appendingPathComponent("tokenizer.json"))
            try await check("a tampered bundle", "BundleError") {
                try await ObclipPipeline.open(bundle: copy, runtime: LiteRtRuntime.factory(threads: 1)).picture(prompt, settings: alone)
            }
            await offline.close()
            try await check("closed", "ClosedError") { try await offline.picture(prompt, settings: alone) }
        }
    }

    /// What a crash report, a log line, `print` and `dump` get. What the core says of a prompt may quote it: to the person alone.
    private func assertSilent(_ error: ObclipError?, _ name: String, mayQuote: Bool) {
        guard let error else { return XCTFail("\(name): no error") }
        var dumped = ""
        dump(error, to: &dumped)
        var texts = ["\(error)", String(reflecting: error), "\(error as NSError)", String(describing: [error]), dumped]
        if !mayQuote { texts += [error.localizedDescription, error.message] }
        for text in texts { XCTAssertFalse(text.contains(Given.mark), "\(name) repeats the prompt") }
        print(error, error as NSError, dumped)  // into what scripts/test-ios looks through
    }
}
