public import Transport

/// Why the engine did not answer as asked.
public enum EngineError: Error, Hashable, Sendable, CustomStringConvertible {
    case transport(TransportError, endpoint: String)
    case status(Int, message: String)
    /// Not what an engine sends; an excerpt.
    case undecodable(String)
    case tooOld(version: String)

    public var description: String {
        switch self {
        case .transport(let error, let endpoint): "the Docker engine at \(endpoint): \(error)"
        case .status(let status, let message): "the Docker engine answered \(status): \(message)"
        case .undecodable(let excerpt): "the Docker engine sent something that is no answer: \(excerpt)"
        case .tooOld(let version):
            "the Docker engine speaks API \(version), Landfall needs \(APIVersion.oldest) (Docker 20.10) or newer; upgrade it"
        }
    }
}
