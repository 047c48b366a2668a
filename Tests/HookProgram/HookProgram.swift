import Certificates
import FoundationEssentials
import Ports
import Transport

/// `HookProgram hook auth|cleanup --socket PATH`, as `landfall` has it.
@main
struct HookProgram {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 5, let action = HookRequest.Action(rawValue: arguments[2]) else { throw BadUsage() }
        let environment = ProcessInfo.processInfo.environment
        let transport = CurlTransport(.init(userAgent: "landfall-tests"))
        try await HookClient(environment: environment, socket: arguments[4], transport: transport).call(action)
    }
}

struct BadUsage: Error {}
