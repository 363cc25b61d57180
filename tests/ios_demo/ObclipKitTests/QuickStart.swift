import Foundation
import ObclipKit
import ObclipLiteRT
import XCTest

/// The README's quick start: scripts/test-ios compares the two.
// README: begin
func drawPilot(_ folder: URL, _ address: String) async throws -> Data {
    let cloud = try CloudClient(address)
    let pipe = try await ObclipPipeline.open(bundle: folder, runtime: LiteRtRuntime.factory(), cloud: cloud)
    for try await step in pipe.generate("a sticker of an old woman pilot") {
        if case .detected(let seen?) = step { print("the cloud sees", seen.members) }
        if case .finished(let done) = step { print("step \(done.index + 1) of \(done.total)") }
        if case .decoded(let output) = step { return output.picture.png }
    }
    throw CancellationError()
}
// README: end

final class QuickStartTests: XCTestCase {
    func testTheQuickStartDraws() async throws {
        let given = try Given.or_skip()
        let png = try await drawPilot(given.bundle, given.engine)
        XCTAssertGreaterThan(png.count, 10_000)
    }
}
