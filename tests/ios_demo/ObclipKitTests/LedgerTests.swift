import XCTest

@testable import ObclipKit

/// What is drawn is kept, on disk before anything is sent.
final class LedgerTests: XCTestCase {
    private let drawn = Settings().with {
        ($0.mechanism, $0.epsilon, $0.maxCandidates) = (.kSubset, 1, 4)
        ($0.steps, $0.cloudSteps) = (3, 1)
    }

    func testADrawIsKeptForItsTemplate() async throws {
        let given = try Given.or_skip()
        try await withFolder { folder in
            let pipe = try await given.open(ledger: FileLedgerStore(folder: folder))
            let rehearsed = try await pipe.read("an old woman", settings: drawn)
            XCTAssertGreaterThan(rehearsed!.epsilonSpent, 0.9)
            XCTAssertFalse(FileManager.default.fileExists(atPath: folder.appendingPathComponent("ledger.bin").path), "a dry run")
            let first = try await pipe.picture("an old woman", settings: drawn, seed: 1)
            XCTAssertGreaterThan(first.receipt.epsilonSpent, 0.9)
            let again = try await given.open(ledger: FileLedgerStore(folder: folder))
            let second = try await again.picture("a young man", settings: drawn, seed: 1)
            XCTAssertEqual(second.receipt.epsilonSpent, 0, "the kept draw is sent again")
            XCTAssertEqual(second.receipt.requestSha256, first.receipt.requestSha256)
            XCTAssertEqual(second.receipt.epsilonTotal, first.receipt.epsilonTotal)
            let mode = try FileManager.default.attributesOfItem(atPath: folder.appendingPathComponent("device.key").path)[.posixPermissions]
            XCTAssertEqual(mode as? Int, 0o600)
        }
    }

    func testRunsAtOnceLoseNoDraw() async throws {
        let given = try Given.or_skip()
        try await withFolder { folder in
            let pipe = try await given.open(ledger: FileLedgerStore(folder: folder))
            let other = try await given.open(ledger: FileLedgerStore(folder: folder))
            let settings = drawn
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (n, prompt) in ["an old woman with a cat", "an old woman with a dog", "an old woman in the rain", "an old woman at sea"].enumerated() {
                    group.addTask { _ = try await (n % 2 == 0 ? pipe : other).picture(prompt, settings: settings) }
                }
                try await group.waitForAll()
            }
            let total = try await pipe.read("an old woman with a cat", settings: drawn)?.epsilonTotal
            XCTAssertEqual(total ?? 0, 4, accuracy: 0.01)
        }
    }

    func testWithoutALedgerOrADiskNothingIsSent() async throws {
        let given = try Given.or_skip()
        let before = try await Seen.by(given.reference.liar, "honest").count
        let none = try await given.open(cloud: "\(given.reference.liar)/honest")
        let broken = try await given.open(cloud: "\(given.reference.liar)/honest", ledger: FullDisk())
        for pipe in [none, broken] {
            let (name, _) = await ending { try await pipe.picture("an old woman", settings: drawn) }
            XCTAssertEqual(name, "LedgerError")
        }
        let after = try await Seen.by(given.reference.liar, "honest").count
        XCTAssertEqual(after, before)
        let settings = Settings().with { ($0.steps, $0.cloudSteps) = (3, 1) }
        let (ended, error) = await ending { try await none.picture("an old woman", settings: settings, seed: 9) }
        XCTAssertEqual(ended, "picture", error?.message ?? "")
        let output = try await broken.picture("an old woman", settings: settings, seed: 9)
        XCTAssertTrue(output.receipt.notes.contains { $0.contains("not in the ledger") }, "nothing is spent, so it goes on")
    }

    func testAFileThatChangedIsNotOverwritten() async throws {
        try await withFolder { folder in
            let store = FileLedgerStore(folder: folder.appendingPathComponent("deep/inside"))
            let loaded = try store.load(forWriting: true)
            XCTAssertEqual(loaded.bytes, Data())
            XCTAssertTrue(try store.replace(Data(), with: Data("one".utf8)))
            XCTAssertFalse(try store.replace(Data(), with: Data("two".utf8)))
            XCTAssertEqual(try store.load(forWriting: false), StoredLedger(bytes: Data("one".utf8), key: loaded.key))
            try store.wipe()
            XCTAssertNotEqual(try store.load(forWriting: true).key, loaded.key)
            let inside = try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent("deep/inside").path)
            XCTAssertEqual(Set(inside), ["device.key", "ledger.lock"], "no partial files")
        }
    }
}

private struct FullDisk: LedgerStore {
    func load(forWriting: Bool) -> StoredLedger { StoredLedger(bytes: Data(), key: Data(repeating: 7, count: 32)) }
    func replace(_ old: Data, with bytes: Data) throws -> Bool { throw ObclipError.ledger("the disk is full") }
}
