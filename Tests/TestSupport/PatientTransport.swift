package import Model
package import Ports

/// A transport whose time limits are for a machine that is not busy: on a busy one they are longer. For tests of what is
/// sent and answered; the product's own limits are tested where they are the subject.
package struct PatientTransport: HTTPTransport {
    private let base: any HTTPTransport

    package init(_ base: any HTTPTransport) { self.base = base }

    package func send(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPResponse {
        try await base.send(patient(request), for: scope)
    }

    package func stream(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPStream {
        try await base.stream(patient(request), for: scope)
    }

    private func patient(_ request: HTTPRequest) -> HTTPRequest {
        var request = request
        request.timeLimit = request.timeLimit.scaledToLoad
        return request
    }
}
