import DNS
import Model
import Ports
import Testing
@testable import Certificates

@Suite struct RenewalConfigurationTests {
    private let directory = CertbotDirectories.Private(
        config: "/state/certbot/run/a.test",
        logs: "/state/certbot/logs/a.test"
    )

    private func repoint(_ text: String) -> String {
        RenewalConfiguration.repoint(text, from: directory, to: "/etc/letsencrypt")
    }

    @Test func `paths are changed to the real directory, and the run's own directories removed`() {
        let text = """
            # renew_before_expiry = 30 days
            version = 2.1.0
            archive_dir = /state/certbot/run/a.test/archive/a.test
            cert = /state/certbot/run/a.test/live/a.test/cert.pem
            fullchain = "/state/certbot/run/a.test/live/a.test/fullchain.pem"

            # Options used in the renewal process
            [renewalparams]
            account = 8133d8adf8e3a602126fdbcf264f2fe7
            pref_challs = dns-01,
            config_dir = /state/certbot/run/a.test
            work_dir = /state/certbot/run/a.test/work
            logs_dir = /state/certbot/logs/a.test
            manual_auth_hook = /usr/bin/landfall hook auth

            """
        let expected = """
            # renew_before_expiry = 30 days
            version = 2.1.0
            archive_dir = /etc/letsencrypt/archive/a.test
            cert = /etc/letsencrypt/live/a.test/cert.pem
            fullchain = "/etc/letsencrypt/live/a.test/fullchain.pem"

            # Options used in the renewal process
            [renewalparams]
            account = 8133d8adf8e3a602126fdbcf264f2fe7
            pref_challs = dns-01,
            manual_auth_hook = /usr/bin/landfall hook auth

            """
        #expect(repoint(text) == expected)
        #expect(repoint(expected) == expected)
    }

    @Test func `other directories and settings stay as they are`() {
        let text =
            "cert = /state/certbot/run/a.test.org/live/x/cert.pem\nwork_dir = /var/lib/letsencrypt\nbroken line\n"
        #expect(repoint(text) == text)
    }
}

@Suite struct CertbotCommandTests {
    private var settings: CertbotSettings {
        CertbotSettings(stateDirectory: "/state", hookProgram: "/usr/bin/landfall", socket: "/state/landfall.sock")
    }
    private let directory = CertbotDirectories.Private(config: "/state/certbot/run/a", logs: "/state/certbot/logs/a")

    private func order(_ settings: CertbotSettings, _ authentication: CertbotAuthentication) throws -> CertbotCommand {
        let names = try [DomainName("a.test"), DomainName("*.a.test")]
        return .order("a", names, account: "8133", in: directory, authentication: authentication, settings: settings)
    }

