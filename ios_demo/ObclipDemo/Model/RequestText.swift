import Foundation

/// A phone shows so many with their letters.
private let bytesALine = 8

/// Offset, hexadecimal and ASCII, as hexdump prints it: rows that are as the one before are a star, and the size ends it.
func dumpHex(_ body: Data) -> String {
    let bytes = [UInt8](body)
    var lines: [String] = []
    var before: ArraySlice<UInt8> = []
    for at in stride(from: 0, to: bytes.count, by: bytesALine) {
        let row = bytes[at..<min(at + bytesALine, bytes.count)]
        if row.elementsEqual(before), at + bytesALine < bytes.count {
            if lines.last != "*" { lines.append("*") }
            continue
        }
        before = row
        let hex = row.map { String(format: "%02x", $0) }.joined(separator: " ")
        let ascii = String(row.map { (0x20..<0x7F).contains($0) ? Character(UnicodeScalar($0)) : "." })
        lines.append(String(format: "%05x", at) + "  " + hex.padding(toLength: bytesALine * 3, withPad: " ", startingAt: 0) + " " + ascii)
    }
    lines.append(String(format: "%05x", bytes.count))
    return lines.joined(separator: "\n")
}

/// The request's JSON, indented; its padding as a count, since it is nothing but spaces.
func printRequest(_ body: Data) -> String {
    guard let parsed = try? JSONSerialization.jsonObject(with: body),
        let data = try? JSONSerialization.data(withJSONObject: withoutPadding(parsed), options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    else { return String(decoding: body, as: UTF8.self) }
    return String(decoding: data, as: UTF8.self)
}

private func withoutPadding(_ value: Any) -> Any {
    if let list = value as? [Any] { return list.map(withoutPadding) }
    guard let fields = value as? [String: Any] else { return value }
    return Dictionary(
        uniqueKeysWithValues: fields.map { key, value in
            guard key == "pad", let pad = value as? String, pad.allSatisfy({ $0 == " " }) else { return (key, withoutPadding(value)) }
            return (key, words("(%@ spaces, so that lengths tell nothing)", "\(pad.count)"))
        })
}
