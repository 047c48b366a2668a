import Files
import Glibc
import Model
import Ports
import Processes
import TestSupport
import Testing
import Transport

/// The real Traefik at three ports of this machine, with a resolver that reaches nothing.
struct TraefikProgram {
    let webPort: UInt16
    private let folder: String
    private let apiPort: UInt16
    private let transport = CurlTransport(.init(userAgent: "landfall-tests"))

    /// - Parameter options: those that say what it reads.
    static func use(
        _ program: String,
        _ folder: String,
        _ options: [String],
        _ body: (TraefikProgram) async throws -> Void
    ) async throws {
        let ports = try freePorts(3)
        let own = [
            program, "--log.level=DEBUG", "--log.format=json", "--api.insecure=true", "--log.filepath=\(folder)/log",
            "--core.defaultrulesyntax=v3", "--entrypoints.traefik.address=127.0.0.1:\(ports[0])",
            "--entrypoints.web.address=127.0.0.1:\(ports[1])", "--entrypoints.websecure.address=127.0.0.1:\(ports[2])",
            "--certificatesresolvers.le.acme.email=you@example.test",
            "--certificatesresolvers.le.acme.storage=\(folder)/acme.json",
            "--certificatesresolvers.le.acme.httpchallenge.entrypoint=web",
            "--certificatesresolvers.le.acme.caserver=http://127.0.0.1:9/directory", "--global.checknewversion=false",
            "--global.sendanonymoususage=false",
        ]
        try await whileRunning(own + options, in: folder) {
            try await body(TraefikProgram(webPort: ports[1], folder: folder, apiPort: ports[0]))
        }
    }

    private init(webPort: UInt16, folder: String, apiPort: UInt16) {
        (self.webPort, self.folder, self.apiPort) = (webPort, folder, apiPort)
    }

    /// The routers' statuses, by their names: `r12@file`.
    func statuses(_ kind: String) async throws -> [String: String] {
        let url = "http://127.0.0.1:\(apiPort)/api/\(kind)/routers?per_page=5000"
        let body = try await transport.send(HTTPRequest(.get, url, bodyLimit: 16 << 20), for: .run).body
        return try (decodeJSON(JSONValue.self, from: body).items ?? []).reduce(into: [:]) { statuses, router in
            if let name = router["name"]?.text { statuses[name] = router["status"]?.text }
        }
    }

    /// What its resolver said that it would order, by router.
    ///
    /// `Trying to challenge certificate for domain [a.example.test b.example.test] found in HostSNI rule`
    func certificates() throws -> [String: [String]] {
        let bytes = try SystemFiles().read("\(folder)/log", limit: 256 << 20, for: .run)
        let beginnings = ["debug", "error"].map { Array(#"{"level":"\#($0)","providerName":"le.acme""#.utf8) }
        var found: [String: [String]] = [:]
        for line in bytes.split(separator: UInt8(ascii: "\n")) where beginnings.contains(where: line.starts) {
            guard let line = try? decodeJSON(JSONValue.self, from: Array(line)), let name = line["routerName"]?.text,
                let message = line["message"]?.text
            else { continue }
            if message.hasPrefix("No domain parsed") || message.hasPrefix("Error parsing domains") { found[name] = [] }
            guard message.hasPrefix("Trying to challenge"), let start = message.firstIndex(of: "["),
                let end = message.lastIndex(of: "]")
            else { continue }
            found[name] = message[message.index(after: start)..<end].split(separator: " ").map(String.init)
        }
        return found
    }
}

/// The real Caddy, which is only asked what it makes of Caddyfiles.
struct CaddyProgram {
    private let port: UInt16
    private let transport = CurlTransport(.init(userAgent: "landfall-tests"))

    static func use(_ program: String, _ folder: String, _ body: (CaddyProgram) async throws -> Void) async throws {
        let caddy = CaddyProgram(port: try freePorts(1)[0])
        let text = #"{"admin":{"listen":"127.0.0.1:\#(caddy.port)","config":{"persist":false}}}"#
        try SystemFiles().write(Array(text.utf8), to: "\(folder)/caddy.json", mode: 0o600, for: .run)
        try await whileRunning([program, "run", "--config", "\(folder)/caddy.json"], in: folder) {
            try await eventually("Caddy") { try await caddy.hosts(of: ":80\n") != nil }
            try await body(caddy)
        }
    }

    private init(port: UInt16) { self.port = port }

    /// The hosts that it would serve; nil if it refuses the Caddyfile.
    func hosts(of caddyfile: String) async throws -> Set<String>? {
        let request = HTTPRequest(
            .post,
            "http://127.0.0.1:\(port)/adapt",
            headers: [HTTPHeader("Content-Type", "text/caddyfile")],
            body: Array(caddyfile.utf8)
        )
        let response = try await transport.send(request, for: .run)
        guard response.status == 200 else { return nil }
        let answer = try decodeJSON(JSONValue.self, from: response.body)
        guard case .object(let servers) = answer["result"]?["apps"]?["http"]?["servers"] else { return [] }
        let routes = servers.values.flatMap { $0["routes"]?.items ?? [] }
        return Set(routes.flatMap { $0["match"]?.items ?? [] }.flatMap { $0["host"]?.texts ?? [] })
    }
}

private func freePorts(_ count: Int) throws -> [UInt16] {
    let sockets = try (0..<count).map { _ in try LoopbackSocket() }
    for socket in sockets { close(socket.descriptor) }
    return sockets.map(\.port)
}

private func whileRunning(_ arguments: [String], in folder: String, _ body: () async throws -> Void) async throws {
    let request = ProcessRequest(
        arguments,
        environment: ["PATH": "/usr/bin:/bin", "HOME": folder],
        timeLimit: .seconds(120).scaledToLoad
    )
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { _ = try await SpawnRunner().run(request, for: .run) }
        defer { group.cancelAll() }
        try await body()
    }
}
