// Names and types of Apple's CoreTransferable as the app uses them. Nothing here runs.
import Foundation
import UniformTypeIdentifiers

public protocol Transferable: Sendable {
    associatedtype Representation: TransferRepresentation
    @TransferRepresentationBuilder<Self> static var transferRepresentation: Representation { get }
}
public protocol TransferRepresentation: Sendable { associatedtype Item: Transferable }
extension TransferRepresentation {
    public func suggestedFileName(_ name: String) -> some TransferRepresentation { self }
}
@resultBuilder public enum TransferRepresentationBuilder<Item: Transferable> {
    public static func buildBlock<Content: TransferRepresentation>(_ content: Content) -> Content { fatalError() }
}
public struct DataRepresentation<Item: Transferable>: TransferRepresentation {
    public init(exportedContentType: UTType, exporting: @escaping @Sendable (Item) async throws -> Data) { fatalError() }
}
