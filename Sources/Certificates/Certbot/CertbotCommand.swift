import Model

/// certbot's argument vector and environment, for both generations (2.1 and 5.x). No secret is in the vector.
struct CertbotCommand {
    let arguments: [String]
    let environment: [String: String]

    /// Orders a certificate, whatever certbot itself thinks is due: that was decided before.
    static func order(
        _ lineage: String,
        _ names: [DomainName],
        in directories: CertbotDirectories.Private,
        authentication: Authentication,
        settings: CertbotSettings
    ) -> CertbotCommand {
        var arguments = [settings.program, "certonly", "--force-renewal", "--cert-name", lineage]
        arguments += names.flatMap { ["-d", $0.text] }
        arguments += authentication.arguments
        return CertbotCommand(arguments, in: directories, settings, authentication.environment)
    }

    static func register(in directories: CertbotDirectories.Private, settings: CertbotSettings) -> CertbotCommand {
        let address = settings.email.map { ["--email", $0, "--no-eff-email"] } ?? ["--register-unsafely-without-email"]
        return CertbotCommand([settings.program, "register"] + address, in: directories, settings, [:])
    }

    private init(
        _ arguments: [String],
        in directories: CertbotDirectories.Private,
        _ settings: CertbotSettings,
        _ additions: [String: String]
    ) {
        self.arguments =
            arguments + [
                "--non-interactive", "--agree-tos",
                // certbot reads /etc/letsencrypt/cli.ini whatever its config-dir, and a server there would win.
                "--server", settings.server,
                "--config-dir", directories.config, "--work-dir", directories.work, "--logs-dir", directories.logs,
            ]
        var environment = [
            "PATH": CertbotSettings.searchPath,
            // Away from anybody's ~/.config/letsencrypt/cli.ini.
            "HOME": directories.config,
            "LANG": "C.UTF-8",
        ]
        if let authorities = settings.authorities { environment["REQUESTS_CA_BUNDLE"] = authorities }
        self.environment = environment.merging(settings.environment) { ours, _ in ours }
            .merging(additions) { _, addition in addition }
    }
}

/// How one certbot is told to answer its challenges.
struct Authentication {
    let arguments: [String]
    let environment: [String: String]

    /// By `landfall hook`, which asks the daemon at the socket.
    static func hook(token: String, settings: CertbotSettings) -> Authentication {
        let path = settings.hookProgram
        let plain = path.utf8.allSatisfy { !#" '"\$`;&|<>()*?[]#~=%!{}"#.utf8.contains($0) && $0 > 0x20 }
        let program =
            plain
            ? path : "'\(path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#))'"
        let arguments = [
            "--manual", "--preferred-challenges", "dns",
            "--manual-auth-hook", "\(program) hook auth", "--manual-cleanup-hook", "\(program) hook cleanup",
        ]
        let environment = [HookEnvironment.socket: settings.socket, HookEnvironment.token: token]
        // certbot's check of a hook takes the text up to the first space for a program's name, quotes included.
        return Authentication(
            arguments: plain ? arguments : arguments + ["--disable-hook-validation"],
            environment: environment
        )
    }

    /// By certbot's Cloudflare plugin, with its blind wait.
    static func cloudflare(credentials path: String, settings: CertbotSettings) -> Authentication {
        Authentication(
            arguments: [
                "--dns-cloudflare", "--dns-cloudflare-credentials", path,
                "--dns-cloudflare-propagation-seconds", "\(settings.propagationLimit.components.seconds)",
            ],
            environment: [:]
        )
    }
}
