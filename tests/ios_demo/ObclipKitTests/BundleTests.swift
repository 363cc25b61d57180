import ObclipLiteRT
import XCTest

@testable import ObclipKit

/// Bundles that are not what they say are not opened; downloads go on, and swap in when they are whole.
final class BundleTests: XCTestCase {
    func testATamperedBundleIsNotOpened() async throws {
        let given = try Given.or_skip()
        try await withFolder { folder in
            for (name, tamper) in tampers {
                let copy = folder.appendingPathComponent(UUID().uuidString)
                try FileManager.default.copyItem(at: given.bundle, to: copy)
                try tamper(copy)
                let (ended, error) = await ending { try await ObclipPipeline.open(bundle: copy, runtime: LiteRtRuntime.factory(threads: 1)) }
                XCTAssertEqual(ended, "BundleError", "\(name): \(error?.message ?? "opened")")
            }
        }
        _ = try EdgeBundle.open(given.bundle)
    }

    private var tampers: [(String, (URL) throws -> Void)] {
        func edit(_ old: String, _ new: String) -> (URL) throws -> Void {
            { folder in
                let file = folder.appendingPathComponent("bundle.json")
                let text = try String(contentsOf: file, encoding: .utf8)
                XCTAssertTrue(text.contains(old), old)
                try text.replacingOccurrences(of: old, with: new).write(to: file, atomically: true, encoding: .utf8)
            }
        }
        return [
            ("one bit", { folder in
                let file = folder.appendingPathComponent("unet.int8.tflite")
                var data = try Data(contentsOf: file)
                data[data.count / 2] ^= 1
                try data.write(to: file)
            }),
            ("missing", { try FileManager.default.removeItem(at: $0.appendingPathComponent("tokenizer.json")) }),
            ("extra", { try Data().write(to: $0.appendingPathComponent("extra.bin")) }),
            ("a link", {
                let file = $0.appendingPathComponent("tokenizer.json"), other = $0.deletingLastPathComponent().appendingPathComponent(UUID().uuidString)
                try FileManager.default.moveItem(at: file, to: other)
                try FileManager.default.createSymbolicLink(at: file, withDestinationURL: other)
            }),
            ("no JSON", edit("{\n", "{{\n")), ("an unknown field", edit("\"kind\":", "\"kinds\": 1, \"kind\":")),
            ("another version", edit("\"format_version\": 1", "\"format_version\": 2")),
            ("another kind", edit("\"kind\": \"edge\"", "\"kind\": \"cloud\"")),
            ("a text for a number", edit("\"image_size\": 128", "\"image_size\": \"128\"")),
            ("a path outside", edit("\"path\": \"tokenizer.json\"", "\"path\": \"../tokenizer.json\"")),
            ("an unknown schedule", edit("\"prediction_type\": \"", "\"prediction_type\": \"un")),
            ("no manifest", { try FileManager.default.removeItem(at: $0.appendingPathComponent("bundle.json")) }),
        ]
    }

    func testPathsOfABundleAreInsideIt() {
        for path in ["", "/a", "../a", "a/../b", "a//b", "./a", "a\\b", "c:a", "a\u{0}", "a/"] { XCTAssertFalse(EdgeBundle.isInside(path), path) }
        for path in ["a", "a/b.bin", "..a", "ä"] { XCTAssertTrue(EdgeBundle.isInside(path), path) }
    }

    func testADownloadGoesOnAndSwapsWhenItIsWhole() async throws {
        let given = try Given.or_skip()
        let manifest = try Data(contentsOf: given.bundle.appendingPathComponent("bundle.json"))
        let pin = try BundleStore.Pin(sha256: Sha256.hex(Sha256.of(manifest)), bytes: manifest.count)
        let cut = URL(string: "\(given.reference.liar)/_cut/bundle/")!, good = URL(string: "\(given.reference.liar)/_files/bundle/")!
        try await withFolder { folder in
            let root = folder.appendingPathComponent("bundles"), store = BundleStore(folder: root)
            let none = try await store.current()
            XCTAssertNil(none)
            let (broken, _) = await ending { try await store.install(pin, from: [cut]) }
            XCTAssertEqual(broken, "UnreachableError", "the first file ends in its midst")
            let unfinished = try await store.current()
            XCTAssertNil(unfinished)
            let steps = Steps()
            let whole = try await store.install(pin, from: [cut, good]) { steps.add($0) }
            XCTAssertEqual(steps.last?.done, steps.last?.total)
            let asked = try await Seen.by(given.reference.liar, "_files").compactMap(\.range).filter { $0.hasPrefix("bytes=") }
            XCTAssertGreaterThan(asked.count, 0, "what had arrived is not fetched again")
            let current = try await store.current()
            XCTAssertEqual(current, whole)
            XCTAssertEqual(Set(try FileManager.default.contentsOfDirectory(atPath: root.path)), ["current", pin.sha256], "no partial files")
            _ = try EdgeBundle.open(whole)
            // Another revision that no mirror has: the old one stays.
            let other = try BundleStore.Pin(sha256: String(repeating: "0", count: 64), bytes: manifest.count)
            let (refused, _) = await ending { try await store.install(other, from: [good]) }
            XCTAssertEqual(refused, "BundleError")
            let kept = try await store.current()
            XCTAssertEqual(kept, whole)
            let again = try await store.install(pin, from: [])
            XCTAssertEqual(again, whole, "nothing is fetched twice")
        }
    }

    func testADownloadIsCancelled() async throws {
        let given = try Given.or_skip()
        let manifest = try Data(contentsOf: given.bundle.appendingPathComponent("bundle.json"))
        let pin = try BundleStore.Pin(sha256: Sha256.hex(Sha256.of(manifest)), bytes: manifest.count)
        try await withFolder { folder in
            let store = BundleStore(folder: folder)
            let task = Task { await ending { try await store.install(pin, from: [URL(string: "\(given.reference.liar)/silent-health/v1/health/..")!]) }.name }
            task.cancel()
            let name = await task.value
            XCTAssertEqual(name, "StoppedError")
            let current = try await store.current()
            XCTAssertNil(current)
        }
    }
}

private final class Steps: @unchecked Sendable {
    private let lock = NSLock()
    private var told: [BundleStore.Progress] = []
    func add(_ one: BundleStore.Progress) { lock.lock(); told.append(one); lock.unlock() }
    var last: BundleStore.Progress? { lock.lock(); defer { lock.unlock() }; return told.last }
}
