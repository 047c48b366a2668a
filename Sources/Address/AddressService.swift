import FoundationEssentials
import Model
import Ports

/// A service that answers with the caller's address, and how its answer is read.
struct AddressService: Hashable, Sendable {
    /// A longer answer is rejected.
    private static let bodyLimit = 4 << 10

    let url: String
    /// Reports of two services of one operator count as one.
    let operatorName: String

    init(_ url: String, by operatorName: String? = nil) {
        self.url = url
        self.operatorName = operatorName ?? ServiceOperator.name(ofServiceAt: url)
    }

    /// The built-in services. The first two have different operators. icanhazip has been Cloudflare's since 2021:
    /// https://major.io/p/a-new-future-for-icanhazip/.
    static func known(_ family: IPAddress.Family) -> [AddressService] {
        let trace = AddressService("https://www.cloudflare.com/cdn-cgi/trace", by: "cloudflare.com")
        return switch family {
        case .v4:
            [
                AddressService("https://api.ipify.org"),
                AddressService("https://ipv4.icanhazip.com", by: "cloudflare.com"),
                AddressService("https://checkip.amazonaws.com", by: "amazonaws.com"), trace,
            ]
        case .v6:
            [
                AddressService("https://api6.ipify.org"),
                AddressService("https://ipv6.icanhazip.com", by: "cloudflare.com"), trace,
            ]
        }
    }

    /// Host and port; the rest of a URL may hold secrets.
    var name: String {
        let components = URLComponents(string: url)
        return (components?.host ?? "?") + (components?.port.map { ":\($0)" } ?? "")
    }

    func ask(_ family: IPAddress.Family, by transport: any HTTPTransport) async -> Observation<IPAddress> {
        let request = HTTPRequest(
            .get,
            url,
            timeLimit: .seconds(5),
            connectLimit: .seconds(3),
            bodyLimit: Self.bodyLimit,
            family: family,
            // A proxy's address would be the answer.
            isDirect: true
        )
        do {
            return read(try await transport.send(request, for: .address), family)
        } catch {
            return .unavailable(reason: "\(error)")
        }
    }

    /// Accepts the address alone: anything else may be a captive portal or an error page that happens to hold one.
    func read(_ response: HTTPResponse, _ family: IPAddress.Family) -> Observation<IPAddress> {
        guard response.status == 200 else { return .unavailable(reason: "answered \(response.status)") }
        let text = isTrace ? Self.traceLine(in: response.text) : response.text[...]
        guard let text = text?.trimmed, let address = IPAddress(text) else {
            return .unavailable(reason: "did not send an address: \(sanitized(response.text, limit: 40))")
        }
        guard address.family == family else {
            return .unavailable(reason: "sent \(address), which is not IP\(family.rawValue)")
        }
        if let reason = address.notOursReason { return .unavailable(reason: "sent \(address), which \(reason)") }
        return .known(address)
    }

    private var isTrace: Bool { URLComponents(string: url)?.path.hasSuffix("/cdn-cgi/trace") == true }

    /// Cloudflare's trace is lines of `key=value`; nil unless exactly one is `ip=`.
    private static func traceLine(in text: String) -> Substring? {
        let lines = text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("ip=") }
        return lines.count == 1 ? lines[0].dropFirst(3) : nil
    }
}

/// The operator of an address service.
enum ServiceOperator {
    /// The registrable domain of the URL's host. An address, or a name without such a domain, is its own operator, and
    /// so is each port of this machine.
    static func name(ofServiceAt url: String) -> String {
        let components = URLComponents(string: url)
        let host = components?.host?.lowercased() ?? url
        if isThisMachine(host) { return "\(host):\(components?.port ?? 0)" }
        guard let name = try? DomainName(host) else { return host }
        return (name.registrableDomain ?? name).text
    }

    /// Whether a URL's host is this machine, so that a request never leaves it.
    static func isThisMachine(_ host: String) -> Bool {
        let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        guard let address = IPAddress(bare) else { return host.lowercased() == "localhost" }
        return address.family == .v4 ? address.bytes[0] == 127 : address == IPAddress("::1")
    }
}
