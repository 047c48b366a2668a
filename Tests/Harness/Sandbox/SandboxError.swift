package import Polling

/// Why the sandbox cannot do what it was asked; each description is a sentence for the person at the terminal.
package enum SandboxError: Error, Hashable, Sendable, CustomStringConvertible {
    case notRoot
    case folder(String, reason: String)
    case program(String, said: String)
    case part(String, reason: String)
    case polling(PollingError)
    case notRunning(String)
    case noAddress
    case cancelled

    package var description: String {
        switch self {
        case .notRoot: "the sandbox runs a Docker engine of its own, which takes root"
        case .folder(let path, let reason): "\(path): \(reason)"
        case .program(let program, let said): "\(program) failed: \(said)"
        case .part(let name, let reason): "\(name): \(reason)"
        case .polling(let error): "\(error)"
        case .notRunning(let folder): "no sandbox runs in \(folder); start one with `landfall-sandbox up`"
        case .noAddress: "all loopback addresses 127.53.0.1 to 127.53.0.254 are taken"
        case .cancelled: "cancelled"
        }
    }
}

extension Poller {
    /// Returns as soon as `condition` holds.
    func wait(for what: String, within limit: Duration, _ condition: () async -> Bool) async throws(SandboxError) {
        do throws(PollingError) {
            try await wait(what, within: limit, condition)
        } catch {
            if case .cancelled = error { throw .cancelled }
            throw .polling(error)
        }
    }
}
