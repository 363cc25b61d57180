import Foundation

extension Picture {
    /// The picture as a PNG file, not compressed, and with nothing in it but the pixels: no text, time or software.
    public var png: Data {
        var rows = Data(capacity: (3 * width + 1) * height)
        for row in 0..<height {
            rows.append(0)  // no filter
            rows += rgb.dropFirst(3 * width * row).prefix(3 * width)
        }
        let header = Png.big(UInt32(width)) + Png.big(UInt32(height)) + Data([8, 2, 0, 0, 0])
        let body = Png.chunk("IHDR", header) + Png.chunk("IDAT", Png.zlib(rows)) + Png.chunk("IEND", Data())
        return Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) + body
    }
}

private enum Png {
    static func big(_ value: UInt32) -> Data { withUnsafeBytes(of: value.bigEndian) { Data($0) } }

    static func chunk(_ name: String, _ data: Data) -> Data {
        let named = Data(name.utf8) + data
        return big(UInt32(data.count)) + named + big(crc(named))
    }

    /// Stored blocks (RFC 1950, RFC 1951).
    static func zlib(_ data: Data) -> Data {
        let most = 65535
        var out = Data([0x78, 0x01])
        for start in stride(from: 0, to: data.count, by: most) {
            let piece = data.dropFirst(start).prefix(most)
            let size = UInt16(piece.count)
            out.append(start + most >= data.count ? 1 : 0)
            withUnsafeBytes(of: size.littleEndian) { out += Data($0) }
            withUnsafeBytes(of: (~size).littleEndian) { out += Data($0) }
            out += piece
        }
        return out + big(adler(data))
    }

    private static func adler(_ data: Data) -> UInt32 {
        var a: UInt32 = 1, b: UInt32 = 0
        for byte in data {
            a = (a + UInt32(byte)) % 65521
            b = (b + a) % 65521
        }
        return b << 16 | a
    }

    private static let table: [UInt32] = (0..<256).map { n in
        (0..<8).reduce(UInt32(n)) { c, _ in c & 1 == 1 ? 0xEDB8_8320 ^ (c >> 1) : c >> 1 }
    }

    private static func crc(_ data: Data) -> UInt32 {
        ~data.reduce(0xFFFF_FFFF) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ ($0 >> 8) }
    }
}
