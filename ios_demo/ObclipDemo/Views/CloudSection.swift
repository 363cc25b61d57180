import ObclipKit
import SwiftUI

/// What the cloud sees: every candidate, how it was chosen, what that promises, and the request's exact bytes.
struct CloudSection: View {
    @Bindable var studio: Studio

    var body: some View {
        DisclosureGroup {
            VStack(alignment: .leading, spacing: 12) {
                if let candidates = studio.reading.candidates {
                    Seen(candidates: candidates, marksMine: $studio.form.marksMine)
                    RequestView(candidates: candidates)
                } else {
                    Text(verbatim: studio.reading.instead)
                }
            }
            .frame(maxWidth: .infinity, alignment: .leading)
        } label: {
            VStack(alignment: .leading) {
                Text("What the cloud sees").font(.title3.bold())
                Text(verbatim: studio.reading.brief).font(.footnote).foregroundStyle(.secondary)
            }
            .accessibilityElement(children: .combine)
        }
    }
}

private struct Seen: View {
    let candidates: Candidates
    @Binding var marksMine: Bool
    @ScaledMetric private var width = 150.0

    var body: some View {
        Text(verbatim: candidates.promise)
        lines("Words that stay readable", candidates.hints.map { words("“%@” hints at %@", $0.words, nameSecret($0.axis)) })
        lines("Notes", candidates.notes)
        Text(verbatim: candidates.members.count == 1 ? words("The one candidate") : words("The %@ candidates", "\(candidates.members.count)"))
            .font(.headline).accessibilityAddTraits(.isHeader)
        Toggle("Mark mine, on this screen alone", isOn: $marksMine)
        grid
    }

    private var grid: some View {
        let shared = candidates.shared
        return LazyVGrid(columns: [GridItem(.adaptive(minimum: width), alignment: .topLeading)], alignment: .leading, spacing: 8) {
            ForEach(Array(candidates.members.enumerated()), id: \.offset) { _, member in
                cell(member, shared, isMine: marksMine && member == candidates.trueMember)
            }
        }
        .privacySensitive()
    }

    private func cell(_ member: String, _ shared: Set<Substring>, isMine: Bool) -> some View {
        VStack(alignment: .leading) {
            emphasised(member, shared)
            if isMine { Text("yours").font(.caption.bold()).foregroundStyle(.tint) }
        }
        .padding(8)
        .frame(maxWidth: .infinity, alignment: .leading)
        .background(.quaternary, in: RoundedRectangle(cornerRadius: 8))
        .accessibilityElement(children: .combine)
    }

    private func emphasised(_ member: String, _ shared: Set<Substring>) -> Text {
        member.split(separator: " ").enumerated().reduce(Text(verbatim: "")) { text, word in
            let piece = Text(verbatim: (word.offset > 0 ? " " : "") + word.element)
            return text + (shared.contains(word.element) ? piece : piece.bold())
        }
    }

    @ViewBuilder private func lines(_ title: LocalizedStringKey, _ lines: [String]) -> some View {
        if !lines.isEmpty {
            Text(title).font(.headline).accessibilityAddTraits(.isHeader)
            ForEach(lines, id: \.self) { Text(verbatim: $0) }
        }
    }
}

/// The request as it travels: its size, its hash, and its bytes.
private struct RequestView: View {
    let candidates: Candidates
    @State private var showsBytes = false

    var body: some View {
        Text("The request").font(.headline).accessibilityAddTraits(.isHeader)
        Text(verbatim: candidates.facts).font(.footnote).textSelection(.enabled)
        Picker("How the request is shown", selection: $showsBytes) {
            Text("Readable").tag(false)
            Text("Bytes").tag(true)
        }
        .pickerStyle(.segmented)
        ScrollView(.horizontal) {
            Text(verbatim: showsBytes ? dumpHex(candidates.body) : printRequest(candidates.body))
                .font(.system(.caption, design: .monospaced))
                .textSelection(.enabled)
        }
        .privacySensitive()
        .accessibilityLabel("The request’s content")
        Button("Copy") { copy(String(decoding: candidates.body, as: UTF8.self)) }
    }
}
