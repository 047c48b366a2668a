/// Why the sandbox cannot do what it was asked; each description is a sentence for the person at the terminal.
public enum SandboxError: Error, Hashable, Sendable, CustomStringConvertible {
    case notRoot
    case folder(String, reason: String)
    case program(String, said: String)
    case part(String, reason: String)
    case tooSlow(String, seconds: Int64)
    case notRunning(String)
    case noAddress
    case cancelled

    public var description: String {
        switch self {
        case .notRoot: "the sandbox runs a Docker engine of its own, which takes root"
        case .folder(let path, let reason): "\(path): \(reason)"
        case .program(let program, let said): "\(program) failed: \(said)"
        case .part(let name, let reason): "\(name): \(reason)"
        case .tooSlow(let what, let seconds): "\(what): not within \(seconds) s"
        case .notRunning(let folder): "no sandbox runs in \(folder); start one with `landfall-sandbox up`"
        case .noAddress: "all loopback addresses 127.53.0.1 to 127.53.0.254 are taken"
        case .cancelled: "cancelled"
        }
    }
}
