import XCTest

@testable import ObclipKit

/// A cloud that lies, dies or says nothing ends a run as it ends Python's.
final class LyingTests: XCTestCase {
    func testEachLieEndsAsInPython() async throws {
        let given = try Given.or_skip()
        let ways = given.reference.outcomes
        for (way, want) in ways.sorted(by: { $0.key < $1.key }) {
            let before = try await latents(given, way).count
            let seconds = given.reference.deadline[way.hasPrefix("silent") ? "silent" : "other"]!
            let pipe = try await given.open(cloud: "\(given.reference.liar)/\(way)", deadline: seconds)
            let settings = Settings().with { ($0.steps, $0.cloudSteps) = (4, 2) }
            let (name, error) = await ending { try await pipe.picture("an old woman", settings: settings, seed: 5) }
            // Python's own name for a connection that broke off; both are a CloudError.
            let kind = want.kind == "BrokenOffError" ? "CloudError" : want.kind
            XCTAssertEqual(name, kind, "\(way): \(error?.message ?? "")")
            XCTAssertEqual(error?.exitCode ?? 0, want.exit_code, way)
            let sent = try await latents(given, way).dropFirst(before)
            XCTAssertEqual(sent.count, given.reference.requests[way], way)
            XCTAssertLessThanOrEqual(Set(sent.map(\.sha256)).count, 1, "\(way): the same bytes on every try")
            await pipe.close()
        }
        XCTAssertGreaterThanOrEqual(ways.count, 18)
        print("TOLD \(ways.count) ways of a cloud that lies: outcomes and tries equal to Python's")
    }

    func testSecretsThatAreSentBackAreNotTold() async throws {
        let given = try Given.or_skip()
        let secret = "a-very-secret-token-1234"
        let pipe = try await given.open(cloud: "\(given.reference.liar)/refuses", token: secret)
        let (name, error) = await ending { try await pipe.picture("an old woman", seed: 5) }
        XCTAssertEqual(name, "RefusedError")
        XCTAssertTrue(error!.message.contains("seed: no: Bearer …"), error!.message)
        XCTAssertFalse(error!.message.contains(secret.prefix(8)))
        let address = try Endpoint("http://user:passw0rd@host.test:81/base/?key=abcdefgh")
        XCTAssertEqual(address.shown, "http://host.test:81/base")
        XCTAssertEqual(address.url("/v1/health")?.absoluteString, "http://host.test:81/base/v1/health?key=abcdefgh")
        XCTAssertThrowsError(try Endpoint("ftp://user:passw0rd@host")) { XCTAssertFalse(($0 as! ObclipError).message.contains("passw0rd")) }
    }

    func testOffline() async throws {
        let given = try Given.or_skip()
        let settings = Settings().with { ($0.steps, $0.cloudSteps) = (4, 2) }
        for address in ["http://127.0.0.1:9", "http://no-such-name.invalid"] {
            let pipe = try await given.open(cloud: address)
            let (name, _) = await ending { try await pipe.picture("an old woman", settings: settings) }
            XCTAssertEqual(name, "UnreachableError", address)
        }
        // The next cloud is asked with the same bytes, and the device works alone where nothing is to be sent.
        let client = try CloudClient(["http://127.0.0.1:9", given.engine])
        let pipe = try await given.open(cloud: "http://127.0.0.1:9")
        let local = try await pipe.picture("an old woman", settings: settings.with { $0.mechanism = .local })
        XCTAssertEqual([local.receipt.n, local.receipt.bytesUp], [0, 0])
        await pipe.use(cloud: client)
        let output = try await pipe.picture("an old woman", settings: settings)
        XCTAssertEqual(output.receipt.cloud, given.engine)
        await pipe.use(cloud: nil)
        let (name, _) = await ending { try await pipe.picture("an old woman", settings: settings) }
        XCTAssertEqual(name, "InputError")
    }

    func testRetryAfterIsReadAsPythonDoes() {
        XCTAssertEqual(Retries.toldWait("7"), 7)
        XCTAssertEqual(Retries.toldWait("1234567890"), .infinity)
        XCTAssertEqual(Retries.toldWait("soon"), 0)
        XCTAssertEqual(Retries.toldWait("Thu, 01 Jan 1970 00:01:40 GMT", now: Date(timeIntervalSince1970: 40)), 60)
        XCTAssertEqual(Retries.toldWait("Thu, 01 Jan 1970 00:01:40 GMT"), 0)
    }

    private func latents(_ given: Given, _ way: String) async throws -> [Seen] {
        try await Seen.by(given.reference.liar, way).filter { $0.path == "/v1/latents" }
    }
}