    @Test func `the daemon's hooks are called, and the token is in no argument`() throws {
        let command = try order(settings, .hook(token: "s3cret", settings: settings))
        #expect(
            command.arguments == [
                "certbot", "certonly", "--force-renewal", "--no-autorenew", "--cert-name", "a",
                "-d", "a.test", "-d", "*.a.test", "--account", "8133", "--manual", "--preferred-challenges", "dns",
                "--manual-auth-hook", "/usr/bin/landfall hook auth --socket /state/landfall.sock",
                "--manual-cleanup-hook", "/usr/bin/landfall hook cleanup --socket /state/landfall.sock",
                "--non-interactive", "--agree-tos",
                "--server", "https://acme-v02.api.letsencrypt.org/directory", "--config-dir", "/state/certbot/run/a",
                "--work-dir", "/state/certbot/run/a/work", "--logs-dir", "/state/certbot/logs/a",
            ]
        )
        #expect(
            command.environment == [
                "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/state/certbot/run/a",
                "LANG": "C.UTF-8", "LANDFALL_HOOK_TOKEN": "s3cret",
            ]
        )
    }

    @Test func `a path with shell syntax is quoted`() throws {
        var settings = settings
        settings.hookProgram = "/opt/it's here/landfall"
        let arguments = try order(settings, .hook(token: "t", settings: settings)).arguments
        #expect(arguments.contains(#"'/opt/it'\''s here/landfall' hook auth --socket /state/landfall.sock"#))
        #expect(arguments.contains("--disable-hook-validation"))
    }

    @Test func `a plugin gets its credentials in a file`() throws {
        var settings = settings
        settings.authorities = "/ca.pem"
        settings.environment = ["HTTPS_PROXY": "http://proxy:3128"]
        let authenticator = try CertbotAuthenticator(named: "dns-cloudflare", cloudflare: .token(Secret("s3cret")))
        let authentication = try plugin(authenticator).authentication(credentials: "/state/x.ini", wait: .seconds(9))
        let command = try order(settings, authentication)
        #expect(
            authentication.arguments == [
                "--authenticator", "dns-cloudflare", "--dns-cloudflare-credentials", "/state/x.ini",
                "--dns-cloudflare-propagation-seconds", "9",
            ]
        )
        #expect(!(command.arguments + command.environment.values).contains { $0.contains("s3cret") })
        #expect(command.environment["REQUESTS_CA_BUNDLE"] == "/ca.pem")
        #expect(command.environment["HTTPS_PROXY"] == "http://proxy:3128")
    }

    @Test func `Amazon's plugin gets its credentials in Amazon's way, and no plugin needs any`() throws {
        let amazon = try CertbotAuthenticator(named: "dns-route53", credentials: Secret("[default]"))
        let authentication = try plugin(amazon).authentication(credentials: "/state/x.ini", wait: .seconds(9))
        #expect(authentication.arguments == ["--authenticator", "dns-route53"])
        #expect(authentication.environment == ["AWS_SHARED_CREDENTIALS_FILE": "/state/x.ini"])
        let bare = try plugin(CertbotAuthenticator(named: "dns-exoscale")).authentication(credentials: nil, wait: .zero)
        #expect(bare.arguments == ["--authenticator", "dns-exoscale", "--dns-exoscale-propagation-seconds", "0"])
    }

    @Test func `an invalid authenticator is rejected with advice`() throws {
        #expect(throws: CertbotAuthenticatorError.unknown("webroot")) { try CertbotAuthenticator(named: "webroot") }
        #expect(throws: CertbotAuthenticatorError.unknown("dns-x -d y")) {
            try CertbotAuthenticator(named: "dns-x -d y")
        }
        #expect(throws: CertbotAuthenticatorError.noCloudflareCredentials) {
            try CertbotAuthenticator(named: "dns-cloudflare")
        }
        #expect(throws: CertbotAuthenticatorError.needlessCredentials) {
            try CertbotAuthenticator(named: "landfall", credentials: Secret("x"))
        }
    }

    @Test func `options become arguments, and no secret does`() throws {
        var settings = settings
        settings.options.key = .ecdsa(bits: 384)
        settings.options.profile = "shortlived"
        settings.options.arguments = ["--preferred-chain", "ISRG Root X1"]
        settings.options.binding = AccountBinding(kid: "kid-1", key: Secret("c2VjcmV0"))
        let arguments = try order(settings, .hook(token: "t", settings: settings)).arguments
        let tail = [
            "--key-type", "ecdsa", "--elliptic-curve", "secp384r1", "--required-profile", "shortlived",
            "--preferred-chain", "ISRG Root X1",
        ]
        #expect(arguments.firstRange(of: tail) != nil)
        let register = CertbotCommand.register(in: directory, bindingIn: "/state/o.ini", settings: settings)
        #expect(register.arguments.firstRange(of: ["--config", "/state/o.ini"]) != nil)
        #expect(!register.arguments.contains { $0.contains("c2VjcmV0") })
        #expect(CertbotKey.rsa(bits: 4096).arguments == ["--key-type", "rsa", "--rsa-key-size", "4096"])
    }

    private func plugin(_ authenticator: CertbotAuthenticator) throws -> CertbotPlugin {
        guard case .plugin(let plugin) = authenticator else { throw NoPlugin() }
        return plugin
    }

    private struct NoPlugin: Error {}
}

