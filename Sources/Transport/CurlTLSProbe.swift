import CCurl
package import Model
package import Ports
import Threads

/// Makes TLS handshakes with libcurl and nothing more, each on a thread of its own.
package struct CurlTLSProbe: TLSProbe {
    private static let limit = Duration.seconds(5)

    package init() {}

    package func certificate(
        for name: String,
        at endpoint: ProbeEndpoint,
        for scope: Scope
    ) async throws(TransportError) -> [UInt8] {
        do {
            return try await blocking(named: "probe") { Self.handshake(name, endpoint) }.get()
        } catch let error as TransportError {
            throw error
        } catch {
            throw .broken("\(error)")
        }
    }

    private static func handshake(_ name: String, _ endpoint: ProbeEndpoint) -> Result<[UInt8], TransportError> {
        var length = 0
        var code = CURLE_OK
        // The name stays that of the URL, wherever the connection leads.
        let pem = unsafe landfall_curl_peer_certificate(
            "https://\(name):\(endpoint.port)/",
            "\(name):\(endpoint.port):\(endpoint)",
            Int(limit.milliseconds),
            &length,
            &code
        )
        guard let pem = unsafe pem else { return .failure(error(code)) }
        defer { unsafe landfall_curl_free(pem) }
        return unsafe .success([UInt8](UnsafeRawBufferPointer(start: pem, count: length)))
    }

    private static func error(_ code: CURLcode) -> TransportError {
        switch code {
        case CURLE_OK: .broken("no certificate was shown")
        case CURLE_OPERATION_TIMEDOUT: .timedOut(after: limit)
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST:
            unsafe .unreachable(sanitized(String(cString: curl_easy_strerror(code))))
        default: unsafe .broken(sanitized(String(cString: curl_easy_strerror(code))))
        }
    }
}
