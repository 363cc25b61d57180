import Foundation

/// The graphs that a runtime has loaded, kept within a memory budget: where the next does not fit, those that wait longest are
/// freed first (the UNet before the decoder).
public struct ModelShelf<Model> {
    private let budget: MemoryBudget
    private var kept: [(role: ModelRole, model: Model, bytes: Int)] = []

    /// An empty shelf.
    public init(_ budget: MemoryBudget) { self.budget = budget }

    /// What is loaded.
    public var all: [Model] { kept.map(\.model) }
    /// Nothing is loaded.
    public var isEmpty: Bool { kept.isEmpty }

    /// A loaded graph, which is then the last to be freed.
    public mutating func use(_ role: ModelRole) -> Model? {
        guard let at = kept.firstIndex(where: { $0.role == role }) else { return nil }
        let found = kept.remove(at: at)
        kept.append(found)
        return found.model
    }

    /// Frees what has to go before a graph of that size is loaded. Throws ``ObclipError/device(_:)`` where it fits not even alone.
    public mutating func makeRoom(for role: ModelRole, fileBytes: Int) throws {
        let needed = MemoryBudget.estimate(fileBytes: fileBytes)
        while !budget.allows(needed, beside: kept.reduce(0) { $0 + $1.bytes }) {
            guard !kept.isEmpty else { throw budget.refusal(role, needed) }
            kept.removeFirst()
        }
    }

    /// Keep a graph that was loaded.
    public mutating func put(_ role: ModelRole, _ model: Model, fileBytes: Int) {
        kept.append((role, model, MemoryBudget.estimate(fileBytes: fileBytes)))
    }

    /// Let one go; its memory is free when nobody holds it.
    public mutating func remove(_ role: ModelRole) { kept.removeAll { $0.role == role } }
    /// Let all go.
    public mutating func removeAll() { kept = [] }
}
