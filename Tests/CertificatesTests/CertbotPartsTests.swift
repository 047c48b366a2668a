@testable import Certificates
import DNS
import Model
import Testing

@Suite struct RenewalConfigurationTests {
    private let directory = CertbotDirectories.Private(
        config: "/state/certbot/run/a.test",
        logs: "/state/certbot/logs/a.test"
    )

    private func repoint(_ text: String) -> String {
        RenewalConfiguration.repoint(text, from: directory, to: "/etc/letsencrypt")
    }

    @Test func `paths lead into the real directory and the run's own directories are forgotten`() {
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

    @Test func `other directories and other people's settings stay as they are`() {
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

    private func order(_ settings: CertbotSettings, _ authentication: Authentication) throws -> CertbotCommand {
        let names = try [DomainName("a.test"), DomainName("*.a.test")]
        return .order("a", names, in: directory, authentication: authentication, settings: settings)
    }

    @Test func `the daemon's hooks are called, and the token is in no argument`() throws {
        let command = try order(settings, .hook(token: "s3cret", settings: settings))
        #expect(
            command.arguments == [
                "certbot", "certonly", "--force-renewal", "--cert-name", "a", "-d", "a.test", "-d", "*.a.test",
                "--manual",
                "--preferred-challenges", "dns", "--manual-auth-hook", "/usr/bin/landfall hook auth",
                "--manual-cleanup-hook", "/usr/bin/landfall hook cleanup", "--non-interactive", "--agree-tos",
                "--server", "https://acme-v02.api.letsencrypt.org/directory", "--config-dir", "/state/certbot/run/a",
                "--work-dir", "/state/certbot/run/a/work", "--logs-dir", "/state/certbot/logs/a",
            ]
        )
        #expect(
            command.environment == [
                "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/state/certbot/run/a",
                "LANG": "C.UTF-8", "LANDFALL_HOOK_SOCKET": "/state/landfall.sock", "LANDFALL_HOOK_TOKEN": "s3cret",
            ]
        )
    }

    @Test func `a path that a shell would read otherwise is quoted`() throws {
        var settings = settings
        settings.hookProgram = "/opt/it's here/landfall"
        let arguments = try order(settings, .hook(token: "t", settings: settings)).arguments
        #expect(arguments.contains(#"'/opt/it'\''s here/landfall' hook auth"#))
        #expect(arguments.contains("--disable-hook-validation"))
    }

    @Test func `the plugin gets its credentials by a file`() throws {
        var settings = settings
        settings.authorities = "/ca.pem"
        settings.environment = ["HTTPS_PROXY": "http://proxy:3128"]
        settings.authenticator = try CertbotAuthenticator(named: "dns-cloudflare", cloudflare: .token(Secret("s3cret")))
        let command = try order(settings, .cloudflare(credentials: "/state/x.ini", settings: settings))
        #expect(command.arguments.contains("--dns-cloudflare"))
        #expect(!(command.arguments + command.environment.values).contains { $0.contains("s3cret") })
        #expect(command.environment["REQUESTS_CA_BUNDLE"] == "/ca.pem")
        #expect(command.environment["HTTPS_PROXY"] == "http://proxy:3128")
    }

    @Test func `an unknown authenticator is told what would be right`() {
        #expect(throws: CertbotAuthenticatorError.unknown("dns-rfc2136")) {
            try CertbotAuthenticator(named: "dns-rfc2136", cloudflare: nil)
        }
        #expect(throws: CertbotAuthenticatorError.noCloudflareCredentials) {
            try CertbotAuthenticator(named: "dns-cloudflare", cloudflare: nil)
        }
    }
}

@Suite struct SightTests {
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

    private func verdict(_ before: LineageOnDisk, _ after: LineageOnDisk, sibling: LineageOnDisk = .absent) throws
        -> Sight.Verdict
    {
        Sight(lineage: "a", onDisk: after, sibling: sibling).verdict(
            since: Sight(lineage: "a", onDisk: before, sibling: .absent),
            names: [try DomainName("a.test")],
            now: now
        )
    }

    @Test func `only a new certificate for the names that is valid is a success`() throws {
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

    @Test func `a certificate stored beside its name is noticed`() throws {
        let reason = "certbot stored the certificate as a-0001: the remains of an earlier a are in its way"
        #expect(try verdict(.absent, .absent, sibling: certificate("02", ["a.test"])) == .unusable(reason))
    }
}
