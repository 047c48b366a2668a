import Configuration
import Discovery
import Docker
import EventStream
import Files
import FoundationEssentials
import Model
import Notices
import Ports
import Report
import TestSupport
import Testing
import Timing
@testable import Recording

/// Plants secrets wherever a recording could pick them up, and looks at every byte of it.
@Suite struct SecrecyTests {
    /// Every variable that holds a secret, and a proxy's login.
    private static let environment: [String: String] = {
        let variables = Variable.all.filter(\.isSecret)
        let values = variables.map { variable in
            let secret = "\(variable.name.lowercased())-planted-0123456789"
            let value =
                switch variable.takes {
                case let form where form.hasPrefix("an http(s) URL"):
                    "https://hooks.example.org/\(secret)?key=\(secret)"
                case "base64": "rfc2136keysecretplanted012345678"
                case "NAME:PASSWORD": "robot:\(secret)"
                case "arguments as in a shell":
                    "--reuse-key --dns-example-token \(secret) --dns-example-key='a \"\(secret)'"
                case "a command line for the shell":
                    "curl -fsS -u robot:\(secret) -H 'X-Key: \(secret)' https://hooks.example.org/\(secret) || exit 3"
                default: secret
                }
            return (variable.name, value)
        }
        let others = [
            "https_proxy": "http://somebody:planted%2Dproxy@proxy.example.org:3128",
            "CLOUDFLARE_EMAIL": "a@example.org",
            "SLACK_CHANNEL": "#ops",
            "CERTBOT_AUTHENTICATOR": "dns-example",
            "CERTBOT_EAB_KID": "kid",
            "GOTIFY_URL": "https://gotify.example.org",
            "TELEGRAM_CHAT": "@ops",
            "SMTP_HOST": "mail.example.org",
            "SMTP_USERNAME": "landfall@example.org",
            "SMTP_TO": "a@example.org",
            "RFC2136_SERVER": "192.0.2.53",
            "RFC2136_ZONES": "example.org",
            "RFC2136_KEY_NAME": "landfall",
            "LANDFALL_EXEC_PROVIDER": "/zones",
            "HOSTER_TOKEN": "hoster-token-planted-0123",
        ]
        return Dictionary(uniqueKeysWithValues: values).merging(others) { $1 }
    }()

    private let configuration: Configuration
    private let fixture: RecordingFixture

    init() throws {
        configuration = try Configuration(environment: Self.environment, files: SystemFiles())
        let redactor = Redactor()
        for hidden in configuration.secrets + configuration.proxyLogins + configuration.programSecrets {
            redactor.hide(hidden.value.revealed, replacement: hidden.placeholder, isWhole: hidden.isWhole)
        }
        let header = Header(
            version: "1",
            started: Timestamp(seconds: 0),
            beginning: "start-up",
            program: "/usr/bin/landfall",
            environment: configuration.recordable,
            state: ["notices/slack": ["a": Self.environment.values.sorted().joined(separator: " ")]]
        )
        fixture = try RecordingFixture(redactor: redactor, header: header)
    }

    /// All of our secrets in one text, plain and in other forms, and cut off at its end.
    private var ours: String {
        let values = Self.environment.values.filter { $0.contains("planted") }.sorted()
        let passwords = values.filter { $0.hasPrefix("robot:") }.map { String($0.dropFirst(6)) }
        let forms = values + passwords + values.map { $0.replacing("-", with: "%2D") }
        let login = "somebody:planted-proxy"
        return forms.joined(separator: "\" \n") + " planted-proxy " + Data(login.utf8).base64EncodedString()
            + " \(values.first { $0.contains("slack_token") } ?? "")".dropLast(6)
    }

