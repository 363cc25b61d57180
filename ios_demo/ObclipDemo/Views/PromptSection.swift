import SwiftUI

/// The description, what was found in it, and what has to be known before it is drawn.
struct PromptSection: View {
    @Bindable var studio: Studio
    let isTyping: FocusState<Bool>.Binding

    var body: some View {
        VStack(alignment: .leading, spacing: 12) {
            Text("Describe a picture").font(.title2.bold()).accessibilityAddTraits(.isHeader)
            field
            if studio.prompt.isEmpty { suggestions }
            if !studio.reading.chips.isEmpty { Chips(chips: studio.reading.chips) }
            if !studio.reading.found.isEmpty { Text(verbatim: studio.reading.found).font(.footnote).foregroundStyle(.secondary) }
            if !studio.reading.cautions.isEmpty { cautions }
            if !studio.decisions.isEmpty && !studio.machine.isRunning {
                Button("Choose again what becomes of your words") {
                    studio.rechoose()
                    isTyping.wrappedValue = true
                }
            }
            Button {
                isTyping.wrappedValue = false
                studio.draw()
            } label: {
                Text(verbatim: studio.isLocal ? words("Draw on this device") : words("Draw")).frame(maxWidth: .infinity)
            }
            .buttonStyle(.borderedProminent)
            .controlSize(.large)
            .disabled(!studio.canDraw)
        }
    }

    /// Nothing that is typed is learned by the keyboard, or corrected by a service.
    private var field: some View {
        TextField("Describe a picture", text: $studio.text, axis: .vertical)
            .lineLimit(3...8)
            .textFieldStyle(.roundedBorder)
            .autocorrectionDisabled()
            .textInputAutocapitalization(.never)
            .focused(isTyping)
            .disabled(studio.machine.isRunning)
            .privacySensitive()
            .accessibilityLabel("Describe a picture")
    }

    private var suggestions: some View {
        VStack(alignment: .leading, spacing: 8) {
            ForEach(examples, id: \.self) { example in
                Button(example) { studio.type(example) }.buttonStyle(.bordered)
            }
        }
        .accessibilityElement(children: .contain)
        .accessibilityLabel("Examples")
    }

    private var cautions: some View {
        GroupBox {
            VStack(alignment: .leading, spacing: 8) {
                ForEach(studio.reading.cautions, id: \.self) { Text(verbatim: $0) }
                if case .asking = studio.reading {
                    Button("Choose now") { studio.settle() }.disabled(studio.machine.isRunning)
                }
            }
            .frame(maxWidth: .infinity, alignment: .leading)
        } label: {
            Label("Before you draw", systemImage: "exclamationmark.triangle")
        }
    }
}

/// Words that were found; as many in a row as fit the person's size of letters.
private struct Chips: View {
    let chips: [Chip]
    @ScaledMetric private var width = 140.0

    var body: some View {
        LazyVGrid(columns: [GridItem(.adaptive(minimum: width), alignment: .leading)], alignment: .leading, spacing: 8) {
            ForEach(chips) { chip in
                Label(chip.axis.isEmpty ? chip.word : "\(nameAxis(chip.axis)): \(chip.word)", systemImage: chip.isOpen ? "eye" : "eye.slash")
                    .font(.callout)
                    .padding(8)
                    .background(chip.isOpen ? Color.orange.opacity(0.2) : Color.green.opacity(0.2), in: Capsule())
                    .accessibilityElement(children: .ignore)
                    .accessibilityLabel(Text(verbatim: label(chip)))
            }
        }
        .privacySensitive()
    }

    /// What the symbol says to the eye.
    private func label(_ chip: Chip) -> String {
        chip.isOpen
            ? words("%@, %@, readable for the cloud", nameAxis(chip.axis), chip.word) : words("%@, %@, hidden", nameAxis(chip.axis), chip.word)
    }
}
