@testable import Declarations
import Files
import Glibc
import Model
import Ports
import Processes
import TestSupport
import Testing
import Transport

/// Rules made by chance, as Landfall reads them and as the real Traefik does.
@Suite(.limited(minutes: 3)) struct TraefikPropertyTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `a rule is refused if Traefik refuses it, and its certificates are those that Traefik asks for`() async throws {
        let program = try ProxyPrograms.traefik()
        let seed = UInt64.random(in: .min ... .max)
        var chance = RuleMaker(seed: seed)
        let rules = (0..<1000).map { _ in (text: chance.rule(), syntax: chance.syntax()) }
        let answers = try await Traefik(program, folder.path).answers(to: rules)
        for (place, rule) in rules.enumerated() {
            let comment: Comment = "`\(rule.text)` in \(rule.syntax), of seed \(seed)"
            let answer = try #require(answers[place], comment)
            let read = Result { () throws(RuleError) in
                try TraefikRule(rule.text, TraefikSyntax(rawValue: rule.syntax) ?? .v3, isTCP: false)
            }
            let isAccepted = if case .success = read { true } else { false }
            #expect(isAccepted == answer.isEnabled, comment)
            let names = Set(TraefikRule.certificateNames(rule.text, isTCP: false))
            #expect(names == Set(answer.domains.compactMap(TraefikRule.certificateName)), comment)
        }
    }
}

/// Makes rules, most of them right and some with a slip.
private struct RuleMaker {
    private var chance: SeededRandom

    init(seed: UInt64) { chance = SeededRandom(seed: seed) }

    mutating func syntax() -> String { chance.one(of: ["v3", "v3", "v2"]) }

