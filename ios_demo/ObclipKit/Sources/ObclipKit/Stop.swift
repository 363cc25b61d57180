import Foundation

/// Ends a run from outside: a cancelled task, `interrupt()`, `close()`. Whoever waits is woken at once.
final class Stop: @unchecked Sendable {
    private let lock = NSLock()
    private var error: ObclipError?
    private var waiting: [Int: @Sendable () -> Void] = [:]
    private var last = 0

    /// The first reason counts.
    func stop(_ why: ObclipError) {
        lock.lock()
        let wake = error == nil ? Array(waiting.values) : []
        error = error ?? why
        waiting = [:]
        lock.unlock()
        wake.forEach { $0() }
    }

    /// Throws the reason if there is one, or if the task is cancelled.
    func check() throws {
        if Task.isCancelled { stop(.stopped("the picture was stopped; there is none")) }
        if let error = reason { throw error }
    }

    private var reason: ObclipError? {
        lock.lock()
        defer { lock.unlock() }
        return error
    }

    /// Runs `use`; `wake` is called, at once if need be, when the run is stopped or its task cancelled meanwhile.
    func waking<T: Sendable>(_ wake: @escaping @Sendable () -> Void, _ use: () async throws -> T) async throws -> T {
        try check()
        let ticket = enter(wake)
        defer { leave(ticket) }
        return try await withTaskCancellationHandler {
            try await use()
        } onCancel: {
            stop(.stopped("the picture was stopped; there is none"))
        }
    }

    func sleep(seconds: Double) async throws {
        guard seconds > 0 else { return }
        let task = Task { try? await Task.sleep(nanoseconds: UInt64(min(seconds, 1e6) * 1e9)) }
        _ = try await waking({ task.cancel() }, { await task.value })
        try check()
    }

    private func enter(_ wake: @escaping @Sendable () -> Void) -> Int {
        lock.lock()
        last += 1
        let (ticket, isLate) = (last, error != nil)
        if !isLate { waiting[ticket] = wake }
        lock.unlock()
        if isLate { wake() }
        return ticket
    }

    private func leave(_ ticket: Int) {
        lock.lock()
        defer { lock.unlock() }
        waiting[ticket] = nil
    }
}
