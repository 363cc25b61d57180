import ObclipKit
import SwiftUI

/// The question about words that say who somebody is: nothing goes on without an answer.
struct FindingsSheet: View {
    let findings: [Finding]
    /// `nil`: stop.
    let answer: ([Decision]?) -> Void
    @State private var chosen: [Int: Decision] = [:]

    var body: some View {
        NavigationStack {
            List {
                Text("The cloud could read these and guess. Nothing has been sent; choose what becomes of each.")
                ForEach(Array(findings.indices), id: \.self) { at in
                    Section {
                        Text(verbatim: "\(findings[at].why).").font(.footnote).foregroundStyle(.secondary)
                        ForEach(Choice.all(for: findings[at])) { choice in row(choice, at) }
                    } header: {
                        Text(verbatim: "“\(findings[at].surface)” \(nameAxis(findings[at].axis))")
                    }
                }
            }
            .navigationTitle("Some words say who somebody is")
            .navigationBarTitleDisplayMode(.inline)
            .toolbar {
                ToolbarItem(placement: .cancellationAction) { Button("Stop") { answer(nil) } }
                ToolbarItem(placement: .confirmationAction) { Button("Go on") { answer(findings.indices.map(decision)) } }
            }
        }
        .privacySensitive()
    }

    private func row(_ choice: Choice, _ at: Int) -> some View {
        let isChosen = decision(at) == choice.decision
        return Button {
            chosen[at] = choice.decision
        } label: {
            HStack(alignment: .firstTextBaseline) {
                Image(systemName: isChosen ? "largecircle.fill.circle" : "circle").accessibilityHidden(true)
                VStack(alignment: .leading) {
                    Text(verbatim: choice.title).bold()
                    Text(verbatim: choice.says).font(.footnote).foregroundStyle(.secondary)
                }
            }
        }
        .buttonStyle(.plain)
        .accessibilityAddTraits(isChosen ? .isSelected : [])
    }

    private func decision(_ at: Int) -> Decision { chosen[at] ?? .slot }
}
