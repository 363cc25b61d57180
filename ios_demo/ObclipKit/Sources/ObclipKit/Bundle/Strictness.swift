import Foundation

/// A JSON value that is no list and no object.
public enum Scalar: Sendable, Equatable, Decodable {
    /// A number without a fraction.
    case whole(Int)
    /// Any other number.
    case real(Double)
    /// A text.
    case text(String)
    /// True or false.
    case flag(Bool)

    public init(from decoder: Decoder) throws {
        let c = try decoder.singleValueContainer()
        if let value = try? c.decode(Bool.self) {
            self = .flag(value)
        } else if let value = try? c.decode(Int.self) {
            self = .whole(value)
        } else if let value = try? c.decode(Double.self) {
            self = .real(value)
        } else {
            self = .text(try c.decode(String.self))
        }
    }

    /// As the core reads an option.
    var option: String {
        switch self {
        case .whole(let value): return "\(value)"
        case .real(let value): return "\(value)"
        case .text(let value): return value
        case .flag(let value): return value ? "true" : "false"
        }
    }
}

private struct AnyKey: CodingKey {
    let stringValue: String
    let intValue: Int? = nil
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
}

extension Decoder {
    /// The object's fields, where it has none but those of `keys`. Codable alone passes over what it does not know.
    func only<Key: CodingKey & CaseIterable>(_ keys: Key.Type) throws -> KeyedDecodingContainer<Key> {
        let known = Set(Key.allCases.map(\.stringValue))
        for key in try container(keyedBy: AnyKey.self).allKeys where !known.contains(key.stringValue) {
            throw DecodingError.dataCorrupted(.init(codingPath: codingPath + [key], debugDescription: "not a field of this format"))
        }
        return try container(keyedBy: keys)
    }
}

extension KeyedDecodingContainer {
    /// A field that may be left out; `null` is not left out.
    func value<T: Decodable>(_ key: Key, _ otherwise: T) throws -> T {
        contains(key) ? try decode(T.self, forKey: key) : otherwise
    }

    func require(_ holds: Bool, _ key: Key, _ wanted: String) throws {
        if !holds { throw fault(key, wanted) }
    }

    func fault(_ key: Key, _ wanted: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: codingPath + [key], debugDescription: wanted))
    }
}

func isSha256(_ text: String) -> Bool {
    text.utf8.count == 64 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
}

/// Where in a manifest something is wrong, and what: no value of it is repeated.
func told(_ error: DecodingError) -> String {
    let context: DecodingError.Context
    var path: [CodingKey]
    switch error {
    case .dataCorrupted(let c), .typeMismatch(_, let c), .valueNotFound(_, let c): (context, path) = (c, c.codingPath)
    case .keyNotFound(let key, let c): (context, path) = (c, c.codingPath + [key])
    @unknown default: return "not JSON"
    }
    if path.isEmpty { return "not JSON" }
    let place = path.map { $0.intValue.map(String.init) ?? String($0.stringValue.filter { $0.isASCII && ($0.isLetter || $0 == "_") }.prefix(64)) }
    return "\(place.joined(separator: ".")): \(context.debugDescription)"
}
