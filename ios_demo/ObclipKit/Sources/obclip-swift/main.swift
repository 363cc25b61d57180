// The SDK as a command for Linux and macOS: one picture, or what would be sent for it.
import Foundation
import ObclipKit
import ObclipLiteRT

func say(_ text: String, to handle: FileHandle = .standardOutput) { handle.write(Data((text + "\n").utf8)) }

func json(_ value: [String: Any]) -> String {
    let data = try? JSONSerialization.data(withJSONObject: value, options: [.sortedKeys, .withoutEscapingSlashes])
    return String(decoding: data ?? Data(), as: UTF8.self)
}

func hex(_ seed: UInt64) -> String { String(repeating: "0", count: 16 - String(seed, radix: 16).count) + String(seed, radix: 16) }

func described(_ c: Candidates) -> [String: Any] {
    [
        "n": c.members.count, "template": c.template, "axes": c.axes, "members": c.members, "mechanism": c.mechanism,
        "guarantee": c.guarantee, "epsilon": c.epsilon as Any? ?? NSNull(), "epsilon_spent": c.epsilonSpent,
        "epsilon_total": c.epsilonTotal as Any? ?? NSNull(), "bits": c.bits, "lexicon": c.lexicon, "notes": c.notes,
        "hints": c.hints.map { ["axis": $0.axis, "words": $0.words] }, "request_sha256": c.requestSha256,
        "request_bytes": c.body.count, "dry_run": true,
    ]
}

func described(_ receipt: Receipt) throws -> [String: Any] {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    var fields = try JSONSerialization.jsonObject(with: encoder.encode(receipt)) as? [String: Any] ?? [:]
    for name in ["epsilon", "epsilon_total"] where fields[name] == nil { fields[name] = NSNull() }
    fields["seed"] = hex(receipt.seed)
    return fields
}

func run(_ given: Arguments) async throws {
    let token = ProcessInfo.processInfo.environment["OBCLIP_TOKEN"]
    let cloud = given.clouds.isEmpty ? nil : try CloudClient(given.clouds, token: token, deadline: given.deadline)
    let ledger = given.ledger.map { FileLedgerStore(folder: $0) }
    let pipe = try await ObclipPipeline.open(
        bundle: given.bundle!, runtime: LiteRtRuntime.factory(memory: given.memory), cloud: cloud, ledger: ledger)
    switch given.command {
    case .candidates:
        let found = try await pipe.read(given.prompt, settings: given.settings, seed: given.seed ?? 0)
        if given.isJson { return say(json(found.map(described) ?? ["n": 0, "mechanism": "local", "dry_run": true])) }
        guard let found else { return say("nothing would be sent") }
        say("\(found.members.count) candidates, request \(found.body.count) bytes, sha256 \(found.requestSha256)")
        say("\(found.mechanism): \(found.guarantee)")
        found.members.forEach { say("  \($0)") }
        found.notes.forEach { say("note: \($0)", to: .standardError) }
    case .generate:
        let output = try await pipe.picture(given.prompt, settings: given.settings, seed: given.seed)
        do {
            try output.picture.png.write(to: given.out!, options: .atomic)
        } catch {
            throw ObclipError.input("\(given.out!.lastPathComponent) cannot be written: is its folder there?")
        }
        if given.isJson { return say(json(try described(output.receipt))) }
        say("\(given.out!.lastPathComponent): \(output.receipt.n) candidates, \(output.receipt.guarantee); seed 0x\(hex(output.receipt.seed))")
        output.receipt.notes.forEach { say("note: \($0)", to: .standardError) }
    }
    await pipe.close()
}

// libcurl, which Foundation uses on Linux, would take a proxy from these.
for name in ["http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"] { unsetenv(name) }
let words = CommandLine.arguments
if words.count < 2 || words.contains("--help") || words.contains("-h") {
    say(usage)
    exit(0)
}
do {
    try await run(try Arguments(words))
} catch {
    let told = error as? ObclipError ?? .device("an unexpected fault: \((error as NSError).domain) \((error as NSError).code)")
    if words.contains("--json") {
        say(json(["error": ["kind": told.name, "message": told.message, "exit_code": told.exitCode]]), to: .standardError)
    } else {
        say("error: \(told.message)", to: .standardError)
    }
    exit(told.exitCode)
}
