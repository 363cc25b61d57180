import Foundation
import SwiftUI
import UIKit

@main struct ObclipDemoApp: App {
    @UIApplicationDelegateAdaptor(AppDelegate.self) private var delegate
    @State private var studio = ObclipDemoApp.open()

    var body: some Scene {
        WindowGroup {
            Covered { content }
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

/// The system keeps a picture of the screen when the app is left: without the words. A sheet needs a cover of its own.
struct Covered<Content: View>: View {
    @ViewBuilder let content: () -> Content
    @Environment(\.scenePhase) private var phase

    var body: some View {
        content().overlay {
            if phase != .active {
                ZStack {
                    Color(uiColor: .systemBackground).ignoresSafeArea()
                    Text(verbatim: "ObCLIP").font(.largeTitle.bold())
                }
                .accessibilityHidden(true)
            }
        }
    }
}
