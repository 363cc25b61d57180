import SwiftUI

/// What went wrong: what it is, what to do, and buttons that do it.
struct TroubleCard: View {
    let trouble: Trouble
    let act: (Remedy) -> Void

    var body: some View {
        let (title, advice, remedies) = trouble.explained
        GroupBox {
            VStack(alignment: .leading, spacing: 8) {
                if !trouble.isChosen { Text(verbatim: translate(trouble.message)) }
                if !advice.isEmpty { Text(verbatim: advice) }
                ForEach(remedies) { remedy in
                    Button(remedy.title) { act(remedy) }.buttonStyle(.bordered)
                }
            }
            .frame(maxWidth: .infinity, alignment: .leading)
        } label: {
            Text(verbatim: title)
        }
        .onAppear { AccessibilityNotification.Announcement(title).post() }
    }
}
