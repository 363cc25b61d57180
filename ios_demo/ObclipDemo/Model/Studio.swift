import Foundation
import ObclipKit
import Observation

/// The main screen: a prompt, what is found in it, and the picture that is made of it. The prompt is kept here alone, in memory.
@MainActor @Observable final class Studio {
    /// The page's and the command's limit.
    static let longest = 1000
    /// Device steps between previews: each decodes a picture.
    private static let previewEvery = 1

    private(set) var prompt = ""
    private(set) var reading = Reading.empty
    private(set) var decisions = Decisions()
    private(set) var machine = RunMachine()
    /// What the sheet asks about now.
    private(set) var question: [Finding]?
    /// The person chose to draw on this device alone, for now.
    private(set) var isAlone = false
    private(set) var preferences: Preferences
    private(set) var token: String
    /// What could not be kept: the Keychain or the file.
    private(set) var keepingProblem: String?

    let models: ModelManager
    let benchmark: BenchmarkModel
    private let host: Host
    private let pause: Duration
    /// Drawn before the prompt is known, so that what is shown is what is sent, to the byte.
    private var seed = Studio.freshSeed()
    private var task: Task<Void, Never>?
    private var rereading: Task<Void, Never>?
    private var answering: CheckedContinuation<[Decision], Never>?
    private var known: (cloud: CloudKey, pipeline: ObjectIdentifier)?

    /// - Parameter pause: after the last key, before the prompt is read.
    init(_ host: Host, pause: Duration = .milliseconds(250)) {
        (self.host, self.pause) = (host, pause)
        models = ModelManager(host)
        benchmark = BenchmarkModel(host, models)
        preferences = Preferences.read(host.preferencesFile)
        token = (try? host.tokens.read()) ?? ""
    }

    var isLocal: Bool { isAlone || preferences.isLocal }
    var canDraw: Bool { models.setup == .ready && !machine.isRunning && !trimmed.isEmpty }
    private var trimmed: String { prompt.trimmingCharacters(in: .whitespacesAndNewlines) }

    // MARK: For the screen's controls

    var text: String { get { prompt } set { type(newValue) } }
    var form: Preferences { get { preferences } set { set(newValue) } }
    var secret: String { get { token } set { set(preferences, token: newValue) } }
    /// Taking the sheet away refuses.
    var isAsking: Bool { get { question != nil } set { if !newValue { answer(nil) } } }

    // MARK: The words

    func type(_ text: String) {
        guard !machine.isRunning, text != prompt else { return }
        prompt = String(text.prefix(Self.longest))
        rechoose()
    }

    /// Ask again what becomes of words that were decided on.
    func rechoose() {
        decisions = Decisions()
        machine.forgetTrouble()
        renewSeed()
        read()
    }

    /// Read the prompt anew: it, or what decides about it, has changed. One reading or run at a time talks to the pipeline.
    func read() {
        let before = rereading
        before?.cancel()
        guard !trimmed.isEmpty else { return reading = .empty }
        rereading = Task { [pause] in
            await before?.value
            try? await Task.sleep(for: pause)
            guard !Task.isCancelled else { return }
            await task?.value
            guard !Task.isCancelled, let pipeline = models.pipeline else { return }
            let found = await rehearse(pipeline)
            if !Task.isCancelled { reading = found }
        }
    }

    /// For tests, and for who has to wait.
    func wait() async {
        await rereading?.value
        await task?.value
    }

    private func rehearse(_ pipeline: ObclipPipeline) async -> Reading {
        let decisions = decisions
        do {
            let settings = try await prepare(pipeline)  // the cloud too: what was spent depends on whom it was sent to
            return .known(
                try await pipeline.read(trimmed, settings: settings, seed: seed) { findings in
                    guard decisions.isSettled(findings) else { throw Undecided(findings: findings) }
                    return decisions.settled(findings)
                })
        } catch let error as Undecided {
            return .asking(error.findings)
        } catch {
            return .refused((error as? ObclipError)?.message ?? "\(Swift.type(of: error))")
        }
    }

    // MARK: The picture

