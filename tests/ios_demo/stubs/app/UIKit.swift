// Names and types of Apple's UIKit as the app uses them. Nothing here runs.
import Foundation

@MainActor open class UIApplication: NSObject {
    public struct ExtensionPointIdentifier: Hashable, Sendable { public static let keyboard = Self() }
    public static var shared: UIApplication { fatalError() }
    public var isIdleTimerDisabled: Bool { get { fatalError() } set { fatalError() } }
}
@MainActor public protocol UIApplicationDelegate: AnyObject {
    func application(_ application: UIApplication, shouldAllowExtensionPointIdentifier identifier: UIApplication.ExtensionPointIdentifier) -> Bool
    func application(_ application: UIApplication, shouldSaveSecureApplicationState coder: NSCoder) -> Bool
    func application(_ application: UIApplication, shouldRestoreSecureApplicationState coder: NSCoder) -> Bool
}
public final class UIColor: NSObject, @unchecked Sendable { public static let systemBackground = UIColor() }
public final class UIImage: NSObject, @unchecked Sendable { public init?(data: Data) { fatalError() } }
public enum UIKeyboardType: Int { case `default`, URL, numberPad, decimalPad }
public struct UITextContentType { public static let URL = Self() }
@MainActor public final class UIPasteboard: NSObject {
    public struct OptionsKey: Hashable, Sendable { public static let localOnly = Self(), expirationDate = Self() }
    public static var general: UIPasteboard { fatalError() }
    public func setItems(_ items: [[String: Any]], options: [OptionsKey: Any] = [:]) { fatalError() }
}
