// Names and types of Apple's SwiftUI as the app uses them, to type-check it where there is none. Nothing here runs.
@_exported import Observation
@_exported import CoreTransferable
import Foundation

// MARK: What everything stands on

@MainActor @preconcurrency public protocol View {
    associatedtype Body: View
    @ViewBuilder @MainActor @preconcurrency var body: Body { get }
}

extension Never: View { public var body: Never { fatalError() } }
extension Optional: View where Wrapped: View { public var body: Never { fatalError() } }

public struct EmptyView: View { public nonisolated init() {}; public var body: Never { fatalError() } }
public struct TupleView<T>: View { public var body: Never { fatalError() } }
public struct _ConditionalContent<A, B>: View { public var body: Never { fatalError() } }
public struct ModifiedContent: View { public var body: Never { fatalError() } }

@resultBuilder public enum ViewBuilder {
    public static func buildExpression<Content: View>(_ content: Content) -> Content { fatalError() }
    public static func buildBlock() -> EmptyView { fatalError() }
    public static func buildBlock<Content: View>(_ content: Content) -> Content { fatalError() }
    public static func buildBlock<each Content: View>(_ content: repeat each Content) -> TupleView<(repeat each Content)> { fatalError() }
    public static func buildIf<Content: View>(_ content: Content?) -> Content? { fatalError() }
    public static func buildEither<A: View, B: View>(first: A) -> _ConditionalContent<A, B> { fatalError() }
    public static func buildEither<A: View, B: View>(second: B) -> _ConditionalContent<A, B> { fatalError() }
}

@MainActor @preconcurrency public protocol App {
    associatedtype Body: Scene
    @SceneBuilder @MainActor @preconcurrency var body: Body { get }
    @MainActor @preconcurrency init()
}
extension App { @MainActor @preconcurrency public static func main() { fatalError() } }

@MainActor @preconcurrency public protocol Scene {}
@resultBuilder public enum SceneBuilder {
    public static func buildBlock<Content: Scene>(_ content: Content) -> Content { fatalError() }
}
public struct WindowGroup<Content: View>: Scene { public nonisolated init(@ViewBuilder content: () -> Content) { fatalError() } }
public enum ScenePhase: Comparable { case background, inactive, active }

// MARK: State

@propertyWrapper public struct State<Value> {
    public init(wrappedValue: Value) { fatalError() }
    public var wrappedValue: Value { get { fatalError() } nonmutating set { fatalError() } }
    public var projectedValue: Binding<Value> { fatalError() }
}

@propertyWrapper @dynamicMemberLookup public struct Binding<Value> {
    public init(projectedValue: Binding<Value>) { fatalError() }
    public var wrappedValue: Value { get { fatalError() } nonmutating set { fatalError() } }
    public var projectedValue: Binding<Value> { fatalError() }
    public subscript<Subject>(dynamicMember path: WritableKeyPath<Value, Subject>) -> Binding<Subject> { fatalError() }
}

@propertyWrapper @dynamicMemberLookup public struct Bindable<Value> {
    public init(wrappedValue: Value) where Value: AnyObject & Observable { fatalError() }
    public var wrappedValue: Value
    public var projectedValue: Bindable<Value> { fatalError() }
    public subscript<Subject>(dynamicMember path: ReferenceWritableKeyPath<Value, Subject>) -> Binding<Subject> { fatalError() }
}

@propertyWrapper public struct FocusState<Value: Hashable> {
    public init() where Value == Bool { fatalError() }
    public var wrappedValue: Value { get { fatalError() } nonmutating set { fatalError() } }
    public var projectedValue: Binding { fatalError() }
    @propertyWrapper public struct Binding {
        public init() { fatalError() }
        public var wrappedValue: Value { get { fatalError() } nonmutating set { fatalError() } }
        public var projectedValue: Binding { fatalError() }
    }
}

@propertyWrapper public struct ScaledMetric<Value: BinaryFloatingPoint> {
    public init(wrappedValue: Value) { fatalError() }
    public var wrappedValue: Value { fatalError() }
}

public struct EnvironmentValues {
    public var scenePhase: ScenePhase { fatalError() }
    public var dismiss: DismissAction { fatalError() }
}
@MainActor @preconcurrency public struct DismissAction { public func callAsFunction() { fatalError() } }

