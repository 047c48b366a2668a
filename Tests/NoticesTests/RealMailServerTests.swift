import FoundationEssentials
import Glibc
import Model
@testable import Notices
import Ports
import Processes
import TestSupport
import Testing
import Transport

/// Mail through Debian's mail server, Exim, which wants a login for everything and takes one only from encrypted connections.
@Suite(.serialized) struct RealMailServerTests {
    private static let login = MailServer.Login(name: "landfall", password: Secret("pass word"))

    private func deliver(
        through exim: Exim,
        _ security: MailServer.Security,
        login: MailServer.Login? = login,
        to: String = "ops@example.test",
        authorities: String? = nil,
        at address: String? = nil
    ) async -> NotifierError? {
        guard let endpoint = ProbeEndpoint("\(address ?? exim.address):\(security == .tls ? 2465 : 2525)") else {
            return nil
        }
        let server = MailServer(endpoint, security, login: login)
        let notifier = MailNotifier(
            .init(server: server, from: "landfall@example.test", to: [to]),
            client: CurlMailClient(authorities: authorities ?? exim.certificate)
        )
        let lines = [Message.Line(.problem, "a.example.test: no record"), .init(.news, ".")]
        let message = Message(title: "Landfall: 1 problem – 1 change", lines: lines, level: .error)
        do throws(NotifierError) {
            try await notifier.deliver(Notice(id: "0123", time: Timestamp(seconds: 1_795_485_783), message: message))
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [MailServer.Security.starttls, .tls])
    func `a mail arrives, encrypted and after a login`(security: MailServer.Security) async throws {
        let exim = try await Exim()
        try await exim.run {
            #expect(await deliver(through: exim, security) == nil)
            let mail = try await eventually("the mail") { exim.mail.hasSuffix("\n\n") ? exim.mail : nil }
            #expect(mail.contains("\nFrom: Landfall <landfall@example.test>\nTo: ops@example.test\n"))
            #expect(mail.contains("\nSubject: =?utf-8?B?"))
            let protocols = try #require(mail.firstRange(of: "with esmtpsa").map { mail[$0.upperBound...] })
            #expect(protocols.contains("(TLS"))
            let body = mail.split(separator: "\n\n", maxSplits: 1).last.map { $0.filter { !$0.isWhitespace } }
            let text = try #require(body.flatMap { Data(base64Encoded: $0) })
            #expect(String(decoding: text, as: UTF8.self) == "✗ a.example.test: no record\r\n• .\r\n")
        }
    }

    @Test func `a refusal has Exim's words, and a certificate that is not trusted gets no password`() async throws {
        let exim = try await Exim()
        try await exim.run {
            let wrong = MailServer.Login(name: "landfall", password: Secret("other"))
            #expect(
                await deliver(through: exim, .starttls, login: wrong)
                    == .refused(
                        "\(exim.address) refuses the login: 535 Incorrect authentication data; see SMTP_USERNAME"
                    )
            )
            #expect(
                await deliver(through: exim, .starttls, login: nil)
                    == .refused(
                        "\(exim.address) answers: 550 relay not permitted; see SMTP_FROM, SMTP_TO and the login"
                    )
            )
            #expect(
                await deliver(through: exim, .tls, to: "absent@example.test")
                    == .refused("\(exim.address) answers: 550 no such user; see SMTP_FROM, SMTP_TO and the login")
            )
            let system = "/etc/ssl/certs/ca-certificates.crt"
            for security in [MailServer.Security.starttls, .tls] {
                guard case .refused(let text) = await deliver(through: exim, security, authorities: system) else {
                    Issue.record("it was not refused")
                    return
                }
                #expect(text.hasPrefix("the certificate of \(exim.address) is not trusted: SSL certificate problem"))
                #expect(text.hasSuffix("; see LANDFALL_CA_FILE"))
            }
            guard case .refused(let text) = await deliver(through: exim, .starttls, at: exim.otherAddress) else {
                Issue.record("it was not refused")
                return
            }
            #expect(text.contains("subject name matches target host name") && text.hasSuffix("; see SMTP_HOST"))
            // Exim offers no login without encryption, and so none is sent.
            #expect(
                await deliver(through: exim, .off)
                    == .refused(
                        "\(exim.address) answers: 550 relay not permitted; see SMTP_FROM, SMTP_TO and the login"
                    )
            )
            #expect(exim.mail.isEmpty)
        }
    }
}

