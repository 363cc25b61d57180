#if canImport(Security)
    import Foundation
    import Security

    #if canImport(FoundationNetworking)
        import FoundationNetworking  // where the stubs of tests/ios_demo stand in for Security
    #endif

    // Certificate pins: after the system's own check, and before anything is sent.
    extension Exchange {
        func urlSession(
            _ session: URLSession, task: URLSessionTask, didReceive challenge: URLAuthenticationChallenge,
            completionHandler: @escaping @Sendable (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
        ) {
            guard challenge.protectionSpace.authenticationMethod == NSURLAuthenticationMethodServerTrust else {
                return completionHandler(.rejectProtectionSpace, nil)  // no login is taken from the system
            }
            guard let pins, !pins.haveExpired() else { return completionHandler(.performDefaultHandling, nil) }
            guard let trust = challenge.protectionSpace.serverTrust, SecTrustEvaluateWithError(trust, nil),
                let chain = SecTrustCopyCertificateChain(trust) as? [SecCertificate], let leaf = chain.first,
                pins.allow(certificate: SecCertificateCopyData(leaf) as Data)
            else {
                refusal = .unreachable(
                    "the cloud has another key than the pinned ones: somebody is in between, or it has a new key and its pin "
                        + "is needed. Nothing was sent")
                return completionHandler(.cancelAuthenticationChallenge, nil)
            }
            completionHandler(.useCredential, URLCredential(trust: trust))
        }
    }
#endif
