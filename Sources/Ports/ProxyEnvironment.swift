/// The proxy settings of the environment, as curl and certbot read them: https://everything.curl.dev/usingcurl/proxies/env.
package struct ProxyEnvironment: Sendable, Hashable {
    /// The variables that are set, with their values.
    package let variables: [String: String]

    package init(_ environment: [String: String] = [:]) {
        variables = environment.filter { name, value in
            !value.isEmpty && ["http_proxy", "https_proxy", "all_proxy", "no_proxy"].contains(name.lowercased())
        }
    }

    /// The variable that names the proxy for URLs of a scheme. `HTTP_PROXY` counts for nothing: on a web server, a client
    /// could set it.
    package func variable(for scheme: String) -> String? {
        let names = (scheme == "https" ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy"]) + ["all_proxy", "ALL_PROXY"]
        return names.first { variables[$0] != nil }
    }

    /// The hosts that are reached without a proxy.
    package var exceptions: String? { variables["no_proxy"] ?? variables["NO_PROXY"] }

    /// The variable that names the proxy for a URL; nil if it is reached without one.
    package func variable(forURL url: String) -> String? {
        isException(Self.host(of: url)) ? nil : variable(for: url.prefix { $0 != ":" }.lowercased())
    }

    private static func host(of url: String) -> String {
        let authority = url.drop { $0 != "/" }.drop { $0 == "/" }.prefix { $0 != "/" && $0 != "?" }
        let isAddress = authority.first == "["
        return String(isAddress ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" })
    }

    /// Whether the exceptions name a host, or a domain that it is in. libcurl itself decides, and knows networks as well
    /// (`10.0.0.0/8`); this decides what an error says.
    private func isException(_ host: String) -> Bool {
        let exceptions = (exceptions ?? "").split { $0 == "," || $0 == " " }.map { $0.lowercased() }
        let host = host.lowercased()
        return exceptions.contains { exception in
            let domain = exception.hasPrefix(".") ? exception.dropFirst() : exception[...]
            return exception == "*" || host == domain || host.hasSuffix(".\(domain)")
        }
    }
}
