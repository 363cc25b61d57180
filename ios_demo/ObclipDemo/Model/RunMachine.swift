import Foundation
import ObclipKit

/// One picture in the making.
struct RunState: Equatable {
    enum Stage: Equatable { case reading, asking, sent, finishing }

    var stage = Stage.reading
    /// Nothing is sent in this run.
    var isLocal: Bool
    /// Bytes of the request and of the answer; 0: not there yet.
    var up = 0
    var down = 0
    /// When the request went.
    var since: Date?
    var step = 0
    var total = 0
    var preview: Picture?
}

/// What went wrong, until the next try.
struct Trouble: Equatable {
    /// `ObclipError.name`, or "Unexpected".
    let name: String
    let message: String
    /// The request had gone.
    let wasSent: Bool
    /// The person stopped it: no fault.
    let isChosen: Bool
}

/// From the pipeline's steps to what the screen shows: idle, running, and one of picture and trouble.
struct RunMachine: Equatable {
    private(set) var run: RunState?
    private(set) var result: Output?
    private(set) var trouble: Trouble?
    /// A request or a picture was made with the seed; the next picture takes a new one.
    private(set) var isSeedSpent = false
    /// The person answered "stop".
    private var wasRefused = false

    var isRunning: Bool { run != nil }
    /// The picture, or what there is of it.
    var shown: Picture? { run.map(\.preview) ?? result?.picture }

    mutating func begin(isLocal: Bool) {
        self = RunMachine(run: RunState(isLocal: isLocal))
    }

    private init(run: RunState) { self.run = run }

    init() {}

    mutating func note(_ step: Step, at now: Date = Date()) {
        guard var run else { return }
        switch step {
        case .detected(let candidates):
            run.isLocal = candidates == nil
            run.stage = candidates == nil ? .finishing : .reading
        case .sent(let bytes):
            isSeedSpent = true
            (run.stage, run.up, run.since) = (.sent, bytes, now)
        case .received(let bytes):
            (run.stage, run.down) = (.finishing, bytes)
        case .finished(let done):
            (run.stage, run.step, run.total) = (.finishing, done.index + 1, done.total)
            run.preview = done.preview ?? run.preview
        case .decoded(let output):
            isSeedSpent = true
            result = output
            self.run = nil
            return
        }
        self.run = run
    }

    mutating func ask() { run?.stage = .asking }

    mutating func decided(_ chosen: [Decision]) {
        wasRefused = chosen.contains(.refuse)
        run?.stage = .reading
    }

    /// Whatever ends it without a picture.
    mutating func fail(_ error: any Error) {
        guard let run else { return }
        let known = error as? ObclipError
        let isStopped = if case .stopped? = known { true } else { error is CancellationError }
        // What others throw may hold anything: its type is all that is shown.
        trouble = Trouble(
            name: isStopped ? "StoppedError" : known?.name ?? "Unexpected", message: known?.message ?? "\(type(of: error))",
            wasSent: run.up > 0, isChosen: isStopped || wasRefused)
        self.run = nil
    }

    /// The loop ended: without a picture only where its task was cancelled between two steps.
    mutating func end() {
        if run != nil { fail(CancellationError()) }
    }

    mutating func forgetTrouble() { trouble = nil }
    mutating func renewSeed() { isSeedSpent = false }
}
