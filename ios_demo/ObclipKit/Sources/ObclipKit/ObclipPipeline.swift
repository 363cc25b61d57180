import Foundation
import ObclipCore

/// Prompt to picture: the closed set, the cloud's steps for all of its members, the own latent, the device's steps, decoding.
///
/// ```swift
/// let pipe = try await ObclipPipeline.open(bundle: folder, runtime: LiteRtRuntime.factory(), cloud: try CloudClient("https://cloud.example"))
/// for try await step in pipe.generate("an old woman pilot") {
///     if case .decoded(let output) = step { show(output.picture) }
/// }
/// ```
///
/// Any number of runs may go on at once: each keeps its own state, and the calls of a graph take turns.
public actor ObclipPipeline {
    /// The edge bundle that it draws with.
    public nonisolated let bundle: EdgeBundle
    private let runtime: any ModelRuntime
    private let core: Core
    private let ledger: (any LedgerStore)?
    private let tokenizer: Data
    private let checked = CheckedClouds()
    private var cloud: CloudClient?
    private var isClosed = false
    private var runs: [ObjectIdentifier: WeakRun] = [:]

    /// Opens an edge bundle (every SHA-256 is checked), its runtime and the word lists. Nothing is sent.
    ///
    /// - Parameters:
    ///   - cloud: `nil`: the device works alone, with ``Mechanism/local`` or 0 cloud steps.
    ///   - ledger: enters every request; ``Mechanism/kSubset`` needs one.
    ///   - lexicon: the word lists; default: those inside this package.
    ///   - progress: told of each graph that was loaded and run once. Without it, graphs are loaded at their first use.
    public static func open(
        bundle folder: URL, runtime: RuntimeFactory, cloud: CloudClient? = nil, ledger: (any LedgerStore)? = nil,
        lexicon: LexiconFiles? = nil, progress: (@Sendable (ModelRole) async -> Void)? = nil
    ) async throws -> ObclipPipeline {
        let bundle = try EdgeBundle.open(folder)
        let core = try (lexicon ?? LexiconFiles.packaged()).open()
        let tokenizer: Data
        do {
            tokenizer = try Data(contentsOf: bundle.url(bundle.manifest.tokenizer.file))
        } catch {
            throw ObclipError.bundle("the tokenizer cannot be read (\(Files.reason(error))): fetch or export the bundle again")
        }
        // What the core cannot work with is told now, and not at the first picture.
        do {
            let options = try Options(core: core, values: bundle.options, tokenizer: tokenizer)
            _ = try Session(core: core, options: options, prompt: "", seed: 0, coins: Data())
        } catch let error as ObclipError {
            throw ObclipError.bundle("\(EdgeBundle.manifestName): \(error.message)")
        }
        let opened = try await runtime(bundle)
        if let progress {
            do {
                for role in ModelRole.allCases {
                    try await opened.prewarm(role)
                    await progress(role)
                }
            } catch {
                await opened.close()
                throw error
            }
        }
        return ObclipPipeline(bundle, opened, core, cloud, ledger, tokenizer)
    }

    private init(
        _ bundle: EdgeBundle, _ runtime: any ModelRuntime, _ core: Core, _ cloud: CloudClient?, _ ledger: (any LedgerStore)?, _ tokenizer: Data
    ) {
        (self.bundle, self.runtime, self.core, self.cloud, self.ledger, self.tokenizer) = (bundle, runtime, core, cloud, ledger, tokenizer)
    }

    /// The version of the word lists, as it stands in every request.
    public nonisolated var lexicon: String { core.lexicon }

    /// For runs that begin later.
    public func use(cloud: CloudClient?) {
        self.cloud = cloud
        checked.forget()
    }

    /// One picture, step by step. Each step is computed when it is asked for; leaving the loop ends the run, and cancelling
    /// its task does so in the midst of a wait too.
    ///
    /// - Parameters:
    ///   - seed: of the noise, public; drawn by the operating system if `nil`.
    ///   - previewEvery: decode a preview after every so many device steps; 0: never.
    ///   - decide: asked when words outside the slots say who somebody is: one decision for each finding, in their order.
    /// - Throws: the stream throws ``ObclipError``. A loop whose task was cancelled before it asked for the next step ends
    ///   without an error, as every `AsyncSequence` of the standard library does; ``picture(_:settings:seed:decide:)`` throws.
    public nonisolated func generate(
        _ prompt: String, settings: Settings = Settings(), seed: UInt64? = nil, previewEvery: Int = 0, decide: Decide? = nil
    ) -> AsyncThrowingStream<Step, any Error> {
        let job = Job(prompt: prompt, settings: settings, seed: seed ?? Random.seed(), previewEvery: previewEvery, decide: decide)
        let run = Run(self, job)
        return AsyncThrowingStream { try await run.next() }
    }

    /// ``generate(_:settings:seed:previewEvery:decide:)`` without the steps in between.
    public nonisolated func picture(
        _ prompt: String, settings: Settings = Settings(), seed: UInt64? = nil, decide: Decide? = nil
    ) async throws -> Output {
        for try await step in generate(prompt, settings: settings, seed: seed, decide: decide) {
            if case .decoded(let output) = step { return output }
        }
        throw ObclipError.stopped("the picture was stopped; there is none")
    }

    /// What would be sent for a prompt: the same bytes, refused where a run would be refused. Nothing is sent, entered in the
    /// ledger or spent. `nil`: nothing would be sent.
    public func read(
        _ prompt: String, settings: Settings = Settings(), seed: UInt64 = 0, decide: Decide? = nil
    ) async throws -> Candidates? {
        let job = Job(prompt: prompt, settings: settings, seed: seed, previewEvery: 0, decide: decide)
        return try await Reader(try parts(), job, isRehearsal: true).read(Stop()).candidates()
    }

    /// Stops every run that was begun and has not ended: each throws ``ObclipError/stopped(_:)``, after the graph call that it
    /// is in; a wait for the cloud ends at once.
    public func interrupt() { stopAll(.stopped("it was interrupted; there is no picture")) }

    /// Stops all runs, and frees the graphs after the call in progress. A second time does nothing.
    public func close() async {
        isClosed = true
        stopAll(.stopped("the pipeline was closed; there is no picture"))
        await runtime.close()
    }

    func begin(_ run: Run, _ stop: Stop) throws -> Parts {
        runs = runs.filter { $0.value.run != nil }
        runs[ObjectIdentifier(run)] = WeakRun(run: run, stop: stop)
        return try parts()
    }

    private func parts() throws -> Parts {
        guard !isClosed else { throw ObclipError.closed("the pipeline is closed; open another with ObclipPipeline.open") }
        return Parts(
            bundle: bundle, runtime: runtime, core: core, cloud: cloud, ledger: ledger, tokenizer: tokenizer, checked: checked)
    }

    private func stopAll(_ why: ObclipError) {
        for one in runs.values where one.run != nil { one.stop.stop(why) }
    }
}

