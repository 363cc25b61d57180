import Foundation
import ObclipKit
import ObclipLiteRT
let a = CommandLine.arguments
let pipe = try await ObclipPipeline.open(bundle: URL(fileURLWithPath: a[1]), runtime: LiteRtRuntime.factory(), cloud: try CloudClient(a[2]))
for try await step in pipe.generate(a[3], seed: 42) {
  switch step {
  case .detected(let c): print("detected", c?.members.count ?? 0)
  case .decoded(let o): print(o.receipt, o.picture.width); try o.picture.rgb.write(to: URL(fileURLWithPath: "/tmp/out.rgb"))
  default: print(step)
  }
}
