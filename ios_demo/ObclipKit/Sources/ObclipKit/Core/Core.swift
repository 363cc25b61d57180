import Foundation
import ObclipCore

/// The device core: the word lists, opened once. Its calls take turns, since the C library wants one thread at a time.
final class Core: @unchecked Sendable {
    let handle: OpaquePointer
    private let lock = NSLock()

    /// Opens `lexicon.bin` and the second look's table.
    init(lexicon: Data, secondLook: Data) throws {
        guard obclip_abi() == UInt32(OBCLIP_ABI) else {
            throw ObclipError.notSupported("the core is of ABI \(obclip_abi()), this package is for \(OBCLIP_ABI): build both together")
        }
        var made: OpaquePointer?
        let status = lexicon.withBytes { a, m in
            secondLook.withBytes { b, n in obclip_core_new(a, m, b, n, &made) }
        }
        guard status == OBCLIP_OK, let made else { throw ObclipError.lexicon(Core.lastError(nil)) }
        handle = made
    }

    deinit { obclip_core_free(handle) }

    /// The version of the word lists, as it stands in every request.
    var lexicon: String {
        locked { text { obclip_core_lexicon(handle, $0, $1) } ?? "" }
    }

    /// Calls the library while no other thread does.
    func locked<T>(_ use: () throws -> T) rethrows -> T {
        lock.lock()
        defer { lock.unlock() }
        return try use()
    }

    /// Throws what the library said about its last call; only inside ``locked(_:)``.
    func check(_ status: obclip_status) throws {
        guard status != OBCLIP_OK else { return }
        throw ObclipError.input(Core.lastError(handle))
    }

    private static func lastError(_ core: OpaquePointer?) -> String {
        text { obclip_last_error(core, $0, $1) } ?? "the core gave no reason"
    }
}

typealias TextCall = (UnsafeMutablePointer<UnsafePointer<UInt8>?>, UnsafeMutablePointer<Int>) -> obclip_status

/// A copy of the bytes that a call hands out; `nil` where there are none now.
func bytes(_ call: TextCall) -> Data? {
    var at: UnsafePointer<UInt8>?
    var size = 0
    guard call(&at, &size) == OBCLIP_OK else { return nil }
    return at.map { Data(bytes: $0, count: size) } ?? Data()
}

func text(_ call: TextCall) -> String? {
    bytes(call).map { String(decoding: $0, as: UTF8.self) }
}

extension Data {
    /// The bytes as the C library takes them.
    func withBytes<T>(_ use: (UnsafePointer<UInt8>?, Int) throws -> T) rethrows -> T {
        try withUnsafeBytes { try use($0.bindMemory(to: UInt8.self).baseAddress, $0.count) }
    }
}
