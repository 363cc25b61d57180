import Foundation

@testable import ObclipKit

/// What needs no pipeline.
@MainActor enum LogicTests {
    static func run() {
        texts()
        requests()
        choices()
        preferences()
        sources()
        times()
        machine()
    }

    private static func texts() {
        check(words("Sent %@", "50%@ %2$@"), is: "Sent 50%@ %2$@")
        check(words("%2$@ of %1$@", "a", "b"), is: "b of a")
        check(formatBytes(812), is: "812 bytes")
        check(formatBytes(4100), is: "4.1 kB")
        check(formatBytes(13_600_000), is: "13.6 MB")
        check(formatTime(ms: 84), is: "84 ms")
        check(formatTime(ms: 3200), is: "3.2 s")
        check(formatTime(ms: 125_000), is: "2 min 5 s")
        check(formatEpsilon(0), is: "ε = 0")
        check(formatEpsilon(nil), is: "no ε")
        check(nameAxis("skin_tone"), is: "skin tone")
        check(nameAxis("gender.2"), is: "gender (2)")
        check(nameSecret("identity"), is: "who it is")
        check(translate("use --mechanism k-subset"), is: "Choose “Random few” in the settings.")
        check(translate("it fits with --mechanism cover (epsilon 0, here)"), is: "It fits with “Stand-ins” of the settings.")
        check(translate("bundle.json is missing"), is: "bundle.json is missing.")
        check(translate("Stop, or choose on_implied: allow (go on knowingly)!"), is: "Stop, or choose “Let it be seen”!")
    }

