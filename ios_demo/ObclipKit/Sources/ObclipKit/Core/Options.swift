import Foundation
import ObclipCore

/// What a session works with; starts with the reference's defaults.
final class Options {
    let core: Core
    let handle: OpaquePointer

    init(core: Core, values: [(String, String)], tokenizer: Data) throws {
        self.core = core
        var made: OpaquePointer?
        handle = try core.locked {
            try core.check(obclip_options_new(core.handle, &made))
            return made!
        }
        for (name, value) in values { try set(name, value) }
        try core.locked { try core.check(tokenizer.withBytes { obclip_set_tokenizer(handle, $0, $1) }) }
    }

    deinit { core.locked { obclip_options_free(handle) } }

    func set(_ name: String, _ value: String) throws {
        try core.locked { try core.check(Data(value.utf8).withBytes { obclip_set(handle, name, $0, $1) }) }
    }

    func setLedger(_ ledger: StoredLedger, now: Int64) throws {
        try core.locked {
            try core.check(
                ledger.bytes.withBytes { bytes, size in
                    ledger.key.withBytes { obclip_set_ledger(handle, bytes, size, $0, $1, now) }
                })
        }
    }
}
