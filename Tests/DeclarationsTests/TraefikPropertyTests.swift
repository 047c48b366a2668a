@testable import Declarations
import Files
import Model
import Ports
import TestSupport
import Testing

/// Rules made by chance, as Landfall reads them and as the real Traefik does.
@Suite(.limited(minutes: 2)) struct TraefikPropertyTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `a rule is refused if Traefik refuses it, and its certificates are those that Traefik asks for`()
        async throws
    {
        let program = try ProxyPrograms.traefik()
        let seed = UInt64.random(in: .min ... .max)
        var maker = RuleMaker(seed: seed)
        let rules = (0..<600).map { place in maker.rule(isTCP: place % 4 == 3) }
        try await Traefik.use(program, folder.path, rules) { traefik in
            let answers = try await traefik.answers()
            for (rule, answer) in zip(rules, answers) {
                let comment: Comment = "`\(rule.text)` in \(rule.syntax), TCP \(rule.isTCP), of seed \(seed)"
                let tree = try? RuleParser.parse(rule.text)
                let read = tree.flatMap { try? TraefikRule($0, rule.syntax, isTCP: rule.isTCP) }
                #expect((read != nil) == answer.isEnabled, comment)
                let names = Set(tree.map { TraefikRule.certificateNames($0, isTCP: rule.isTCP) } ?? [])
                #expect(names == Set(answer.domains.compactMap(TraefikRule.certificateName)), comment)
            }
        }
    }

    /// Every rule has a header of its own beside it, so that the rules cannot take each other's requests.
    @Test func `a host of a rule is one for which Traefik answers some request`() async throws {
        let program = try ProxyPrograms.traefik()
        let seed = UInt64.random(in: .min ... .max)
        var maker = RuleMaker(seed: seed)
        let rules = (0..<50).map { place in
            let rule = maker.servedRule()
            return (
                inner: rule,
                outer: MadeRule(
                    text: "(\(rule)) && Header(`X-Rule`, `\(place)`)",
                    syntax: .v3,
                    isTCP: false,
                    isServed: true
                )
            )
        }
        try await Traefik.use(program, folder.path, rules.map(\.outer)) { traefik in
            _ = try await traefik.answers()
            for (place, rule) in rules.enumerated() {
                let tree = try RuleParser.parse(rule.outer.text)
                let found = Set(try TraefikRule(tree, .v3, isTCP: false).hosts.map(\.name))
                for name in RuleMaker.served where rule.inner.contains("`\(name)`") {
                    let isServed = try await traefik.answersSome(of: name.replacing("*", with: "other"), rule: place)
                    #expect(found.contains(name) == isServed, "\(name) of `\(rule.inner)`, of seed \(seed)")
                }
            }
        }
    }
}

private struct MadeRule: Sendable {
    let text: String
    let syntax: TraefikSyntax
    let isTCP: Bool
    /// Whether it is asked without TLS.
    var isServed = false
}

/// Makes rules, most of them right and some with a slip.
private struct RuleMaker {
    private var chance: SeededRandom
    private var headers = 0

    init(seed: UInt64) { chance = SeededRandom(seed: seed) }

    mutating func rule(isTCP: Bool) -> MadeRule {
        let syntax = chance.one(of: [TraefikSyntax.v3, .v3, .v2])
        var bytes = Array(expression(isTCP, depth: 0).utf8)
        if chance.next() % 4 == 0, !bytes.isEmpty {
            // A byte too few, too many, or another one.
            let place = Int.random(in: bytes.indices, using: &chance)
            let other = chance.one(of: Array("()`\"!&|,;#\na*.{}[]\\/$0".utf8))
            switch chance.next() % 3 {
            case 0: bytes.remove(at: place)
            case 1: bytes.insert(other, at: place)
            default: bytes[place] = other
            }
        }
        return MadeRule(text: String(decoding: bytes, as: UTF8.self), syntax: syntax, isTCP: isTCP)
    }

