package import HTTPServer
package import Ports
import Synchronization
import Timing

/// Emulates the services that answer with the caller's public address, each under a path of its own:
/// `/` is ipify (`?format=json` too), `/icanhazip` ends its line, `/cdn-cgi/trace` has it among other lines; a `/v6` before
/// one of these makes it the service's IPv6 form.
package final class AddressEmulator: Emulator {
    /// icanhazip's form: the address and a line feed.
    package static let linePath = "/icanhazip"
    /// Cloudflare's form, among other lines.
    package static let tracePath = "/cdn-cgi/trace"

    private let current = Mutex(AddressSettings())
    private let injector: FaultInjector

    package init(clock: any Clock = SystemClock()) {
        injector = FaultInjector(clock: clock) { status, _, message in .text(message, status: status) }
    }

    package var name: EmulatorName { .address }
    package var handler: HTTPServer.Handler { { request in await self.answer(request) } }
    package var log: RequestLog { injector.log }
    package var faults: Faults { injector.faults }

    package var settings: AddressSettings {
        get { current.withLock { $0 } }
        set {
            current.withLock { $0 = newValue }
            injector.latency = newValue.latency
        }
    }

    private func answer(_ request: ServerRequest) async -> ServerResponse {
        await injector.serve(request) { respond(to: request) }
    }

    private func respond(to request: ServerRequest) -> ServerResponse {
        guard request.method == "GET" else { return .text("method not allowed", status: 405) }
        let settings = settings
        let isV6 = request.path.hasPrefix("/v6")
        let address = isV6 ? settings.ipv6 : settings.ipv4
        switch isV6 ? request.path.dropFirst("/v6".count) : request.path[...] {
        case "", "/": return request.query["format"] == "json" ? .json(["ip": address]) : .text(address)
        case Self.linePath[...]: return .text(address + "\n")
        case Self.tracePath[...]: return .text("fl=1f1\nh=www.cloudflare.com\nip=\(address)\nts=1795485783.1\nloc=DE\n")
        default: return .text("not found", status: 404)
        }
    }
}

package struct AddressSettings: Sendable, Hashable, Codable {
    /// Ordinary global addresses, such as a server would have.
    package var ipv4: String
    package var ipv6: String
    /// Before every answer.
    package var latency: Duration

    package init(ipv4: String = "85.214.132.117", ipv6: String = "2a01:238:4000::117", latency: Duration = .zero) {
        (self.ipv4, self.ipv6, self.latency) = (ipv4, ipv6, latency)
    }
}
