package import Model
package import Ports
import Synchronization

/// Counts HTTP requests by host and status.
package final class RequestMeter: Sendable {
    /// Hosts are configured, so there are few; but labels may name some, and those must not grow memory.
    private static let limit = 64

    private let state = Mutex<[[String]: Int]>([:])

    /// By host and status: `200`, or `none` without a response.
    var counts: [[String]: Int] { state.withLock(\.self) }

    func count(_ host: String, _ status: String) {
        state.withLock { counts in
            let isKnown = counts[[host, status]] != nil || counts.count < Self.limit
            counts[[isKnown ? host : "other", status], default: 0] += 1
        }
    }
}

package struct MeteredTransport: HTTPTransport {
    private let base: any HTTPTransport
    private let meter: RequestMeter

    package init(_ base: any HTTPTransport, _ meter: RequestMeter) { (self.base, self.meter) = (base, meter) }

    package func send(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPResponse {
        do throws(TransportError) {
            let response = try await base.send(request, for: scope)
            meter.count(request.host(for: scope), "\(response.status)")
            return response
        } catch {
            meter.count(request.host(for: scope), "none")
            throw error
        }
    }

    package func stream(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPStream {
        do throws(TransportError) {
            let stream = try await base.stream(request, for: scope)
            meter.count(request.host(for: scope), "\(stream.status)")
            return stream
        } catch {
            meter.count(request.host(for: scope), "none")
            throw error
        }
    }
}

extension HTTPRequest {
    /// `api.cloudflare.com`; the engine is `docker`, wherever it is.
    fileprivate func host(for scope: Scope) -> String {
        guard !scope.isEngine else { return "docker" }
        let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        let authority = rest.prefix { !"/?#".contains($0) }
        guard !authority.hasPrefix("[") else { return String(authority.prefix { $0 != "]" }.dropFirst()) }
        return authority.prefix { $0 != ":" }.lowercased()
    }
}