    private mutating func expression(_ isTCP: Bool, depth: Int) -> String {
        let inner = { (maker: inout RuleMaker) in maker.expression(isTCP, depth: depth + 1) }
        switch depth < 3 ? chance.next() % 8 : 0 {
        case 5: return "\(inner(&self))\(chance.one(of: [" || ", "||", " ||\n", " || // why\n"]))\(inner(&self))"
        case 6: return "\(inner(&self))\(chance.one(of: [" && ", "&&", " /* and */ && "]))\(inner(&self))"
        case 7: return "\(chance.one(of: ["", "!", "! ", "!!"]))(\(inner(&self)))"
        default: return chance.one(of: ["", "", "", "!"]) + matcher(isTCP)
        }
    }

    private static let names = [
        "Host", "Host", "Host", "Host", "HOST", "host", "HostRegexp", "HostHeader", "Path", "PathPrefix", "Pathprefix",
        "PathRegexp",
        "Method", "ClientIP", "Header", "Headers", "HeaderRegexp", "HeadersRegexp", "Query", "QueryRegexp", "HostSNI",
        "hOST",
    ]
    private static let ofTCP = [
        "HostSNI", "HostSNI", "HostSNI", "HostSNIRegexp", "hostsni", "HOSTSNI", "ALPN", "ClientIP", "Host",
    ]

    private mutating func matcher(_ isTCP: Bool) -> String {
        let name = chance.one(of: isTCP ? Self.ofTCP : Self.names)
        let count = chance.one(of: [1, 1, 1, 1, 2, 2, 3, 0])
        let values = (0..<count).map { _ in value(of: name.lowercased()) }
        return "\(name)(\(values.joined(separator: chance.one(of: [",", ", ", ",\n"]))))"
    }

    private mutating func value(of matcher: String) -> String {
        let value: String =
            if matcher.hasPrefix("path") {
                chance.one(of: [
                    "/", "/api", "/{id:[0-9]+}", "/{id}", "/{}", "/{:x}", "/{id:}", "^/[a-z]+$", "api", "/x{2}",
                    "/a/../b",
                ])
            } else if matcher == "clientip" {
                chance.one(of: [
                    "10.0.0.0/8", "192.0.2.7", "2001:db8::/32", "10.0.0.0/33", "x", "10.0.0.1/08",
                    "::ffff:10.0.0.0/104",
                ])
            } else if matcher == "alpn" {
                chance.one(of: ["h2", "http/1.1", "acme-tls/1"])
            } else if matcher.hasSuffix("regexp") {
                chance.one(of: [
                    "^.+\\.example\\.test$", "{sub:[a-z]+}.example.test", "example.test", "(", "[a-z", "a|b", "(?!x)y",
                    "a**", "a{2,1}",
                    "a{1001}", "(?i)a", "(?P<n>a)", "\\d+", "\\z", "\\pL", "[[:alpha:]]", "[z-a]", "x{,3}", "{any:.*}",
                    "*", "|a", "a{2}{3}",
                ])
            } else if matcher.hasPrefix("host") {
                chance.one(of: [
                    "a.example.test", "B.Example.TEST", "c.example.test.", "*.example.test", "*", "web", "",
                    "bücher.example.test",
                    "x_y.example.test", "a.example.test,b.example.test", "${HOST}", "192.0.2.7", ".example.test",
                    "d..example.test",
                    "e.example.test:80", "-f.example.test", "*.*.example.test", "g.*.test", "[2001:db8::1]",
                    "h.example.test/x",
                ])
            } else {
                chance.one(of: ["GET", "X-Key", "a=b", "v", "get", "a b"])
            }
        // In double quotes a backslash begins an escape.
        return chance.next() % 5 == 0 ? "\"\(value.replacing("\\", with: "\\\\"))\"" : "`\(value)`"
    }

    // MARK: Rules whose answers are asked for

    static let served = ["a.example.test", "b.example.test", "c.example.org", "*.example.test"]

    /// Hosts and at most three headers, each of which is there once.
    mutating func servedRule() -> String {
        headers = 0
        return servedExpression(depth: 0)
    }

