import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Status, headers (lower-case names) and body as they came; `isCut`: the body is longer than allowed.
struct Answer: Sendable {
    var status: Int
    var headers: [String: String]
    var body: Data
    var isCut: Bool
}

/// The connection ended before the whole answer had arrived; the same request may be sent again.
struct BrokenOff: Error {
    let error: ObclipError
}

/// Bounds of one try. `until`: the deadline of the whole call.
struct ExchangeLimits: Sendable {
    let until: Date
    let connecting: Double
    /// Bytes of an answer with status 200; any other may have 64 KiB.
    let body: Int
    static let smallAnswer = 64 * 1024
}

/// One try: a connection of its own, a request, the whole answer. Whatever the other side does (a name that does not
/// resolve, headers in drips, a body without end), the wait ends at the deadline, or when the run is stopped.
final class Exchange: NSObject, @unchecked Sendable {
    private let request: URLRequest
    private let shown: String
    private let limits: ExchangeLimits
    let pins: Pins?
    /// All of the state below is used on this queue alone.
    private let queue = DispatchQueue(label: "obclip.exchange")
    private var session: URLSession?
    private var waiter: CheckedContinuation<Result<Answer, any Error>, Never>?
    private var ended: Result<Answer, any Error>?
    private var head: HTTPURLResponse?
    private var body = Data()
    private var isSent = false
    /// Why the connection was refused before anything was sent.
    var refusal: ObclipError?

    init(_ request: URLRequest, shown: String, limits: ExchangeLimits, pins: Pins?) {
        self.request = request
        self.shown = shown
        self.limits = limits
        self.pins = pins
    }

    /// The whole answer. Throws ``BrokenOff``, or an ``ObclipError``: unreachable, deadline, cloud, stopped.
    func run(_ stop: Stop) async throws -> Answer {
        let outcome = try await stop.waking({ self.queue.async { self.end(.failure(CancellationError())) } }) {
            await withCheckedContinuation { waiter in self.queue.async { self.begin(waiter) } }
        }
        try stop.check()
        return try outcome.get()
    }

    private func begin(_ waiter: CheckedContinuation<Result<Answer, any Error>, Never>) {
        if let ended { return waiter.resume(returning: ended) }
        self.waiter = waiter
        let left = limits.until.timeIntervalSinceNow
        let late = ObclipError.deadline("\(shown) did not answer in time")
        guard left > 0 else { return end(.failure(late)) }
        let delegates = OperationQueue()
        delegates.underlyingQueue = queue
        delegates.maxConcurrentOperationCount = 1
        let session = URLSession(configuration: Exchange.configuration(left), delegate: self, delegateQueue: delegates)
        self.session = session
        session.dataTask(with: request).resume()
        queue.asyncAfter(deadline: .now() + left) { [weak self] in self?.end(.failure(late)) }
        guard limits.connecting < left else { return }
        let (shown, seconds) = (shown, limits.connecting)
        queue.asyncAfter(deadline: .now() + seconds) { [weak self] in
            guard let self, !self.isSent else { return }
            self.end(.failure(ObclipError.unreachable("no connection to \(shown) within \(seconds) s")))
        }
    }

    /// No proxy; its own connection.
    private static func configuration(_ seconds: Double) -> URLSessionConfiguration {
        let configuration = URLSessionConfiguration.forgetful()
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        configuration.connectionProxyDictionary = [:]
        configuration.timeoutIntervalForRequest = seconds + 60  // the deadline's own clock is first
        configuration.timeoutIntervalForResource = seconds + 60
        configuration.httpMaximumConnectionsPerHost = 1
        #if canImport(Darwin)
            configuration.waitsForConnectivity = false
            configuration.tlsMinimumSupportedProtocolVersion = .TLSv12
        #endif
        return configuration
    }

    private func end(_ outcome: Result<Answer, any Error>) {
        guard ended == nil else { return }
        ended = outcome
        session?.invalidateAndCancel()
        session = nil
        body = Data()
        waiter?.resume(returning: outcome)
        waiter = nil
    }

