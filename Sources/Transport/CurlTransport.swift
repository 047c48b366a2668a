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

        package init(authorities: String? = nil, userAgent: String) {
            (self.authorities, self.userAgent) = (authorities, userAgent)
        }
    }

    package init(_ settings: Settings) {
        self.settings = settings
        loop = CurlLoop()
        loop.start()
    }

    deinit { loop.stop() }

    package func send(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPResponse {
        let id = loop.nextID()
        let result: Result<HTTPResponse, TransportError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let body = WholeBody(limit: request.bodyLimit) { continuation.resume(returning: $0) }
                loop.submit(.start(id, request, settings, .whole(body)))
                cancelLate(id)
            }
        } onCancel: {
            loop.submit(.cancel(id))
        }
        return try result.get()
    }

    package func stream(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPStream {
        let id = loop.nextID()
        let result: Result<HTTPStream, TransportError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let body = StreamedBody(
                    onHead: { continuation.resume(returning: $0) },
                    onDropped: { [loop] in loop.submit(.cancel(id)) }
                )
                loop.submit(.start(id, request, settings, .streamed(body)))
                cancelLate(id)
            }
        } onCancel: {
            loop.submit(.cancel(id))
        }
        return try result.get()
    }

    /// A task that was cancelled before its request reached the inbox has had its handler run already.
    private func cancelLate(_ id: UInt64) {
        if Task.isCancelled { loop.submit(.cancel(id)) }
    }
}
