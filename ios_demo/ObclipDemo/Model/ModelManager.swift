import Foundation
import ObclipKit
import Observation

/// The models on this device: fetched, checked against their pin, opened, and freed.
@MainActor @Observable final class ModelManager {
    private(set) var setup = Setup.absent
    private(set) var pipeline: ObclipPipeline?
    /// Milliseconds from files to graphs that can be called, the first time in this process.
    private(set) var coldLoad: Double?
    var source: ModelSource
    private let host: Host
    private let store: BundleStore
    private var task: Task<Void, Never>?

    init(_ host: Host) {
        self.host = host
        store = BundleStore(folder: host.bundles)
        source = ModelSource.read(host.sourceFile)
    }

    var isBusy: Bool { task != nil }
    var bundle: EdgeBundle? { pipeline?.bundle }

    /// Open what is here already.
    func start() {
        begin { model in
            guard let folder = try await model.store.current() else { return model.setup = .absent }
            try await model.open(folder)
        }
    }

    /// Fetch what the source names, going on where it broke off, and open it.
    func fetch() {
        guard let pin = source.pin, source.problem == nil else { return setup = .failed(source.problem ?? "") }
        let (source, urls) = (source, source.urls)
        begin { model in
            try source.write(model.host.sourceFile)
            model.setup = .loading(done: 0, total: 0, file: "")
            let (news, teller) = AsyncStream.makeStream(of: BundleStore.Progress.self, bufferingPolicy: .bufferingNewest(1))
            let shown = Task { for await one in news { model.show(one) } }
            defer {
                teller.finish()
                shown.cancel()
            }
            let folder = try await model.store.install(pin, from: urls) { teller.yield($0) }
            await model.pipeline?.close()
            model.pipeline = nil
            try await model.open(folder)
        }
    }

    /// What has arrived is kept for the next time.
    func cancel() { task?.cancel() }

    /// Free the graphs, for whoever needs the memory; ``start()`` opens them again.
    func release() async {
        task?.cancel()
        await task?.value
        await pipeline?.close()
        pipeline = nil
        setup = .absent
    }

    /// Take the models off this device.
    func remove() async {
        await release()
        try? FileManager.default.removeItem(at: host.bundles)
    }

    /// For tests, and for who has to wait.
    func wait() async { await task?.value }

    private func begin(_ work: @escaping @MainActor (ModelManager) async throws -> Void) {
        guard task == nil else { return }
        task = Task {
            do {
                try await work(self)
            } catch {
                if case .stopped? = error as? ObclipError { setup = pipeline == nil ? .absent : .ready } else { fail(error) }
            }
            task = nil
        }
    }

    private func fail(_ error: any Error) {
        setup = .failed(translate((error as? ObclipError)?.message ?? "\(type(of: error))"))
    }

    private func show(_ progress: BundleStore.Progress) {
        guard case .loading = setup else { return }
        setup = progress.done < progress.total
            ? .loading(done: progress.done, total: progress.total, file: progress.file) : .preparing(0)
    }

    private func open(_ folder: URL) async throws {
        setup = .preparing(0)
        let clock = Stopwatch()
        let factory = host.runtime(nil)
        let opened = try await ObclipPipeline.open(
            bundle: folder,
            runtime: { bundle in
                clock.start()  // the files' hashes are not part of loading
                return try await factory(bundle)
            },
            ledger: FileLedgerStore(folder: host.ledger),
            progress: { [weak self] _ in await self?.advance() })
        if coldLoad == nil { coldLoad = clock.ms }
        pipeline = opened
        setup = .ready
    }

    private func advance() {
        if case .preparing(let count) = setup { setup = .preparing(count + 1) }
    }
}

/// Milliseconds on a clock that nobody sets.
final class Stopwatch: @unchecked Sendable {
    private let lock = NSLock()
    private var began = ContinuousClock.now

    func start() {
        lock.lock()
        defer { lock.unlock() }
        began = ContinuousClock.now
    }

    var ms: Double {
        lock.lock()
        defer { lock.unlock() }
        return (ContinuousClock.now - began) / .milliseconds(1)
    }
}
