#if canImport(CoreML)
    import CoreML
    import Foundation
    import ObclipKit

    /// Runs an edge bundle's `.mlpackage` graphs with CoreML. A graph is compiled and loaded at its first use.
    ///
    /// Written against Apple's documented interface and type-checked against stubs; it never ran on an Apple system.
    public actor CoreMlRuntime: ModelRuntime {
        /// Where CoreML may run a graph.
        public enum Units: String, Sendable, CaseIterable {
            /// Whatever CoreML likes.
            case all
            /// The processor and the Neural Engine.
            case cpuAndNeuralEngine = "cpu+npu"
            /// The processor and the graphics unit.
            case cpuAndGPU = "cpu+gpu"
            /// The processor alone.
            case cpuOnly = "cpu"

            var choice: MLComputeUnits {
                switch self {
                case .all: return .all
                case .cpuAndNeuralEngine: return .cpuAndNeuralEngine
                case .cpuAndGPU: return .cpuAndGPU
                case .cpuOnly: return .cpuOnly
                }
            }
        }

        private static let format = "mlpackage"
        private let bundle: EdgeBundle
        private let precision: String?
        private let units: [Units]
        /// Where in ``units`` loading begins: what failed once is not tried again for every graph.
        private var first = 0
        private var shelf: ModelShelf<[MLModel]>
        private var compiled: [String: URL] = [:]
        private var isClosed = false

        /// - Parameters:
        ///   - units: tried in their order; the first that loads a graph and runs it is used, and the receipt names it.
        ///     Give a single one to have ``ObclipError/notSupported(_:)`` instead of another.
        ///   - precision: `"fp16"`, `"pal8"`, `"pal6"`; default: the first that the bundle lists for each graph.
        public init(
            bundle: EdgeBundle, units: [Units] = [.cpuAndNeuralEngine, .cpuAndGPU, .cpuOnly], precision: String? = nil,
            memory: MemoryBudget = MemoryBudget()
        ) throws {
            guard !units.isEmpty else { throw ObclipError.input("name the compute units that may be used") }
            (self.bundle, self.units, self.precision) = (bundle, units, precision)
            shelf = ModelShelf(memory)
        }

        /// For ``ObclipKit/ObclipPipeline/open(bundle:runtime:cloud:ledger:lexicon:progress:)``.
        public static func factory(
            units: [Units] = [.cpuAndNeuralEngine, .cpuAndGPU, .cpuOnly], precision: String? = nil, memory: MemoryBudget = MemoryBudget()
        ) -> RuntimeFactory {
            { try CoreMlRuntime(bundle: $0, units: units, precision: precision, memory: memory) }
        }

        public func encodeText(_ ids: [Int32], rows: Int) async throws -> [Float] {
            let ids = MLShapedArray<Int32>(scalars: ids, shape: [rows, ids.count / rows])
            return try await run(.textEncoder, ["input_ids": MLFeatureValue(shapedArray: ids)])
        }

        /// The graph has two rows; a single one is doubled.
        public func denoise(_ latent: [Float], timestep: Double, states: [Float], rows: Int) async throws -> [Float] {
            let shape = bundle.manifest.latentShape, both = 2
            let length = bundle.manifest.tokenizer.maxLength
            let doubled = rows == both ? states : states + states
            let output = try await run(
                .unet,
                [
                    "sample": MLFeatureValue(shapedArray: MLShapedArray<Float>(scalars: latent + latent, shape: [both] + shape)),
                    "timestep": MLFeatureValue(shapedArray: MLShapedArray<Float>(scalars: [Float(timestep)], shape: [1])),
                    "encoder_hidden_states": MLFeatureValue(
                        shapedArray: MLShapedArray<Float>(scalars: doubled, shape: [both, length, doubled.count / (both * length)])),
                ])
            return Array(output.prefix(output.count / both * rows))
        }

        public func decode(_ latent: [Float]) async throws -> [Float] {
            let latents = MLShapedArray<Float>(scalars: latent, shape: [1] + bundle.manifest.latentShape)
            return try await run(.vaeDecoder, ["latents": MLFeatureValue(shapedArray: latents)])
        }

        public func prewarm(_ role: ModelRole) async throws { _ = try await models(role) }

        public func unload(_ role: ModelRole) { shelf.remove(role) }

        public func close() {
            isClosed = true
            shelf.removeAll()
            for folder in compiled.values { try? FileManager.default.removeItem(at: folder) }
            compiled = [:]
        }

        /// CoreML does not tell where each operation ran.
        public func report() -> RuntimeReport {
            RuntimeReport(name: "coreml", asked: units[0].rawValue, used: units[first].rawValue, fullyAccelerated: nil)
        }

        private func run(_ role: ModelRole, _ inputs: [String: MLFeatureValue]) async throws -> [Float] {
            let spec = try bundle.graph(role, format: Self.format, precision: precision)
            let models = try await models(role)
            do {
                return try Self.predict(models, inputs, output: spec.outputs.first?.name ?? "")
            } catch let error as ObclipError {
                throw error
            } catch {
                throw ObclipError.device("CoreML cannot run the \(role.rawValue) (\((error as NSError).code)); use other compute units or another bundle")
            }
        }

        /// Pieces of a graph run in order; each takes the graph's inputs and the outputs of those before it, by name.
        private static func predict(_ models: [MLModel], _ inputs: [String: MLFeatureValue], output: String) throws -> [Float] {
            var known = inputs
            for model in models {
                let wanted = model.modelDescription.inputDescriptionsByName.keys
                let provider = try MLDictionaryFeatureProvider(dictionary: known.filter { wanted.contains($0.key) })
                let answer = try model.prediction(from: provider)
                for name in answer.featureNames { known[name] = answer.featureValue(for: name) }
            }
            guard let array = known[output]?.multiArrayValue else {
                throw ObclipError.bundle("a graph lacks its output \(output); export the bundle again")
            }
            return MLShapedArray<Float>(converting: array).scalars
        }

        private func models(_ role: ModelRole) async throws -> [MLModel] {
            guard !isClosed else { throw ObclipError.closed("the runtime is closed; open another") }
            if let loaded = shelf.use(role) { return loaded }
            let spec = try bundle.graph(role, format: Self.format, precision: precision)
            let files = spec.chunks.isEmpty ? [spec.file] : spec.chunks
            let bytes = files.reduce(0) { $0 + bundle.bytes($1) }
            try shelf.makeRoom(for: role, fileBytes: bytes)
            var folders: [URL] = []
            for file in files { folders.append(try await compile(file)) }
            // Another call may have loaded it while this one waited.
            if let loaded = shelf.use(role) { return loaded }
            guard !isClosed else { throw ObclipError.closed("the runtime is closed; open another") }
            let loaded = try load(role, spec, folders)
            shelf.put(role, loaded, fileBytes: bytes)
            return loaded
        }

        /// On the first units that load it and give numbers on zeros.
        private func load(_ role: ModelRole, _ spec: GraphSpec, _ folders: [URL]) throws -> [MLModel] {
            for at in first..<units.count {
                let configuration = MLModelConfiguration()
                configuration.computeUnits = units[at].choice
                guard let models = try? folders.map({ try MLModel(contentsOf: $0, configuration: configuration) }),
                    let numbers = try? Self.predict(models, try Self.zeros(spec), output: spec.outputs.first?.name ?? ""),
                    numbers.allSatisfy(\.isFinite)
                else { continue }
                first = at
                return models
            }
            throw ObclipError.notSupported(
                "CoreML runs the \(role.rawValue) on none of \(units.map(\.rawValue).joined(separator: ", ")): allow other compute units, or use another bundle")
        }

        private static func zeros(_ spec: GraphSpec) throws -> [String: MLFeatureValue] {
            var out: [String: MLFeatureValue] = [:]
            for input in spec.inputs {
                let shape = input.shape.map { $0 ?? 2 }, count = shape.reduce(1, *)
                if input.dtype == "int32" {
                    out[input.name] = MLFeatureValue(shapedArray: MLShapedArray<Int32>(scalars: [Int32](repeating: 0, count: count), shape: shape))
                } else {
                    out[input.name] = MLFeatureValue(shapedArray: MLShapedArray<Float>(scalars: [Float](repeating: 0, count: count), shape: shape))
                }
            }
            return out
        }

        private func compile(_ file: String) async throws -> URL {
            if let folder = compiled[file] { return folder }
            do {
                let folder = try await MLModel.compileModel(at: bundle.url(file))
                compiled[file] = folder
                return folder
            } catch {
                throw ObclipError.bundle("CoreML cannot compile \(file) (\((error as NSError).code)): export it again")
            }
        }
    }
#endif