    @Test func `no secret is in any byte of a recording`() async throws {
        let token = fixture.recorded().randomness.token(bytes: 32, for: .certificate("a"))
        try await plantInHTTP(token)
        try await plantInEngine()
        try await plantInOtherPorts(token)
        try plantOnDisk(token)
        plantInDecisions(token)
        let lines = try await fixture.lines()
        #expect(lines.count > 30)

        let hidden = ["planted", token, String(token.prefix(12))]
        for file in RecordingFixture.files(in: fixture.folder.path + "/recordings") {
            let bytes = try SystemFiles().read(file, limit: 64 << 20, for: .run)
            for word in hidden { #expect(bytes.firstRange(of: word.utf8) == nil, "\(word)") }
        }
        // Also where bytes stand as base64.
        for case .blob(let blob) in lines {
            let bytes = blob.content.wrappedValue
            for word in hidden { #expect(bytes.firstRange(of: word.utf8) == nil, "\(word)") }
        }
        #expect(try await fixture.exchanges().contains { $0.request.contains("redacted.invalid/SLACK_WEBHOOK_URL") })
    }

    @Test func `a configuration with placeholders is valid`() throws {
        let again = try Configuration(recorded: configuration.recordable)
        #expect(again.recordable == configuration.recordable)
        #expect(again.notices.webhook?.revealed == "https://redacted.invalid/LANDFALL_WEBHOOK_URL")
        #expect(again.cloudflare != nil)
    }
}

extension SecrecyTests {
    private func plantInHTTP(_ token: String) async throws {
        let text = ours + token
        let transport = recorded(
            StubTransport { request throws(TransportError) in
                if request.method == .delete { throw .broken(text) }
                let binary = [0xFF, 0xFE] + Array(text.utf8) + [UInt8](repeating: 0x80, count: 300)
                let body = request.method == .get ? Array(text.utf8) : binary
                return HTTPResponse(status: 200, headers: ["set-cookie": text, "retry-after": text], body: body)
            }
        )
        for method in [HTTPRequest.Method.get, .post, .delete] {
            let request = HTTPRequest(
                method,
                try #require(configuration.notices.webhook).revealed,
                headers: [
                    HTTPHeader("Authorization", secret: text), HTTPHeader("X-Registry-Auth", "registry-auth-planted"),
                ],
                body: Array(#"{"text":"\#(text)"}"#.utf8)
            )
            _ = try? await transport.send(request, for: .notifier("slack"))
        }
        let slack = try #require(Self.environment["SLACK_WEBHOOK_URL"])
        _ = try await transport.send(HTTPRequest(.post, slack, body: Array(text.utf8)), for: .notifier("slack"))
    }

    private func plantInEngine() async throws {
        let spec = """
            {"Name":"db","Labels":{"landfall.host":"db.example.org","vault.key":"label-planted"},"TaskTemplate":{"ContainerSpec":\
            {"Env":["DB_PASSWORD=db-password-planted"],"Args":["--key","argument-planted"],"Labels":{"x":"label-planted"},\
            "Mounts":[{"Source":"/mount-planted"}]},"RegistryAuth":"registry-auth-planted"}}
            """
        let container =
            #"{"Id":"c","Names":["/db"],"State":"running","Labels":{"x":"label-planted"},"Command":"argument-planted"}"#
        let transport = recorded(
            StubTransport(chunks: [
                Array(
                    #"{"Type":"container","Action":"start","Actor":{"ID":"c","Attributes":{"name":"db","x":"label-pla"#
                        .utf8
                ),
                Array("nted\"}},\"timeNano\":1}\nargument-planted\n".utf8),
            ]) { request throws(TransportError) in
                let body =
                    switch request.url.split(separator: "/").last {
                    case "services": #"[{"ID":"s","Spec":\#(spec)}]"#
                    case "json": "[\(container)]"
                    case "broken": "{\"Env\":[\"DB_PASSWORD=db-password-planted\"]"
                    default: #"{"Env":["DB_PASSWORD=db-password-planted"],"Spec":\#(spec)}"#
                    }
                return HTTPResponse(status: request.url.hasSuffix("broken") ? 500 : 200, body: Array(body.utf8))
            }
        )
        for path in ["services", "containers/json", "info", "containers/c/json", "secrets", "broken", "services/s"] {
            let request = HTTPRequest(
                .post,
                "http://docker/v1.41/\(path)",
                headers: [HTTPHeader("X-Registry-Auth", "registry-auth-planted")],
                body: Array(spec.utf8),
                peer: .unixSocket(path: "/x")
            )
            _ = try await transport.send(request, for: .engine)
        }
        let stream = try await transport.stream(HTTPRequest(.get, "http://docker/v1.41/events?since=1"), for: .engine)
        for try await _ in stream.chunks {}
    }

    private func plantInOtherPorts(_ token: String) async throws {
        let text = ours + token
        let processes = fixture.recorded { $0.processes = StubProcesses(output: text) }.processes
        let request = ProcessRequest(
            ["certbot", text],
            environment: ["LANDFALL_HOOK_TOKEN": token, "DB": "argument-planted"],
            input: Array(text.utf8),
            timeLimit: .seconds(1)
        )
        _ = try await processes.run(request, for: .certificate("a"))
        try await plantInUpdates(text)
        try await plantInMail(text)
        let resolver = fixture.recorded { $0.dns = StubResolver(content: text) }.dns
        let server = try #require(DNSServer("192.0.2.1"))
        _ = try await resolver.query(DNSQuestion("a", .txt, recursionDesired: true), at: server, for: .run)
    }

    private func plantInMail(_ text: String) async throws {
        let client = fixture.recorded { $0.mail = StubMail(reason: text) }.mail
        let mail = Mail(
            from: "a@example.org",
            to: ["b@example.org"],
            subject: text,
            text: text,
            id: "a",
            time: Timestamp(seconds: 0)
        )
        try? await client.send(mail, through: try #require(configuration.notices.mail).server, for: .notifier("mail"))
    }

    private func plantInUpdates(_ text: String) async throws {
        let record = ZoneRecord(name: "a.example.org", kind: .txt, content: text, ttl: 60)
        let updater = fixture.recorded { $0.dns = StubUpdater(records: [record], reason: text) }.dns
        let peer = try #require(configuration.rfc2136).peer
        let zone = try DomainName("example.org")
        _ = try await updater.transfer(zone, textsBelow: "_landfall", from: peer, for: .run)
        try? await updater.update(DNSUpdate(zone: zone, changes: [.add(record)]), at: peer, for: .run)
    }

    private func plantOnDisk(_ token: String) throws {
        let files = fixture.recorded().files
        let folder = fixture.folder.path
        try files.makeDirectory("\(folder)/accounts/acme", mode: 0o700, for: .run)
        let key = "-----BEGIN EC PRIVATE KEY-----\nprivate-key-planted\n-----END EC PRIVATE KEY-----\n"
        let contents = [
            "accounts/acme/private_key.json": #"{"d":"account-key-planted"}"#, "privkey.pem": key,
            "both.pem": "-----BEGIN CERTIFICATE-----\n" + key, "letsencrypt.log": ours + token,
        ]
        for (path, content) in contents {
            try files.write(Array(content.utf8), to: "\(folder)/\(path)", mode: 0o600, for: .run)
            #expect(try files.read("\(folder)/\(path)", limit: 1 << 20, for: .run) == Array(content.utf8))
        }
        _ = try? files.list("\(folder)/\(ours.prefix(200))", for: .run)
        _ = try? files.publicKeyFingerprint(at: "\(folder)/privkey.pem", for: .run)
        #expect(try files.privateKey(at: "\(folder)/privkey.pem", for: .run).revealed == key)
        _ = try? files.lock("\(folder)/\(token)", for: .run)
    }

    private func plantInDecisions(_ token: String) {
        let text = ours + token
        let cause = RunCause(Trigger(.event, text, subject: text))
        fixture.recorder.triggered(Trigger(.event, text, subject: text), at: .zero)
        fixture.recorder.began(cause, at: .zero)
        let problem = Report.Problem(stage: "record", text: text)
        let report = Report(
            cause: cause,
            started: Timestamp(seconds: 0),
            duration: .zero,
            hints: [Hint(text, about: [])],
            problems: [problem]
        )
        fixture.recorder.ended(report, at: .zero)
        fixture.recorder.arrived(
            .hook(lineage: "a", action: "auth", domain: "a.example", validation: "v", remaining: 0)
        )
    }

    private func recorded(_ base: StubTransport) -> any HTTPTransport {
        fixture.recorded(engine: .reading(configuration.discovery)) { $0.transport = base }.transport
    }
}

extension EngineFilter {
    static func reading(_ rules: DiscoveryRules) -> EngineFilter {
        EngineFilter { response, url in
            EngineExtract.body(of: response, to: url, labels: rules.recordable)
        } events: {
            let extract = EventExtract(hostLabels: rules.hostLabels)
            return { extract.lines(in: $0) }
        }
    }
}
