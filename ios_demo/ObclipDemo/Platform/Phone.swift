@preconcurrency import Darwin  // mach_task_self_ is a variable there
import Foundation
import ObclipCoreML
import ObclipKit

extension Host {
    /// This phone.
    static func phone() throws -> Host {
        let files = FileManager.default
        let support = try files.url(for: .applicationSupportDirectory, in: .userDomainMask, appropriateFor: nil, create: true)
        var folder = support.appendingPathComponent("ObCLIP", isDirectory: true)
        try files.createDirectory(
            at: folder, withIntermediateDirectories: true,
            attributes: [.protectionKey: FileProtectionType.completeUntilFirstUserAuthentication])
        // A restored ledger would know of fewer draws than the clouds do, and models are fetched again.
        var values = URLResourceValues()
        values.isExcludedFromBackup = true
        try folder.setResourceValues(values)
        return Host(
            folder: folder, tokens: Keychain(),
            runtime: { unit in CoreMlRuntime.factory(units: units(unit)) },
            runtimeVersion: BenchmarkResult.Device.here().system,  // CoreML is a part of it
            heat: { heat(ProcessInfo.processInfo.thermalState) }, peakMemory: peakMemory)
    }

    /// A single unit has no other to fall back on: what was asked for ran, or an error says that it does not.
    private static func units(_ unit: Unit?) -> [CoreMlRuntime.Units] {
        switch unit {
        case nil: return [.cpuAndNeuralEngine, .cpuAndGPU, .cpuOnly]
        case .npu: return [.cpuAndNeuralEngine]
        case .gpu: return [.cpuAndGPU]
        case .cpu: return [.cpuOnly]
        }
    }

    private static func heat(_ state: ProcessInfo.ThermalState) -> Heat? {
        switch state {
        case .nominal: return .nominal
        case .fair: return .fair
        case .serious: return .serious
        case .critical: return .critical
        @unknown default: return nil
        }
    }

    /// What the system counts against this app's limit, at its highest.
    @Sendable private static func peakMemory() -> Double? {
        var info = task_vm_info_data_t()
        let words = MemoryLayout<task_vm_info_data_t>.size / MemoryLayout<integer_t>.size
        var count = mach_msg_type_number_t(words)
        let status = withUnsafeMutablePointer(to: &info) { place in
            place.withMemoryRebound(to: integer_t.self, capacity: words) {
                task_info(mach_task_self_, task_flavor_t(TASK_VM_INFO), $0, &count)
            }
        }
        guard status == KERN_SUCCESS, info.ledger_phys_footprint_peak > 0 else { return nil }
        return (Double(info.ledger_phys_footprint_peak) / 1_048_576 * 10).rounded() / 10
    }
}
