import XCTest

@testable import ObclipKit

/// Hashes, and the public key that a certificate shows.
final class PinTests: XCTestCase {
    /// A self-signed certificate of openssl, and what openssl says of its key.
    private let certificate = Data(base64Encoded: """
        MIIBgTCCASegAwIBAgIUO9vjKLaMKRYXmi0pIiUITJZxSlUwCgYIKoZIzj0EAwIwFTETMBEGA1UEAwwKY2xvdWQudGVzdDAgFw0yNjExMjkxMTMwMDBaGA8y\
        MTI2MTEwNTExMzAwMFowFTETMBEGA1UEAwwKY2xvdWQudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNnudwtzSQyJNcIfJdMxWYukHKqzjmc8CuCx\
        4aH3QPzxgPMqfIMCm54ix9BUYLsS6glm5CieEoZLw39GdtZWrNKjUzBRMB0GA1UdDgQWBBTeMRCQ/qb+y53okwLMyJKTMJwkbjAfBgNVHSMEGDAWgBTeMRCQ\
        /qb+y53okwLMyJKTMJwkbjAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQD2ARhqaeTzFGnv/G5ycL0RSC7uCu+rf1E1k8QkC/JgZgIgaG5B\
        xKVVQUC1CoB/vOlczFAtFV8prkIL38Hlis86yig=
        """)!
    private let own = "sha256/x/0bHArxuwGxzwr3jrY2vx0JpuEqsimOj6j8WpQyD4U="
    private let backup = String(repeating: "ab", count: 32)

    func testSha256() {
        XCTAssertEqual(Sha256.hex(Sha256.of(Data())), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        XCTAssertEqual(Sha256.hex(Sha256.of(Data("abc".utf8))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        let million = Data(repeating: 0x61, count: 1_000_000)
        XCTAssertEqual(Sha256.hex(Sha256.of(million)), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
        for size in 0..<200 {
            var pieces = Sha256()
            for byte in million.prefix(size) { pieces.update(Data([byte])) }
            XCTAssertEqual(pieces.finish(), Sha256.of(million.prefix(size)))
        }
    }

    func testAKeyIsFoundInItsCertificate() throws {
        let pins = try Pins([backup, own])
        XCTAssertTrue(pins.allow(certificate: certificate))
        XCTAssertFalse(try Pins([backup, String(repeating: "cd", count: 32)]).allow(certificate: certificate))
        for size in stride(from: 0, to: certificate.count, by: 7) { XCTAssertFalse(pins.allow(certificate: certificate.prefix(size))) }
    }

    func testPinsAreCheckedWhenTheyAreGiven() throws {
        for wrong in [[own], [own, own], ["sha256/abc", backup], ["", own]] { XCTAssertThrowsError(try Pins(wrong), "\(wrong)") }
        let date = Date(timeIntervalSince1970: 100)
        let pins = try Pins([own, backup], expires: date)
        XCTAssertFalse(pins.haveExpired(at: Date(timeIntervalSince1970: 99)))
        XCTAssertTrue(pins.haveExpired(at: date))
        #if !canImport(Security)
            XCTAssertThrowsError(try CloudClient("https://cloud.example", pins: pins)) { XCTAssertEqual(($0 as? ObclipError)?.name, "NotSupported") }
        #endif
    }
}
