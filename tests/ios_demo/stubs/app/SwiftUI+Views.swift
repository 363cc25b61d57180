// The views of SwiftUI that the app uses.
import Foundation
import UIKit

public struct Text: View, Equatable {
    public init(verbatim text: String) { fatalError() }
    public init(_ key: LocalizedStringKey) { fatalError() }
    public func bold() -> Text { fatalError() }
    public func font(_ font: Font?) -> Text { fatalError() }
    public func foregroundStyle<S: ShapeStyle>(_ style: S) -> Text { fatalError() }
    public static func + (one: Text, other: Text) -> Text { fatalError() }
    public var body: Never { fatalError() }
}

public struct Image: View {
    public enum Interpolation { case none, low, medium, high }
    public init(systemName: String) { fatalError() }
    public init(uiImage: UIImage) { fatalError() }
    public func resizable() -> Image { fatalError() }
    public func interpolation(_ interpolation: Interpolation) -> Image { fatalError() }
    public var body: Never { fatalError() }
}

public struct Button<Label: View>: View {
    public init(action: @escaping @MainActor () -> Void, @ViewBuilder label: () -> Label) { fatalError() }
    public init(_ title: LocalizedStringKey, action: @escaping @MainActor () -> Void) where Label == Text { fatalError() }
    public init(_ title: LocalizedStringKey, role: ButtonRole?, action: @escaping @MainActor () -> Void) where Label == Text { fatalError() }
    public init(_ title: LocalizedStringKey, systemImage: String, action: @escaping @MainActor () -> Void) where Label == SwiftUI.Label { fatalError() }
    @_disfavoredOverload public init<S: StringProtocol>(_ title: S, action: @escaping @MainActor () -> Void) where Label == Text { fatalError() }
    public var body: Never { fatalError() }
}

public struct Label: View {
    public init(_ title: LocalizedStringKey, systemImage: String) { fatalError() }
    @_disfavoredOverload public init<S: StringProtocol>(_ title: S, systemImage: String) { fatalError() }
    public var body: Never { fatalError() }
}

public struct VStack<Content: View>: View {
    public init(alignment: HorizontalAlignment = .center, spacing: CGFloat? = nil, @ViewBuilder content: () -> Content) { fatalError() }
    public var body: Never { fatalError() }
}
public struct HStack<Content: View>: View {
    public init(alignment: VerticalAlignment = .center, spacing: CGFloat? = nil, @ViewBuilder content: () -> Content) { fatalError() }
    public var body: Never { fatalError() }
}
public struct ZStack<Content: View>: View { public init(@ViewBuilder content: () -> Content) { fatalError() }; public var body: Never { fatalError() } }
public struct ScrollView<Content: View>: View {
    public init(_ axes: Axis.Set = .vertical, @ViewBuilder content: () -> Content) { fatalError() }
    public var body: Never { fatalError() }
}
public struct GridItem {
    public enum Size { case fixed(CGFloat), flexible(minimum: CGFloat = 10, maximum: CGFloat = .infinity), adaptive(minimum: CGFloat, maximum: CGFloat = .infinity) }
    public init(_ size: Size = .flexible(), spacing: CGFloat? = nil, alignment: Alignment? = nil) { fatalError() }
}
public struct LazyVGrid<Content: View>: View {
    public init(columns: [GridItem], alignment: HorizontalAlignment = .center, spacing: CGFloat? = nil, @ViewBuilder content: () -> Content) { fatalError() }
    public var body: Never { fatalError() }
}
public struct ForEach<Data: RandomAccessCollection, ID: Hashable, Content: View>: View {
    public init(_ data: Data, @ViewBuilder content: @escaping (Data.Element) -> Content) where Data.Element: Identifiable, ID == Data.Element.ID { fatalError() }
    public init(_ data: Data, id: KeyPath<Data.Element, ID>, @ViewBuilder content: @escaping (Data.Element) -> Content) { fatalError() }
    public var body: Never { fatalError() }
}
public struct List<Content: View>: View { public init(@ViewBuilder content: () -> Content) { fatalError() }; public var body: Never { fatalError() } }
public struct Form<Content: View>: View { public init(@ViewBuilder content: () -> Content) { fatalError() }; public var body: Never { fatalError() } }
public struct NavigationStack<Root: View>: View { public init(@ViewBuilder root: () -> Root) { fatalError() }; public var body: Never { fatalError() } }

