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
                guard let error else { continue }
                for text in ["\(error)", String(reflecting: error), "\(error as NSError)", error.localizedDescription, error.message] {
                    XCTAssertFalse(text.contains(mark), "\(name) repeats the prompt")
                }
                var dumped = ""
                dump(error, to: &dumped)
                XCTAssertFalse(dumped.contains(mark))
            }
            for way in ["dies", "garbage", "no-engine", "not-finite", "other-pair", "redirect", "refuses", "short"] {
                let pipe = try await given.open(cloud: "\(given.reference.liar)/\(way)")
                let (_, error) = await ending { try await pipe.picture("an old \(mark) woman", settings: quick, seed: 1) }
                XCTAssertFalse(error?.message.contains(mark) ?? false, way)
            }
            for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
                XCTAssertNil(try Data(contentsOf: file).range(of: Data(mark.utf8)), file.lastPathComponent)
            }
        }
    }
}
