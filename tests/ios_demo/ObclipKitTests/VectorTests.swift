import ObclipCore
import XCTest

@testable import ObclipKit

/// Every session and every release of edge_core/vectors, through this package's binding (edge_core/vectors/README.md).
final class VectorTests: XCTestCase {
    private static let coins = Data((0..<4096).map { UInt8((167 * $0 + 13) % 251) })

    func testEverySessionIsPlayedAsInPython() throws {
        let given = try Given.or_skip()
        let rows = try rows(given, "session")
        try withCore(given) { begin in
            for (n, row) in rows.enumerated() {
                try compare(row["events"] as! [Any], play(row, begin(row)), "session \(n)")
            }
        }
        XCTAssertGreaterThanOrEqual(rows.count, 24)
        print("TOLD \(rows.count) session vectors replayed: equal")
    }

    func testEveryPromptIsReleasedOrRefusedAsInPython() throws {
        let given = try Given.or_skip()
        let rows = try rows(given, "release")
        var refused = 0
        try withCore(given) { begin in
            for (n, row) in rows.enumerated() {
                try compare(row.filter { !["prompt", "options"].contains($0.key) }, release(row, begin), "release \(n)")
                refused += row["stopped"] == nil ? 0 : 1
            }
        }
        XCTAssertGreaterThan(rows.count, 300)
        XCTAssertTrue((20..<rows.count / 2).contains(refused), "\(refused)")
        print("TOLD \(rows.count) release vectors, \(refused) of them refusals: equal")
    }

