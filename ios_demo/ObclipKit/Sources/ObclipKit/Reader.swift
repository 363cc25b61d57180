import Foundation
import ObclipCore

/// What a run works with; a pipeline that is changed later changes no run that has begun.
struct Parts: Sendable {
    let bundle: EdgeBundle
    let runtime: any ModelRuntime
    let core: Core
    let cloud: CloudClient?
    let ledger: (any LedgerStore)?
    let tokenizer: Data
    let checked: CheckedClouds
}

/// One picture that was asked for.
struct Job: Sendable {
    let prompt: String
    let settings: Settings
    let seed: UInt64
    let previewEvery: Int
    let decide: Decide?
}

/// Whether the pipeline's cloud has shown that it serves the bundle's pair.
final class CheckedClouds: @unchecked Sendable {
    private let lock = NSLock()
    private var cloud: ObjectIdentifier?

    func isChecked(_ client: CloudClient?) -> Bool {
        lock.lock()
        defer { lock.unlock() }
        return client.map { ObjectIdentifier($0) == cloud } ?? false
    }

    func remember(_ client: CloudClient?) {
        lock.lock()
        defer { lock.unlock() }
        cloud = client.map { ObjectIdentifier($0) }
    }

    func forget() { remember(nil) }
}

/// Takes a session up to "detected": the person's decisions, and the ledger, which is on disk before anything is sent.
struct Reader {
    /// Another run may enter its draw first; this one then reads the ledger again.
    private static let mostTurns = 8
    private let parts: Parts
    private let job: Job
    private let isRehearsal: Bool
    private let coins: Data

    init(_ parts: Parts, _ job: Job, isRehearsal: Bool = false) {
        (self.parts, self.job, self.isRehearsal) = (parts, job, isRehearsal)
        coins = Random.bytes(job.settings.mechanism == .kSubset ? Int(OBCLIP_COINS) : 0)
    }

    func read(_ stop: Stop) async throws -> Session {
        var decisions: [Decision]?
        for turn in 1...Self.mostTurns {
            try stop.check()
            let ledger = try parts.ledger?.load(forWriting: !isRehearsal)
            let session = try open(ledger)
            var action = try session.next()
            if action == OBCLIP_NEEDS_DECISION {
                let made = if let decisions { decisions } else { try await asked(session) }
                try stop.check()
                for (finding, decision) in made.enumerated() { try session.decide(finding, decision) }
                decisions = made
                action = try session.next()
            }
            if action == OBCLIP_STORE {
                guard try store(session, over: ledger, isLastTurn: turn == Self.mostTurns) else { continue }
                action = try session.next()
            }
            if action == OBCLIP_STOPPED { throw try session.refusal(status: nil) }
            return session
        }
        throw ObclipError.ledger("the ledger changes too often: are many runs at work? Nothing was sent")
    }

    private func open(_ ledger: StoredLedger?) throws -> Session {
        let options = try Options(core: parts.core, values: parts.bundle.options + job.settings.options, tokenizer: parts.tokenizer)
        if let shown = parts.cloud?.shown.first { try options.set("cloud", shown) }
        if parts.checked.isChecked(parts.cloud) { try options.set("cloud_checked", "true") }
        if let ledger { try options.setLedger(ledger, now: Int64(Date().timeIntervalSince1970)) }
        return try Session(core: parts.core, options: options, prompt: job.prompt, seed: job.seed, coins: coins)
    }

    /// The person's decisions on what was found.
    private func asked(_ session: Session) async throws -> [Decision] {
        let findings = try session.findings()
        guard let decide = job.decide else {
            let words = "words outside the slots say who somebody is: decide on each (slot, generalise, allow, refuse). Nothing was sent"
            throw ObclipError.implied(words, findings: findings)
        }
        let made = try await decide(findings)
        guard made.count == findings.count else {
            throw ObclipError.input("decide gave \(made.count) decisions for \(findings.count) findings; give one for each")
        }
        return made
    }

    /// `false`: another run was first, and the prompt is read again with its ledger.
    private func store(_ session: Session, over old: StoredLedger?, isLastTurn: Bool) throws -> Bool {
        guard let store = parts.ledger, let old, !isRehearsal else {
            try session.stored(true)
            return true
        }
        let bytes = try session.data(OBCLIP_LEDGER_BYTES)
        let isStored: Bool
        do {
            isStored = try store.replace(old.bytes, with: bytes)
        } catch {
            try session.stored(false)  // whether the run may go on without the entry, the core knows
            return true
        }
        if isStored { try session.stored(true) }
        return isStored
    }
}
