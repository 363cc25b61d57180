// Names and types of Apple's Security, and what its Foundation adds to URLSession for it, as Exchange+Pins.swift uses them.
import Foundation
import FoundationNetworking

public final class SecTrust: @unchecked Sendable {}
public final class SecCertificate: @unchecked Sendable {}
public typealias CFArray = NSArray
public typealias CFData = NSData

public func SecTrustEvaluateWithError(_ trust: SecTrust, _ error: UnsafeMutablePointer<NSError?>?) -> Bool { fatalError() }
public func SecTrustCopyCertificateChain(_ trust: SecTrust) -> CFArray? { fatalError() }
public func SecCertificateCopyData(_ certificate: SecCertificate) -> Data { fatalError() }

extension URLProtectionSpace {
    public var serverTrust: SecTrust? { fatalError() }
}

extension URLCredential {
    public convenience init(trust: SecTrust) { fatalError() }
}

/// FoundationNetworking's own is marked as unavailable.
public let NSURLAuthenticationMethodServerTrust = "NSURLAuthenticationMethodServerTrust"