    func draw() {
        guard canDraw, task == nil, let pipeline = models.pipeline else { return }
        renewSeed()
        machine.begin(isLocal: isLocal)
        rereading?.cancel()
        task = Task { [rereading] in
            await rereading?.value
            do {
                let settings = try await prepare(pipeline)
                let steps = pipeline.generate(
                    trimmed, settings: settings, seed: seed,
                    previewEvery: preferences.preview ? Self.previewEvery : 0,
                    decide: { [weak self] in await self?.decide($0) ?? $0.map { _ in .refuse } })
                for try await step in steps { note(step) }
                machine.end()
            } catch {
                machine.fail(error)
            }
            task = nil
            if machine.result == nil { read() }  // the one that this run took the place of
        }
    }

    func cancel() {
        task?.cancel()
        answer(nil)
    }

    func drawAlone() {
        setAlone(true)
        draw()
    }

    func setAlone(_ alone: Bool) {
        isAlone = alone
        machine.forgetTrouble()
        read()
    }

    private func note(_ step: Step) {
        machine.note(step)
        if case .detected(let candidates) = step { reading = .known(candidates) }
    }

    private func renewSeed() {
        guard machine.isSeedSpent else { return }
        seed = Self.freshSeed()
        machine.renewSeed()
    }

    /// From the system's generator, never from the prompt.
    private static func freshSeed() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }

    // MARK: What becomes of words

    /// Decide on the findings of the reading, without drawing.
    func settle() {
        guard case .asking(let findings) = reading, task == nil else { return }
        Task {
            _ = await decide(findings)
            read()
        }
    }

    /// What the sheet answered; `nil`, and leaving it, refuse all.
    func answer(_ chosen: [Decision]?) {
        guard let findings = question, let answering else { return }
        (question, self.answering) = (nil, nil)
        answering.resume(returning: chosen?.count == findings.count ? chosen! : findings.map { _ in .refuse })
    }

    private func decide(_ findings: [Finding]) async -> [Decision] {
        if decisions.isSettled(findings) { return decisions.settled(findings) }
        answer(nil)
        guard !Task.isCancelled else { return findings.map { _ in .refuse } }
        machine.ask()
        let chosen = await withCheckedContinuation { waiter in
            answering = waiter
            question = findings
        }
        decisions.keep(findings, chosen)
        machine.decided(chosen)
        return chosen
    }

    // MARK: The settings

    /// Holds at once, and is kept where it can be used.
    func set(_ changed: Preferences, token newToken: String? = nil) {
        keepingProblem = nil
        do {
            if let newToken, newToken != token {
                token = newToken
                try host.tokens.write(newToken)
            }
            guard changed != preferences else { return }
            preferences = changed
            if changed.problem == nil { try changed.write(host.preferencesFile) }
        } catch {
            keepingProblem = words("This could not be kept on this device; it holds until the app ends.")
        }
        machine.forgetTrouble()
        read()
    }

    /// The settings, if they can be used; the pipeline asks their cloud. It is told only of a change, since it checks each
    /// cloud anew.
    private func prepare(_ pipeline: ObclipPipeline) async throws -> Settings {
        let isLocal = isLocal
        if let problem = isLocal ? preferences.stepProblem : preferences.problem { throw ObclipError.input(problem) }
        let settings = preferences.settings(isLocal: isLocal)
        let key = CloudKey(address: preferences.cloud, token: token, pins: preferences.pinList)
        guard !isLocal, known?.cloud != key || known?.pipeline != ObjectIdentifier(pipeline) else { return settings }
        await pipeline.use(cloud: try key.client())
        known = (key, ObjectIdentifier(pipeline))
        return settings
    }
}

/// Ends a dry run: the person has to choose first.
private struct Undecided: Error {
    let findings: [Finding]
}

/// What makes a client; compared, so that it is made anew only where that is needed.
private struct CloudKey: Equatable {
    let address: String
    let token: String
    let pins: [String]

    func client() throws -> CloudClient? {
        guard !address.isEmpty else { return nil }
        return try CloudClient(address, token: token.isEmpty ? nil : token, pins: pins.isEmpty ? nil : try Pins(pins))
    }
}
