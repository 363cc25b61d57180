import Foundation
import ObclipKit

/// A text of the String Catalog. Each `%@` stands for one of `values`, in their order; a translation may say `%2$@`.
func words(_ key: String, _ values: String...) -> String {
    var rest = Substring(NSLocalizedString(key, comment: ""))
    var out = "", next = 0
    while let found = rest.range(of: "%([1-9]\\$)?@", options: .regularExpression) {
        let at = Int(rest[found].dropFirst().prefix(1)).map { $0 - 1 } ?? next
        out += rest[..<found.lowerBound] + (at < values.count ? values[at] : "")
        rest = rest[found.upperBound...]
        next += 1
    }
    return out + rest
}

extension Mechanism {
    /// In the settings, and on receipts.
    var title: String {
        switch self {
        case .auto: return words("Automatic")
        case .closed: return words("Everything possible")
        case .cover: return words("Stand-ins")
        case .neutral: return words("Neutral")
        case .kSubset: return words("Random few")
        case .cells: return words("Cell")
        case .local: return words("This device alone")
        }
    }

    var says: String {
        switch self {
        case .auto: return words("Everything possible where that is up to 64 candidates, stand-ins beyond. The cloud learns nothing about yours (ε = 0).")
        case .closed: return words("Every way to fill your words is sent, up to 64. The cloud learns nothing about yours (ε = 0).")
        case .cover:
            return words("A fixed choice is sent, the same whoever you describe; your picture goes on from the nearest. The cloud learns nothing about yours (ε = 0).")
        case .neutral:
            return words("One candidate without the attributes is sent, and this device adds them all. The cloud learns nothing about yours (ε = 0); the picture follows your words less well.")
        case .kSubset:
            return words("A few candidates are drawn at random and kept for the same words. The cloud learns a little, at most the ε below, and this device adds it up.")
        case .cells:
            return words("One fixed group of possibilities is sent, the one that yours is in. The cloud learns which group; how many bits that is stands above the button before you draw.")
        case .local: return words("Nothing is sent. The small model draws alone, and its pictures are plainer.")
        }
    }

    /// As receipts and candidates name it.
    static func title(of name: String) -> String {
        name == "none" ? words("Nothing hidden") : Mechanism(rawValue: name)?.title ?? name
    }
}

/// A message of the core, which knows the command's options, in the words of this app.
func translate(_ message: String) -> String {
    var here = message
    for (pattern, instead) in [
        (", raise --max-candidates, or narrow an axis with --domain", ""),
        (", or raise it with 'obclip ledger budget'", ""),
        (" or choose on_implied: allow \\(go on knowingly\\)", " or choose “Let it be seen”"),
        (" or choose on_implied: .*? \\(go on knowingly\\)", " or choose what becomes of them"),
        (" \\(epsilon 0[^)]*\\)", ""),
    ] {
        here = here.replacingOccurrences(of: pattern, with: instead, options: .regularExpression)
    }
    for (before, named) in [("use ", "choose “%@” in the settings"), ("with ", "with “%@” of the settings"), ("", "“%@”")] {
        while let found = here.range(of: before + "--mechanism [\\w-]+", options: .regularExpression) {
            let name = here[found].split(separator: " ").last.map(String.init) ?? ""
            here.replaceSubrange(found, with: named.replacingOccurrences(of: "%@", with: Mechanism.title(of: name)))
        }
    }
    // A file's name stays as it is.
    if here.range(of: "^[a-z]+[ ,:]", options: .regularExpression) != nil { here = here.prefix(1).uppercased() + here.dropFirst() }
    return here.hasSuffix(".") || here.hasSuffix("!") || here.hasSuffix("?") ? here : here + "."
}

/// One of the choices about a finding.
struct Choice: Equatable, Identifiable {
    let decision: Decision
    let title: String
    let says: String
    var id: String { decision.rawValue }

    /// The four, in the order they are offered.
    static func all(for finding: Finding) -> [Choice] {
        [
            Choice(
                decision: .slot, title: words("Hide it"),
                says: finding.slot.isEmpty
                    ? words("Say it as an attribute, one possibility among all the others. The cloud does not learn that it is yours.")
                    : words("Say “%@” instead, as one possibility among all the others. The cloud does not learn that it is yours.", finding.slot)),
            finding.instead.isEmpty
                ? Choice(decision: .generalise, title: words("Leave it out"), says: words("Take the word out. The picture may lose what it meant."))
                : Choice(
                    decision: .generalise, title: words("Say less"),
                    says: words("Write “%@” instead. The picture may lose what the word meant.", finding.instead)),
            Choice(
                decision: .allow, title: words("Let it be seen"),
                says: words("Keep the word. The cloud reads it, and can guess %@.", nameSecret(finding.axis))),
            Choice(decision: .refuse, title: words("Stop"), says: words("Send nothing, so that you can change your words.")),
        ]
    }
}

/// Descriptions to tap: what the default pair can draw. Not translated: the models read English.
let examples = [
    "a woman firefighter with dark skin", "an old man with light skin", "a girl with medium skin", "a woman judge with medium-dark skin",
]
