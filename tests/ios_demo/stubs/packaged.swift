// What SwiftPM writes for a target with resources.
import Foundation

extension Bundle {
    static var module: Bundle { fatalError() }
}
