import Foundation
import UIKit
import UniformTypeIdentifiers

/// Copies text for a while, and not to the person's other devices.
@MainActor func copy(_ text: String) {
    let tenMinutes = 600.0
    UIPasteboard.general.setItems(
        [[UTType.utf8PlainText.identifier: text]],
        options: [.localOnly: true, .expirationDate: Date(timeIntervalSinceNow: tenMinutes)])
}
