import Foundation

/// The public keys that a cloud may have, by SHA-256 of their SubjectPublicKeyInfo (RFC 7469), beside the usual check of
/// its certificate: the key in use and a backup, so that a lost key does not lock the app out.
///
/// After `expires` they are no longer enforced, as on Android, so that an app that nobody updates does not stop working; the
/// usual check of the certificate remains, and the receipt says so.
public struct Pins: Sendable, Equatable {
    private let digests: Set<Data>
    /// From then on the system's check of certificates alone holds.
    public let expires: Date?

    /// `pins`: `sha256/BASE64`, or 64 hex digits. Throws ``ObclipError/input(_:)``.
    public init(_ pins: [String], expires: Date? = nil) throws {
        digests = try Set(
            pins.enumerated().map { number, pin in
                guard let digest = Pins.digest(pin), digest.count == 32 else {
                    throw ObclipError.input("pin \(number + 1) is not 'sha256/' with 44 characters of base64, and not 64 hex digits")
                }
                return digest
            })
        guard digests.count >= 2 else { throw ObclipError.input("pins are a list: the key in use and a backup") }
        self.expires = expires
    }

    /// Whether they hold no more.
    public func haveExpired(at now: Date = Date()) -> Bool { expires.map { now >= $0 } ?? false }

    /// Whether the key of a DER certificate is one of these.
    func allow(certificate: Data) -> Bool {
        guard let info = Pins.publicKeyInfo(certificate) else { return false }
        return digests.contains(Sha256.of(info))
    }

    private static func digest(_ pin: String) -> Data? {
        let hex = pin.replacingOccurrences(of: ":", with: "")
        if hex.count == 64, let bytes = bytes(ofHex: hex) { return bytes }
        guard pin.hasPrefix("sha256/") else { return nil }
        return Data(base64Encoded: String(pin.dropFirst(pin.hasPrefix("sha256//") ? 8 : 7)))
    }

    private static func bytes(ofHex text: String) -> Data? {
        var out = Data()
        var rest = Substring(text)
        while let byte = UInt8(rest.prefix(2), radix: 16), rest.count >= 2 {
            out.append(byte)
            rest = rest.dropFirst(2)
        }
        return rest.isEmpty ? out : nil
    }

    /// The DER bytes of a certificate's SubjectPublicKeyInfo (RFC 5280, section 4.1).
    static func publicKeyInfo(_ certificate: Data) -> Data? {
        let version: UInt8 = 0xA0, sequence: UInt8 = 0x30
        guard let outer = elements(certificate)?.first, let signed = elements(outer.content)?.first,
            let fields = elements(signed.content)?.filter({ $0.whole.first != version }),
            // serial, signature, issuer, validity, subject, subjectPublicKeyInfo
            fields.count >= 6, fields[5].whole.first == sequence
        else { return nil }
        return fields[5].whole
    }

    /// Each DER element, whole and without tag and length.
    private static func elements(_ data: Data) -> [(whole: Data, content: Data)]? {
        let bytes = [UInt8](data)
        var out: [(Data, Data)] = []
        var at = 0
        while at < bytes.count {
            guard at + 2 <= bytes.count else { return nil }
            var length = Int(bytes[at + 1])
            var start = at + 2
            if length & 0x80 != 0 {
                let count = length & 0x7F
                guard (1...4).contains(count), start + count <= bytes.count else { return nil }
                length = bytes[start..<start + count].reduce(0) { $0 << 8 | Int($1) }
                start += count
            }
            guard start + length <= bytes.count else { return nil }
            out.append((Data(bytes[at..<start + length]), Data(bytes[start..<start + length])))
            at = start + length
        }
        return out.isEmpty ? nil : out
    }
}
