import Foundation
import ObclipKit
import Observation

/// The benchmark's screen: choose what runs the graphs, measure, and share the result's file.
@MainActor @Observable final class BenchmarkModel {
    enum State: Equatable {
        case idle
        case running(String)
        case done(BenchmarkResult)
        case failed(String)
    }

    private(set) var state = State.idle
    var unit = Unit.npu
    private let host: Host
    private let models: ModelManager
    private var task: Task<Void, Never>?

    init(_ host: Host, _ models: ModelManager) { (self.host, self.models) = (host, models) }

    var canStart: Bool { task == nil && models.setup == .ready }

    /// The app's own graphs are freed meanwhile: they would take the memory that is measured.
    func start() {
        guard canStart, let folder = models.bundle?.root else { return }
        state = .running(words("loading"))
        let measuring = Measuring(host, unit) { [weak self] in await self?.tell($0) }
        task = Task { [models] in
            // The app's own first load was the process's first, on the Neural Engine; that of another unit is measured below.
            let cold = measuring.unit == .npu ? models.coldLoad : nil
            await models.release()
            do {
                state = .done(try await measuring.run(folder, cold: cold))
            } catch {
                let isStopped = if case .stopped? = error as? ObclipError { true } else { error is CancellationError }
                state = isStopped ? .idle : .failed(translate((error as? ObclipError)?.message ?? "\(type(of: error))"))
            }
            models.start()
            task = nil
        }
    }

    func cancel() { task?.cancel() }

    /// For tests, and for who has to wait.
    func wait() async { await task?.value }

    private func tell(_ phase: String) {
        if case .running = state { state = .running(phase) }
    }
}
