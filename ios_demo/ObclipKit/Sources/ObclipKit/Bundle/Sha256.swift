import Foundation

#if canImport(CryptoKit)
    import CryptoKit

    /// SHA-256 of bytes that come in pieces.
    struct Sha256 {
        private var state = SHA256()
        mutating func update(_ data: Data) { state.update(data: data) }
        mutating func finish() -> Data { Data(state.finalize()) }
    }
#else
    /// SHA-256 (FIPS 180-4) of bytes that come in pieces, where the system has no CryptoKit.
    struct Sha256 {
        private static let constants: [UInt32] = primes(64).map { root($0, 1.0 / 3.0) }
        private var state: [UInt32] = primes(8).map { root($0, 0.5) }
        private var waiting: [UInt8] = []
        private var count: UInt64 = 0

        mutating func update(_ data: Data) {
            count += UInt64(data.count)
            waiting.append(contentsOf: data)
            let whole = waiting.count / 64 * 64
            guard whole > 0 else { return }
            waiting.withUnsafeBufferPointer { buffer in
                for at in stride(from: 0, to: whole, by: 64) { Self.mix(&state, UnsafeBufferPointer(rebasing: buffer[at..<at + 64])) }
            }
            waiting.removeFirst(whole)
        }

        mutating func finish() -> Data {
            let bits = count * 8
            let zeros = (119 - Int(count % 64)) % 64
            update(Data([0x80] + [UInt8](repeating: 0, count: zeros)) + Self.big(bits))
            return state.reduce(into: Data()) { $0 += Self.big($1) }
        }

        private static func big(_ value: some FixedWidthInteger) -> Data { withUnsafeBytes(of: value.bigEndian) { Data($0) } }

        private static func mix(_ state: inout [UInt32], _ block: UnsafeBufferPointer<UInt8>) {
            var w = [UInt32](repeating: 0, count: 64)
            for i in 0..<16 {
                w[i] = (0..<4).reduce(0) { $0 << 8 | UInt32(block[4 * i + $1]) }
            }
            for i in 16..<64 {
                let a = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ (w[i - 15] >> 3)
                let b = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ (w[i - 2] >> 10)
                w[i] = w[i - 16] &+ a &+ w[i - 7] &+ b
            }
            var (a, b, c, d) = (state[0], state[1], state[2], state[3])
            var (e, f, g, h) = (state[4], state[5], state[6], state[7])
            for i in 0..<64 {
                let t1 = h &+ (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) &+ ((e & f) ^ (~e & g)) &+ constants[i] &+ w[i]
                let t2 = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) &+ ((a & b) ^ (a & c) ^ (b & c))
                (h, g, f, e, d, c, b, a) = (g, f, e, d &+ t1, c, b, a, t1 &+ t2)
            }
            for (i, value) in [a, b, c, d, e, f, g, h].enumerated() { state[i] &+= value }
        }

        private static func turn(_ value: UInt32, _ by: UInt32) -> UInt32 { value >> by | value << (32 - by) }

        /// The standard's constants are the first bits of roots of primes.
        private static func root(_ prime: Int, _ power: Double) -> UInt32 {
            let value = pow(Double(prime), power)
            return UInt32((value - value.rounded(.down)) * 4_294_967_296.0)
        }

        private static func primes(_ count: Int) -> [Int] {
            Array((2...).lazy.filter { n in !(2..<n).contains { n % $0 == 0 } }.prefix(count))
        }
    }
#endif

extension Sha256 {
    static func of(_ data: Data) -> Data {
        var state = Sha256()
        state.update(data)
        return state.finish()
    }

    /// Of a file, read in pieces.
    static func of(file: URL) throws -> Data {
        let handle = try FileHandle(forReadingFrom: file)
        defer { try? handle.close() }
        var state = Sha256()
        while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty { state.update(piece) }
        return state.finish()
    }

    static func hex(_ digest: Data) -> String { digest.map { String(format: "%02x", $0) }.joined() }
}