@Suite struct CertbotArgumentsTests {
    @Test(arguments: [
        ("--preferred-chain 'ISRG Root X1'  -v", ["--preferred-chain", "ISRG Root X1", "-v"]),
        ("--must-staple --user-agent-comment=\"a b\"", ["--must-staple", "--user-agent-comment=a b"]),
        (
            "--dns-google-project x --dns-foo-quick --reuse-key",
            ["--dns-google-project", "x", "--dns-foo-quick", "--reuse-key"]
        ),
    ])
    func `allowed arguments are split as a shell would`(line: String, words: [String]) throws {
        #expect(try CertbotArguments.parse(line) == words)
    }

    @Test(arguments: [
        ("--config-dir /x", CertbotArgumentsError.foreign("--config-dir")), ("-d evil.test", .foreign("-d")),
        ("--serv https://x", .foreign("--serv")), ("--deploy-hook=rm", .foreign("--deploy-hook")),
        ("--must-staple x.test", .foreign("x.test")), ("--must-staple=1", .foreign("--must-staple")),
        ("--dns-x-credentials /f", .foreign("--dns-x-credentials")),
        ("--preferred-chain", .noValue("--preferred-chain")), ("--preferred-chain -v", .noValue("--preferred-chain")),
        ("--user-agent 'x", .openQuote),
    ])
    func `other arguments are rejected`(line: String, error: CertbotArgumentsError) {
        #expect(throws: error) { try CertbotArguments.parse(line) }
    }
}

@Suite struct LineageSnapshotTests {
    private let now = Timestamp(seconds: 1_795_485_783)

    private func certificate(_ fingerprint: String, _ names: [String], days: Int64 = 90) throws -> LineageOnDisk {
        .usable(
            CertificateOnDisk(
                lineage: "a",
                names: try names.map { try DomainName($0) },
                fingerprint: Fingerprint(hex: fingerprint),
                notBefore: now,
                notAfter: now + .seconds(days * 86_400),
                changed: now
            )
        )
    }

    private func verdict(
        _ before: LineageOnDisk,
        _ after: LineageOnDisk,
        siblings: (before: Int, after: Int) = (0, 0)
    ) throws -> LineageSnapshot.Verdict {
        LineageSnapshot(lineage: "a", onDisk: after, siblings: siblings.after).verdict(
            since: LineageSnapshot(lineage: "a", onDisk: before, siblings: siblings.before),
            names: [try DomainName("a.test")],
            now: now
        )
    }

    @Test func `only a new and valid certificate for the names is a success`() throws {
        let (old, new) = (try certificate("01", ["a.test"]), try certificate("02", ["a.test"]))
        guard case .issued(let issued) = try verdict(old, new) else {
            Issue.record("not issued")
            return
        }
        #expect(issued.fingerprint.hex == "02")
        #expect(try verdict(old, old) == .unchanged)
        #expect(try verdict(.absent, .absent) == .unchanged)
        #expect(
            try verdict(old, certificate("02", ["b.test"])) == .unusable("the new certificate does not cover a.test")
        )
        #expect(
            try verdict(old, certificate("02", ["a.test"], days: 0))
                == .unusable("the new certificate is no longer valid")
        )
    }

    @Test(arguments: [(0, "a-0001"), (2, "a-0003"), (11, "a-0012")])
    func `a certificate stored beside its name is noticed`(earlier: Int, name: String) throws {
        let reason = "certbot stored the certificate as \(name) because of what is left of an earlier a"
        #expect(try verdict(.absent, .absent, siblings: (earlier, earlier + 1)) == .unusable(reason))
        #expect(try verdict(.absent, .absent, siblings: (earlier, earlier)) == .unchanged)
    }

    @Test func `lineages beside one are counted up to the first that is not there`() throws {
        let beside = try ["a-0001", "a-0002", "a-0004"].map { ($0, try certificate("02", ["a.test"])) }
        let snapshot = LineageSnapshot(lineage: "a", onDisk: .absent, siblings: 0)
        #expect(snapshot.before(in: Dictionary(uniqueKeysWithValues: beside)).siblings == 2)
    }
}
