import CCurl
package import Model
package import Ports
import Synchronization
import Threads

/// HTTP by libcurl. One thread owns the multi handle and all transfers; callers await it.
package final class CurlTransport: HTTPTransport {
    private let loop: CurlLoop
    private let settings: Settings

    package struct Settings: Sendable {
        /// PEM file of authorities that are trusted besides the system's.
        package var authorities: String?
        package var userAgent: String
        /// The proxies that requests go through if they are not direct.
        package var proxies: ProxyEnvironment

        package init(authorities: String? = nil, userAgent: String, proxies: ProxyEnvironment = ProxyEnvironment()) {
            (self.authorities, self.userAgent, self.proxies) = (authorities, userAgent, proxies)
        }
    }

    package init(_ settings: Settings) {
        self.settings = settings
        loop = CurlLoop()
        loop.start()
    }

    deinit { loop.stop() }

    package func send(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPResponse {
        try await exchange(request) { _, completion in
            WholeBody(limit: request.bodyLimit, isCut: request.cutsBody, completion: completion)
        }
    }

    package func stream(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPStream {
        try await exchange(request) { [loop] id, completion in
            StreamedBody(onHead: completion) { loop.submit(.cancel(id)) }
        }
    }

    private func exchange<Value: Sendable>(
        _ request: HTTPRequest,
        _ body: (UInt64, @escaping (Result<Value, TransportError>) -> Void) -> any ResponseBody
    ) async throws(TransportError) -> Value {
        // A line break would begin another header (RFC 9110 §5.5).
        guard request.headers.allSatisfy(\.isOneLine) else {
            throw .broken("a header of the request holds a control character")
        }
        let id = loop.nextID()
        let result: Result<Value, TransportError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let sink = CurlLoop.Sink(body: body(id) { continuation.resume(returning: $0) })
                loop.submit(.start(id, request, settings, sink))
                // A task that was cancelled before its request reached the inbox has had its handler run already.
                if Task.isCancelled { loop.submit(.cancel(id)) }
            }
        } onCancel: {
            loop.submit(.cancel(id))
        }
        return try result.get()
    }
}

extension HTTPHeader {
    fileprivate var isOneLine: Bool {
        [name, value.revealed].allSatisfy { $0.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 } }
    }
}
