import Foundation

/// `bundle.json`, read as strictly as the reference does (`obclip_contract/manifest.py`): every field known, none more.
public struct Manifest: Sendable, Equatable, Decodable {
    /// Of the manifest: 1.
    public let formatVersion: Int
    /// "edge", or "cloud".
    public let kind: String
    /// The model's name.
    public let model: String
    /// The compiled graphs.
    public let graphs: [GraphSpec]
    /// Every file of the bundle but the manifest.
    public let files: [FileEntry]
    /// Channels, height and width of a latent.
    public let latentShape: [Int]
    /// Width and height of a picture.
    public let imageSize: Int
    /// Latents are multiplied by it.
    public let scalingFactor: Double
    /// What is taken from latents before they are scaled.
    public let shiftFactor: Double
    /// Of the training, by diffusers' names.
    public let noiseSchedule: [String: Scalar]
    /// The guidance that the pair was made for.
    public let guidanceDefault: Double
    /// Of both models.
    public let tokenizer: TokenizerSpec
    /// The word lists' version at the export.
    public let lexicon: String
    /// Every graph was compared with its source.
    public let verified: Bool
    /// Which were not, or differ.
    public let unverified: [String]
    /// Of the pair; the cloud's bundle has the same.
    public let pairSha256: String
    let sampler: SamplerSpec?
    let licences: [String: String]
    let tools: [String: String]

    enum CodingKeys: String, CodingKey, CaseIterable {
        case kind, model, graphs, files, tokenizer, lexicon, verified, unverified, sampler, licences, tools
        case formatVersion = "format_version"
        case latentShape = "latent_shape"
        case imageSize = "image_size"
        case scalingFactor = "scaling_factor"
        case shiftFactor = "shift_factor"
        case noiseSchedule = "noise_schedule"
        case guidanceDefault = "guidance_default"
        case pairSha256 = "pair_sha256"
    }

    public init(from decoder: Decoder) throws {
        let c = try decoder.only(CodingKeys.self)
        formatVersion = try c.value(.formatVersion, 1)
        kind = try c.decode(String.self, forKey: .kind)
        model = try c.decode(String.self, forKey: .model)
        graphs = try c.decode([GraphSpec].self, forKey: .graphs)
        files = try c.value(.files, [])
        latentShape = try c.decode([Int].self, forKey: .latentShape)
        imageSize = try c.decode(Int.self, forKey: .imageSize)
        scalingFactor = try c.decode(Double.self, forKey: .scalingFactor)
        shiftFactor = try c.value(.shiftFactor, 0)
        noiseSchedule = try c.decode([String: Scalar].self, forKey: .noiseSchedule)
        guidanceDefault = try c.decode(Double.self, forKey: .guidanceDefault)
        tokenizer = try c.decode(TokenizerSpec.self, forKey: .tokenizer)
        lexicon = try c.decode(String.self, forKey: .lexicon)
        verified = try c.value(.verified, true)
        unverified = try c.value(.unverified, [])
        pairSha256 = try c.decode(String.self, forKey: .pairSha256)
        sampler = try c.decodeIfPresent(SamplerSpec.self, forKey: .sampler)
        licences = try c.value(.licences, [:])
        tools = try c.value(.tools, [:])
        try c.require(formatVersion == 1, .formatVersion, "this version reads 1: export again")
        try c.require(kind == "edge" || kind == "cloud", .kind, "edge or cloud")
        try c.require(latentShape.count == 3 && latentShape.allSatisfy { $0 > 0 }, .latentShape, "three positive numbers")
        try c.require(imageSize > 0, .imageSize, "a positive number")
        try c.require(scalingFactor > 0, .scalingFactor, "a positive number")
        try c.require(guidanceDefault >= 0, .guidanceDefault, "0 or more")
        try c.require(isSha256(pairSha256), .pairSha256, "64 hex digits")
        try c.require(!verified || unverified.isEmpty, .unverified, "a verified bundle names no unverified graph")
    }
}

/// One compiled graph.
public struct GraphSpec: Sendable, Equatable, Decodable {
    /// Which of the three it is.
    public let role: String
    /// "tflite", "mlpackage", "onnx".
    public let format: String
    /// Of its weights.
    public let precision: String
    /// Its file or folder in the bundle.
    public let file: String
    /// Of the first signature.
    public let inputs: [TensorSpec]
    /// Of the first signature.
    public let outputs: [TensorSpec]
    /// One for each number of rows; none: the graph itself.
    public let signatures: [SignatureSpec]
    /// Pieces of a graph that was cut, run in order.
    public let chunks: [String]

    enum CodingKeys: String, CodingKey, CaseIterable {
        case role, format, precision, file, inputs, outputs, signatures, chunks
    }

