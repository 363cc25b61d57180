import ObclipKit
import SwiftUI
import UIKit

/// The picture while it is made and when it is done.
struct PictureSection: View {
    let studio: Studio

    var body: some View {
        if studio.machine.isRunning || studio.machine.result != nil {
            VStack(alignment: .leading, spacing: 12) {
                Text(verbatim: studio.machine.isRunning ? words("Drawing") : words("Your picture"))
                    .font(.title2.bold()).accessibilityAddTraits(.isHeader)
                if let picture = studio.machine.shown { Frame(picture: picture, isDone: !studio.machine.isRunning) }
                if let run = studio.machine.run { Progress(run: run, cancel: studio.cancel) }
                if let output = studio.machine.result { Done(output: output, again: studio.draw) }
            }
            .onChange(of: studio.machine.run?.stage) { _, _ in announce() }
        }
    }

    /// Phases are told to a screen reader, steps are not.
    private func announce() {
        let told = studio.machine.run?.said ?? (studio.machine.result == nil ? "" : words("Your picture is done."))
        if !told.isEmpty { AccessibilityNotification.Announcement(told).post() }
    }
}

private struct Frame: View {
    let picture: Picture
    let isDone: Bool

    var body: some View {
        if let image = UIImage(data: picture.png) {
            Image(uiImage: image)
                .resizable()
                .interpolation(.high)
                .scaledToFit()
                .frame(maxWidth: 512)
                .clipShape(RoundedRectangle(cornerRadius: 12))
                .opacity(isDone ? 1 : 0.7)
                .privacySensitive()
                .accessibilityLabel(Text(verbatim: isDone ? words("The picture that you described") : words("The picture so far")))
        }
    }
}

private struct Progress: View {
    let run: RunState
    let cancel: () -> Void

    var body: some View {
        VStack(alignment: .leading, spacing: 8) {
            // The seconds of waiting go on while nothing else changes.
            TimelineView(.periodic(from: .now, by: 1)) { time in
                ForEach(run.lines(at: time.date)) { line in
                    Label(line.text, systemImage: line.isDone ? "checkmark.circle.fill" : line.isNow ? "circle.dotted" : "circle")
                        .foregroundStyle(line.isDone || line.isNow ? Color.primary : Color.secondary)
                        .accessibilityAddTraits(line.isNow ? .isSelected : [])
                }
            }
            if run.total > 0 {
                ProgressView(value: Double(run.step), total: Double(run.total)).accessibilityLabel("Progress")
            } else {
                ProgressView().accessibilityLabel("Progress")
            }
            Button("Cancel", role: .cancel, action: cancel).buttonStyle(.bordered)
        }
    }
}

private struct Done: View {
    let output: Output
    let again: () -> Void

    var body: some View {
        VStack(alignment: .leading, spacing: 12) {
            HStack {
                if let image = UIImage(data: output.picture.png) {
                    ShareLink(
                        item: PictureFile(picture: output.picture),
                        preview: SharePreview(Text(verbatim: words("Picture")), image: Image(uiImage: image))
                    ) {
                        Label("Save or share", systemImage: "square.and.arrow.up")
                    }
                    .buttonStyle(.bordered)
                }
                Button("Draw again", action: again).buttonStyle(.bordered)
            }
            Text(verbatim: output.receipt.n > 0
                ? words("Who you share it with sees who is in it, and it may carry a mark that the cloud made.")
                : words("Who you share it with sees who is in it."))
                .font(.footnote).foregroundStyle(.secondary)
            ReceiptCard(receipt: output.receipt)
        }
    }
}

private struct ReceiptCard: View {
    let receipt: Receipt

    var body: some View {
        DisclosureGroup {
            VStack(alignment: .leading, spacing: 8) {
                ForEach(receipt.lines) { line in
                    VStack(alignment: .leading) {
                        Text(verbatim: line.title).font(.caption).foregroundStyle(.secondary)
                        Text(verbatim: line.text).textSelection(.enabled)
                    }
                    .accessibilityElement(children: .combine)
                }
                ForEach(receipt.notes, id: \.self) { Text(verbatim: $0).font(.footnote) }
                Button("Copy as JSON") { copy(receipt.json) }
            }
            .frame(maxWidth: .infinity, alignment: .leading)
        } label: {
            VStack(alignment: .leading) {
                Text("Receipt").font(.headline)
                Text(verbatim: receipt.brief).font(.footnote).foregroundStyle(.secondary)
            }
        }
    }
}
