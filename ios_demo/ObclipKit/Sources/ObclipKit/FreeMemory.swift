import Foundation

#if canImport(os) && !os(macOS)
    import os
#endif

/// What the system has left for this process.
enum FreeMemory {
    static var bytes: Int? {
        #if os(iOS) || os(tvOS) || os(watchOS) || os(visionOS)
            return Int(os_proc_available_memory())
        #elseif os(Linux)
            guard let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8) else { return nil }
            for line in text.split(separator: "\n") where line.hasPrefix("MemAvailable:") {
                return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
            }
            return nil
        #else
            return nil  // macOS pages instead of ending the process
        #endif
    }
}
