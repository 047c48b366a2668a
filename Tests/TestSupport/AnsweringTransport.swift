package import Model
package import Ports

/// A transport without a network.
package struct AnsweringTransport: HTTPTransport {
    private let answer: @Sendable (HTTPRequest) -> HTTPResponse

    package init(_ answer: @escaping @Sendable (HTTPRequest) -> HTTPResponse) { self.answer = answer }

    package func send(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPResponse {
        answer(request)
    }

    package func stream(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPStream {
        throw .broken("it has no streams")
    }
}
