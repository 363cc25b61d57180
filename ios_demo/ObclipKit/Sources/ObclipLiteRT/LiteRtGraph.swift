import Foundation
import ObclipKit

/// Numbers for a graph's input.
enum TensorValues {
    case floats([Float])
    case whole([Int32])

    func withBytes<T>(_ use: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
        switch self {
        case .floats(let values): return try values.withUnsafeBytes(use)
        case .whole(let values): return try values.withUnsafeBytes(use)
        }
    }
}

/// LiteRtRankedTensorType as it lies in memory: the element type, and the layout with a bit field.
struct TensorType {
    private static let size = 72, maxRank = 8
    private var raw = [UInt8](repeating: 0, count: TensorType.size)

    mutating func fill(_ call: (UnsafeMutableRawPointer) -> Int32) -> Int32 {
        raw.withUnsafeMutableBytes { call($0.baseAddress!) }
    }

    func withPointer<T>(_ use: (UnsafeRawPointer) throws -> T) rethrows -> T {
        try raw.withUnsafeBytes { try use($0.baseAddress!) }
    }

    /// 1: float32, 2: int32.
    var element: Int32 { raw.withUnsafeBytes { $0.load(as: Int32.self) } }

    var shape: [Int] {
        raw.withUnsafeBytes { bytes in
            let rank = Int(bytes.load(fromByteOffset: 4, as: UInt32.self) & 0x7F)
            return (0..<min(rank, Self.maxRank)).map { Int(bytes.load(fromByteOffset: 8 + 4 * $0, as: Int32.self)) }
        }
    }

    var count: Int { shape.reduce(1, *) }
}

/// LiteRT's environment; the graphs that were made in it keep it.
final class LiteRtEnvironment: Sendable {
    private let library: LiteRtLibrary
    nonisolated(unsafe) let handle: OpaquePointer

    init(_ library: LiteRtLibrary) throws {
        self.library = library
        // One LiteRtEnvOption: the least severity that is logged is an error's; LiteRT tells of each graph otherwise.
        let option: [Int64] = [25, 2, 3]  // the tag; the value's type, a whole number; the severity
        handle = try option.withUnsafeBytes { option in
            try library.made("an environment") { library.createEnvironment(1, option.baseAddress, $0) }
        }
    }

    deinit { library.destroyEnvironment(handle) }
}

/// One loaded `.tflite`, and its signatures by the rows of their first input.
final class LiteRtGraph {
    private struct Signature {
        let index: Int
        let inputs: [String]
        let inputTypes: [TensorType]
        let output: TensorType
        let outputAt: Int
        let inputBuffers: [OpaquePointer]
        let outputBuffers: [OpaquePointer]
    }

    private static let readLock: Int32 = 0, writeLock: Int32 = 1
    private let library: LiteRtLibrary
    private let environment: LiteRtEnvironment
    private let model: OpaquePointer
    private let compiled: OpaquePointer
    private var signatures: [Int: Signature] = [:]
    /// Every operation runs on what was asked for.
    let isFullyAccelerated: Bool

    /// - Parameter inputs: the names that the graph must take, the one with the rows first.
    init(
        _ library: LiteRtLibrary, _ environment: LiteRtEnvironment, _ options: OpaquePointer, file: URL, inputs: [String], output: String,
        onCpu: Bool
    ) throws {
        self.library = library
        self.environment = environment
        let model = try library.made("the file") { library.createModel(environment.handle, file.path, $0) }
        do {
            compiled = try library.made("compiling") { library.createCompiledModel(environment.handle, model, options, $0) }
        } catch {
            library.destroyModel(model)
            throw error
        }
        self.model = model
        var whole = false
        let asked = onCpu ? library.isFullyAccelerated : library.isNonCpuFullyAccelerated
        isFullyAccelerated = asked(compiled, &whole) == 0 && whole
        for index in 0..<(try library.number("signatures") { library.signatureCount(model, $0) }) {
            let found = try signature(index, inputs: inputs, output: output)
            guard let at = found.inputs.firstIndex(of: inputs[0]), let rows = found.inputTypes[at].shape.first else {
                throw LiteRtFault(what: "a first input", status: 0)
            }
            signatures[rows] = found
        }
        guard !signatures.isEmpty else { throw LiteRtFault(what: "a signature", status: 0) }
    }

    deinit {
        for one in signatures.values { (one.inputBuffers + one.outputBuffers).forEach(library.destroyBuffer) }
        library.destroyCompiledModel(compiled)
        library.destroyModel(model)
    }

    /// Run on any number of rows: a signature of that many, else the rows through the nearest one. `alone`: inputs that have
    /// no rows.
    func run(_ inputs: [String: TensorValues], rows: Int, alone: Set<String> = []) throws -> [Float] {
        if let fitting = signatures[rows] { return try call(fitting, inputs) }
        let size = signatures.keys.filter { $0 > rows }.min() ?? signatures.keys.max()!
        var out: [Float] = []
        for start in stride(from: 0, to: rows, by: size) {
            let taken = (start..<start + size).map { min($0, rows - 1) }  // the last rows repeat to fill up
            let part = inputs.map { name, values in (name, alone.contains(name) ? values : pick(values, taken, of: rows)) }
            let answer = try call(signatures[size]!, Dictionary(uniqueKeysWithValues: part))
            out += answer.prefix(answer.count / size * min(size, rows - start))
        }
        return out
    }