/// Exim with its files in a folder, on a loopback address of its own.
private struct Exim: Sendable {
    let address: String
    /// The certificate does not name it.
    let otherAddress: String
    private let folder: TemporaryFolder

    /// Skips the test where Exim cannot be started.
    init() async throws {
        guard unsafe access("/usr/sbin/exim4", X_OK) == 0 else { try skip("Exim is not installed") }
        guard geteuid() == 0 else { try skip("Exim needs root") }
        folder = try TemporaryFolder()
        let place = "\(getpid() % 200 + 20).\(getpid() / 200 % 250 + 1)"
        (address, otherAddress) = ("127.78.\(place)", "127.79.\(place)")
        // Exim reads and writes there under a user of its own.
        try await command("chmod", "755", folder.path)
        try await command("install", "-d", "-o", "Debian-exim", folder.path + "/spool", folder.path + "/out")
        let key = [
            "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", folder.path + "/key.pem",
        ]
        let names = ["-subj", "/CN=mail.example.test", "-addext", "subjectAltName=IP:\(address)"]
        try await command(["openssl", "req", "-x509", "-days", "2", "-out", certificate] + key + names)
        try await command("chown", "Debian-exim", folder.path + "/key.pem")
        try Data(configuration.utf8).write(to: URL(filePath: folder.path + "/exim.conf"))
    }

    var certificate: String { folder.path + "/certificate.pem" }

    /// What has been delivered, headers and all.
    var mail: String {
        let data = try? Data(contentsOf: URL(filePath: folder.path + "/out/mail"))
        return data.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let arguments = ["/usr/sbin/exim4", "-C", folder.path + "/exim.conf", "-bdf"]
                let request = ProcessRequest(arguments, environment: [:], timeLimit: .seconds(60).scaledToLoad)
                let result = try await SpawnRunner().run(request, for: .run)
                try #require(result.end == .cancelled, "exim ended: \(result.errorText)")
            }
            group.addTask {
                let endpoint = try #require(ProbeEndpoint("\(address):2525"))
                try await eventually("Exim") {
                    (try? await CurlMailClient().verify(MailServer(endpoint, .off, login: nil))) != nil
                }
                try await body()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func command(_ arguments: String...) async throws { try await command(arguments) }

    private func command(_ arguments: [String]) async throws {
        let path = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
        let request = ProcessRequest(arguments, environment: path, timeLimit: .seconds(20).scaledToLoad)
        let result = try await SpawnRunner().run(request, for: .run)
        try #require(result.end == .exited(0), "\(arguments): \(result.errorText)")
    }

    private var configuration: String {
        """
        spool_directory = \(folder.path)/spool
        log_file_path = \(folder.path)/out/%slog
        pid_file_path = \(folder.path)/spool/pid
        primary_hostname = mail.example.test
        local_interfaces = \(address) : \(otherAddress)
        daemon_smtp_ports = 2525 : 2465
        tls_on_connect_ports = 2465
        tls_advertise_hosts = *
        tls_certificate = \(certificate)
        tls_privatekey = \(folder.path)/key.pem
        auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}
        deliver_drop_privilege
        keep_environment =
        host_lookup =
        acl_smtp_rcpt = recipients
        begin acl
        recipients:
          deny message = no such user
               local_parts = absent
          accept authenticated = *
          deny message = relay not permitted
        begin routers
        all:
          driver = accept
          transport = file
        begin transports
        file:
          driver = appendfile
          file = \(folder.path)/out/mail
          user = Debian-exim
        begin authenticators
        plain:
          driver = plaintext
          public_name = PLAIN
          server_prompts = :
          server_condition = ${if and{{eq{$auth2}{landfall}}{eq{$auth3}{pass word}}}}
          server_set_id = $auth2

        """
    }
}
