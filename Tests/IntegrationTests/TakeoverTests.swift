import Certificates
import Emulators
import Files
import Glibc
import Model
import Pipeline
import Ports
import Processes
import TestSupport
import Testing

extension IntegrationTests {
    /// Stores that somebody else has written to, or that cannot be seen.
    @Suite struct TakeoverTests {
        @Test func `what plain certbot got is taken over as it is, and what nobody names is left alone`() async throws {
            try await SandboxFixture.use { fixture in
                let (host, extra, foreign) = (fixture.host("web"), fixture.host("www"), fixture.host("mail"))
                let authority = try Authority(fixture)
                try await authority.issue(host, for: [host, extra], key: ["-newkey", "rsa:2048"])
                try await authority.issue("old-0001", for: [SandboxFixture.zone, "*.\(SandboxFixture.zone)"])
                // Due, and no label's.
                try await authority.issue(foreign, for: [foreign], days: 5)
                let before = authority.files
                try await fixture.createService("web", ["landfall.host": host])
                let wild = ["landfall.host": fixture.host("api"), "landfall.certificate": "wildcard"]
                try await fixture.createService("api", wild)
                for _ in 0..<2 {
                    let once = try await fixture.command("once")
                    #expect(once.end == .exited(0) && !once.outputText.contains(foreign), "\(once.outputText)")
                }
                #expect(authority.files == before, "nothing was ordered, and nothing written")
                let explained = try await fixture.command("explain", host).outputText
                #expect(explained.contains("to be renewed from ") && explained.contains("it also covers \(extra)"))
                #expect(try await fixture.command("plan").outputText.contains("served by the certificate old-0001"))
            }
        }

        @Test func `a store that may not be seen, leads nowhere or is empty again orders nothing`() async throws {
            try await SandboxFixture.use { fixture in
                let host = fixture.host("web")
                try await fixture.createService("web", ["landfall.host": host])
                try await Authority(fixture).issue(host, for: [host])
                try await fixture.settle()
                let account = fixture.certificates + "/accounts"

                // Root without its right to overrule permissions, which is all that a container may have.
                let humble = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
                unsafe chown(fixture.certificates + "/live", 65534, 65534)
                unsafe chmod(fixture.certificates + "/live", 0o700)
                let closed = try await fixture.command("once", by: humble)
                #expect(closed.end == .exited(1) && closed.outputText.contains("live: Permission denied"))
                unsafe chown(fixture.certificates + "/live", 0, 0)

                let away = fixture.certificates + ".away"
                #expect(unsafe rename(fixture.certificates, away) == 0)
                try SystemFiles().link(fixture.certificates, to: "/nowhere/letsencrypt", for: .run)
                let dangling = try await fixture.command("once")
                #expect(dangling.end == .exited(1) && dangling.outputText.contains("is a dangling link"))
                Disk.remove(fixture.certificates)

                try Disk.makeFolder(fixture.certificates)
                for _ in 0..<2 {
                    let empty = try await fixture.command("once")
                    #expect(empty.end == .exited(1) && empty.outputText.contains("--confirm-empty-store"))
                }
                #expect(!Disk.exists(account))
                #expect(try await fixture.messages(about: "--confirm-empty-store").count == 1)

                // Not even a Landfall that remembers nothing orders: its records are there.
                Disk.remove(fixture.state)
                let blank = try await fixture.command("once")
                #expect(blank.end == .exited(1) && blank.outputText.contains("DNS has records of this instance"))
                #expect(!Disk.exists(account))

                let confirmed = try await fixture.command("once", "--confirm-empty-store")
                #expect(confirmed.end == .exited(0), "\(confirmed.outputText)")
                #expect(fixture.certificate(host) != nil)
            }
        }

        @Test func `a certificate whose hosts are gone is kept, and told of once`() async throws {
            try await SandboxFixture.use { fixture in
                let host = fixture.host("web")
                let service = try await fixture.createService("web", ["landfall.host": host])
                try await fixture.settle()
                let certificate = try #require(fixture.certificate(host))
                try await fixture.removeService(service)
                for _ in 0..<2 {
                    let once = try await fixture.command("once")
                    #expect(once.end == .exited(0))
                    #expect(once.outputText.contains("\(host): no host asks for this certificate any longer"))
                }
                #expect(fixture.certificate(host) == certificate)
                #expect(try await fixture.messages(about: "no host asks for this certificate").count == 1)
            }
        }
    }
}

/// Makes lineages as plain certbot stores them.
private struct Authority {
    private let fixture: SandboxFixture

    init(_ fixture: SandboxFixture) throws {
        self.fixture = fixture
        try Disk.makeFolder("\(fixture.certificates)/renewal")
    }

    /// What is in the store, and when it was written last.
    var files: [String: Timestamp?] {
        Disk.all(below: fixture.certificates).reduce(into: [:]) { $0[$1] = Disk.modified($1) }
    }

    func issue(
        _ lineage: String,
        for names: [String],
        days: Int = 90,
        key: [String] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    ) async throws {
        let (archive, live) = ("\(fixture.certificates)/archive/\(lineage)", "\(fixture.certificates)/live/\(lineage)")
        for folder in [archive, live] { try Disk.makeFolder(folder) }
        let alternatives = names.map { "DNS:\($0)" }.joined(separator: ",")
        let request = ProcessRequest(
            ["openssl", "req", "-x509", "-nodes"] + key + [
                "-keyout", "\(archive)/privkey1.pem", "-out", "\(archive)/fullchain1.pem", "-days", "\(days)",
                "-subj", "/CN=test", "-addext", "subjectAltName=\(alternatives)",
            ],
            environment: ["PATH": "/usr/bin:/bin"],
            timeLimit: .seconds(60).scaledToLoad
        )
        #expect(try await SpawnRunner().run(request, for: .run).end == .exited(0))
        for kind in ["fullchain", "privkey"] {
            let target = "../../archive/\(lineage)/\(kind)1.pem"
            try SystemFiles().link("\(live)/\(kind).pem", to: target, for: .run)
        }
        let note = """
            version = 2.1.0
            archive_dir = \(archive)
            [renewalparams]
            authenticator = nginx
            server = https://acme-v02.api.letsencrypt.org/directory

            """
        try Disk.write(note, to: "\(fixture.certificates)/renewal/\(lineage).conf")
    }
}
