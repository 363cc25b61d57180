import ObclipLiteRT
import XCTest

@testable import ObclipKit

/// A run that is stopped ends at once, and another can begin.
final class StoppingTests: XCTestCase {
    func testACancelledTaskEndsTheWaitForTheCloud() async throws {
        let given = try Given.or_skip()
        for way in ["silent", "silent-health"] {
            let pipe = try await given.open(cloud: "\(given.reference.liar)/\(way)", deadline: 25)
            let task = Task { await ending { try await pipe.picture("an old woman", seed: 1) }.name }
            try await Task.sleep(nanoseconds: 700_000_000)
            let began = Date()
            task.cancel()
            let name = await task.value
            XCTAssertEqual(name, "StoppedError")
            XCTAssertLessThan(-began.timeIntervalSinceNow, 10, way)  // the cloud is silent for 30 s
        }
    }

    func testACancelledTaskEndsTheDevicesSteps() async throws {
        let given = try Given.or_skip()
        let pipe = try await given.open()
        let settings = Settings().with { $0.mechanism = .local }
        let task = Task {
            var steps = 0
            for try await step in pipe.generate("an old woman", settings: settings) {
                if case .finished = step { steps += 1 }
                if steps == 3 { withUnsafeCurrentTask { $0?.cancel() } }
            }
            return (steps, Task.isCancelled)
        }
        let (steps, isCancelled) = try await task.value
        XCTAssertEqual(steps, 3)
        XCTAssertTrue(isCancelled)
        let again = try await pipe.picture("an old woman", settings: settings.with { $0.steps = 3 })
        XCTAssertEqual(again.receipt.steps, 3)
    }

    func testInterruptAndClose() async throws {
        let given = try Given.or_skip()
        let pipe = try await given.open(cloud: "\(given.reference.liar)/silent", deadline: 25)
        let task = Task { await ending { try await pipe.picture("an old woman", seed: 1) }.name }
        try await Task.sleep(nanoseconds: 700_000_000)
        await pipe.interrupt()
        let stopped = await task.value
        XCTAssertEqual(stopped, "StoppedError")
        let run = pipe.generate("an old woman", settings: Settings().with { $0.mechanism = .local })
        var steps = run.makeAsyncIterator()
        _ = try await steps.next()
        await pipe.close()
        await pipe.close()
        let (closed, _) = await ending { try await pipe.picture("an old woman") }
        XCTAssertEqual(closed, "ClosedError")
        do {
            _ = try await steps.next()
            XCTFail("a run of a closed pipeline goes on")
        } catch {
            XCTAssertEqual((error as? ObclipError)?.name, "StoppedError")
        }
        let after = try await steps.next()
        XCTAssertNil(after, "what has ended stays ended")
    }

    func testTwoRunsAtOnceDoNotMix() async throws {
        let given = try Given.or_skip()
        let pipe = try await given.open()
        let second = try await given.open()
        let settings = Settings().with { ($0.steps, $0.cloudSteps) = (6, 2) }
        async let a = pipe.picture("an old woman", settings: settings, seed: 1)
        async let b = pipe.picture("a man and a woman", settings: settings, seed: 2)
        async let c = second.picture("an old woman", settings: settings, seed: 1)
        let (first, other, same) = try await (a, b, c)
        XCTAssertEqual(first.picture, same.picture)
        XCTAssertNotEqual(first.picture, other.picture)
    }
}