    private static func requests() {
        let body = Data(#"{"b":1,"pad":"   ","a":[" "]}"#.utf8)
        let text = printRequest(body)
        check(text.contains("(3 spaces, so that lengths tell nothing)"), text)
        check(text.contains(#"" ""#), text)
        check(
            dumpHex(Data("abcdefgh".utf8) + Data(count: 32) + Data([0x7F])),
            is: "00000  61 62 63 64 65 66 67 68  abcdefgh\n00008  00 00 00 00 00 00 00 00  ........\n*\n"
                + "00028  7f                       .\n00029")
    }

    private static func finding(_ surface: String, instead: String = "", slot: String = "") -> Finding {
        Finding(axis: "age", surface: surface, value: "old", instead: instead, slot: slot, why: "w", range: 0..<1)
    }

    private static func choices() {
        let bare = Choice.all(for: finding("granny")), full = Choice.all(for: finding("granny", instead: "person", slot: "an old person"))
        check(bare.map(\.decision), is: [.slot, .generalise, .allow, .refuse])
        check(full.map(\.decision), is: bare.map(\.decision))
        check(full[0].says.contains("“an old person”") && full[1].says.contains("“person”") && bare[1].title == "Leave it out")
        var decisions = Decisions()
        let both = [finding("Granny"), finding("nun")]
        check(!decisions.isSettled(both) && decisions.settled(both) == [.refuse, .refuse])
        decisions.keep(both, [.slot, .refuse])
        check(decisions.isSettled([finding("granny")]) && !decisions.isSettled(both))
        decisions.keep(both, [.refuse, .allow])
        check(decisions.settled(both), is: [.refuse, .allow])
    }

    private static func preferences() {
        var some = Preferences()
        check(some.problem, is: nil)
        check(some.isLocal)
        for good in ["https://cloud.example", "http://localhost:8000", "http://192.168.1.4:8000/base", "http://mac.local", "HTTPS://a.example"] {
            check(Preferences.problem(cloud: good) == nil, good)
        }
        for bad in ["cloud", "http://cloud.example", "ftp://localhost", "https://a:b@c.example", "https://c.example/?k=1", "http://172.32.0.1", "http://10.0.0.1.evil.example"] {
            check(Preferences.problem(cloud: bad) != nil, bad)
        }
        some.cloud = "https://cloud.example"
        check(!some.isLocal && some.settings(isLocal: false).mechanism == .auto && some.settings(isLocal: false).epsilon == nil)
        some.mechanism = .kSubset
        check(some.settings(isLocal: false).epsilon, is: 1)
        check(some.settings(isLocal: true).with { _ in }.cloudSteps, is: 0)
        some.pins = String(repeating: "ab", count: 32)
        check(some.pinProblem != nil)
        some.pins += "\nsha256/" + Data(count: 32).base64EncodedString()
        check(some.pinProblem, is: nil)
        (some.steps, some.cloudSteps) = (5, 6)
        check(some.problem != nil)
    }

    private static func sources() {
        var source = ModelSource(mirrors: "https://a.example/m\nhttps://b.example/m/", sha256: String(repeating: "A", count: 64), bytes: 7)
        check(source.problem, is: nil)
        check(source.urls.map(\.absoluteString), is: ["https://a.example/m/", "https://b.example/m/"])
        source.bytes = 0
        check(source.problem != nil)
        source.bytes = 7
        source.mirrors = "http://far.example"
        check(source.problem != nil)
    }

    private static func times() {
        let found = Times([4, 1, 3, 2], warmup: 1, seconds: 2)
        check([found.least, found.lowQuartile, found.median, found.highQuartile, found.most], is: [1, 1.75, 2.5, 3.25, 4])
        check(Measuring.stamp(Date(timeIntervalSince1970: 0)), is: "1970-01-01T00:00:00Z")
        check("a \u{1}phone\n\u{85}".plain, is: "a  phone")
        check([String(repeating: "!", count: 300).plain.count, "\u{0}".plain.count], is: [200, 1])
        check(Heat.hotter(.fair, .critical), is: .critical)
        check(Heat.hotter(nil, .fair), is: .fair)
    }

    private static func machine() {
        let now = Date(timeIntervalSince1970: 100)
        let small = Picture(width: 1, height: 1, rgb: Data(count: 3))
        var machine = RunMachine()
        machine.note(.sent(bytes: 3))
        check(machine, is: RunMachine())  // no run: nothing to note
        machine.begin(isLocal: false)
        check(machine.run!.lines().map(\.isNow), is: [true, false, false, false])
        machine.ask()
        check(machine.run!.lines()[0].text, is: "Waiting for your choice")
        machine.decided([.slot])
        check(!machine.isSeedSpent)
        machine.note(.sent(bytes: 1200), at: now)
        check(machine.run!.lines(at: now + 4).map(\.text)[1...2], is: ["Sent 1.2 kB", "Wait for the cloud, 4 s"])
        check(machine.isSeedSpent)
        machine.note(.received(bytes: 5000))
        machine.note(.finished(DeviceStep(index: 0, total: 3, timestep: 1, preview: small)))
        machine.note(.finished(DeviceStep(index: 1, total: 3, timestep: 1, preview: nil)))
        check(machine.shown, is: small)
        check(machine.run!.lines().last!.text, is: "Finishing on this device, step 2 of 3")
        var stopped = machine
        stopped.end()
        check(stopped.trouble, is: Trouble(name: "StoppedError", message: "CancellationError", wasSent: true, isChosen: true))
        check(stopped.shown == nil && !stopped.isRunning)
        var broken = machine
        broken.fail(ObclipError.deadline("late"))
        check(broken.trouble, is: Trouble(name: "DeadlineError", message: "late", wasSent: true, isChosen: false))
        check(broken.trouble!.explained.remedies, is: [.retry, .alone])
        broken.fail(ObclipError.cloud("second"))
        check(broken.trouble!.name, is: "DeadlineError")  // it had ended
        broken.begin(isLocal: true)
        check(broken.trouble == nil && !broken.isSeedSpent && broken.run!.lines().count == 2)
        broken.decided([.allow, .refuse])
        broken.fail(ObclipError.implied("no", findings: []))
        check(broken.trouble!.isChosen && !broken.trouble!.wasSent)
        var odd = machine
        odd.fail(NSError(domain: "a secret", code: 1))
        check(odd.trouble!.message, is: "NSError")
    }
}
