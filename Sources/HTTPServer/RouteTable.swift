/// One thing a server answers: a method, a path and the handler for both.
package struct Route: Sendable {
    /// Who may use a route.
    package enum Access: Sendable {
        /// Whoever reaches the server.
        case everyone
        /// Only clients of a socket that its owner alone can open.
        case owner
    }

    package typealias Handler = @Sendable (ServerRequest) async -> ServerResponse

    let method: String
    let path: String
    let access: Access
    let handler: Handler

    package init(_ method: String, _ path: String, access: Access, _ handler: @escaping Handler) {
        (self.method, self.path, self.access, self.handler) = (method, path, access, handler)
    }

    package var isForEveryone: Bool { access == .everyone }

    /// A route that everyone may read; it answers GET and HEAD.
    package static func read(_ path: String, _ handler: @escaping Handler) -> Route {
        Route("GET", path, access: .everyone, handler)
    }
}

/// The routes of a server.
package struct RouteTable: Sendable {
    private let routes: [String: [String: Route]]
    private let methods: Set<String>
    private let fallback: ServerResponse
    private let hosts: HostNames?

    /// - Parameters:
    ///   - fallback: the answer for unknown paths.
    ///   - hosts: the names under which the server may be asked; nil: any.
    package init(
        _ routes: [Route],
        fallback: ServerResponse = .text("no such path\n", status: 404),
        hosts: HostNames? = nil
    ) {
        self.routes = routes.reduce(into: [:]) { $0[$1.path, default: [:]][$1.method] = $1 }
        methods = Self.methods(of: routes)
        self.fallback = fallback
        self.hosts = hosts
    }

    package func answer(_ request: ServerRequest) async -> ServerResponse {
        if let rejection = hosts?.rejection(of: request) { return rejection.secured() }
        guard methods.contains(request.method) else { return Self.methodNotAllowed(methods) }
        guard let candidates = routes[request.path] else { return fallback.secured() }
        let method = request.method == "HEAD" ? "GET" : request.method
        guard let route = candidates[method] else {
            return Self.methodNotAllowed(Self.methods(of: candidates.values))
        }
        return await route.handler(request).secured()
    }

    private static func methods(of routes: some Sequence<Route>) -> Set<String> {
        let methods = Set(routes.map(\.method))
        return methods.contains("GET") ? methods.union(["HEAD"]) : methods
    }

    private static func methodNotAllowed(_ methods: Set<String>) -> ServerResponse {
        let allowed = methods.sorted().joined(separator: ", ")
        var response = ServerResponse.text("this path answers \(allowed) only\n", status: 405)
        response.headers["Allow"] = allowed
        return response.secured()
    }
}

extension ServerResponse {
    /// Adds the headers that keep a browser from using the answer as anything else. Headers that are set stay.
    fileprivate func secured() -> ServerResponse {
        var response = self
        response.headers.merge([
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
        ]) { own, _ in own }
        return response
    }
}
