#if canImport(FoundationNetworking)
    import Foundation
    import FoundationNetworking

    /// FoundationNetworking asks its delegate for a login behind every answer with status 401: it leaves the task waiting, and
    /// its parser ends the process over a challenge that is malformed (`Basic` without a realm). This stands between its HTTP
    /// and its session: an answer with that status comes as any other, and its end is told as
    /// `URLError.userAuthenticationRequired`, which `isWhole` knows.
    final class LoginGuard: URLProtocol, @unchecked Sendable {
        /// The system's own.
        private static let natives = URLSessionConfiguration.default.protocolClasses?.compactMap { $0 as? URLProtocol.Type } ?? []
        private var native: URLProtocol?

        private static func native(for request: URLRequest) -> URLProtocol.Type? { natives.first { $0.canInit(with: request) } }

        override class func canInit(with request: URLRequest) -> Bool { native(for: request) != nil }
        override class func canonicalRequest(for request: URLRequest) -> URLRequest { request }

        override func startLoading() {
            guard let task, let kind = Self.native(for: request) else {
                client?.urlProtocol(self, didFailWithError: URLError(.unsupportedURL) as NSError)
                return
            }
            let made = kind.init(task: task, cachedResponse: nil, client: Passing(self))
            native = made
            made.startLoading()
        }

        override func stopLoading() { native?.stopLoading() }

        /// The end of an answer that asks for a login, and no fault.
        static func isWhole(_ error: NSError, _ head: HTTPURLResponse?) -> Bool {
            head?.statusCode == 401 && error.domain == NSURLErrorDomain && error.code == URLError.userAuthenticationRequired.rawValue
        }
    }

    /// Passes on what the system's HTTP tells; called on the session's own queue alone.
    private final class Passing: NSObject, URLProtocolClient, @unchecked Sendable {
        private weak var outer: LoginGuard?
        private var status = 0

        init(_ outer: LoginGuard) { self.outer = outer }

        private func pass(_ tell: (any URLProtocolClient, LoginGuard) -> Void) {
            if let outer, let client = outer.client { tell(client, outer) }
        }

        func urlProtocol(_ native: URLProtocol, didReceive response: URLResponse, cacheStoragePolicy policy: URLCache.StoragePolicy) {
            status = (response as? HTTPURLResponse)?.statusCode ?? 0
            pass { $0.urlProtocol($1, didReceive: response, cacheStoragePolicy: policy) }
        }

        func urlProtocolDidFinishLoading(_ native: URLProtocol) {
            pass { client, outer in
                guard status == 401 else { return client.urlProtocolDidFinishLoading(outer) }
                client.urlProtocol(outer, didFailWithError: URLError(.userAuthenticationRequired) as NSError)
            }
        }

        func urlProtocol(_ native: URLProtocol, wasRedirectedTo request: URLRequest, redirectResponse: URLResponse) {
            pass { $0.urlProtocol($1, wasRedirectedTo: request, redirectResponse: redirectResponse) }
        }

        func urlProtocol(_ native: URLProtocol, cachedResponseIsValid cached: CachedURLResponse) {
            pass { $0.urlProtocol($1, cachedResponseIsValid: cached) }
        }

        func urlProtocol(_ native: URLProtocol, didLoad data: Data) { pass { $0.urlProtocol($1, didLoad: data) } }
        func urlProtocol(_ native: URLProtocol, didFailWithError error: any Error) { pass { $0.urlProtocol($1, didFailWithError: error) } }
        func urlProtocol(_ native: URLProtocol, didReceive challenge: URLAuthenticationChallenge) { pass { $0.urlProtocol($1, didReceive: challenge) } }
        func urlProtocol(_ native: URLProtocol, didCancel challenge: URLAuthenticationChallenge) { pass { $0.urlProtocol($1, didCancel: challenge) } }
    }
#endif
