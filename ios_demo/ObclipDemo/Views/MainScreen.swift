import SwiftUI
import UIKit

/// Everything for one picture, in the order in which it is needed.
struct MainScreen: View {
    @Bindable var studio: Studio
    @State private var place: Place?
    @FocusState private var isTyping: Bool

    enum Place: String, Identifiable {
        case settings, models, benchmark
        var id: String { rawValue }
    }

    var body: some View {
        NavigationStack {
            ScrollView {
                VStack(alignment: .leading, spacing: 20) {
                    Banner(studio: studio, openSettings: { place = .settings })
                    if studio.models.setup != .ready { SetupCard(models: studio.models, openModels: { place = .models }) }
                    PromptSection(studio: studio, isTyping: $isTyping)
                    if let trouble = studio.machine.trouble { TroubleCard(trouble: trouble, act: act) }
                    PictureSection(studio: studio)
                    CloudSection(studio: studio)
                    NotHidden()
                }
                .padding()
            }
            .scrollDismissesKeyboard(.interactively)
            .navigationTitle(Text(verbatim: "ObCLIP"))
            .toolbar { menu }
        }
        .sheet(item: $place) { place in
            switch place {
            case .settings: SettingsScreen(studio: studio)
            case .models: ModelsScreen(models: studio.models)
            case .benchmark: BenchmarkScreen(model: studio.benchmark, models: studio.models)
            }
        }
        .sheet(isPresented: $studio.isAsking) {
            Covered {
                if let findings = studio.question { FindingsSheet(findings: findings, answer: { studio.answer($0) }) }
            }
        }
        .onChange(of: isBusy) { _, isBusy in UIApplication.shared.isIdleTimerDisabled = isBusy }
        .onChange(of: studio.models.setup) { _, setup in
            if setup == .ready { studio.read() }
        }
    }

    private var menu: some ToolbarContent {
        ToolbarItem(placement: .topBarTrailing) {
            Menu {
                Button("Settings", systemImage: "slider.horizontal.3") { place = .settings }
                Button("Models", systemImage: "shippingbox") { place = .models }
                Button("Benchmark", systemImage: "stopwatch") { place = .benchmark }.disabled(studio.machine.isRunning)
            } label: {
                Label("More", systemImage: "ellipsis.circle")
            }
        }
    }

    private var isBusy: Bool { studio.machine.isRunning || studio.models.isBusy }

    private func act(_ remedy: Remedy) {
        switch remedy {
        case .retry: studio.draw()
        case .settings: place = .settings
        case .alone: studio.drawAlone()
        case .models: place = .models
        case .edit: isTyping = true
        }
    }
}

/// What holds for the whole screen.
private struct Banner: View {
    let studio: Studio
    let openSettings: () -> Void

    var body: some View {
        if studio.preferences.cloud.isEmpty {
            card("No cloud is set. This device draws alone: nothing is sent, and its pictures are plainer.", "Set a cloud", openSettings)
        } else if studio.isAlone {
            card("This device draws alone, for now; nothing is sent.", "Ask the cloud again") { studio.setAlone(false) }
        }
    }

    private func card(_ text: LocalizedStringKey, _ button: LocalizedStringKey, _ action: @escaping () -> Void) -> some View {
        GroupBox {
            VStack(alignment: .leading, spacing: 8) {
                Text(text)
                Button(button, action: action)
            }
            .frame(maxWidth: .infinity, alignment: .leading)
        }
    }
}

/// Until the models are here.
private struct SetupCard: View {
    let models: ModelManager
    let openModels: () -> Void

    var body: some View {
        GroupBox {
            VStack(alignment: .leading, spacing: 8) {
                Text("Pictures of people, without telling who they are").font(.headline)
                Text("A large model in the cloud begins your picture, and this device finishes it. The cloud is asked for every possibility at once (each gender, age, skin tone and so on that your words could have named), so it does not learn which one is yours.")
                SetupState(setup: models.setup)
                if models.setup == .absent { Button("Get the models", action: openModels).buttonStyle(.borderedProminent) }
                if case .failed = models.setup { Button("Models", action: openModels) }
            }
            .frame(maxWidth: .infinity, alignment: .leading)
        }
    }
}

private struct NotHidden: View {
    var body: some View {
        VStack(alignment: .leading, spacing: 6) {
            Text("What is not hidden").font(.headline).accessibilityAddTraits(.isHeader)
            Text("The other words, and what they suggest by themselves.")
            Text("That your words name such an attribute, and how many persons there are.")
            Text("Words that are not recognised here: look at the candidates before you draw.")
            Text("Your network address, and when you ask.")
            Text("A picture that you publish.")
            Text("No account, no tracking: this app asks the cloud in the settings and the host of the models, nobody else. What you describe is kept in no file.")
                .padding(.top, 8)
        }
        .font(.footnote)
        .foregroundStyle(.secondary)
    }
}
