import Foundation
import ObclipKit

/// Runs an edge bundle's `.tflite` graphs with LiteRT's CompiledModel. A graph is loaded at its first use.
public actor LiteRtRuntime: ModelRuntime {
    /// Where the graphs run.
    public enum Accelerator: String, Sendable, CaseIterable {
        /// The processor, its graphics unit, or the one for neural networks.
        case cpu, gpu, npu

        var bit: Int32 {
            switch self {
            case .cpu: return 1
            case .gpu: return 2
            case .npu: return 4
            }
        }
    }

    private static let format = "tflite"
    private let bundle: EdgeBundle
    private let library: LiteRtLibrary
    private let environment: LiteRtEnvironment
    private let precision: String?
    private let threads: Int
    private let accelerator: Accelerator
    private var shelf: ModelShelf<LiteRtGraph>
    private var isWhole: Bool?
    private var isClosed = false

    /// - Parameters:
    ///   - library: path of LiteRT's library; default: what the environment variable `OBCLIP_LITERT` says.
    ///   - accelerator: ``ObclipError/notSupported(_:)`` where a graph does not run on it as a whole: nothing falls back unseen.
    ///   - precision: `"fp32"`, `"fp16"`, `"int8"`; default: the first that the bundle lists for each graph.
    public init(
        bundle: EdgeBundle, library: String? = nil, accelerator: Accelerator = .cpu, precision: String? = nil, threads: Int? = nil,
        memory: MemoryBudget = MemoryBudget()
    ) throws {
        self.bundle = bundle
        self.accelerator = accelerator
        self.precision = precision
        self.threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
        shelf = ModelShelf(memory)
        let library = try LiteRtLibrary(path: library)
        self.library = library
        do {
            environment = try LiteRtEnvironment(library)
        } catch let fault as LiteRtFault {
            throw ObclipError.notSupported("LiteRT gives no environment (status \(fault.status))")
        }
    }

    /// For ``ObclipKit/ObclipPipeline/open(bundle:runtime:cloud:ledger:lexicon:progress:)``.
    public static func factory(
        library: String? = nil, accelerator: Accelerator = .cpu, precision: String? = nil, threads: Int? = nil,
        memory: MemoryBudget = MemoryBudget()
    ) -> RuntimeFactory {
        { try LiteRtRuntime(bundle: $0, library: library, accelerator: accelerator, precision: precision, threads: threads, memory: memory) }
    }

    public func encodeText(_ ids: [Int32], rows: Int) throws -> [Float] {
        try run(.textEncoder) { try $0.run(["input_ids": .whole(ids)], rows: rows) }
    }

    public func denoise(_ latent: [Float], timestep: Double, states: [Float], rows: Int) throws -> [Float] {
        let samples = Array(repeatElement(latent, count: rows).joined())
        let inputs: [String: TensorValues] = [
            "sample": .floats(samples), "timestep": .floats([Float(timestep)]), "encoder_hidden_states": .floats(states),
        ]
        return try run(.unet) { try $0.run(inputs, rows: rows, alone: ["timestep"]) }
    }

    public func decode(_ latent: [Float]) throws -> [Float] {
        try run(.vaeDecoder) { try $0.run(["latents": .floats(latent)], rows: 1) }
    }

    public func prewarm(_ role: ModelRole) throws {
        try run(role) { try $0.warm(rows: role == .vaeDecoder ? 1 : 2) }
    }

    public func unload(_ role: ModelRole) { shelf.remove(role) }

    public func close() {
        isClosed = true
        shelf.removeAll()
    }

    public func report() -> RuntimeReport {
        RuntimeReport(
            name: "litert", asked: accelerator.rawValue, used: accelerator.rawValue, fullyAccelerated: isWhole,
            threads: accelerator == .cpu ? threads : nil)
    }

    private func run<T>(_ role: ModelRole, _ use: (LiteRtGraph) throws -> T) throws -> T {
        guard !isClosed else { throw ObclipError.closed("the runtime is closed; open another") }
        do {
            return try use(try graph(role))
        } catch let fault as LiteRtFault {
            throw ObclipError.device("LiteRT cannot run the \(role.rawValue) (\(fault.what), status \(fault.status)); use another accelerator or bundle")
        }
    }

    private func graph(_ role: ModelRole) throws -> LiteRtGraph {
        if let loaded = shelf.use(role) { return loaded }
        let spec = try bundle.graph(role, format: Self.format, precision: precision)
        guard let output = spec.outputs.first, let first = spec.inputs.first else {
            throw ObclipError.bundle("the edge bundle's \(role.rawValue) names no input or output; export the bundle again")
        }
        try shelf.makeRoom(for: role, fileBytes: bundle.bytes(spec.file))
        let graph: LiteRtGraph
        do {
            let options = try makeOptions()
            defer { library.destroyOptions(options) }
            graph = try LiteRtGraph(
                library, environment, options, file: bundle.url(spec.file),
                inputs: [first.name] + spec.inputs.dropFirst().map(\.name), output: output.name, onCpu: accelerator == .cpu)
        } catch let fault as LiteRtFault {
            guard accelerator == .cpu else { throw ObclipError.notSupported("LiteRT cannot use the \(accelerator.rawValue) here (\(fault.what)): use the CPU") }
            throw ObclipError.bundle("LiteRT cannot load \(spec.file): it lacks \(fault.what) (status \(fault.status)); export it again")
        }
        guard accelerator == .cpu || graph.isFullyAccelerated else {
            throw ObclipError.notSupported("the \(role.rawValue) does not run on the \(accelerator.rawValue) as a whole: use the CPU")
        }
        isWhole = (isWhole ?? true) && graph.isFullyAccelerated
        shelf.put(role, graph, fileBytes: bundle.bytes(spec.file))
        return graph
    }

    private func makeOptions() throws -> OpaquePointer {
        let options = try library.made("options") { library.createOptions($0) }
        do {
            try library.check("an accelerator", library.setAccelerators(options, accelerator.bit))
            if accelerator == .cpu {
                guard let text = strdup("num_threads = \(threads)\n") else { throw LiteRtFault(what: "memory", status: 0) }
                let told = try library.made("options") { library.createOpaqueOptions("xnnpack", text, { free($0) }, $0) }
                try library.check("options", library.addOpaqueOptions(options, told))
            }
        } catch {
            library.destroyOptions(options)
            throw error
        }
        return options
    }
}