    private func endWhole(isCut: Bool) {
        guard let head else { return end(.failure(noHttp())) }
        var headers: [String: String] = [:]
        for (name, value) in head.allHeaderFields { headers["\(name)".lowercased()] = "\(value)" }
        let isPacked = headers["content-encoding"].map { $0.lowercased() != "identity" } ?? false
        if !isCut, !isPacked, let told = headers["content-length"].flatMap(Int.init), told > body.count {
            return end(.failure(brokenOff("\(body.count) of \(told) bytes")))
        }
        end(.success(Answer(status: head.statusCode, headers: headers, body: body, isCut: isCut)))
    }

    private func brokenOff(_ why: String) -> BrokenOff {
        BrokenOff(error: .cloud("the cloud at \(shown) broke off before its whole answer had arrived: \(why)"))
    }

    private func noHttp() -> ObclipError {
        .cloud("\(shown) answers, but not as HTTP asks for: is the address right?")
    }

    /// A fault of the transport as an error that says what to do. The system's text is left out: it may hold the address.
    private func fault(_ error: NSError) -> any Error {
        if let refusal { return refusal }
        let to = "cannot reach the cloud at \(shown): "
        guard error.domain == NSURLErrorDomain else { return ObclipError.cloud("the way to the cloud at \(shown) failed: \(error.domain) \(error.code)") }
        switch URLError.Code(rawValue: error.code) {
        case .cannotFindHost, .dnsLookupFailed:
            return ObclipError.unreachable(to + "its name is not known; check the address and the network")
        case .cannotConnectToHost:
            return isSent ? brokenOff("connection lost") : ObclipError.unreachable(to + "connection refused; is 'obclip serve' running there?")
        case .notConnectedToInternet, .dataNotAllowed, .internationalRoamingOff, .callIsActive:
            return ObclipError.unreachable(to + "this device is offline")
        case .secureConnectionFailed:
            return ObclipError.unreachable(to + "TLS failed; is it an http:// address?")
        case .serverCertificateUntrusted, .serverCertificateHasBadDate, .serverCertificateHasUnknownRoot,
            .serverCertificateNotYetValid, .clientCertificateRejected, .clientCertificateRequired:
            return ObclipError.unreachable(to + "its certificate is not accepted")
        case .appTransportSecurityRequiresSecureConnection:
            return ObclipError.unreachable(to + "this app allows https:// addresses alone (NSAppTransportSecurity)")
        case .timedOut:
            return isSent || limits.until <= Date() ? ObclipError.deadline("\(shown) did not answer in time") : ObclipError.unreachable(to + "no connection in time")
        case .networkConnectionLost, .badServerResponse, .unknown, .cannotParseResponse, .cannotDecodeContentData, .cannotDecodeRawData:
            return isSent ? brokenOff("connection lost") : ObclipError.unreachable(to + "the connection was lost")
        case .unsupportedURL:  // what FoundationNetworking says of an answer that is no HTTP
            return noHttp()
        default:
            return ObclipError.cloud("the way to the cloud at \(shown) failed: \(error.domain) \(error.code)")
        }
    }
}

extension URLSessionConfiguration {
    /// No cookie, cache or stored login, and nobody is asked for one.
    static func forgetful() -> URLSessionConfiguration {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpCookieStorage = nil
        configuration.httpShouldSetCookies = false
        configuration.httpCookieAcceptPolicy = .never
        configuration.urlCache = nil
        configuration.urlCredentialStorage = nil
        #if canImport(FoundationNetworking)
            configuration.protocolClasses = [LoginGuard.self]
        #endif
        return configuration
    }
}

extension Exchange: URLSessionDataDelegate {
    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        completionHandler(nil)  // never followed: what was said to one cloud is not said to another
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, didSendBodyData bytesSent: Int64, totalBytesSent: Int64,
        totalBytesExpectedToSend: Int64
    ) {
        isSent = true
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        isSent = true
        head = response as? HTTPURLResponse
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        guard ended == nil else { return }
        let most = head?.statusCode == 200 ? limits.body : ExchangeLimits.smallAnswer
        body.append(data.prefix(most + 1 - body.count))
        if body.count > most { endWhole(isCut: true) }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        guard ended == nil else { return }
        #if canImport(FoundationNetworking)
            if let error, LoginGuard.isWhole(error as NSError, head) { return endWhole(isCut: false) }
        #endif
        if let error { return end(.failure(fault(error as NSError))) }
        endWhole(isCut: false)
    }
}
