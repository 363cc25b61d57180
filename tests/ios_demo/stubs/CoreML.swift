// Names and types of Apple's CoreML as ObclipCoreML uses them, to type-check it where there is none. Nothing here runs.
import Foundation

public enum MLComputeUnits: Int { case cpuOnly, cpuAndGPU, all, cpuAndNeuralEngine }

open class MLModelConfiguration: NSObject {
    open var computeUnits: MLComputeUnits = .all
}

open class MLMultiArray: NSObject {}

public protocol MLShapedArrayScalar {}
extension Float: MLShapedArrayScalar {}
extension Int32: MLShapedArrayScalar {}

public struct MLShapedArray<Scalar: MLShapedArrayScalar> {
    public init<S: Sequence>(scalars: S, shape: [Int]) where S.Element == Scalar { fatalError() }
    public init(converting other: MLMultiArray) { fatalError() }
    public var scalars: [Scalar] { fatalError() }
}

open class MLFeatureValue: NSObject {
    public convenience init<Scalar: MLShapedArrayScalar>(shapedArray: MLShapedArray<Scalar>) { fatalError() }
    open var multiArrayValue: MLMultiArray? { fatalError() }
}

public protocol MLFeatureProvider {
    var featureNames: Set<String> { get }
    func featureValue(for featureName: String) -> MLFeatureValue?
}

open class MLDictionaryFeatureProvider: NSObject, MLFeatureProvider {
    public init(dictionary: [String: Any]) throws { fatalError() }
    open var featureNames: Set<String> { fatalError() }
    open func featureValue(for featureName: String) -> MLFeatureValue? { fatalError() }
}

open class MLFeatureDescription: NSObject {}

open class MLModelDescription: NSObject {
    open var inputDescriptionsByName: [String: MLFeatureDescription] { fatalError() }
}

open class MLModel: NSObject {
    public convenience init(contentsOf url: URL, configuration: MLModelConfiguration) throws { fatalError() }
    open class func compileModel(at modelURL: URL) async throws -> URL { fatalError() }
    open var modelDescription: MLModelDescription { fatalError() }
    open func prediction(from input: MLFeatureProvider) throws -> MLFeatureProvider { fatalError() }
}
