package import Model
package import Ports

/// A transport without a network.
package struct AnsweringTransport: HTTPTransport {
    private let answer: @Sendable (HTTPRequest) throws(TransportError) -> HTTPResponse

    package init(_ answer: @escaping @Sendable (HTTPRequest) throws(TransportError) -> HTTPResponse) {
        self.answer = answer
    }

    package func send(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPResponse {
        try answer(request)
    }

    package func stream(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPStream {
        throw .broken("it has no streams")
    }
}
