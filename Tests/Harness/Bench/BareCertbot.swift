import Files
import Model
import Ports
import Sandbox

/// certbot alone, with an account of its own, hooks that are three lines of shell, and no wait for anything: what a
/// certificate costs at the least.
struct BareCertbot: Sendable {
    private let fixture: BenchFixture
    private var folder: String { "\(fixture.folder)/bare" }

    /// Writes the hooks and registers the account.
    static func prepare(at fixture: BenchFixture) async throws -> BareCertbot {
        let bare = BareCertbot(fixture: fixture)
        let files = SystemFiles()
        try files.makeDirectory(bare.folder, mode: 0o700, for: .run)
        for action in ["add", "delete"] {
            try files.write(Array(try bare.hook(action).utf8), to: bare.path(of: action), mode: 0o700, for: .run)
        }
        try await bare.certbot(["register", "--register-unsafely-without-email"])
        return bare
    }

    /// Gets a certificate for a name of the first zone.
    func order(_ name: String) async throws -> Duration {
        try await certbot(
            ["certonly", "--manual", "--preferred-challenges", "dns", "-d", name]
                + ["--manual-auth-hook", path(of: "add"), "--manual-cleanup-hook", path(of: "delete")]
        )
    }

    private func path(of action: String) -> String { "\(folder)/\(action).sh" }

    private func hook(_ action: String) throws -> String {
        """
        #!/bin/sh
        nsupdate -k \(fixture.sandbox.folder.updateKey) <<END
        server \(try fixture.setting("LANDFALL_SANDBOX_ADDRESS"))
        zone \(try fixture.setting("DEFAULT_DOMAIN")).
        update \(action) _acme-challenge.$CERTBOT_DOMAIN. 60 TXT "$CERTBOT_VALIDATION"
        send
        END

        """
    }

    @discardableResult
    private func certbot(_ arguments: [String]) async throws -> Duration {
        try await fixture.time(
            ["certbot"] + arguments
                + ["--non-interactive", "--agree-tos", "--server", try fixture.setting("CERTBOT_SERVER")]
                + ["--config-dir", folder, "--work-dir", "\(folder)/work", "--logs-dir", "\(folder)/logs"],
            environment: [
                "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": folder, "LANG": "C.UTF-8",
                "REQUESTS_CA_BUNDLE": try fixture.setting("LANDFALL_CA_FILE"),
            ]
        )
    }
}
