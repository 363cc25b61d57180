import Foundation
import ObclipKit
import Security

/// The cloud's token in the Keychain: on this device alone, readable while it is unlocked, in no backup.
struct Keychain: TokenStore, @unchecked Sendable {
    private let query: [String: Any] = [
        kSecClass as String: kSecClassGenericPassword,
        kSecAttrService as String: "org.obclip.demo",
        kSecAttrAccount as String: "cloud-token",
    ]

    func read() throws -> String {
        var found: CFTypeRef?
        let wanted = query.merging([kSecReturnData as String: true, kSecMatchLimit as String: kSecMatchLimitOne]) { $1 }
        let status = SecItemCopyMatching(wanted as CFDictionary, &found)
        if status == errSecItemNotFound { return "" }
        guard status == errSecSuccess, let data = found as? Data else { throw refusal(status) }
        return String(decoding: data, as: UTF8.self)
    }

    func write(_ token: String) throws {
        let gone = SecItemDelete(query as CFDictionary)
        guard gone == errSecSuccess || gone == errSecItemNotFound else { throw refusal(gone) }
        guard !token.isEmpty else { return }
        let kept: [String: Any] = [
            kSecValueData as String: Data(token.utf8),
            kSecAttrAccessible as String: kSecAttrAccessibleWhenUnlockedThisDeviceOnly,
        ]
        let status = SecItemAdd(query.merging(kept) { $1 } as CFDictionary, nil)
        guard status == errSecSuccess else { throw refusal(status) }
    }

    private func refusal(_ status: OSStatus) -> ObclipError { .input(words("the Keychain refuses (%@)", "\(status)")) }
}
