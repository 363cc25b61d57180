import Foundation
import ObclipKit

/// What one picture disclosed and took, line by line.
struct ReceiptLine: Equatable, Identifiable {
    let title: String
    let text: String
    var id: String { title }
}

extension Receipt {
    var brief: String {
        n == 0 ? words("nothing was sent") : words("%@ sent, %@", formatBytes(bytesUp), formatEpsilon(epsilon))
    }

    var lines: [ReceiptLine] {
        let phases = [
            ("detect", words("Reading")), ("cloud", words("Cloud’s time")), ("finish", words("Finishing")), ("decode", words("Decoding")),
            ("total", words("In all")),
        ]
        var told: [(String, String)] = [(words("Way of asking"), Mechanism.title(of: mechanism)), (words("Promise"), guarantee)]
        told += n == 0 ? [(words("Sent"), words("nothing"))] : exchanged
        told.append((words("Steps"), words("%@ in the cloud, %@ here", "\(cloudSteps)", "\(steps - cloudSteps)")))
        told.append((words("Ran on"), ranOn))
        for (phase, name) in phases {
            if let taken = ms[phase] { told.append((name, formatTime(ms: taken))) }
        }
        told += [(words("Word lists"), lexicon), (words("Seed"), "\(seed)")]
        return told.filter { !$0.1.isEmpty }.map { ReceiptLine(title: $0.0, text: $0.1) }
    }

    private var exchanged: [(String, String)] {
        let hidden = axes.map(nameAxis).joined(separator: ", ")
        let readable = hints.map { "\($0.words) (\(nameAxis($0.axis)))" }.joined(separator: ", ")
        return [
            (words("Privacy loss"), loss), (words("Candidates"), "\(n)"), (words("Hidden"), hidden.isEmpty ? words("nothing") : hidden),
            (words("Still readable"), readable.isEmpty ? words("no hint that is known") : readable), (words("Cloud"), cloud),
            (words("Sent"), formatBytes(bytesUp)), (words("Received"), formatBytes(bytesDown)),
            (words("SHA-256 of the request"), requestSha256),
        ]
    }

    private var loss: String {
        var text = formatEpsilon(epsilon)
        if bits > 0 { text += words(", at most %@ bits", rounded(bits, 2)) }
        if epsilonSpent > 0 { text += words(", newly spent %@", plain(epsilonSpent)) }
        if epsilonSpent > 0, let epsilonTotal { text += words(", %@ in all so far", plain(epsilonTotal)) }
        return text
    }

    private var ranOn: String {
        runtime.asked == runtime.used
            ? "\(runtime.name), \(runtime.used)" : words("%@ on %@, though %@ was asked for", runtime.name, runtime.used, runtime.asked)
    }

    /// To copy.
    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
