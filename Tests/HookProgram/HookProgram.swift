import Certificates
import FoundationEssentials
import Transport

/// `HookProgram hook auth|cleanup`, as `landfall hook auth|cleanup`.
@main
struct HookProgram {
    static func main() async throws {
        guard let action = HookRequest.Action(rawValue: CommandLine.arguments.last ?? "") else { throw BadUsage() }
        let transport = CurlTransport(.init(userAgent: "landfall-tests"))
        try await HookClient(environment: ProcessInfo.processInfo.environment, transport: transport).call(action)
    }
}

struct BadUsage: Error {}
