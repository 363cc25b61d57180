// swift-tools-version: 6.0
// ObCLIP for Apple systems and Linux: the device core in C++ and the Swift package around it. docs/IOS.md.
import Foundation
import PackageDescription

let kit = "ios_demo/ObclipKit/Sources"

/// The word lists lie where Python keeps them: links to their folders stand in Resources (a link to a file would be copied as a
/// link), and all else in those folders is left out.
let lists = ["attributes": "lexicon.bin", "second_look": "second_look.bin"]
let others = lists.flatMap { folder, file in
    let inside = "\(Context.packageDirectory)/\(kit)/ObclipKit/Resources/\(folder)"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: inside)) ?? []
    return names.filter { $0 != file }.map { "Resources/\(folder)/\($0)" }
}

let package = Package(
    name: "obclip",
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: [
        .library(name: "ObclipKit", targets: ["ObclipKit"]),
        .library(name: "ObclipCoreML", targets: ["ObclipCoreML"]),
        .library(name: "ObclipLiteRT", targets: ["ObclipLiteRT"]),
        .executable(name: "obclip-swift", targets: ["obclip-swift"]),
    ],
    targets: [
        // Flags of edge_core/CMakeLists.txt that a package may carry. What it may not (-ffp-contract=off) the sources say
        // themselves (src/exact.h); without -fno-exceptions and -fno-rtti the core is larger, and otherwise the same.
        .target(
            name: "ObclipCore",
            path: "edge_core",
            exclude: ["CMakeLists.txt", "README.md", "fuzz", "testing", "src/lexicon/classes_used.inc"],
            sources: ["src"],
            publicHeadersPath: "include",
            cxxSettings: [.headerSearchPath("src")]
        ),
        .target(
            name: "ObclipKit",
            dependencies: ["ObclipCore"],
            path: "\(kit)/ObclipKit",
            exclude: others,
            resources: lists.sorted { $0.key < $1.key }.map { .copy("Resources/\($0.key)/\($0.value)") }
        ),
        .target(name: "ObclipCoreML", dependencies: ["ObclipKit"], path: "\(kit)/ObclipCoreML"),
        .target(name: "ObclipLiteRT", dependencies: ["ObclipKit"], path: "\(kit)/ObclipLiteRT"),
        .executableTarget(
            name: "obclip-swift",
            dependencies: ["ObclipKit", "ObclipLiteRT", "ObclipCoreML"],
            path: "\(kit)/obclip-swift"
        ),
        .testTarget(
            name: "ObclipKitTests",
            dependencies: ["ObclipKit", "ObclipLiteRT", "ObclipCore"],
            path: "tests/ios_demo/ObclipKitTests"
        ),
    ],
    cxxLanguageStandard: .cxx17
)
