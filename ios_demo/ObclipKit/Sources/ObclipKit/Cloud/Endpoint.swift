import Foundation

/// One cloud. Its address may hold secrets; `shown` is the only form that is ever told.
struct Endpoint: Sendable, Hashable {
    let shown: String
    /// Value of the header that the address' user and password ask for, or "".
    let authorization: String
    /// What may not be printed: user, password, values of the query.
    let secrets: [String]
    private let parts: URLComponents

    var isSecure: Bool { parts.scheme == "https" }

    /// Takes an address apart. Throws ``ObclipError/cloud(_:)``, whose text holds none of its secrets.
    init(_ address: String) throws {
        guard var parts = URLComponents(string: address), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty
        else {
            let isPlain = address.rangeOfCharacter(from: CharacterSet(charactersIn: "@?#")) == nil
            throw ObclipError.cloud(
                "\(isPlain ? "'\(clean(address))'" : "the cloud's address (not shown: it may hold a secret)") is not an http(s) URL, "
                    + "e.g. http://127.0.0.1:8000")
        }
        guard parts.fragment == nil else {
            throw ObclipError.cloud("the cloud's address has a fragment ('#…'), which means nothing here: leave it out")
        }
        guard parts.port.map({ (1...65535).contains($0) }) ?? true else {
            throw ObclipError.cloud("the cloud's address has a port that is not between 1 and 65535")
        }
        let user = parts.user ?? "", password = parts.password ?? ""
        let login = user.isEmpty && password.isEmpty ? "" : Data("\(user):\(password)".utf8).base64EncodedString()
        authorization = login.isEmpty ? "" : "Basic \(login)"
        let values = (parts.queryItems ?? []).compactMap(\.value)
        secrets = ([user, password, login, parts.query ?? ""] + values).filter { !$0.isEmpty }
        parts.scheme = scheme
        parts.user = nil
        parts.password = nil
        while parts.percentEncodedPath.hasSuffix("/") { parts.percentEncodedPath.removeLast() }
        self.parts = parts
        var open = parts
        open.query = nil
        shown = open.string ?? "\(scheme)://\(host)"
    }

    /// Where `path` of the contract is: behind the base path, with the address' own query.
    func url(_ path: String) -> URL? {
        var full = parts
        full.percentEncodedPath += path
        return full.url
    }
}

/// Text from outside, fit for one line.
func clean(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.prefix(300).filter { !$0.properties.generalCategory.isHidden }))
}

extension Unicode.GeneralCategory {
    fileprivate var isHidden: Bool {
        switch self {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }
}

/// `text` without the secrets, should a server send them back; nor with the beginning of one.
func scrub(_ text: String, _ secrets: [String]) -> String {
    let shortest = 4, part = 8  // a shorter secret would be found in ordinary words, and hide nothing
    var text = text
    for secret in secrets.sorted(by: { $0.count > $1.count }) {
        if secret.count >= shortest { text = text.replacingOccurrences(of: secret, with: "…") }
        guard secret.count > part, text.contains(secret.prefix(part)) else { continue }
        for length in stride(from: secret.count - 1, through: part, by: -1) {
            text = text.replacingOccurrences(of: String(secret.prefix(length)), with: "…")
        }
    }
    return text
}
