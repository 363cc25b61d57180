// Names and types of Apple's UniformTypeIdentifiers as the app uses them. Nothing here runs.
public struct UTType: Sendable {
    public static let png = UTType(), json = UTType(), utf8PlainText = UTType()
    public var identifier: String { fatalError() }
}
