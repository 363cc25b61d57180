import SwiftUI

/// The models: where they come from, which are meant, how much is here, and a way to take them off.
struct ModelsScreen: View {
    @Bindable var models: ModelManager
    @Environment(\.dismiss) private var dismiss
    @State private var isRemoving = false

    var body: some View {
        NavigationStack {
            Form {
                Section("On this device") {
                    SetupState(setup: models.setup)
                    if let bundle = models.bundle {
                        LabeledContent("Model") { Text(verbatim: bundle.manifest.model) }
                        LabeledContent("Size") { Text(verbatim: formatBytes(bundle.manifest.files.reduce(0) { $0 + $1.bytes })) }
                        ForEach(bundle.notes, id: \.self) { Text(verbatim: $0).font(.footnote) }
                        Button("Remove the models", role: .destructive) { isRemoving = true }.disabled(models.isBusy)
                    }
                }
                source
            }
            .navigationTitle("Models")
            .toolbar {
                ToolbarItem(placement: .confirmationAction) { Button("Done") { dismiss() } }
            }
            .confirmationDialog("Remove the models?", isPresented: $isRemoving) {
                Button("Remove the models", role: .destructive) { Task { await models.remove() } }
            }
        }
    }

    @ViewBuilder private var source: some View {
        Section {
            TextField("https://models.example/edge/", text: $models.source.mirrors, axis: .vertical)
                .keyboardType(.URL)
                .accessibilityLabel("Addresses")
            TextField("SHA-256 of bundle.json", text: $models.source.sha256, axis: .vertical)
                .font(.system(.footnote, design: .monospaced))
                .accessibilityLabel("SHA-256 of bundle.json")
            LabeledContent("Bytes of bundle.json") {
                TextField("Bytes of bundle.json", value: $models.source.bytes, format: .number.grouping(.never))
                    .keyboardType(.numberPad)
                    .multilineTextAlignment(.trailing)
            }
            if !models.source.mirrors.isEmpty, let problem = models.source.problem { Wrong(text: problem) }
            if models.isBusy {
                Button("Pause", action: models.cancel)
            } else {
                Button(action: models.fetch) { Text(verbatim: isBroken ? words("Go on") : words("Download")) }
                    .disabled(models.source.problem != nil)
            }
        } header: {
            Text("Where they come from")
        } footer: {
            Text("Addresses of folders that hold bundle.json and its files, one a line; the next is asked where one fails. Whoever hosts them publishes the two numbers: nothing else is accepted, whatever a host sends. What has arrived is kept when a download stops.")
        }
        .autocorrectionDisabled()
        .textInputAutocapitalization(.never)
    }

    private var isBroken: Bool {
        if case .failed = models.setup { return true }
        return false
    }
}

/// How far the models are.
struct SetupState: View {
    let setup: Setup

    var body: some View {
        switch setup {
        case .absent: Text("The models are not on this device.")
        case .loading(let done, let total, let file):
            if total > 0 {
                ProgressView(value: Double(done), total: Double(total)) {
                    Text(verbatim: words("%@ of %@", formatBytes(done), formatBytes(total)))
                } currentValueLabel: {
                    Text(verbatim: file)
                }
            } else {
                ProgressView { Text("Asking for the list of files") }
            }
        case .preparing(let count):
            ProgressView(value: Double(count), total: 3) { Text("Everything is here. The models are being made ready.") }
        case .failed(let message): Wrong(text: message)
        case .ready: Label("Ready", systemImage: "checkmark.circle")
        }
    }
}
