import FoundationEssentials
import Model
import Ports

/// A service that answers with the caller's address, and how its answer is read.
struct AddressService: Hashable, Sendable {
    /// A longer answer is none.
    private static let bodyLimit = 4 << 10

    let url: String
    /// Who runs it. What two services of one operator say is one testimony.
    let operatorName: String

    init(_ url: String, by operatorName: String? = nil) {
        self.url = url
        self.operatorName = operatorName ?? ServiceOperator.name(ofServiceAt: url)
    }

    /// Of several operators, so that one's trouble is not everybody's, and the first two of different ones. icanhazip has
    /// been Cloudflare's since 2021: https://major.io/p/a-new-future-for-icanhazip/.
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

    /// Host and port; the rest of a URL may hold what nobody else should read.
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
            family: family
        )
        do {
            return read(try await transport.send(request, for: .address), family)
        } catch {
            return .unavailable(reason: "\(error)")
        }
    }

    /// Anything but the address alone may be a captive portal or an error page that happens to hold one.
    func read(_ response: HTTPResponse, _ family: IPAddress.Family) -> Observation<IPAddress> {
        guard response.status == 200 else { return .unavailable(reason: "answered \(response.status)") }
        let text = isTrace ? Self.traceLine(in: response.text) : response.text[...]
        guard let text = text?.trimmed, let address = IPAddress(text) else {
            return .unavailable(reason: "sent no address: \(sanitized(response.text, limit: 40))")
        }
        guard address.family == family else { return .unavailable(reason: "sent \(address), of the other family") }
        if let why = address.foreignness { return .unavailable(reason: "sent \(address), which \(why)") }
        return .known(address)
    }

    private var isTrace: Bool { URLComponents(string: url)?.path.hasSuffix("/cdn-cgi/trace") == true }

    /// Cloudflare's trace is lines of `key=value`; nil unless exactly one is `ip=`.
    private static func traceLine(in text: String) -> Substring? {
        let lines = text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("ip=") }
        return lines.count == 1 ? lines[0].dropFirst(3) : nil
    }
}