    public init(from decoder: Decoder) throws {
        let c = try decoder.only(CodingKeys.self)
        role = try c.decode(String.self, forKey: .role)
        format = try c.decode(String.self, forKey: .format)
        precision = try c.value(.precision, "fp32")
        file = try c.decode(String.self, forKey: .file)
        inputs = try c.value(.inputs, [])
        outputs = try c.value(.outputs, [])
        signatures = try c.value(.signatures, [])
        chunks = try c.value(.chunks, [])
    }
}

/// One input or output of a graph; a free dimension ("batch") is `nil`.
public struct TensorSpec: Sendable, Equatable, Decodable {
    /// As the graph has it.
    public let name: String
    /// `nil`: any size.
    public let shape: [Int?]
    /// "float32" or "int32".
    public let dtype: String

    enum CodingKeys: String, CodingKey, CaseIterable { case name, shape, dtype }

    public init(from decoder: Decoder) throws {
        let c = try decoder.only(CodingKeys.self)
        name = try c.decode(String.self, forKey: .name)
        shape = try c.decode([Scalar].self, forKey: .shape).map {
            switch $0 {
            case .whole(let size): return size
            case .text: return nil
            default: throw c.fault(.shape, "whole numbers and names")
            }
        }
        dtype = try c.decode(String.self, forKey: .dtype)
    }
}

/// One named way to call a graph.
public struct SignatureSpec: Sendable, Equatable, Decodable {
    /// As the graph has it.
    public let name: String
    /// What it takes.
    public let inputs: [TensorSpec]
    /// What it gives.
    public let outputs: [TensorSpec]

    enum CodingKeys: String, CodingKey, CaseIterable { case name, inputs, outputs }

    public init(from decoder: Decoder) throws {
        let c = try decoder.only(CodingKeys.self)
        name = try c.decode(String.self, forKey: .name)
        inputs = try c.decode([TensorSpec].self, forKey: .inputs)
        outputs = try c.decode([TensorSpec].self, forKey: .outputs)
    }
}

/// One file: its path inside the bundle, its size and its SHA-256 in hex.
public struct FileEntry: Sendable, Equatable, Decodable {
    /// In the bundle.
    public let path: String
    /// Of its bytes, in lower case.
    public let sha256: String
    /// Its size.
    public let bytes: Int

    enum CodingKeys: String, CodingKey, CaseIterable { case path, sha256, bytes }

    public init(from decoder: Decoder) throws {
        let c = try decoder.only(CodingKeys.self)
        path = try c.decode(String.self, forKey: .path)
        sha256 = try c.decode(String.self, forKey: .sha256)
        bytes = try c.decode(Int.self, forKey: .bytes)
        try c.require(isSha256(sha256), .sha256, "64 hex digits")
        try c.require(bytes >= 0, .bytes, "0 or more")
    }
}

/// The tokenizer's file and what framing needs.
public struct TokenizerSpec: Sendable, Equatable, Decodable {
    /// In the bundle.
    public let file: String
    /// Tokens of a text, its marks included.
    public let maxLength: Int
    /// Before every text.
    public let bosId: Int
    /// Behind every text.
    public let eosId: Int
    /// Up to the whole length.
    public let padId: Int

    enum CodingKeys: String, CodingKey, CaseIterable {
        case file
        case maxLength = "max_length"
        case bosId = "bos_id"
        case eosId = "eos_id"
        case padId = "pad_id"
    }

    public init(from decoder: Decoder) throws {
        let c = try decoder.only(CodingKeys.self)
        file = try c.decode(String.self, forKey: .file)
        maxLength = try c.decode(Int.self, forKey: .maxLength)
        bosId = try c.decode(Int.self, forKey: .bosId)
        eosId = try c.decode(Int.self, forKey: .eosId)
        padId = try c.decode(Int.self, forKey: .padId)
        try c.require(maxLength > 0, .maxLength, "a positive number")
        try c.require(min(bosId, eosId, padId) >= 0, .bosId, "0 or more")
    }
}

/// The default run as plain data: checked for its form; the core computes its own.
struct SamplerSpec: Sendable, Equatable, Decodable {
    static let columns = 7
    let kind: String
    let rows: [[Double]]

    enum CodingKeys: String, CodingKey, CaseIterable { case kind, rows }

    init(from decoder: Decoder) throws {
        let c = try decoder.only(CodingKeys.self)
        kind = try c.decode(String.self, forKey: .kind)
        rows = try c.decode([[Double]].self, forKey: .rows)
        try c.require(!rows.isEmpty && rows.allSatisfy { $0.count == Self.columns }, .rows, "rows of \(Self.columns) numbers")
    }
}
