import SwiftUI

/// How fast this device runs the small models, as a file that `obclip bench report` reads.
struct BenchmarkScreen: View {
    @Bindable var model: BenchmarkModel
    let models: ModelManager
    @Environment(\.dismiss) private var dismiss

    var body: some View {
        NavigationStack {
            Form {
                Section {
                    Picker("Run on", selection: $model.unit) {
                        ForEach(Unit.allCases) { unit in Text(verbatim: unit.title).tag(unit) }
                    }
                    .disabled(!model.canStart)
                    state
                } footer: {
                    Text("Loads the models six times, then runs each part for two seconds at least. Nothing is sent. The numbers count only where the device stays cool and what was chosen is what ran.")
                }
                if case .done(let result) = model.state { Measured(result: result) }
            }
            .navigationTitle("Benchmark")
            .toolbar {
                ToolbarItem(placement: .confirmationAction) { Button("Done") { dismiss() } }
            }
        }
        .onDisappear { model.cancel() }
    }

    @ViewBuilder private var state: some View {
        switch model.state {
        case .running(let phase):
            ProgressView { Text(verbatim: words("Measuring: %@", phase)) }
            Button("Cancel", role: .cancel, action: model.cancel)
        case .failed(let message):
            Wrong(text: message)
            start
        case .idle, .done:
            start
        }
    }

    @ViewBuilder private var start: some View {
        Button("Start", action: model.start).disabled(!model.canStart)
        if models.setup == .absent { Text("The models are not on this device.").font(.footnote) }
    }
}

private struct Measured: View {
    let result: BenchmarkResult

    var body: some View {
        Section("Result") {
            line("First load", result.load.cold)
            line("Later loads", result.load.warm.median)
            ForEach(["text", "step", "decode"], id: \.self) { phase in
                if let times = result.phases[phase] { row(phase, times) }
            }
            if let peak = result.peakMemoryMib { LabeledContent("Memory at most") { Text(verbatim: words("%@ MiB", rounded(peak, 0))) } }
            if let heat = result.thermal { LabeledContent("This device is") { Text(verbatim: heat.title) } }
            ShareLink(item: ResultFile(result: result), preview: SharePreview(Text(verbatim: words("Benchmark’s result")))) {
                Label("Share as JSON", systemImage: "square.and.arrow.up")
            }
        }
    }

    private func line(_ title: LocalizedStringKey, _ ms: Double) -> some View {
        LabeledContent(title) { Text(verbatim: formatTime(ms: ms)) }
    }

    private func row(_ phase: String, _ times: Times) -> some View {
        let names = ["text": words("Two texts"), "step": words("One step"), "decode": words("One picture decoded")]
        let range = words("%@ to %@", formatTime(ms: times.lowQuartile), formatTime(ms: times.highQuartile))
        return LabeledContent {
            Text(verbatim: formatTime(ms: times.median))
        } label: {
            Text(verbatim: names[phase] ?? phase)
            Text(verbatim: range)
        }
    }
}