@propertyWrapper public struct Environment<Value> {
    public init(_ path: KeyPath<EnvironmentValues, Value>) { fatalError() }
    public var wrappedValue: Value { fatalError() }
}

// MARK: Values

public struct LocalizedStringKey: ExpressibleByStringLiteral, Equatable { public init(stringLiteral value: String) { fatalError() } }

public struct Font {
    public enum Design { case `default`, serif, rounded, monospaced }
    public enum TextStyle { case largeTitle, title, title2, title3, headline, subheadline, body, callout, footnote, caption, caption2 }
    public static var largeTitle: Font { fatalError() }
    public static var title2: Font { fatalError() }
    public static var title3: Font { fatalError() }
    public static var headline: Font { fatalError() }
    public static var callout: Font { fatalError() }
    public static var footnote: Font { fatalError() }
    public static var caption: Font { fatalError() }
    public static func system(_ style: TextStyle, design: Design? = nil) -> Font { fatalError() }
    public func bold() -> Font { fatalError() }
}

public protocol ShapeStyle: Sendable {}
public struct Color: ShapeStyle, View {
    public static let orange = Color(), green = Color(), red = Color(), primary = Color(), secondary = Color()
    init() {}
    public func opacity(_ value: Double) -> Color { fatalError() }
    public var body: Never { fatalError() }
}
public struct HierarchicalShapeStyle: ShapeStyle {}
public struct TintShapeStyle: ShapeStyle {}
extension ShapeStyle where Self == Color { public static var red: Color { fatalError() } }
extension ShapeStyle where Self == HierarchicalShapeStyle {
    public static var secondary: HierarchicalShapeStyle { fatalError() }
    public static var quaternary: HierarchicalShapeStyle { fatalError() }
}
extension ShapeStyle where Self == TintShapeStyle { public static var tint: TintShapeStyle { fatalError() } }

public protocol Shape: View, Sendable {}
public struct Capsule: Shape { public init() {}; public var body: Never { fatalError() } }
public struct RoundedRectangle: Shape { public init(cornerRadius: CGFloat) { fatalError() }; public var body: Never { fatalError() } }

public struct HorizontalAlignment { public static let leading = Self(), center = Self(), trailing = Self() }
public struct VerticalAlignment { public static let top = Self(), center = Self(), firstTextBaseline = Self() }
public struct Alignment { public static let center = Self(), leading = Self(), topLeading = Self(), trailing = Self() }
public enum Axis { case horizontal, vertical
    public struct Set: OptionSet, Sendable { public let rawValue: Int; public init(rawValue: Int) { self.rawValue = rawValue }; public static let horizontal = Set(rawValue: 1), vertical = Set(rawValue: 2) } }
public struct Edge { public struct Set: OptionSet, Sendable { public let rawValue: Int; public init(rawValue: Int) { self.rawValue = rawValue }; public static let all = Set(rawValue: 15), top = Set(rawValue: 1) } }
public enum TextAlignment { case leading, center, trailing }
public struct AccessibilityTraits: SetAlgebra, Sendable {
    public static let isHeader = AccessibilityTraits(), isSelected = AccessibilityTraits(), isButton = AccessibilityTraits()
    public init() {}
    public func contains(_ member: Self) -> Bool { fatalError() }
    public func union(_ other: Self) -> Self { fatalError() }
    public func intersection(_ other: Self) -> Self { fatalError() }
    public func symmetricDifference(_ other: Self) -> Self { fatalError() }
    public mutating func insert(_ member: Self) -> (inserted: Bool, memberAfterInsert: Self) { fatalError() }
    public mutating func remove(_ member: Self) -> Self? { fatalError() }
    public mutating func update(with member: Self) -> Self? { fatalError() }
    public mutating func formUnion(_ other: Self) { fatalError() }
    public mutating func formIntersection(_ other: Self) { fatalError() }
    public mutating func formSymmetricDifference(_ other: Self) { fatalError() }
    public typealias Element = AccessibilityTraits
}
public struct AccessibilityChildBehavior { public static let ignore = Self(), contain = Self(), combine = Self() }
public enum AccessibilityNotification {
    public struct Announcement { public init(_ text: String) { fatalError() }; public func post() { fatalError() } }
}
public struct ButtonRole: Equatable { public static let cancel = ButtonRole(), destructive = ButtonRole() }
public struct ControlSize { public static let small = Self(), regular = Self(), large = Self() }
