import CoreTransferable
import Foundation
import ObclipKit
import UniformTypeIdentifiers

/// The picture as it is shared: a PNG file with nothing in it but the pixels.
struct PictureFile: Transferable {
    let picture: Picture

    static var transferRepresentation: some TransferRepresentation {
        DataRepresentation(exportedContentType: .png) { (file: PictureFile) in file.picture.png }
            .suggestedFileName("obclip.png")
    }
}

/// The benchmark's result as it is shared.
struct ResultFile: Transferable {
    let result: BenchmarkResult

    static var transferRepresentation: some TransferRepresentation {
        DataRepresentation(exportedContentType: .json) { (file: ResultFile) in file.result.json }
            .suggestedFileName("obclip-device.json")
    }
}
