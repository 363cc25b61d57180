import Foundation
import ObclipCore

/// One picture: does what the core asks for, one step at a time.
actor Run {
    private let pipeline: ObclipPipeline
    private let job: Job
    private let stop = Stop()
    private var parts: Parts?
    private var session: Session?
    private var hasEnded = false
    private var isBusy = false
    /// What the core asked for already.
    private var pending: obclip_action?
    private var hasToldOfSending = false
    private var states: [Float] = []
    private var sent: SentFields?
    private var cloud = ""
    private var status: Int?
    private var clock = PhaseClock()

    init(_ pipeline: ObclipPipeline, _ job: Job) { (self.pipeline, self.job) = (pipeline, job) }

    /// The next step; `nil` after the last.
    func next() async throws -> Step? {
        guard !isBusy else { throw ObclipError.input("one run is one loop: a second one asked for a step meanwhile") }
        guard !hasEnded else { return nil }
        isBusy = true
        defer { isBusy = false }
        do {
            let step = try await advance()
            if case .decoded = step { end() }
            return step
        } catch {
            end()
            throw told(error)
        }
    }

    private func end() {
        hasEnded = true
        session = nil
        states = []
    }

    /// An error of this package, without the secrets of the cloud's address.
    private func told(_ error: any Error) -> any Error {
        if error is CancellationError { return ObclipError.stopped("the picture was stopped; there is none") }
        guard let error = error as? ObclipError else { return error }  // thrown by the app's own closure
        return parts?.cloud?.safe(error) ?? error
    }

    private func advance() async throws -> Step {
        try stop.check()
        guard let session, let parts else { return try await begin() }
        while true {
            try stop.check()
            let action = try pending ?? session.next()
            pending = nil
            switch action {
            case OBCLIP_SEND:
                if let step = try await send(session, parts) { return step }
            case OBCLIP_ENCODE_TEXT:
                let rows = try session.number(OBCLIP_ROWS), ids = try session.values(OBCLIP_TOKENS, of: Int32.self)
                states = try await timing("finish") { try await parts.runtime.encodeText(ids, rows: rows) }
                try session.floats(states)
            case OBCLIP_DENOISE:
                try await denoise(session, parts)
            case OBCLIP_STEP:
                return .finished(try await deviceStep(session, parts))
            case OBCLIP_DECODE:
                let latent = try session.values(OBCLIP_LATENT_FLOATS, of: Float.self)
                let decoded = try await timing("decode") { try await parts.runtime.decode(latent) }
                try session.floats(decoded)
            case OBCLIP_DONE:
                return .decoded(Output(picture: try session.picture(), receipt: try await receipt(session, parts)))
            case OBCLIP_STOPPED:
                throw try session.refusal(status: status)
            default:
                throw ObclipError.notSupported("the core asks for what this package does not know: build both together")
            }
        }
    }

    /// What `use` took is added to its phase.
    private func timing<T: Sendable>(_ phase: String, _ use: () async throws -> T) async throws -> T {
        let start = DispatchTime.now()
        defer { clock.add(phase, since: start) }
        return try await use()
    }

    private func begin() async throws -> Step {
        clock.begin()
        let parts = try await pipeline.begin(self, stop)
        self.parts = parts
        let session = try await timing("detect") { try await Reader(parts, job).read(stop) }
        self.session = session
        let candidates = try session.candidates()
        if let candidates { sent = try? JSONDecoder().decode(SentFields.self, from: candidates.body) }
        if candidates != nil && parts.cloud == nil {
            throw ObclipError.input("no cloud was given: open the pipeline with one, or set cloudSteps to 0 to stay on the device")
        }
        return .detected(candidates)
    }

    /// One exchange; a step to tell of, before the prompt's request and after its answer.
    private func send(_ session: Session, _ parts: Parts) async throws -> Step? {
        let request = try session.request()
        let isPrompt = request.method != "GET"
        if isPrompt && !hasToldOfSending {
            hasToldOfSending = true
            pending = OBCLIP_SEND
            return .sent(bytes: request.body.count)
        }
        guard let client = parts.cloud else { throw ObclipError.input("no cloud was given: open the pipeline with one") }
        let (shown, answer) = try await timing("cloud") { try await client.send(request, stop) }
        (cloud, status) = (shown, answer.status)
        try session.response(status: answer.status, body: answer.body)
        guard isPrompt else { return nil }
        let action = try session.next()
        if action == OBCLIP_STOPPED { throw try session.refusal(status: status) }
        parts.checked.remember(client)
        pending = action
        return .received(bytes: answer.body.count)
    }

    private func denoise(_ session: Session, _ parts: Parts) async throws {
        let rows = try session.number(OBCLIP_ROWS), timestep = try session.real(OBCLIP_TIMESTEP)
        let latent = try session.values(OBCLIP_SAMPLE, of: Float.self)
        // The texts were encoded as two rows: the prompt, and the negative prompt that guidance alone asks for.
        let wanted = rows == 2 ? states : Array(states.prefix(states.count / 2))
        let output = try await timing("finish") {
            try await parts.runtime.denoise(latent, timestep: timestep, states: wanted, rows: rows)
        }
        try session.floats(output)
    }

    private func deviceStep(_ session: Session, _ parts: Parts) async throws -> DeviceStep {
        let index = try session.number(OBCLIP_STEP_INDEX) - 1, total = try session.number(OBCLIP_STEPS)
        let timestep = try session.real(OBCLIP_TIMESTEP)
        var preview: Picture?
        if job.previewEvery > 0, (index + 1) % job.previewEvery == 0, index + 1 < total {
            let latent = try session.values(OBCLIP_LATENT_FLOATS, of: Float.self)
            preview = try await self.preview(latent, parts)
        }
        return DeviceStep(index: index, total: total, timestep: timestep, preview: preview)
    }

    /// A latent on its way, decoded for show; the picture that counts is the core's.
    private func preview(_ latent: [Float], _ parts: Parts) async throws -> Picture {
        let manifest = parts.bundle.manifest, side = manifest.imageSize
        let scale = Float(manifest.scalingFactor), shift = Float(manifest.shiftFactor)
        let planes = try await parts.runtime.decode(latent.map { $0 / scale + shift })
        guard planes.count == 3 * side * side, planes.allSatisfy(\.isFinite) else {
            throw ObclipError.latent("the preview is not finite; the edge bundle does not suit this device, or the cloud's latents are no good")
        }
        var rgb = Data(count: planes.count)
        for pixel in 0..<side * side {
            for channel in 0..<3 {
                rgb[3 * pixel + channel] = UInt8(min(max((planes[channel * side * side + pixel] + 1) * 127.5, 0), 255).rounded())
            }
        }
        return Picture(width: side, height: side, rgb: rgb)
    }

    private func receipt(_ session: Session, _ parts: Parts) async throws -> Receipt {
        let isLocal = try session.number(OBCLIP_MEMBERS) == 0
        return Receipt(
            mechanism: try session.text(OBCLIP_MECHANISM), epsilon: try session.optional(OBCLIP_EPSILON),
            epsilonSpent: try session.real(OBCLIP_EPSILON_SPENT), epsilonTotal: try session.optional(OBCLIP_EPSILON_TOTAL),
            bits: try session.real(OBCLIP_BITS), guarantee: try session.text(OBCLIP_GUARANTEE), hints: try session.hints(),
            n: try session.number(OBCLIP_MEMBERS), template: try session.text(OBCLIP_TEMPLATE),
            axes: isLocal ? [] : try session.texts(OBCLIP_AXIS, OBCLIP_AXES), lexicon: try session.text(OBCLIP_LEXICON_VERSION),
            steps: try sent?.steps ?? session.number(OBCLIP_STEPS), cloudSteps: sent?.cloudSteps ?? 0, plan: sent?.plan ?? "local",
            seed: job.seed, bytesUp: try session.number(OBCLIP_BYTES_UP), bytesDown: try session.number(OBCLIP_BYTES_DOWN),
            requestSha256: try session.text(OBCLIP_REQUEST_SHA256), cloud: cloud, runtime: await parts.runtime.report(),
            ms: clock.told(),
            notes: try session.texts(OBCLIP_NOTE, OBCLIP_NOTES) + parts.bundle.notes + (isLocal ? [] : parts.cloud?.notes ?? []))
    }
}

/// Adds up milliseconds by phase, on a clock that nobody sets.
struct PhaseClock {
    private var ms: [String: Double] = ["detect": 0, "cloud": 0, "finish": 0, "decode": 0]
    private var began = DispatchTime.now()

    mutating func begin() { began = DispatchTime.now() }

    mutating func add(_ phase: String, since start: DispatchTime) { ms[phase]! += PhaseClock.ms(since: start) }

    func told() -> [String: Double] {
        ms.merging(["total": PhaseClock.ms(since: began)]) { $1 }.mapValues { ($0 * 10).rounded() / 10 }
    }

    private static func ms(since start: DispatchTime) -> Double {
        Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e6
    }
}
