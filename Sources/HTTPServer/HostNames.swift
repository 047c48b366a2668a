import Model

/// The names under which a server may be asked. A page of another site whose name was led to this server (DNS rebinding)
/// asks it under its own name, and must get no answer.
package struct HostNames: Sendable {
    private let names: Set<String>

    /// - Parameter names: besides `localhost`.
    package init(_ names: [String]) { self.names = Set(names.map { $0.lowercased() }).union(["localhost"]) }

    /// Why a request is rejected; nil when it is not. `Host` is an address or one of the names, with or without a port;
    /// every browser sends it.
    func rejection(of request: ServerRequest) -> ServerResponse? {
        guard let host = request.headers["host"] else { return nil }
        let name = Self.name(in: host)
        guard IPAddress(name) == nil, !names.contains(name) else { return nil }
        let text = "not served under the name `\(sanitized(name, limit: 100))`; LANDFALL_LISTEN_HOSTS allows names\n"
        return .text(text, status: 421)
    }

    /// Without port, brackets and final dot.
    private static func name(in host: String) -> String {
        let host = host.trimmed.lowercased()
        if host.hasPrefix("[") { return String(host.dropFirst().prefix { $0 != "]" }) }
        let name = host.prefix { $0 != ":" }
        return String(name.hasSuffix(".") ? name.dropLast() : name)
    }
}