public struct Section<Parent: View, Content: View, Footer: View>: View {
    public init(@ViewBuilder content: () -> Content, @ViewBuilder header: () -> Parent, @ViewBuilder footer: () -> Footer) { fatalError() }
    public init(@ViewBuilder content: () -> Content, @ViewBuilder header: () -> Parent) where Footer == EmptyView { fatalError() }
    public init(@ViewBuilder content: () -> Content, @ViewBuilder footer: () -> Footer) where Parent == EmptyView { fatalError() }
    public init(@ViewBuilder content: () -> Content) where Parent == EmptyView, Footer == EmptyView { fatalError() }
    public init(_ title: LocalizedStringKey, @ViewBuilder content: () -> Content) where Parent == Text, Footer == EmptyView { fatalError() }
    public var body: Never { fatalError() }
}
public struct GroupBox<Label: View, Content: View>: View {
    public init(@ViewBuilder content: () -> Content) where Label == EmptyView { fatalError() }
    public init(@ViewBuilder content: () -> Content, @ViewBuilder label: () -> Label) { fatalError() }
    public var body: Never { fatalError() }
}
public struct DisclosureGroup<Label: View, Content: View>: View {
    public init(@ViewBuilder content: @escaping () -> Content, @ViewBuilder label: () -> Label) { fatalError() }
    public var body: Never { fatalError() }
}
public struct LabeledContent<Label: View, Content: View>: View {
    public init(@ViewBuilder content: () -> Content, @ViewBuilder label: () -> Label) { fatalError() }
    public init(_ title: LocalizedStringKey, @ViewBuilder content: () -> Content) where Label == Text { fatalError() }
    public var body: Never { fatalError() }
}
public struct ContentUnavailableView: View {
    public init(_ title: LocalizedStringKey, systemImage: String, description: Text? = nil) { fatalError() }
    public var body: Never { fatalError() }
}
public struct TextField: View {
    public init(_ title: LocalizedStringKey, text: Binding<String>) { fatalError() }
    public init(_ title: LocalizedStringKey, text: Binding<String>, axis: Axis) { fatalError() }
    public init<F: ParseableFormatStyle>(_ title: LocalizedStringKey, value: Binding<F.FormatInput>, format: F) where F.FormatOutput == String { fatalError() }
    public var body: Never { fatalError() }
}
public struct SecureField: View { public init(_ title: LocalizedStringKey, text: Binding<String>) { fatalError() }; public var body: Never { fatalError() } }
public struct Toggle: View { public init(_ title: LocalizedStringKey, isOn: Binding<Bool>) { fatalError() }; public var body: Never { fatalError() } }
public struct Stepper<Label: View>: View {
    public init<V: Strideable>(value: Binding<V>, in bounds: ClosedRange<V>, step: V.Stride = 1, @ViewBuilder label: () -> Label) { fatalError() }
    public var body: Never { fatalError() }
}
public struct Picker<Selection: Hashable, Content: View>: View {
    public init(_ title: LocalizedStringKey, selection: Binding<Selection>, @ViewBuilder content: () -> Content) { fatalError() }
    public var body: Never { fatalError() }
}
public struct ProgressView<Label: View, Value: View>: View {
    public init() where Label == EmptyView, Value == EmptyView { fatalError() }
    public init(@ViewBuilder label: () -> Label) where Value == EmptyView { fatalError() }
    public init<V: BinaryFloatingPoint>(value: V?, total: V = 1.0) where Label == EmptyView, Value == EmptyView { fatalError() }
    public init<V: BinaryFloatingPoint>(value: V?, total: V = 1.0, @ViewBuilder label: () -> Label) where Value == EmptyView { fatalError() }
    public init<V: BinaryFloatingPoint>(value: V?, total: V = 1.0, @ViewBuilder label: () -> Label, @ViewBuilder currentValueLabel: () -> Value) { fatalError() }
    public var body: Never { fatalError() }
}
public struct Menu<Label: View, Content: View>: View {
    public init(@ViewBuilder content: () -> Content, @ViewBuilder label: () -> Label) { fatalError() }
    public var body: Never { fatalError() }
}
public struct SharePreview {
    public init(_ title: Text) { fatalError() }
    public init(_ title: Text, image: Image) { fatalError() }
}
public struct ShareLink<Label: View>: View {
    public init<I: Transferable>(item: I, subject: Text? = nil, message: Text? = nil, preview: SharePreview, @ViewBuilder label: () -> Label) { fatalError() }
    public var body: Never { fatalError() }
}
public protocol TimelineSchedule {}
public struct PeriodicTimelineSchedule: TimelineSchedule {}
extension TimelineSchedule where Self == PeriodicTimelineSchedule {
    public static func periodic(from start: Date, by interval: TimeInterval) -> PeriodicTimelineSchedule { fatalError() }
}
public struct TimelineViewContext { public let date: Date }
public struct TimelineView<Schedule: TimelineSchedule, Content: View>: View {
    public init(_ schedule: Schedule, @ViewBuilder content: @escaping (TimelineViewContext) -> Content) { fatalError() }
    public var body: Never { fatalError() }
}

@MainActor @preconcurrency public protocol ToolbarContent {}
public struct ToolbarItemPlacement { public static let topBarTrailing = Self(), cancellationAction = Self(), confirmationAction = Self() }
public struct ToolbarItem<Content: View>: ToolbarContent { public init(placement: ToolbarItemPlacement, @ViewBuilder content: () -> Content) { fatalError() } }
@resultBuilder public enum ToolbarContentBuilder {
    public static func buildBlock<Content: ToolbarContent>(_ content: Content) -> Content { fatalError() }
    public static func buildBlock<A: ToolbarContent, B: ToolbarContent>(_ a: A, _ b: B) -> TupleToolbarContent { fatalError() }
}
public struct TupleToolbarContent: ToolbarContent {}

@MainActor @propertyWrapper public struct UIApplicationDelegateAdaptor<Delegate: NSObject & UIApplicationDelegate> {
    public init(_ type: Delegate.Type = Delegate.self) { fatalError() }
    public var wrappedValue: Delegate { fatalError() }
}
extension Color { public init(uiColor: UIColor) { fatalError() } }
