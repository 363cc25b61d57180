import ObclipKit
import SwiftUI

/// The settings: each is checked as it is changed, holds at once, and is kept as soon as all are valid.
struct SettingsScreen: View {
    let studio: Studio
    @Environment(\.dismiss) private var dismiss

    var body: some View {
        NavigationStack {
            Form {
                if let problem = studio.keepingProblem { Wrong(text: problem) }
                CloudSettings(studio: studio)
                MechanismSettings(studio: studio)
                DrawingSettings(studio: studio)
                Section {
                    Button("Back to the defaults", role: .destructive) { studio.set(Preferences(), token: "") }
                }
            }
            .navigationTitle("Settings")
            .toolbar {
                ToolbarItem(placement: .confirmationAction) { Button("Done") { dismiss() } }
            }
        }
    }
}

struct Wrong: View {
    let text: String

    var body: some View {
        Label(text, systemImage: "exclamationmark.circle").font(.footnote).foregroundStyle(.red)
    }
}

private struct CloudSettings: View {
    @Bindable var studio: Studio

    var body: some View {
        Section {
            TextField("https://cloud.example", text: $studio.form.cloud)
                .keyboardType(.URL)
                .textContentType(.URL)
                .autocorrectionDisabled()
                .textInputAutocapitalization(.never)
                .accessibilityLabel("Address")
            if let problem = Preferences.problem(cloud: studio.preferences.cloud) { Wrong(text: problem) }
        } header: {
            Text("Cloud")
        } footer: {
            Text("Where an ObCLIP engine answers.")
        }
        Section {
            SecureField("Token", text: $studio.secret)
                .autocorrectionDisabled()
                .textInputAutocapitalization(.never)
        } footer: {
            Text("If the cloud wants one. It goes to that cloud alone, and says who asks, not what. It is kept in this device’s Keychain.")
        }
        Section {
            TextField("sha256/…", text: $studio.form.pins, axis: .vertical)
                .lineLimit(2...6)
                .autocorrectionDisabled()
                .textInputAutocapitalization(.never)
                .font(.system(.footnote, design: .monospaced))
                .accessibilityLabel("Pins of the cloud’s key")
            if let problem = studio.preferences.pinProblem { Wrong(text: problem) }
        } header: {
            Text("Pins of the cloud’s key")
        } footer: {
            Text("One a line: the key in use and a backup. Empty: its certificate alone is checked.")
        }
    }
}

private struct MechanismSettings: View {
    @Bindable var studio: Studio

    var body: some View {
        Section("How the cloud is asked") {
            ForEach(Mechanism.allCases, id: \.rawValue) { mechanism in
                row(mechanism)
                if mechanism == .kSubset && studio.preferences.mechanism == .kSubset { epsilon }
            }
        }
    }

    private func row(_ mechanism: Mechanism) -> some View {
        let isChosen = studio.preferences.mechanism == mechanism
        return Button {
            studio.form.mechanism = mechanism
            studio.setAlone(false)
        } label: {
            HStack(alignment: .firstTextBaseline) {
                Image(systemName: isChosen ? "largecircle.fill.circle" : "circle").accessibilityHidden(true)
                VStack(alignment: .leading) {
                    Text(verbatim: mechanism.title).bold()
                    Text(verbatim: mechanism.says).font(.footnote).foregroundStyle(.secondary)
                }
            }
        }
        .buttonStyle(.plain)
        .accessibilityAddTraits(isChosen ? .isSelected : [])
    }

    @ViewBuilder private var epsilon: some View {
        LabeledContent("Epsilon of one draw") {
            TextField("Epsilon of one draw", value: $studio.form.epsilon, format: .number)
                .keyboardType(.decimalPad)
                .multilineTextAlignment(.trailing)
        }
        if let problem = studio.preferences.epsilonProblem { Wrong(text: problem) }
        Text("Privacy loss: the cloud’s odds about yours change by a factor of e to this power at most. Draws for different words add up.")
            .font(.footnote).foregroundStyle(.secondary)
    }
}

private struct DrawingSettings: View {
    @Bindable var studio: Studio

    var body: some View {
        Section {
            Stepper(value: $studio.form.steps, in: 1...Preferences.maxSteps) {
                LabeledContent("Steps in all") { Text(verbatim: "\(studio.preferences.steps)") }
            }
            Stepper(value: $studio.form.cloudSteps, in: 0...Preferences.maxSteps) {
                LabeledContent("Steps in the cloud") { Text(verbatim: "\(studio.preferences.cloudSteps)") }
            }
            if let problem = studio.preferences.stepProblem { Wrong(text: problem) }
        } header: {
            Text("Drawing")
        } footer: {
            Text("More steps take longer and are finer; 25 is measured. The cloud’s are the large model’s share; 0 sends nothing.")
        }
        Section {
            Toggle("Show the picture while it is made", isOn: $studio.form.preview)
        } footer: {
            Text("A little slower.")
        }
        Section {
            Toggle("Strict", isOn: $studio.form.strict)
        } footer: {
            Text("Refuse values off the lists instead of taking the nearest.")
        }
    }
}
