import Foundation

@testable import ObclipKit

/// The app's models with the real core, graphs and engine: what the screens show, without the screens.
@main struct AppTests {
    @MainActor static func main() async throws {
        LogicTests.run()
        let studio = try await models()
        await pictures(studio)
        await findings(studio)
        await endings(studio)
        await kept(studio)
        try await benchmark(studio)
        for failure in failures { print("FAILED \(failure)") }
        print("\(count) checks, \(failures.count) failed")
        exit(failures.isEmpty && count > 0 ? 0 : 1)
    }

    /// Fetched with a wrong pin, stopped, and fetched.
    @MainActor private static func models() async throws -> Studio {
        let studio = Studio(try .here("app"), pause: .milliseconds(1)), models = studio.models
        models.start()
        await models.wait()
        check(models.setup, is: .absent)
        models.fetch()
        check(models.setup != .absent && !models.isBusy)  // told what is missing
        let manifest = try Data(contentsOf: Host.given("BUNDLE").appendingPathComponent("bundle.json"))
        models.source = ModelSource(mirrors: Host.given("MIRROR").absoluteString, sha256: String(repeating: "0", count: 64), bytes: manifest.count)
        models.fetch()
        await models.wait()
        if case .failed(let why) = models.setup { check(why.contains("not what was pinned"), why) } else { check(false, "\(models.setup)") }
        models.source.sha256 = Sha256.hex(Sha256.of(manifest))
        models.fetch()
        models.cancel()
        await models.wait()
        check(models.setup, is: .absent)
        check(!studio.canDraw)
        models.fetch()
        await models.wait()
        check(models.setup, is: .ready)
        check(models.coldLoad ?? 0 > 0)
        let again = ModelManager(try .here("app"))
        again.start()
        await again.wait()
        check(again.setup, is: .ready)
        check(again.source, is: models.source)
        await again.release()
        check(again.setup, is: .absent)
        return studio
    }

    @MainActor private static func pictures(_ studio: Studio) async {
        var preferences = studio.preferences
        (preferences.cloud, preferences.steps, preferences.cloudSteps) = (Host.given("ENGINE").absoluteString, 5, 2)
        studio.set(preferences)
        studio.type("an old quizzaciously drawn woman with dark skin")
        await studio.wait()
        let shown = studio.reading.candidates
        check(shown?.members.count ?? 0 > 1, "\(studio.reading.cautions)")
        check(!studio.reading.chips.isEmpty && studio.reading.chips.allSatisfy { !$0.isOpen })
        check(shown?.promise.contains("ε = 0") ?? false)
        studio.draw()
        check(!studio.canDraw && studio.machine.isRunning)
        studio.type("changed while it is drawn")
        await wait("a preview", until: { studio.machine.run?.preview != nil || !studio.machine.isRunning })
        check(studio.machine.run?.preview != nil)
        await studio.wait()
        let output = studio.machine.result
        check(output?.picture.png.isEmpty == false, studio.machine.trouble?.message ?? "")
        // What was shown is what was sent, to the byte.
        check(output?.receipt.requestSha256, is: shown?.requestSha256)
        check(output?.receipt.lines.contains { $0.title == "Privacy loss" && $0.text == "ε = 0" } ?? false)
        check(studio.machine.isSeedSpent)
        studio.draw()
        await studio.wait()
        check(studio.machine.result?.receipt.seed != output?.receipt.seed)
        studio.setAlone(true)
        studio.draw()
        await studio.wait()
        check(studio.machine.result?.receipt.n, is: 0)
        check(studio.machine.result?.receipt.brief, is: "nothing was sent")
        studio.setAlone(false)
    }

