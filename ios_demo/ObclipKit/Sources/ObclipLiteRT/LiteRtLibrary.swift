import Foundation
import ObclipKit

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// LiteRT's C API, of a library that is loaded when it is first needed: no build of this package links it.
///
/// The functions are those of LiteRT 2.1 to 2.3 (`LiteRtCreateModelFromFile` takes the environment first there).
final class LiteRtLibrary: @unchecked Sendable {
    typealias Handle = OpaquePointer
    typealias Out = UnsafeMutablePointer<OpaquePointer?>
    typealias Text = UnsafeMutablePointer<UnsafePointer<CChar>?>
    typealias Status = Int32

    let createEnvironment: @convention(c) (Int32, UnsafeRawPointer?, Out) -> Status
    let destroyEnvironment: @convention(c) (Handle?) -> Void
    let createModel: @convention(c) (Handle, UnsafePointer<CChar>, Out) -> Status
    let destroyModel: @convention(c) (Handle?) -> Void
    let createOptions: @convention(c) (Out) -> Status
    let destroyOptions: @convention(c) (Handle?) -> Void
    let setAccelerators: @convention(c) (Handle, Int32) -> Status
    let createOpaqueOptions:
        @convention(c) (UnsafePointer<CChar>, UnsafeMutableRawPointer, @convention(c) (UnsafeMutableRawPointer?) -> Void, Out) -> Status
    let addOpaqueOptions: @convention(c) (Handle, Handle) -> Status
    let createCompiledModel: @convention(c) (Handle, Handle, Handle, Out) -> Status
    let destroyCompiledModel: @convention(c) (Handle?) -> Void
    let isFullyAccelerated: @convention(c) (Handle, UnsafeMutablePointer<Bool>) -> Status
    let isNonCpuFullyAccelerated: @convention(c) (Handle, UnsafeMutablePointer<Bool>) -> Status
    let run: @convention(c) (Handle, Int, Int, Out, Int, Out) -> Status
    let signatureCount: @convention(c) (Handle, UnsafeMutablePointer<Int>) -> Status
    let signature: @convention(c) (Handle, Int, Out) -> Status
    let inputCount: @convention(c) (Handle, UnsafeMutablePointer<Int>) -> Status
    let outputCount: @convention(c) (Handle, UnsafeMutablePointer<Int>) -> Status
    let inputName: @convention(c) (Handle, Int, Text) -> Status
    let outputName: @convention(c) (Handle, Int, Text) -> Status
    let inputTensor: @convention(c) (Handle, Int, Out) -> Status
    let outputTensor: @convention(c) (Handle, Int, Out) -> Status
    let tensorType: @convention(c) (Handle, UnsafeMutableRawPointer) -> Status
    let inputRequirements: @convention(c) (Handle, Int, Int, Out) -> Status
    let outputRequirements: @convention(c) (Handle, Int, Int, Out) -> Status
    let createBuffer: @convention(c) (Handle, UnsafeRawPointer, Handle, Out) -> Status
    let destroyBuffer: @convention(c) (Handle?) -> Void
    let lockBuffer: @convention(c) (Handle, UnsafeMutablePointer<UnsafeMutableRawPointer?>, Int32) -> Status
    let unlockBuffer: @convention(c) (Handle) -> Status

    /// - Parameter path: of the library; the environment variable `OBCLIP_LITERT` names it by default.
    init(path: String?) throws {
        guard let path = path ?? ProcessInfo.processInfo.environment["OBCLIP_LITERT"] else {
            throw ObclipError.notSupported("where is LiteRT? Set OBCLIP_LITERT to the path of libLiteRt.so (it is in the Python package ai-edge-litert)")
        }
        guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            throw ObclipError.notSupported("LiteRT cannot be loaded: \(dlerror().map { String(cString: $0) } ?? "no reason given")")
        }
        func find<T>(_ name: String, _: T.Type = T.self) throws -> T {
            guard let symbol = dlsym(library, "LiteRt\(name)") else {
                throw ObclipError.notSupported("this LiteRT has no LiteRt\(name): versions 2.1 to 2.3 are known")
            }
            return unsafeBitCast(symbol, to: T.self)
        }
        createEnvironment = try find("CreateEnvironment")
        destroyEnvironment = try find("DestroyEnvironment")
        createModel = try find("CreateModelFromFile")
        destroyModel = try find("DestroyModel")
        createOptions = try find("CreateOptions")
        destroyOptions = try find("DestroyOptions")
        setAccelerators = try find("SetOptionsHardwareAccelerators")
        createOpaqueOptions = try find("CreateOpaqueOptions")
        addOpaqueOptions = try find("AddOpaqueOptions")
        createCompiledModel = try find("CreateCompiledModel")
        destroyCompiledModel = try find("DestroyCompiledModel")
        isFullyAccelerated = try find("CompiledModelIsFullyAccelerated")
        isNonCpuFullyAccelerated = try find("CompiledModelIsNonCpuFullyAccelerated")
        run = try find("RunCompiledModel")
        signatureCount = try find("GetNumModelSignatures")
        signature = try find("GetModelSignature")
        inputCount = try find("GetNumSignatureInputs")
        outputCount = try find("GetNumSignatureOutputs")
        inputName = try find("GetSignatureInputName")
        outputName = try find("GetSignatureOutputName")
        inputTensor = try find("GetSignatureInputTensorByIndex")
        outputTensor = try find("GetSignatureOutputTensorByIndex")
        tensorType = try find("GetRankedTensorType")
        inputRequirements = try find("GetCompiledModelInputBufferRequirements")
        outputRequirements = try find("GetCompiledModelOutputBufferRequirements")
        createBuffer = try find("CreateManagedTensorBufferFromRequirements")
        destroyBuffer = try find("DestroyTensorBuffer")
        lockBuffer = try find("LockTensorBuffer")
        unlockBuffer = try find("UnlockTensorBuffer")
    }

    /// What a call that makes something made.
    func made(_ what: String, _ call: (Out) -> Status) throws -> Handle {
        var out: OpaquePointer?
        let status = call(&out)
        guard status == 0, let out else { throw LiteRtFault(what: what, status: status) }
        return out
    }

    func check(_ what: String, _ status: Status) throws {
        guard status == 0 else { throw LiteRtFault(what: what, status: status) }
    }

    func number(_ what: String, _ call: (UnsafeMutablePointer<Int>) -> Status) throws -> Int {
        var out = 0
        try check(what, call(&out))
        return out
    }

    func text(_ what: String, _ call: (Text) -> Status) throws -> String {
        var out: UnsafePointer<CChar>?
        try check(what, call(&out))
        return out.map { String(cString: $0) } ?? ""
    }
}

/// A call of LiteRT that gave another status than OK.
struct LiteRtFault: Error {
    let what: String
    let status: Int32
}