    /// Zeros in, so that the first call of a picture takes no longer than the others.
    func warm(rows: Int) throws {
        let one = signatures[rows] ?? signatures.values.first!
        let zeros = zip(one.inputs, one.inputTypes).map { name, type in
            (name, type.element == 2 ? TensorValues.whole(.init(repeating: 0, count: type.count)) : .floats(.init(repeating: 0, count: type.count)))
        }
        _ = try call(one, Dictionary(uniqueKeysWithValues: zeros))
    }

    private func pick(_ values: TensorValues, _ taken: [Int], of rows: Int) -> TensorValues {
        func picked<T>(_ all: [T]) -> [T] {
            let size = all.count / rows
            return taken.flatMap { all[$0 * size..<($0 + 1) * size] }
        }
        switch values {
        case .floats(let all): return .floats(picked(all))
        case .whole(let all): return .whole(picked(all))
        }
    }

    private func call(_ one: Signature, _ inputs: [String: TensorValues]) throws -> [Float] {
        for (at, name) in one.inputs.enumerated() {
            guard let values = inputs[name] else { throw LiteRtFault(what: "input \(name)", status: 0) }
            try write(values, one.inputTypes[at], one.inputBuffers[at])
        }
        var ins: [OpaquePointer?] = one.inputBuffers, outs: [OpaquePointer?] = one.outputBuffers
        try library.check("running", library.run(compiled, one.index, ins.count, &ins, outs.count, &outs))
        var at: UnsafeMutableRawPointer?
        let buffer = one.outputBuffers[one.outputAt]
        try library.check("its output", library.lockBuffer(buffer, &at, Self.readLock))
        defer { _ = library.unlockBuffer(buffer) }
        guard let at else { throw LiteRtFault(what: "its output", status: 0) }
        return Array(UnsafeBufferPointer(start: at.bindMemory(to: Float.self, capacity: one.output.count), count: one.output.count))
    }

    private func write(_ values: TensorValues, _ type: TensorType, _ buffer: OpaquePointer) throws {
        try values.withBytes { bytes in
            guard bytes.count == 4 * type.count else { throw LiteRtFault(what: "the size of an input", status: 0) }
            var at: UnsafeMutableRawPointer?
            try library.check("its input", library.lockBuffer(buffer, &at, Self.writeLock))
            defer { _ = library.unlockBuffer(buffer) }
            guard let at else { throw LiteRtFault(what: "its input", status: 0) }
            at.copyMemory(from: bytes.baseAddress!, byteCount: bytes.count)
        }
    }

    private func signature(_ index: Int, inputs: [String], output: String) throws -> Signature {
        let it = try library.made("a signature") { library.signature(model, index, $0) }
        let names = try (0..<library.number("inputs") { library.inputCount(it, $0) }).map { i in
            try library.text("a name") { library.inputName(it, i, $0) }
        }
        let outputs = try (0..<library.number("outputs") { library.outputCount(it, $0) }).map { i in
            try library.text("a name") { library.outputName(it, i, $0) }
        }
        guard names.sorted() == inputs.sorted(), let outputAt = outputs.firstIndex(of: output) else {
            throw LiteRtFault(what: "these inputs and outputs", status: 0)
        }
        let types = try names.indices.map { try type(it, $0, library.inputTensor) }
        let outputTypes = try outputs.indices.map { try type(it, $0, library.outputTensor) }
        guard types.allSatisfy({ $0.element == 1 || $0.element == 2 }), outputTypes[outputAt].element == 1,
            (types + outputTypes).allSatisfy({ $0.shape.allSatisfy { $0 > 0 } })
        else { throw LiteRtFault(what: "tensors of float32 and int32 of fixed sizes", status: 0) }
        var made: [OpaquePointer] = []
        do {
            for (i, type) in types.enumerated() { made.append(try buffer(index, i, type, library.inputRequirements)) }
            for (i, type) in outputTypes.enumerated() { made.append(try buffer(index, i, type, library.outputRequirements)) }
        } catch {
            made.forEach(library.destroyBuffer)
            throw error
        }
        return Signature(
            index: index, inputs: names, inputTypes: types, output: outputTypes[outputAt], outputAt: outputAt,
            inputBuffers: Array(made.prefix(types.count)), outputBuffers: Array(made.dropFirst(types.count)))
    }

    private func type(
        _ signature: OpaquePointer, _ index: Int, _ tensor: @convention(c) (OpaquePointer, Int, LiteRtLibrary.Out) -> Int32
    ) throws -> TensorType {
        let found = try library.made("a tensor") { tensor(signature, index, $0) }
        var type = TensorType()
        try library.check("a tensor's type", type.fill { library.tensorType(found, $0) })
        return type
    }

    private func buffer(
        _ signature: Int, _ index: Int, _ type: TensorType,
        _ requirements: @convention(c) (OpaquePointer, Int, Int, LiteRtLibrary.Out) -> Int32
    ) throws -> OpaquePointer {
        let needs = try library.made("a buffer's needs") { requirements(compiled, signature, index, $0) }
        return try type.withPointer { type in try library.made("a buffer") { library.createBuffer(environment.handle, type, needs, $0) } }
    }
}
