import XCTest
@testable import ObclipKit
final class HashTests: XCTestCase {}