/// Asked about words outside the slots that say who somebody is.
public typealias Decide = @Sendable ([Finding]) async throws -> [Decision]

private struct WeakRun {
    weak var run: Run?
    let stop: Stop
}

/// The word lists of a core: `lexicon.bin` and `second_look.bin` of one release.
public struct LexiconFiles: Sendable {
    /// `lexicon.bin`.
    public let lexicon: URL
    /// `second_look.bin`.
    public let secondLook: URL

    /// Files of your own, of one release.
    public init(lexicon: URL, secondLook: URL) {
        self.lexicon = lexicon
        self.secondLook = secondLook
    }

    /// Those that were built into this package.
    public static func packaged() throws -> LexiconFiles {
        guard let lexicon = Bundle.module.url(forResource: "lexicon", withExtension: "bin"),
            let look = Bundle.module.url(forResource: "second_look", withExtension: "bin")
        else { throw ObclipError.lexicon("the word lists are missing from this app: build the package again") }
        return LexiconFiles(lexicon: lexicon, secondLook: look)
    }

    func open() throws -> Core {
        do {
            return try Core(lexicon: Data(contentsOf: lexicon), secondLook: Data(contentsOf: secondLook))
        } catch let error as ObclipError {
            throw error
        } catch {
            throw ObclipError.lexicon("the word lists cannot be read (\(Files.reason(error))): build the package again")
        }
    }
}
