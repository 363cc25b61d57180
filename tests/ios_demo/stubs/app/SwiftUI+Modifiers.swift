// The modifiers of SwiftUI that the app uses, and their styles.
import Foundation
import UIKit

public protocol PrimitiveButtonStyle {}
public struct BorderedButtonStyle: PrimitiveButtonStyle {}
public struct BorderedProminentButtonStyle: PrimitiveButtonStyle {}
public struct PlainButtonStyle: PrimitiveButtonStyle {}
extension PrimitiveButtonStyle where Self == BorderedButtonStyle { public static var bordered: BorderedButtonStyle { fatalError() } }
extension PrimitiveButtonStyle where Self == BorderedProminentButtonStyle { public static var borderedProminent: BorderedProminentButtonStyle { fatalError() } }
extension PrimitiveButtonStyle where Self == PlainButtonStyle { public static var plain: PlainButtonStyle { fatalError() } }
public protocol TextFieldStyle {}
public struct RoundedBorderTextFieldStyle: TextFieldStyle {}
extension TextFieldStyle where Self == RoundedBorderTextFieldStyle { public static var roundedBorder: RoundedBorderTextFieldStyle { fatalError() } }
public protocol PickerStyle {}
public struct SegmentedPickerStyle: PickerStyle {}
extension PickerStyle where Self == SegmentedPickerStyle { public static var segmented: SegmentedPickerStyle { fatalError() } }
public protocol TextSelectability {}
public struct EnabledTextSelectability: TextSelectability {}
extension TextSelectability where Self == EnabledTextSelectability { public static var enabled: EnabledTextSelectability { fatalError() } }
public struct ScrollDismissesKeyboardMode { public static let interactively = Self() }
public struct TextInputAutocapitalization { public static let never = Self() }
public enum NavigationBarItem { public enum TitleDisplayMode { case automatic, inline, large } }

extension View {
    public func padding(_ length: CGFloat) -> some View { ModifiedContent() }
    public func padding(_ edges: Edge.Set = .all, _ length: CGFloat? = nil) -> some View { ModifiedContent() }
    public func frame(minWidth: CGFloat? = nil, maxWidth: CGFloat? = nil, alignment: Alignment = .center) -> some View { ModifiedContent() }
    public func background<S: ShapeStyle, T: Shape>(_ style: S, in shape: T) -> some View { ModifiedContent() }
    public func clipShape<T: Shape>(_ shape: T) -> some View { ModifiedContent() }
    public func opacity(_ value: Double) -> some View { ModifiedContent() }
    public func scaledToFit() -> some View { ModifiedContent() }
    public func ignoresSafeArea() -> some View { ModifiedContent() }
    public func overlay<V: View>(alignment: Alignment = .center, @ViewBuilder content: () -> V) -> some View { ModifiedContent() }
    public func font(_ font: Font?) -> some View { ModifiedContent() }
    public func foregroundStyle<S: ShapeStyle>(_ style: S) -> some View { ModifiedContent() }
    public func multilineTextAlignment(_ alignment: TextAlignment) -> some View { ModifiedContent() }
    public func lineLimit(_ range: ClosedRange<Int>) -> some View { ModifiedContent() }
    public func textSelection<S: TextSelectability>(_ selectability: S) -> some View { ModifiedContent() }
    public func disabled(_ isDisabled: Bool) -> some View { ModifiedContent() }
    public func privacySensitive(_ sensitive: Bool = true) -> some View { ModifiedContent() }
    public func tag<V: Hashable>(_ tag: V) -> some View { ModifiedContent() }
    public func controlSize(_ size: ControlSize) -> some View { ModifiedContent() }
    public func buttonStyle<S: PrimitiveButtonStyle>(_ style: S) -> some View { ModifiedContent() }
    public func textFieldStyle<S: TextFieldStyle>(_ style: S) -> some View { ModifiedContent() }
    public func pickerStyle<S: PickerStyle>(_ style: S) -> some View { ModifiedContent() }
    public func autocorrectionDisabled(_ disable: Bool = true) -> some View { ModifiedContent() }
    public func textInputAutocapitalization(_ kind: TextInputAutocapitalization?) -> some View { ModifiedContent() }
    public func keyboardType(_ type: UIKeyboardType) -> some View { ModifiedContent() }
    public func textContentType(_ type: UITextContentType?) -> some View { ModifiedContent() }
    public func focused(_ condition: FocusState<Bool>.Binding) -> some View { ModifiedContent() }
    public func scrollDismissesKeyboard(_ mode: ScrollDismissesKeyboardMode) -> some View { ModifiedContent() }
    public func navigationTitle(_ title: Text) -> some View { ModifiedContent() }
    public func navigationTitle(_ title: LocalizedStringKey) -> some View { ModifiedContent() }
    public func navigationBarTitleDisplayMode(_ mode: NavigationBarItem.TitleDisplayMode) -> some View { ModifiedContent() }
    public func toolbar<C: ToolbarContent>(@ToolbarContentBuilder content: () -> C) -> some View { ModifiedContent() }
    public func sheet<Item: Identifiable, C: View>(
        item: Binding<Item?>, onDismiss: (() -> Void)? = nil, @ViewBuilder content: @escaping (Item) -> C
    ) -> some View { ModifiedContent() }
    public func sheet<C: View>(isPresented: Binding<Bool>, onDismiss: (() -> Void)? = nil, @ViewBuilder content: @escaping () -> C) -> some View { ModifiedContent() }
    public func confirmationDialog<A: View>(_ title: LocalizedStringKey, isPresented: Binding<Bool>, @ViewBuilder actions: () -> A) -> some View { ModifiedContent() }
    public func onChange<V: Equatable>(of value: V, initial: Bool = false, _ action: @escaping (V, V) -> Void) -> some View { ModifiedContent() }
    public func onAppear(perform action: (() -> Void)? = nil) -> some View { ModifiedContent() }
    public func onDisappear(perform action: (() -> Void)? = nil) -> some View { ModifiedContent() }
    public func accessibilityLabel(_ label: Text) -> some View { ModifiedContent() }
    public func accessibilityLabel(_ label: LocalizedStringKey) -> some View { ModifiedContent() }
    public func accessibilityHidden(_ hidden: Bool) -> some View { ModifiedContent() }
    public func accessibilityElement(children: AccessibilityChildBehavior = .ignore) -> some View { ModifiedContent() }
    public func accessibilityAddTraits(_ traits: AccessibilityTraits) -> some View { ModifiedContent() }
}
