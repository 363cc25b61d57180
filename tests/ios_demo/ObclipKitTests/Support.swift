import Foundation
import ObclipLiteRT
import XCTest

@testable import ObclipKit

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// What scripts/test-ios gives: a running engine, the bundle, a cloud that lies, and what Python does with all of it.
struct Given {
    static let mark = "quizzaciously"
    let engine: String
    let bundle: URL
    let tokenizer: URL
    let vectors: URL
    let reference: Reference

    static func or_skip() throws -> Given {
        let environment = ProcessInfo.processInfo.environment
        guard let folder = environment["OBCLIP_TEST_FOLDER"], let bundle = environment["OBCLIP_TEST_BUNDLE"],
            let engine = environment["OBCLIP_TEST_ENGINE"]
        else { throw XCTSkip("scripts/test-ios starts the engine and Python's part of this test") }
        let root = URL(fileURLWithPath: folder)
        let data = try Data(contentsOf: root.appendingPathComponent("reference.json"))
        return Given(
            engine: engine, bundle: URL(fileURLWithPath: bundle), tokenizer: root.appendingPathComponent("tokenizer.json"),
            vectors: root.appendingPathComponent("session.jsonl"), reference: try JSONDecoder().decode(Reference.self, from: data))
    }

    func open(
        cloud: String? = nil, deadline: Double = 120, token: String? = nil, ledger: (any LedgerStore)? = nil,
        runtime: @escaping RuntimeFactory = LiteRtRuntime.factory(threads: 1)
    ) async throws -> ObclipPipeline {
        let client = try CloudClient(cloud ?? engine, token: token, deadline: deadline)
        return try await ObclipPipeline.open(bundle: bundle, runtime: runtime, cloud: client, ledger: ledger)
    }
}

/// The file that tests/android_demo/reference.py writes.
struct Reference: Decodable {
    struct Member: Decodable {
        let prompt: String
        let sha256: String?
        let refused: String?
    }
    struct PromptSet: Decodable {
        let prompt: String
        let body: Data
        let members: [Member]
    }
    struct Options: Decodable {
        let num_inference_steps: Int?
        let cloud_steps: Int?
        let guidance_scale: Double?
        let handover: String?
        let mechanism: String?

        var settings: Settings {
            Settings().with {
                $0.steps = num_inference_steps
                $0.cloudSteps = cloud_steps
                $0.guidanceScale = guidance_scale
                $0.handover = handover
                if let mechanism { $0.mechanism = Mechanism(rawValue: mechanism)! }
            }
        }
    }
    struct Told: Decodable {
        let mechanism: String
        let n: Int
        let template: String
        let cloud_steps: Int
        let steps: Int
        let bytes_up: Int
        let bytes_down: Int
        let request_sha256: String
        let guarantee: String
        let lexicon: String
    }
    struct Made: Decodable {
        let prompt: String
        let options: Options
        let rgb: Data
        let receipt: Told
        let notes: [String]
    }
    struct Outcome: Decodable {
        let kind: String
        let exit_code: Int32
    }
    let liar: String
    let seed: String
    let sets: [PromptSet]
    let pictures: [Made]
    let deadline: [String: Double]
    let outcomes: [String: Outcome]
    let requests: [String: Int]
}

/// What the lying cloud was asked.
struct Seen: Decodable {
    let path: String
    let sha256: String?
    let range: String?
    let headers: [String: String]?

    static func by(_ liar: String, _ way: String) async throws -> [Seen] {
        let data = try await load(URL(string: "\(liar)/\(way)/_seen")!)
        return try JSONDecoder().decode([Seen].self, from: data)
    }
}

func load(_ url: URL) async throws -> Data {
    try await withCheckedThrowingContinuation { waiter in
        URLSession.shared.dataTask(with: url) { data, _, error in
            waiter.resume(with: data.map { .success($0) } ?? .failure(error!))
        }.resume()
    }
}

/// Peak signal-to-noise ratio in decibels.
func psnr(_ a: Data, _ b: Data) -> Double {
    let sum = zip(a, b).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
    return sum == 0 ? .infinity : 10 * log10(255 * 255 / (sum / Double(a.count)))
}

/// The name of the error that a run ends with; "picture" where it ends with one.
func ending(_ use: () async throws -> some Any) async -> (name: String, error: ObclipError?) {
    do {
        _ = try await use()
        return ("picture", nil)
    } catch let error as ObclipError {
        return (error.name, error)
    } catch {
        return ("\(type(of: error))", nil)
    }
}

/// A folder that is gone behind the test.
func withFolder<T>(_ use: (URL) async throws -> T) async throws -> T {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await use(folder)
}