    mutating func rule() -> String {
        var bytes = Array(expression(depth: 0).utf8)
        guard chance.next() % 4 == 0, !bytes.isEmpty else { return String(decoding: bytes, as: UTF8.self) }
        // A byte too few, too many, or another one.
        let place = Int.random(in: bytes.indices, using: &chance)
        let other = chance.one(of: Array("()`\"!&|,;#\n a*.{}[]\\/$0".utf8))
        switch chance.next() % 3 {
        case 0: bytes.remove(at: place)
        case 1: bytes.insert(other, at: place)
        default: bytes[place] = other
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func expression(depth: Int) -> String {
        switch depth < 3 ? chance.next() % 8 : 0 {
        case 5: return "\(expression(depth: depth + 1))\(chance.one(of: [" || ", "||", " ||\n"]))\(expression(depth: depth + 1))"
        case 6: return "\(expression(depth: depth + 1))\(chance.one(of: [" && ", "&&"]))\(expression(depth: depth + 1))"
        case 7: return "\(chance.one(of: ["", "!", "! "]))(\(expression(depth: depth + 1)))"
        default: return chance.one(of: ["", "", "", "!"]) + matcher()
        }
    }

    private mutating func matcher() -> String {
        let name = chance.one(of: [
            "Host", "Host", "Host", "Host", "HOST", "host", "HostRegexp", "HostHeader", "Path", "PathPrefix", "Pathprefix",
            "PathRegexp", "Method", "ClientIP", "Header", "Headers", "HeaderRegexp", "HeadersRegexp", "Query", "QueryRegexp",
            "HostSNI", "hOST",
        ])
        let count = chance.one(of: [1, 1, 1, 1, 2, 2, 3, 0])
        let values = (0..<count).map { _ in value(of: name) }
        return "\(name)(\(values.joined(separator: chance.one(of: [",", ", "]))))"
    }

    private mutating func value(of matcher: String) -> String {
        let lower = matcher.lowercased()
        let value: String =
            if lower.hasPrefix("path") {
                chance.one(of: ["/", "/api", "/{id:[0-9]+}", "^/[a-z]+$", "api"])
            } else if lower == "clientip" {
                chance.one(of: ["10.0.0.0/8", "192.0.2.7", "2001:db8::/32", "10.0.0.0/33", "x"])
            } else if lower.hasSuffix("regexp") {
                chance.one(of: ["^.+\\.example\\.test$", "{sub:[a-z]+}.example.test", "example.test", "(", "[a-z", "a|b", "(?!x)y"])
            } else if lower.hasPrefix("host") {
                chance.one(of: [
                    "a.example.test", "B.Example.TEST", "c.example.test.", "*.example.test", "web", "", "bücher.example.test",
                    "x_y.example.test", "a.example.test,b.example.test", "${HOST}", "192.0.2.7", ".example.test", "d..example.test",
                    "e.example.test:80",
                ])
            } else {
                chance.one(of: ["GET", "X-Key", "a=b", "v"])
            }
        // In double quotes a backslash begins an escape.
        return chance.next() % 5 == 0 ? "\"\(value.replacing("\\", with: "\\\\"))\"" : "`\(value)`"
    }
}

/// The real program, with rules in a dynamic file.
private struct Traefik {
    struct Answer {
        var isEnabled = false
        var domains: [String] = []
    }

    private let program: String
    private let folder: String

    init(_ program: String, _ folder: String) { (self.program, self.folder) = (program, folder) }

    func answers(to rules: [(text: String, syntax: String)]) async throws -> [Int: Answer] {
        let routers = rules.enumerated().map { place, rule in
            // The file is a template, too.
            let text = JSONValue.string(rule.text).description.replacing("{", with: "\\u007b")
            let others = #""service":"noop@internal","tls":{"certResolver":"le"}"#
            return "    r\(place): {\"rule\":\(text),\"ruleSyntax\":\"\(rule.syntax)\",\(others)}\n"
        }
        let file = "\(folder)/rules.yml"
        let text = "http:\n  routers:\n\(routers.joined())"
        try SystemFiles().write(Array(text.utf8), to: file, mode: 0o600, for: .run)
        let sockets = try (0..<3).map { _ in try LoopbackSocket() }
        let ports = sockets.map(\.port)
        for socket in sockets { close(socket.descriptor) }
        let request = ProcessRequest(
            [
                program, "--log.level=DEBUG", "--log.format=json", "--api.insecure=true", "--log.filepath=\(folder)/log",
                "--core.defaultrulesyntax=v3", "--entrypoints.traefik.address=127.0.0.1:\(ports[0])",
                "--entrypoints.web.address=127.0.0.1:\(ports[1])", "--entrypoints.websecure.address=127.0.0.1:\(ports[2])",
                "--providers.file.filename=\(file)", "--certificatesresolvers.le.acme.email=you@example.test",
                "--certificatesresolvers.le.acme.storage=\(folder)/acme.json",
                "--certificatesresolvers.le.acme.httpchallenge.entrypoint=web",
                "--certificatesresolvers.le.acme.caserver=http://127.0.0.1:9/directory",
                "--global.checknewversion=false", "--global.sendanonymoususage=false",
            ],
            environment: ["PATH": "/usr/bin:/bin", "HOME": folder],
            timeLimit: .seconds(120).scaledToLoad
        )
        let life = Task { try await SpawnRunner().run(request, for: .run) }
        defer { life.cancel() }
        var answers = try await eventually("Traefik's routers", within: .seconds(60)) {
            let found = try await routersOfAPI(ports[0])
            return found.count == rules.count ? found : nil
        }
        // One line for each router with a name, and none for the others.
        let named = rules.count { !TraefikRule.certificateNames($0.text, isTCP: false).isEmpty }
        let lines = try await eventually("Traefik's certificates", within: .seconds(60)) {
            let lines = try logLines().filter { $0["message"]?.text?.contains("found in") ?? false }
            return lines.count >= named ? lines : nil
        }
        for line in lines { add(line, to: &answers) }
        return answers
    }

    private func routersOfAPI(_ port: UInt16) async throws -> [Int: Answer] {
        let transport = CurlTransport(.init(userAgent: "landfall-tests"))
        let url = "http://127.0.0.1:\(port)/api/http/routers?per_page=5000"
        let request = HTTPRequest(.get, url, timeLimit: .seconds(10), bodyLimit: 16 << 20)
        let body = try await transport.send(request, for: .run).body
        let routers = try decodeJSON(JSONValue.self, from: body).items ?? []
        return routers.reduce(into: [:]) { answers, router in
            guard let place = place(router["name"]?.text) else { return }
            answers[place] = Answer(isEnabled: router["status"]?.text == "enabled")
        }
    }

    /// `r12@file`
    private func place(_ name: String?) -> Int? {
        guard let name, name.hasPrefix("r"), name.hasSuffix("@file") else { return nil }
        return Int(name.dropFirst().dropLast("@file".count))
    }

    private func logLines() throws -> [JSONValue] {
        let bytes = try SystemFiles().read("\(folder)/log", limit: 256 << 20, for: .run)
        return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            // A line of the debug log may name a field twice.
            try? decodeJSON(JSONValue.self, from: Array(line))
        }
    }

    /// `Trying to challenge certificate for domain [a.example.test b.example.test] found in HostSNI rule`
    private func add(_ line: JSONValue, to answers: inout [Int: Answer]) {
        guard let place = place(line["routerName"]?.text), let message = line["message"]?.text, let start = message.firstIndex(of: "["), let end = message.lastIndex(of: "]")
        else { return }
        answers[place]?.domains += message[message.index(after: start)..<end].split(separator: " ").map(String.init)
    }
}
