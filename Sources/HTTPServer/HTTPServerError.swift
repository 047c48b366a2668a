/// Why a server does not listen; the description is a sentence for the owner.
public enum HTTPServerError: Error, Hashable, Sendable, CustomStringConvertible {
    case notAnAddress(String)
    case pathTooLong(String, limit: Int)
    /// Somebody answers at the socket.
    case inUse(String)
    /// The path names something that is no socket, and that is not ours to replace.
    case notASocket(String)
    case refused(String, reason: String)

    public var description: String {
        switch self {
        case .notAnAddress(let text): "\(text) is no IP address to listen on"
        case .pathTooLong(let path, let limit): "the socket's path \(path) is longer than \(limit) bytes"
        case .inUse(let place): "another process already listens on \(place)"
        case .notASocket(let path): "\(path) is there already and is no socket"
        case .refused(let place, let reason): "cannot listen on \(place): \(reason)"
        }
    }
}