    private func rows(_ given: Given, _ name: String) throws -> [[String: Any]] {
        let file = given.vectors.deletingLastPathComponent().appendingPathComponent("\(name).jsonl")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as! [String: Any]
        }
    }

    /// Gives what begins a row's session.
    private func withCore(_ given: Given, _ use: (_ begin: ([String: Any]) throws -> Session) throws -> Void) throws {
        let common = try object(given.vectors.deletingLastPathComponent().appendingPathComponent("common.json"))
        let core = try LexiconFiles.packaged().open()
        let tokenizer = try Data(contentsOf: given.tokenizer)
        try use { row in
            let own = row["options"] as! [String: String]
            let shared = common["options"] as! [String: String]
            let options = try Options(core: core, values: shared.sorted { $0.key < $1.key } + own.sorted { $0.key < $1.key }, tokenizer: tokenizer)
            let draws = own["mechanism"] == "k-subset"
            if draws {
                let key = Data((0..<32).map { UInt8($0) })
                try options.setLedger(StoredLedger(bytes: Data(), key: key), now: Int64(common["now"] as! Int))
            }
            let seed = (common["seed"] as! NSNumber).uint64Value
            return try Session(core: core, options: options, prompt: row["prompt"] as! String, seed: seed, coins: draws ? Self.coins : Data())
        }
    }

    private func release(_ row: [String: Any], _ begin: ([String: Any]) throws -> Session) throws -> [String: Any] {
        let session: Session
        do {
            session = try begin(row)
        } catch let error as ObclipError {
            return ["stopped": [error.message]]
        }
        var action = try session.next()
        if action == OBCLIP_STORE {
            try session.stored(true)
            action = try session.next()
        }
        guard action == OBCLIP_DETECTED else { return ["stopped": try stopped(session)] }
        let kept = ["n", "mechanism", "guarantee", "bits", "epsilon", "spent", "notes", "hints"]
        return ["detected": try detected(session), "told": try receipt(session).filter { kept.contains($0.key) }]
    }

    private func play(_ row: [String: Any], _ session: Session) throws -> [Any] {
        var answers = (row["answers"] as! [[Any]])[...]
        var events: [Any] = []
        while true {
            switch try session.next() {
            case OBCLIP_NEEDS_DECISION:
                let found = try session.findings()
                events.append(["asked", found.map { [$0.axis, $0.surface, $0.value, $0.instead, $0.slot, $0.why, $0.range.lowerBound, $0.range.upperBound] as [Any] }] as [Any])
                for n in found.indices { try session.decide(n, Decision(rawValue: row["decision"] as! String)!) }
            case OBCLIP_DETECTED: events.append(["detected", try detected(session)] as [Any])
            case OBCLIP_STORE: try session.stored(true)
            case OBCLIP_SEND:
                let request = try session.request()
                let headers = Dictionary(uniqueKeysWithValues: request.headers)
                events.append(["send", request.method, request.path, headers, request.body.count, Sha256.hex(Sha256.of(request.body))] as [Any])
                let answer = answers.removeFirst()
                try session.response(status: answer[0] as! Int, body: Data(base64Encoded: answer[1] as! String)!)
            case OBCLIP_ENCODE_TEXT:
                let ids = try session.values(OBCLIP_TOKENS, of: Int32.self), length = try session.number(OBCLIP_LENGTH)
                events.append(["encode", stride(from: 0, to: ids.count, by: length).map { ids[$0..<$0 + length].map(Int.init) }] as [Any])
                try session.floats([Float](repeating: 0, count: ids.count))
            case OBCLIP_DENOISE:
                let rows = try session.number(OBCLIP_ROWS), sample = try session.values(OBCLIP_SAMPLE, of: Float.self)
                events.append(["denoise", rows, try session.real(OBCLIP_TIMESTEP)] as [Any])
                try session.floats(sample.map { $0 * 0.5 } + (rows == 2 ? sample : []))
            case OBCLIP_STEP:
                let step = try session.number(OBCLIP_STEP_INDEX)
                events.append(["step", step, try session.number(OBCLIP_STEPS), try session.real(OBCLIP_TIMESTEP)] as [Any])
                if row["cancel_at"] as? Int == step { XCTAssertEqual(obclip_cancel(session.handle), OBCLIP_OK) }
            case OBCLIP_DECODE:
                events.append(["decode", try session.values(OBCLIP_LATENT_FLOATS, of: Float.self).map(Double.init)] as [Any])
                let side = try session.number(OBCLIP_WIDTH)
                try session.floats((0..<3 * side * side).map { (Float($0 % 5) - 2) / 2 })
            case OBCLIP_DONE:
                XCTAssertTrue(answers.isEmpty)
                events.append(["done", Sha256.hex(Sha256.of(try session.picture().rgb)), try receipt(session)] as [Any])
                return events
            default:
                events.append(["stopped"] + (try stopped(session)))
                return events
            }
        }
    }

    private func stopped(_ session: Session) throws -> [Any] {
        let refusal = try session.number(OBCLIP_REFUSAL)
        return [Self.refusals[refusal] ?? "\(refusal)", try session.number(OBCLIP_EXIT_CODE), try session.text(OBCLIP_MESSAGE)]
    }

    private static let refusals = [
        Int(OBCLIP_INPUT.rawValue): "INPUT", Int(OBCLIP_PRIVACY.rawValue): "PRIVACY", Int(OBCLIP_IMPLIED.rawValue): "IMPLIED",
        Int(OBCLIP_LEDGER.rawValue): "LEDGER", Int(OBCLIP_BUDGET.rawValue): "BUDGET", Int(OBCLIP_LEXICON.rawValue): "LEXICON",
        Int(OBCLIP_BUNDLE.rawValue): "BUNDLE", Int(OBCLIP_CLOUD.rawValue): "CLOUD", Int(OBCLIP_UNREACHABLE.rawValue): "UNREACHABLE",
        Int(OBCLIP_DEADLINE.rawValue): "DEADLINE", Int(OBCLIP_LATENT.rawValue): "LATENT", Int(OBCLIP_RUNTIME.rawValue): "RUNTIME",
        Int(OBCLIP_CANCELLED.rawValue): "CANCELLED",
    ]

    private func detected(_ session: Session) throws -> Any {
        guard let found = try session.candidates() else { return NSNull() }
        let attributes = try found.attributes.enumerated().map { n, one in
            [one.axis, one.surface, one.value, try session.number(OBCLIP_ATTRIBUTE_START, n), try session.number(OBCLIP_ATTRIBUTE_END, n)] as [Any]
        }
        return [
            "template": found.template, "members": found.members, "axes": found.axes, "attributes": attributes,
            "true_member": found.trueMember, "index": try session.number(OBCLIP_INDEX), "exact": try session.number(OBCLIP_EXACT) == 1,
            "bytes": found.body.count, "sha256": Sha256.hex(Sha256.of(found.body)),
        ] as [String: Any]
    }

    private func receipt(_ session: Session) throws -> [String: Any] {
        [
            "n": try session.number(OBCLIP_MEMBERS), "epsilon": try session.optional(OBCLIP_EPSILON) as Any? ?? NSNull(),
            "spent": try session.real(OBCLIP_EPSILON_SPENT), "total": try session.optional(OBCLIP_EPSILON_TOTAL) as Any? ?? NSNull(),
            "bits": try session.real(OBCLIP_BITS), "guarantee": try session.text(OBCLIP_GUARANTEE),
            "hints": try session.hints().map { [$0.axis, $0.words] }, "mechanism": try session.text(OBCLIP_MECHANISM),
            "template": try session.text(OBCLIP_TEMPLATE), "axes": try session.texts(OBCLIP_AXIS, OBCLIP_AXES),
            "lexicon": try session.text(OBCLIP_LEXICON_VERSION), "up": try session.number(OBCLIP_BYTES_UP),
            "down": try session.number(OBCLIP_BYTES_DOWN), "sha256": try session.text(OBCLIP_REQUEST_SHA256),
            "notes": try session.texts(OBCLIP_NOTE, OBCLIP_NOTES),
        ]
    }

    private func object(_ file: URL) throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as! [String: Any]
    }

    /// Floats are equal within 0.0001, all else exactly.
    private func compare(_ want: Any, _ got: Any, _ place: String) throws {
        switch (want, got) {
        case (let a as [String: Any], let b as [String: Any]):
            XCTAssertEqual(Set(a.keys), Set(b.keys), place)
            for (key, value) in a { try compare(value, b[key] ?? NSNull(), "\(place) \(key)") }
        case (let a as [Any], let b as [Any]):
            guard a.count == b.count else { return XCTFail("\(place): \(a.count) and \(b.count) parts") }
            for (n, value) in a.enumerated() { try compare(value, b[n], "\(place) \(n)") }
        case (let a as String, let b as String): XCTAssertEqual(a, b, place)
        case (is NSNull, is NSNull): break
        case (let a as Bool, let b as Bool): XCTAssertEqual(a, b, place)
        default:
            guard let a = number(want), let b = number(got) else { return XCTFail("\(place): \(want) and \(got)") }
            XCTAssertEqual(a, b, accuracy: 1e-4 * max(1, abs(a)), place)
        }
    }

    private func number(_ value: Any) -> Double? {
        (value as? Double) ?? (value as? Int).map(Double.init) ?? (value as? NSNumber)?.doubleValue
    }
}
