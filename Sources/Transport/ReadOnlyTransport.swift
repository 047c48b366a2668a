public import Model

/// Lets through what reads, and refuses what would change something: the proof behind `plan` and dry runs.
public struct ReadOnlyTransport: HTTPTransport {
    private let base: any HTTPTransport

    public init(_ base: any HTTPTransport) {
        self.base = base
    }

    public func send(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPResponse {
        guard request.method == .get else { throw .broken("a dry run sends no \(request.method.rawValue)") }
        return try await base.send(request, for: scope)
    }

    public func stream(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPStream {
        guard request.method == .get else { throw .broken("a dry run sends no \(request.method.rawValue)") }
        return try await base.stream(request, for: scope)
    }
}
