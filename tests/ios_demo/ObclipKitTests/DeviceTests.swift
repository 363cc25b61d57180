import ObclipLiteRT
import XCTest

@testable import ObclipKit

/// Graphs that give no numbers, and devices that are too small.
final class DeviceTests: XCTestCase {
    func testNumbersThatAreNotFiniteEndARunWhicheverGraphGaveThem() async throws {
        let given = try Given.or_skip()
        let settings = Settings().with { ($0.steps, $0.mechanism) = (3, .local) }
        for role in ModelRole.allCases {
            let pipe = try await given.open(runtime: { Spoiled(inner: try LiteRtRuntime(bundle: $0, threads: 1), role: role) })
            let (name, _) = await ending { try await pipe.picture("an old woman", settings: settings) }
            // As in Python: a picture of no numbers is laid to the latents.
            XCTAssertEqual(name, role == .vaeDecoder ? "LatentError" : "DeviceError", role.rawValue)
        }
        let pipe = try await given.open(runtime: { Spoiled(inner: try LiteRtRuntime(bundle: $0, threads: 1), role: .vaeDecoder) })
        let (name, _) = await ending {
            for try await step in pipe.generate("an old woman", settings: settings, previewEvery: 1) {
                if case .finished = step { XCTFail("a preview of no numbers") }
            }
        }
        XCTAssertEqual(name, "LatentError")
    }

    func testLittleMemoryFreesGraphsAndTooLittleIsTold() async throws {
        let given = try Given.or_skip()
        let bundle = try EdgeBundle.open(given.bundle)
        let largest = try ModelRole.allCases.map { bundle.bytes(try bundle.graph($0, format: "tflite").file) }.max()!
        let settings = Settings().with { ($0.steps, $0.cloudSteps) = (3, 1) }
        let one = MemoryBudget(bytes: MemoryBudget.estimate(fileBytes: largest))
        let small = try await given.open(runtime: LiteRtRuntime.factory(threads: 1, memory: one))
        let roomy = try await given.open()
        let a = try await small.picture("an old woman", settings: settings, seed: 4)
        let b = try await roomy.picture("an old woman", settings: settings, seed: 4)
        XCTAssertEqual(a.picture, b.picture)
        let none = try await given.open(runtime: LiteRtRuntime.factory(threads: 1, memory: MemoryBudget(bytes: 1000)))
        let (name, _) = await ending { try await none.picture("an old woman", settings: settings) }
        XCTAssertEqual(name, "DeviceError")
    }

    func testAnAcceleratorThatIsNotThereIsNotReplacedUnseen() async throws {
        let given = try Given.or_skip()
        let pipe = try await given.open(runtime: LiteRtRuntime.factory(accelerator: .gpu, threads: 1))
        let (name, _) = await ending { try await pipe.picture("an old woman", settings: Settings().with { $0.mechanism = .local }) }
        XCTAssertEqual(name, "NotSupported")
        let (missing, _) = await ending { try await given.open(runtime: LiteRtRuntime.factory(library: "/no/such/libLiteRt.so")) }
        XCTAssertEqual(missing, "NotSupported")
    }

    func testPrewarmIsToldAndAwaited() async throws {
        let given = try Given.or_skip()
        let loaded = Loaded()
        let pipe = try await ObclipPipeline.open(bundle: given.bundle, runtime: LiteRtRuntime.factory(threads: 1)) { await loaded.add($0) }
        let roles = await loaded.roles
        XCTAssertEqual(roles, ModelRole.allCases)
        let output = try await pipe.picture("an old woman", settings: Settings().with { ($0.steps, $0.mechanism) = (2, .local) })
        XCTAssertEqual(output.receipt.runtime.name, "litert")
    }
}

private actor Loaded {
    var roles: [ModelRole] = []
    func add(_ role: ModelRole) { roles.append(role) }
}

/// A runtime one of whose graphs gives numbers that are none.
private struct Spoiled: ModelRuntime {
    let inner: LiteRtRuntime
    let role: ModelRole

    private func spoil(_ values: [Float], _ of: ModelRole) -> [Float] { of == role ? values.dropLast() + [.nan] : values }

    func encodeText(_ ids: [Int32], rows: Int) async throws -> [Float] { spoil(try await inner.encodeText(ids, rows: rows), .textEncoder) }
    func denoise(_ latent: [Float], timestep: Double, states: [Float], rows: Int) async throws -> [Float] {
        spoil(try await inner.denoise(latent, timestep: timestep, states: states, rows: rows), .unet)
    }
    func decode(_ latent: [Float]) async throws -> [Float] { spoil(try await inner.decode(latent), .vaeDecoder) }
    func prewarm(_ role: ModelRole) async throws { try await inner.prewarm(role) }
    func unload(_ role: ModelRole) async { await inner.unload(role) }
    func close() async { await inner.close() }
    func report() async -> RuntimeReport { await inner.report() }
}
