import Foundation
import ObclipKit

let usage = """
    Usage: obclip-swift generate PROMPT --bundle DIR --cloud URL --out FILE.png [options]
           obclip-swift candidates PROMPT --bundle DIR [options]

      PROMPT              the text; - reads it from standard input
      --bundle DIR        the edge bundle (or OBCLIP_EDGE_BUNDLE)
      --cloud URL         cloud engine; repeatable. A token is taken from OBCLIP_TOKEN
      --out FILE          PNG to write (generate)
      --steps N --cloud-steps N --guidance X --negative TEXT --device-stride N --seed N
      --mechanism NAME    auto, closed, cover, cells, k-subset, neutral, local
      --epsilon X --max-candidates N --ledger DIR
      --on-implied WORD   refuse (default), slot, generalise, allow
      --deadline SECONDS  for the cloud's whole answer (300)
      --memory MB         that loaded graphs may take
      --json              the result as JSON; errors are JSON on standard error

    LiteRT is loaded from the path in OBCLIP_LITERT (libLiteRt.so).
    """

/// The command line, read once and checked before anything is done.
struct Arguments {
    enum Command: String { case generate, candidates }
    let command: Command
    private(set) var prompt = ""
    private(set) var settings = Settings()
    private(set) var bundle: URL?
    private(set) var clouds: [String] = []
    private(set) var out: URL?
    private(set) var ledger: URL?
    private(set) var seed: UInt64?
    private(set) var deadline = 300.0
    private(set) var memory = MemoryBudget()
    private(set) var isJson = false

    init(_ words: [String]) throws {
        var rest = words.dropFirst()
        guard let name = rest.popFirst(), let command = Command(rawValue: name) else { throw ObclipError.input(usage) }
        self.command = command
        settings.onImplied = .refuse
        var prompt: String?
        while let word = rest.popFirst() {
            if word == "--json" {
                isJson = true
            } else if word.hasPrefix("--") {
                guard let value = rest.popFirst() else { throw ObclipError.input("\(word) needs a value") }
                try set(word, value)
            } else if prompt == nil {
                prompt = word
            } else {
                throw ObclipError.input("one prompt at a time: put it in quotes")
            }
        }
        guard var prompt else { throw ObclipError.input("a prompt is missing") }
        if prompt == "-" {
            let read = FileHandle.standardInput.readDataToEndOfFile()
            guard let text = String(data: read, encoding: .utf8) else { throw ObclipError.input("the prompt is no UTF-8") }
            prompt = text.hasSuffix("\n") ? String(text.dropLast()) : text
        }
        self.prompt = prompt
        let named = ProcessInfo.processInfo.environment["OBCLIP_EDGE_BUNDLE"]
        if bundle == nil, let named { bundle = URL(fileURLWithPath: named) }
        if bundle == nil { throw ObclipError.input("--bundle is missing") }
        if command == .generate && out == nil { throw ObclipError.input("--out is missing") }
        if let out, FileManager.default.fileExists(atPath: out.path) { throw ObclipError.input("\(out.lastPathComponent) is there already") }
    }

    private mutating func set(_ name: String, _ value: String) throws {
        switch name {
        case "--bundle": bundle = URL(fileURLWithPath: value)
        case "--cloud": clouds.append(value)
        case "--out": out = URL(fileURLWithPath: value)
        case "--ledger": ledger = URL(fileURLWithPath: value)
        case "--seed": seed = try seed(value)
        case "--steps": settings.steps = try whole(name, value)
        case "--cloud-steps": settings.cloudSteps = try whole(name, value)
        case "--guidance": settings.guidanceScale = try real(name, value)
        case "--negative": settings.negativePrompt = value
        case "--device-stride": settings.deviceStride = try whole(name, value)
        case "--epsilon": settings.epsilon = try real(name, value)
        case "--max-candidates": settings.maxCandidates = try whole(name, value)
        case "--deadline": deadline = try real(name, value)
        case "--memory": memory = MemoryBudget(bytes: try whole(name, value) * 1_000_000)
        case "--mechanism": settings.mechanism = try choice(name, value)
        case "--on-implied": settings.onImplied = try choice(name, value)
        default: throw ObclipError.input("there is no option \(name)")
        }
    }

    private func whole(_ name: String, _ value: String) throws -> Int {
        guard let number = Int(value) else { throw ObclipError.input("\(name) is a whole number") }
        return number
    }

    private func real(_ name: String, _ value: String) throws -> Double {
        guard let number = Double(value), number.isFinite else { throw ObclipError.input("\(name) is a number") }
        return number
    }

    private func seed(_ value: String) throws -> UInt64 {
        let isHex = value.hasPrefix("0x") || value.utf8.count == 16
        let digits = value.hasPrefix("0x") ? String(value.dropFirst(2)) : value
        guard let seed = UInt64(digits, radix: isHex ? 16 : 10) else { throw ObclipError.input("--seed is 0 to 2^64 - 1: decimal, 0x…, or 16 hex digits") }
        return seed
    }

    private func choice<T: RawRepresentable & CaseIterable>(_ name: String, _ value: String) throws -> T where T.RawValue == String {
        guard let found = T(rawValue: value) else {
            throw ObclipError.input("\(name) is one of \(T.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return found
    }
}
