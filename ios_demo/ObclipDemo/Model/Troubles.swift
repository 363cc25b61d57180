/// What can be done at once: a button beside the message.
enum Remedy: String, CaseIterable, Identifiable {
    case retry, settings, alone, models, edit
    var id: String { rawValue }

    var title: String {
        switch self {
        case .retry: return words("Try again")
        case .settings: return words("Settings")
        case .alone: return words("Draw on this device")
        case .models: return words("Models")
        case .edit: return words("Change the words")
        }
    }
}

extension Trouble {
    /// What it is, what to do, and buttons that do it.
    var explained: (title: String, advice: String, remedies: [Remedy]) {
        switch name {
        case "InputError":
            return (words("This cannot be drawn as it stands"), words("Change what the message names, in your words or in the settings."), [.edit, .settings])
        case "PrivacyError":
            return (
                words("This cannot be hidden as you asked"),
                words("Nothing was sent. Describe fewer persons or take out what the message names, or choose another way to ask in the settings."),
                [.edit, .settings, .alone]
            )
        case "ImpliedError":
            return (words("Nothing was sent"), words("Change your words, or choose again what becomes of them."), [.edit])
        case "LedgerError":
            return (
                words("The record of what was disclosed cannot be kept"),
                words("Nothing was sent. Unlock this device and free some storage, or choose a way to ask with ε = 0 in the settings."),
                [.settings, .retry]
            )
        case "BudgetError":
            return (
                words("The privacy budget for this is spent"),
                words("Nothing was sent. Choose a way to ask with ε = 0 in the settings, or draw on this device alone."), [.settings, .alone]
            )
        case "LexiconError":
            return (words("The word lists cannot be used"), words("Nothing was sent. Install this app again."), [])
        case "BundleError":
            return (
                words("The models do not fit"),
                words("Fetch the models again. If it stays, this app’s models and that cloud’s differ: ask whoever runs it, or choose another cloud."),
                [.models, .settings, .alone]
            )
        case "CloudError", "RefusedError":
            return (
                words("The cloud did not do it"), words("Try again in a moment. If it stays, look at the address and the token in the settings."),
                [.retry, .settings, .alone]
            )
        case "UnreachableError":
            return (
                words("The cloud cannot be reached"),
                words("Look at your connection and at the address in the settings, or draw on this device alone."), [.retry, .alone, .settings]
            )
        case "DeadlineError":
            return (
                words("The cloud took too long"), words("It may be busy: try again in a moment, or draw on this device alone."), [.retry, .alone]
            )
        case "LatentError":
            return (
                words("The cloud’s answer cannot be used"), words("All of it was thrown away. Try again; if it stays, do not use this cloud."),
                [.retry, .settings, .alone]
            )
        case "DeviceError", "ClosedError", "NotSupported":
            return (
                words("This device could not finish the picture"),
                words("Close other apps to free memory, then try again; if it stays, fetch the models again."), [.retry, .models]
            )
        case "StoppedError":
            return (wasSent ? words("Cancelled. The request had been sent; nothing more goes out.") : words("Cancelled. Nothing was sent."), "", [])
        default:
            return (words("Something went wrong that should not have"), words("Try again; if it stays, start the app anew."), [.retry])
        }
    }
}