    @MainActor private static func findings(_ studio: Studio) async {
        studio.type("a pregnant quizzaciously drawn pilot")
        await studio.wait()
        guard case .asking(let found) = studio.reading else { return check(false, "\(studio.reading.cautions)") }
        check(studio.reading.chips.map(\.word), is: found.map(\.surface))
        studio.draw()
        await wait("the question", until: { studio.question != nil })
        check(studio.machine.run?.stage, is: .asking)
        studio.answer(nil)  // the sheet was pulled down
        await studio.wait()
        check(studio.machine.trouble?.isChosen, is: true)
        check(studio.machine.trouble?.wasSent, is: false)
        studio.draw()
        await wait("the question", until: { studio.question != nil })
        studio.cancel()
        await studio.wait()
        check(studio.question == nil && studio.machine.result == nil && !studio.machine.isRunning)
        studio.settle()
        await wait("the question", until: { studio.question != nil })
        studio.answer(found.map { _ in .generalise })
        await wait("the reading", until: { studio.reading.candidates != nil })
        check(!studio.decisions.isEmpty && studio.machine.run == nil)
        studio.draw()
        await studio.wait()
        check(studio.machine.result != nil, studio.machine.trouble?.message ?? "")
        studio.rechoose()
        await studio.wait()
        check(studio.decisions.isEmpty)
    }

    @MainActor private static func endings(_ studio: Studio) async {
        studio.type("an old quizzaciously drawn woman")
        await studio.wait()
        var preferences = studio.preferences
        preferences.steps = 60
        studio.set(preferences)
        studio.draw()
        await wait("a step", until: { (studio.machine.run?.step ?? 0) > 1 || !studio.machine.isRunning })
        studio.cancel()
        await studio.wait()
        check(studio.machine.trouble?.name, is: "StoppedError")
        check(studio.machine.trouble?.wasSent == true && studio.machine.shown == nil && studio.canDraw)
        (preferences.steps, preferences.cloud) = (5, "http://127.0.0.1:9")
        studio.set(preferences)
        studio.draw()
        await studio.wait()
        check(studio.machine.trouble?.name, is: "UnreachableError")
        check(studio.machine.trouble?.explained.remedies.contains(.alone) ?? false)
        preferences.cloud = "http://far.example"  // over this nothing goes
        studio.set(preferences)
        studio.draw()
        await studio.wait()
        check(studio.machine.trouble?.name, is: "InputError")
        check(studio.machine.trouble?.message, is: Preferences.problem(cloud: preferences.cloud))
        studio.drawAlone()
        await studio.wait()
        check(studio.machine.result?.receipt.n, is: 0)
        preferences.cloud = ""
        studio.set(preferences)
        studio.type("")
        await studio.wait()
        check(studio.reading, is: .empty)
    }

    /// The settings come back; the token is in the Keychain alone, a setting that cannot be used nowhere.
    @MainActor private static func kept(_ studio: Studio) async {
        var preferences = studio.preferences
        preferences.mechanism = .cover
        studio.set(preferences, token: "hush-hush-token")
        preferences.steps = 0
        studio.set(preferences)
        await studio.wait()
        let file = Host.given("FOLDER").appendingPathComponent("app/preferences.json")
        let found = Preferences.read(file)
        check(found.mechanism == .cover && found.steps == 5)
        check(!((try? String(contentsOf: file, encoding: .utf8)) ?? "token").contains("token"))
        check(studio.keepingProblem, is: nil)
    }

    @MainActor private static func benchmark(_ studio: Studio) async throws {
        let host = try Host.here("app"), model = BenchmarkModel(host, studio.models)
        model.unit = .gpu
        model.start()
        await model.wait()
        // There is no such accelerator here, and no other is taken unseen.
        if case .failed = model.state {} else { check(false, "\(model.state)") }
        await studio.models.wait()
        model.unit = .cpu
        model.start()
        await wait("a phase", until: { if case .running = model.state { true } else { false } })
        model.cancel()
        await model.wait()
        check(model.state, is: .idle)
        await studio.models.wait()
        model.start()
        await model.wait()
        guard case .done(let result) = model.state else { return check(false, "\(model.state)") }
        check(result.accelerator.used == .cpu && result.phases.count == 3)
        check(try JSONDecoder().decode(BenchmarkResult.self, from: result.json), is: result)
        try result.json.write(to: Host.given("FOLDER").appendingPathComponent("swift.json"))
        await studio.models.wait()
        check(studio.models.setup, is: .ready)
        await studio.models.remove()
        check(!FileManager.default.fileExists(atPath: host.bundles.path))
    }
}
