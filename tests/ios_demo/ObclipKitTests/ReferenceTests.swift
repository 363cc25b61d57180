import XCTest

@testable import ObclipKit

/// The same bytes and the same pictures as Python's.
final class ReferenceTests: XCTestCase {
    func testEveryMemberOfTenSetsGivesPythonsRequest() async throws {
        let given = try Given.or_skip()
        let pipe = try await given.open()
        let seed = UInt64(given.reference.seed)!
        var members = 0
        for one in given.reference.sets {
            let first = try await pipe.read(one.prompt, seed: seed)
            XCTAssertEqual(first?.body, one.body, one.prompt)
            for member in one.members {
                let (name, _) = await ending {
                    let found = try await pipe.read(member.prompt, seed: seed)
                    XCTAssertEqual(found.map { Sha256.hex(Sha256.of($0.body)) }, member.sha256, member.prompt)
                    XCTAssertEqual(found?.body.count, one.body.count)
                }
                XCTAssertEqual(name, member.refused ?? "picture", member.prompt)
                members += 1
            }
        }
        XCTAssertEqual(given.reference.sets.count, 10)
        XCTAssertGreaterThan(members, 60)
        print("TOLD \(members) members of 10 sets: request bytes equal to Python's")
    }

    func testPicturesAreThoseOfPython() async throws {
        let given = try Given.or_skip()
        let pipe = try await given.open()
        for want in given.reference.pictures {
            let got = try await pipe.picture(want.prompt, settings: want.options.settings, seed: UInt64(given.reference.seed))
            XCTAssertEqual(got.picture.rgb.count, want.rgb.count)
            let decibels = psnr(got.picture.rgb, want.rgb)
            XCTAssertGreaterThanOrEqual(decibels, 45, want.prompt)
            let receipt = got.receipt, told = want.receipt
            XCTAssertEqual(receipt.mechanism, told.mechanism)
            XCTAssertEqual(receipt.n, told.n)
            XCTAssertEqual(receipt.template, told.template)
            XCTAssertEqual([receipt.steps, receipt.cloudSteps], [told.steps, told.cloud_steps])
            XCTAssertEqual([receipt.bytesUp, receipt.bytesDown], [told.bytes_up, told.bytes_down])
            XCTAssertEqual(receipt.requestSha256, told.request_sha256)
            XCTAssertEqual(receipt.guarantee, told.guarantee)
            XCTAssertEqual(receipt.lexicon, told.lexicon)
            XCTAssertEqual(receipt.notes, want.notes)
            print("TOLD picture of \(told.steps) steps, \(told.cloud_steps) in the cloud: \(decibels) dB to Python's")
        }
    }

    func testStepsComeOneByOneAndNothingIsSentBeforeItIsAskedFor() async throws {
        let given = try Given.or_skip()
        let pipe = try await given.open(cloud: "\(given.reference.liar)/honest")
        let before = try await Seen.by(given.reference.liar, "honest").count
        let settings = Settings().with { ($0.steps, $0.cloudSteps) = (5, 2) }
        var steps = pipe.generate("an old woman", settings: settings, seed: 3, previewEvery: 2).makeAsyncIterator()
        guard case .detected(let candidates?)? = try await steps.next() else { return XCTFail("detected comes first") }
        try await Task.sleep(nanoseconds: 300_000_000)
        let meanwhile = try await Seen.by(given.reference.liar, "honest").count
        XCTAssertEqual(meanwhile, before, "nothing was asked for")
        XCTAssertTrue(candidates.members.contains(candidates.trueMember))
        var names: [String] = [], previews = 0
        while let step = try await steps.next() {
            switch step {
            case .detected: names.append("detected")
            case .sent(let bytes): names.append("sent \(bytes == candidates.body.count)")
            case .received: names.append("received")
            case .finished(let step):
                names.append("finished \(step.index) of \(step.total)")
                previews += step.preview == nil ? 0 : 1
            case .decoded(let output):
                names.append("decoded")
                XCTAssertEqual(output.picture.rgb.count, 3 * output.picture.width * output.picture.height)
                XCTAssertTrue(output.picture.png.starts(with: [0x89, 0x50]))
            }
        }
        XCTAssertEqual(names, ["sent true", "received", "finished 0 of 3", "finished 1 of 3", "finished 2 of 3", "decoded"])
        XCTAssertEqual(previews, 1)
        let seen = try await Seen.by(given.reference.liar, "honest").dropFirst(before).map { $0 }
        XCTAssertEqual(seen.map(\.path), ["/v1/health", "/v1/latents"])
        XCTAssertEqual(seen.last?.sha256, candidates.requestSha256)
        for one in seen {
            let names = Set((one.headers ?? [:]).keys).subtracting(["host", "content-length"])
            XCTAssertEqual(names, ["content-type", "accept", "accept-encoding", "user-agent", "connection", "accept-language"])
            XCTAssertEqual(one.headers?["accept-language"], "*")
            XCTAssertEqual(one.headers?["user-agent"], "obclip")
        }
    }
}