    private mutating func servedExpression(depth: Int) -> String {
        switch depth < 3 ? chance.next() % 5 : 0 {
        case 1, 2: return "\(servedExpression(depth: depth + 1)) || \(servedExpression(depth: depth + 1))"
        case 3: return "\(servedExpression(depth: depth + 1)) && \(servedExpression(depth: depth + 1))"
        case 4: return "!(\(servedExpression(depth: depth + 1)))"
        default:
            let sign = chance.one(of: ["", "", "!"])
            guard chance.next() % 4 == 0, headers < Traefik.mostHeaders else {
                return "\(sign)Host(`\(chance.one(of: Self.served))`)"
            }
            headers += 1
            return "\(sign)Header(`X-\(headers)`, `1`)"
        }
    }
}

/// The real program, with rules in a dynamic file.
private struct Traefik {
    struct Answer {
        var isEnabled = false
        var domains: [String] = []
    }

    static let mostHeaders = 3

    let rules: [MadeRule]
    let program: TraefikProgram

    static func use(
        _ program: String,
        _ folder: String,
        _ rules: [MadeRule],
        _ body: (Traefik) async throws -> Void
    ) async throws {
        let file = "\(folder)/rules.yml"
        let routers = { (isTCP: Bool) in
            rules.enumerated().filter { $1.isTCP == isTCP }.map { place, rule in
                // The file is a template, too.
                let text = JSONValue.string(rule.text).description.replacing("{", with: "\\u007b")
                let others =
                    rule.isServed
                    ? #""entryPoints":["web"]"# : #""tls":{"certResolver":"le"},"entryPoints":["websecure"]"#
                let service = #""ruleSyntax":"\#(rule.syntax)","service":"\#(isTCP ? "s" : "noop@internal")""#
                return "    r\(place): {\"rule\":\(text),\(service),\(others)}\n"
            }
            .joined()
        }
        let ofTCP =
            rules.contains(where: \.isTCP)
            ? "tcp:\n  services: {s: {loadBalancer: {servers: [{address: '127.0.0.1:9'}]}}}\n  routers:\n\(routers(true))"
            : ""
        let text = "http:\n  routers:\n\(routers(false))\(ofTCP)"
        try SystemFiles().write(Array(text.utf8), to: file, mode: 0o600, for: .run)
        let options = ["--providers.file.filename=\(file)", "--providers.file.watch=false"]
        try await TraefikProgram.use(program, folder, options) { try await body(Traefik(rules: rules, program: $0)) }
    }

    /// In the order of the rules.
    func answers() async throws -> [Answer] {
        var answers = try await eventually("Traefik's routers", within: .seconds(60)) {
            let statuses = try await program.statuses("http").merging(program.statuses("tcp")) { first, _ in first }
            let found = rules.indices.compactMap { statuses["r\($0)@file"] }
            return found.count == rules.count ? found.map { Answer(isEnabled: $0 == "enabled") } : nil
        }
        guard !rules.contains(where: \.isServed) else { return answers }
        // For each router it says what it makes of its rule.
        let domains = try await eventually("Traefik's certificates", within: .seconds(60)) {
            let lines = try program.certificates()
            let found = rules.indices.compactMap { lines["r\($0)@file"] }
            return found.count == rules.count ? found : nil
        }
        for (place, domains) in domains.enumerated() { answers[place].domains = domains }
        return answers
    }

    /// Whether a router answers a request for a host with some of the headers; without one, Traefik says 404.
    func answersSome(of host: String, rule: Int) async throws -> Bool {
        for headers in 0..<(1 << Self.mostHeaders) {
            let chosen = (0..<Self.mostHeaders).filter { headers & 1 << $0 != 0 }.map { "X-\($0 + 1): 1\r\n" }.joined()
            let client = try RawClient(port: program.webPort)
            client.send("GET / HTTP/1.1\r\nHost: \(host)\r\nX-Rule: \(rule)\r\n\(chosen)Connection: close\r\n\r\n")
            let answer = try await client.readToEnd()
            client.close()
            if !answer.hasPrefix("HTTP/1.1 404") { return true }
        }
        return false
    }
}
