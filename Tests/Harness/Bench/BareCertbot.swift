import Files
import Model
import Ports
import Sandbox

/// certbot alone, with an account of its own, hooks that are three lines of shell, and no wait for anything: what a
/// certificate costs at the least.
struct BareCertbot: Sendable {
    private let stand: BenchFixture
    private var folder: String { "\(stand.folder)/bare" }

    /// Writes the hooks and registers the account.
    static func prepare(at stand: BenchFixture) async throws -> BareCertbot {
        let bare = BareCertbot(stand: stand)
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
        nsupdate -k \(stand.sandbox.folder.updateKey) <<END
        server \(try stand.setting("LANDFALL_SANDBOX_ADDRESS"))
        zone \(try stand.setting("DEFAULT_DOMAIN")).
        update \(action) _acme-challenge.$CERTBOT_DOMAIN. 60 TXT "$CERTBOT_VALIDATION"
        send
        END

        """
    }

    @discardableResult
    private func certbot(_ arguments: [String]) async throws -> Duration {
        try await stand.time(
            ["certbot"] + arguments
                + ["--non-interactive", "--agree-tos", "--server", try stand.setting("CERTBOT_SERVER")]
                + ["--config-dir", folder, "--work-dir", "\(folder)/work", "--logs-dir", "\(folder)/logs"],
            environment: [
                "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": folder, "LANG": "C.UTF-8",
                "REQUESTS_CA_BUNDLE": try stand.setting("LANDFALL_CA_FILE"),
            ]
        )
    }
}
