import Foundation
import SwiftUI
import UIKit

@main struct ObclipDemoApp: App {
    @UIApplicationDelegateAdaptor(AppDelegate.self) private var delegate
    @Environment(\.scenePhase) private var phase
    @State private var studio = ObclipDemoApp.open()

    var body: some Scene {
        WindowGroup {
            content
                // The system keeps a picture of the screen when the app is left: without the words.
                .overlay {
                    if phase != .active { Cover() }
                }
        }
    }

    @ViewBuilder private var content: some View {
        if let studio {
            MainScreen(studio: studio)
        } else {
            ContentUnavailableView(
                "This app has no place for its files", systemImage: "externaldrive.badge.exclamationmark",
                description: Text("Free some storage, and start it anew."))
        }
    }

    private static func open() -> Studio? {
        guard let host = try? Host.phone() else { return nil }
        let studio = Studio(host)
        studio.models.start()
        return studio
    }
}

final class AppDelegate: NSObject, UIApplicationDelegate {
    /// Keyboards of others may send what is typed to their makers.
    func application(_ application: UIApplication, shouldAllowExtensionPointIdentifier identifier: UIApplication.ExtensionPointIdentifier) -> Bool {
        identifier != .keyboard
    }

    /// Nothing of the screen is kept for the next start.
    func application(_ application: UIApplication, shouldSaveSecureApplicationState coder: NSCoder) -> Bool { false }
    func application(_ application: UIApplication, shouldRestoreSecureApplicationState coder: NSCoder) -> Bool { false }
}

private struct Cover: View {
    var body: some View {
        ZStack {
            Color(uiColor: .systemBackground).ignoresSafeArea()
            Text(verbatim: "ObCLIP").font(.largeTitle.bold())
        }
        .accessibilityHidden(true)
    }
}
