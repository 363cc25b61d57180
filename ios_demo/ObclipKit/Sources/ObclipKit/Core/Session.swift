import Foundation
import ObclipCore

/// One picture in the core. Used by one run alone; every call holds the core's lock.
final class Session: @unchecked Sendable {
    private let core: Core
    let handle: OpaquePointer

    init(core: Core, options: Options, prompt: String, seed: UInt64, coins: Data) throws {
        self.core = core
        var made: OpaquePointer?
        handle = try core.locked {
            try core.check(
                Data(prompt.utf8).withBytes { text, size in
                    coins.withBytes {
                        obclip_session_new(core.handle, options.handle, text, size, seed, $0, $1, &made)
                    }
                })
            return made!
        }
    }

    deinit { core.locked { obclip_session_free(handle) } }

    /// What is to be done next.
    func next() throws -> obclip_action {
        try core.locked {
            let action = obclip_next(handle)
            if action == 0 { try core.check(OBCLIP_MISUSE) }
            return obclip_action(rawValue: UInt32(action))
        }
    }

    func text(_ field: obclip_field, _ index: Int = 0) throws -> String {
        String(decoding: try copied { obclip_get_text(handle, Int32(field.rawValue), index, $0, $1) }, as: UTF8.self)
    }

    /// All texts of a field by index.
    func texts(_ field: obclip_field, _ count: obclip_field) throws -> [String] {
        try (0..<number(count)).map { try text(field, $0) }
    }

    func data(_ field: obclip_field) throws -> Data {
        try copied { obclip_get_bytes(handle, Int32(field.rawValue), $0, $1) }
    }

    /// The numbers of a buffer: float32 or int32.
    func values<T>(_ field: obclip_field, of _: T.Type) throws -> [T] {
        let raw = try data(field)
        return [T](unsafeUninitializedCapacity: raw.count / MemoryLayout<T>.size) { buffer, count in
            count = raw.copyBytes(to: buffer) / MemoryLayout<T>.size
        }
    }

    func real(_ field: obclip_field, _ index: Int = 0) throws -> Double {
        try core.locked {
            var value = 0.0
            try core.check(obclip_get_number(handle, Int32(field.rawValue), index, &value))
            return value
        }
    }

    func number(_ field: obclip_field, _ index: Int = 0) throws -> Int { Int(try real(field, index)) }

    /// `nil` for "there is none", which the core says as NaN.
    func optional(_ field: obclip_field) throws -> Double? {
        let value = try real(field)
        return value.isNaN ? nil : value
    }

    func decide(_ finding: Int, _ decision: Decision) throws {
        try core.locked { try core.check(obclip_give_decision(handle, finding, decision.rawValue)) }
    }

    func stored(_ isStored: Bool) throws {
        try core.locked { try core.check(obclip_give_stored(handle, isStored ? 1 : 0)) }
    }

    func response(status: Int, body: Data) throws {
        try core.locked { try core.check(body.withBytes { obclip_give_response(handle, Int32(status), $0, $1) }) }
    }

    func floats(_ values: [Float]) throws {
        try core.locked {
            try core.check(values.withUnsafeBufferPointer { obclip_give_floats(handle, $0.baseAddress, $0.count) })
        }
    }

    private func copied(_ call: TextCall) throws -> Data {
        try core.locked {
            var status = OBCLIP_OK
            let found = bytes { at, size in
                status = call(at, size)
                return status
            }
            try core.check(status)
            return found ?? Data()
        }
    }
}
