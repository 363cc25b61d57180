import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A cloud engine, or several that serve the same pair: they are asked in their order, each with the same bytes, beginning
/// with the one that answered last.
///
/// What goes over the wire is a function of the request alone. Retries depend on transport, status and `Retry-After`, never
/// on the latents. No redirect is followed, no cookie, cache or stored login kept; every exchange has its own connection.
public final class CloudClient: @unchecked Sendable {
    /// Bytes of latents at most: 64 candidates of large latents, twice, with room.
    static let maxResponseBytes = 32 * 1024 * 1024
    private let endpoints: [Endpoint]
    private let authorization: String?
    private let secrets: [String]
    private let pins: Pins?
    private let connectTimeout: Double
    private let deadline: Double
    private let lock = NSLock()
    private var first = 0  // the endpoint that answered last

    /// - Parameters:
    ///   - addresses: `http://` or `https://`, a base path allowed. A user, password or query is sent, and never shown.
    ///   - token: sent as `Authorization: Bearer …`.
    ///   - pins: of the cloud's public key; on Apple systems alone.
    ///   - connectTimeout: seconds for name, connection, handshake and the request.
    ///   - deadline: seconds for the whole of one call: all tries, all addresses, waiting in the cloud's queue.
    public init(
        _ addresses: [String], token: String? = nil, pins: Pins? = nil, connectTimeout: Double = 10, deadline: Double = 300
    ) throws {
        endpoints = try addresses.reduce(into: []) { known, address in
            let endpoint = try Endpoint(address)
            if !known.contains(endpoint) { known.append(endpoint) }
        }
        guard !endpoints.isEmpty else { throw ObclipError.input("no cloud address is given") }
        if let token {
            guard !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw ObclipError.input("the token must be printable ASCII without spaces")
            }
            guard endpoints.allSatisfy(\.authorization.isEmpty) else {
                throw ObclipError.input("give one login: a token, or user and password in the address")
            }
        }
        if pins != nil { try Self.checkPinning(endpoints) }
        for (name, value) in [("connectTimeout", connectTimeout), ("deadline", deadline)] where !(value > 0 && value <= 31_536_000) {
            throw ObclipError.input("\(name) must be a positive number of seconds, at most a year")
        }
        authorization = token.map { "Bearer \($0)" }
        secrets = [token].compactMap { $0 } + endpoints.flatMap(\.secrets)
        self.pins = pins
        self.connectTimeout = connectTimeout
        self.deadline = deadline
    }

    /// A client of one cloud.
    public convenience init(_ address: String, token: String? = nil, pins: Pins? = nil, deadline: Double = 300) throws {
        try self.init([address], token: token, pins: pins, deadline: deadline)
    }

    private static func checkPinning(_ endpoints: [Endpoint]) throws {
        #if canImport(Security)
            guard endpoints.allSatisfy(\.isSecure) else {
                throw ObclipError.input("pins need https:// addresses: without TLS there is no key to compare")
            }
        #else
            throw ObclipError.notSupported("pins need Apple's Security framework; here only the usual check of certificates is done")
        #endif
    }

    /// The addresses, without their secrets.
    public var shown: [String] { endpoints.map(\.shown) }

    /// What the person should know about this client.
    var notes: [String] {
        pins?.haveExpired() == true ? ["the pins of the cloud's key have expired: its certificate alone was checked; update this app"] : []
    }

    /// Address and answer of the first cloud that gives a final one.
    func send(_ request: CoreRequest, _ stop: Stop) async throws -> (shown: String, answer: Answer) {
        let until = Date(timeIntervalSinceNow: deadline)
        var tries = Tries(ordered(), until: until)
        let most = request.path == "/v1/latents" ? Self.maxResponseBytes : ExchangeLimits.smallAnswer
        let limits = ExchangeLimits(until: until, connecting: connectTimeout, body: most)
        while let (endpoint, wait) = tries.next() {
            try await stop.sleep(seconds: wait)
            try stop.check()
            do {
                let made = try make(request, endpoint)
                let answer = try await Exchange(made, shown: endpoint.shown, limits: limits, pins: pins).run(stop)
                guard Retries.again.contains(answer.status) else {
                    remember(endpoint)
                    return (endpoint.shown, try unpacked(answer, endpoint))
                }
                let busy = ObclipError.refused("the cloud at \(endpoint.shown) is busy or fails (\(answer.status)); try again later", status: answer.status)
                tries.tryLater(endpoint, busy, told: answer.headers["retry-after"] ?? "")
            } catch let fault as BrokenOff {
                tries.tryLater(endpoint, fault.error)
            } catch let error as ObclipError {
                switch error {
                case .deadline: tries.stop(endpoint, late(endpoint))
                case .unreachable, .cloud: tries.giveUp(endpoint, error)
                default: throw safe(error)
                }
            }
        }
        throw safe(tries.error())
    }

    /// The error without the client's secrets, should the other side have sent them back.
    func safe(_ error: ObclipError) -> ObclipError { error.saying { scrub($0, secrets) } }

    private func make(_ request: CoreRequest, _ endpoint: Endpoint) throws -> URLRequest {
        guard let url = endpoint.url(request.path) else {
            throw ObclipError.cloud("the cloud's address is no URL, e.g. http://127.0.0.1:8000")
        }
        var made = URLRequest(url: url)
        made.httpMethod = request.method
        made.httpShouldHandleCookies = false
        for (name, value) in request.headers { made.setValue(value, forHTTPHeaderField: name) }
        // URLSession adds the person's languages otherwise: they would tell who asks.
        made.setValue("*", forHTTPHeaderField: "accept-language")
        if let login = authorization ?? (endpoint.authorization.isEmpty ? nil : endpoint.authorization) {
            made.setValue(login, forHTTPHeaderField: "authorization")
        }
        if request.method != "GET" { made.httpBody = request.body }
        return made
    }

    /// URLSession unpacks what it was not asked to take; such an answer is refused, whatever it became.
    private func unpacked(_ answer: Answer, _ endpoint: Endpoint) throws -> Answer {
        let packed = answer.headers["content-encoding"] ?? "identity"
        guard packed.lowercased() != "identity" else { return answer }
        if answer.status == 200 {
            throw ObclipError.latent(
                "the answer of the cloud at \(endpoint.shown) cannot be used: something on the way packs answers, though 'identity' was asked for")
        }
        return Answer(status: answer.status, headers: answer.headers, body: Data(), isCut: false)
    }

    private func late(_ endpoint: Endpoint) -> ObclipError {
        .deadline(
            "the cloud at \(endpoint.shown) took over \(deadline.formatted) s for its answer; try fewer cloud steps or candidates, or a "
                + "longer deadline")
    }

    private func ordered() -> [Endpoint] {
        lock.lock()
        defer { lock.unlock() }
        return Array(endpoints[first...] + endpoints[..<first])
    }

    private func remember(_ endpoint: Endpoint) {
        lock.lock()
        defer { lock.unlock() }
        first = endpoints.firstIndex(of: endpoint) ?? 0
    }
}

/// A request as the core wants it sent.
struct CoreRequest: Sendable {
    let method: String
    let path: String
    let headers: [(String, String)]
    let body: Data
}

extension Double {
    fileprivate var formatted: String { self == rounded() ? "\(Int(self))" : "\(self)" }
}
