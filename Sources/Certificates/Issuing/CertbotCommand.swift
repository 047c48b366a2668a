import Model

/// certbot's argument vector and environment, for both generations (2.1 and 5.x). The vector contains no secret.
struct CertbotCommand {
    let arguments: [String]
    let environment: [String: String]

    /// Orders a certificate, whether or not certbot thinks it is due; a nil `account` leaves the account to certbot, and a
    /// nil `profile` the profile to the settings.
    static func order(
        _ lineage: String,
        _ names: [DomainName],
        profile: String? = nil,
        account: String?,
        in directories: CertbotDirectories.Private,
        authentication: CertbotAuthentication,
        settings: CertbotSettings
    ) -> CertbotCommand {
        let options = settings.options
        // `certbot renew`, such as Debian's timer runs it, then leaves the lineage alone (`autorenew = False`).
        var arguments = [settings.program, "certonly", "--force-renewal", "--no-autorenew", "--cert-name", lineage]
        arguments += names.flatMap { ["-d", $0.text] }
        arguments += (account.map { ["--account", $0] } ?? []) + authentication.arguments
        arguments += options.key?.arguments ?? []
        // Required: where the authority no longer offers it, another kind of certificate would come without a word.
        arguments += (profile ?? options.profile).map { ["--required-profile", $0] } ?? []
        return CertbotCommand(arguments + options.arguments, in: directories, settings, authentication.environment)
    }

    /// - Parameter file: certbot's configuration file with the account binding, where one is needed.
    static func register(
        in directories: CertbotDirectories.Private,
        bindingIn file: String?,
        settings: CertbotSettings
    ) -> CertbotCommand {
        let address = settings.email.map { ["--email", $0, "--no-eff-email"] } ?? ["--register-unsafely-without-email"]
        let binding = file.map { ["--config", $0] } ?? []
        return CertbotCommand([settings.program, "register"] + address + binding, in: directories, settings, [:])
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
                // certbot reads /etc/letsencrypt/cli.ini whatever its config-dir is, and a server there would win.
                "--server", settings.server,
                "--config-dir", directories.config, "--work-dir", directories.work, "--logs-dir", directories.logs,
            ]
        environment = Self.environment(home: directories.config, settings).merging(additions) { $1 }
    }

    /// certbot's whole environment: those of Landfall's variables that plugins know too must not reach them. There must be no
    /// `.config/letsencrypt/cli.ini` in `home`.
    static func environment(home: String, _ settings: CertbotSettings) -> [String: String] {
        var environment = ["PATH": CertbotSettings.searchPath, "HOME": home, "LANG": "C.UTF-8"]
        if let authorities = settings.authorities { environment["REQUESTS_CA_BUNDLE"] = authorities }
        return environment.merging(settings.environment) { ours, _ in ours }
    }
}

/// The arguments and variables that tell one certbot how its challenges are solved.
struct CertbotAuthentication {
    let arguments: [String]
    let environment: [String: String]

    /// By `landfall hook`, which asks the daemon. certbot writes the hooks into the renewal configuration too.
    static func hook(token: String, settings: CertbotSettings) -> CertbotAuthentication {
        let program = quoted(settings.hookProgram)
        let call = "--socket \(quoted(settings.socket))"
        let arguments = [
            "--manual", "--preferred-challenges", "dns",
            "--manual-auth-hook", "\(program) hook auth \(call)",
            "--manual-cleanup-hook", "\(program) hook cleanup \(call)",
        ]
        // certbot's check of a hook takes the text up to the first space for a program's name, quotes included.
        let unchecked = program == settings.hookProgram ? [] : ["--disable-hook-validation"]
        return CertbotAuthentication(arguments: arguments + unchecked, environment: [HookClient.tokenVariable: token])
    }

    /// The path as one word for a shell.
    private static func quoted(_ path: String) -> String {
        let isPlain = path.utf8.allSatisfy { !#" '"\$`;&|<>()*?[]#~=%!{}"#.utf8.contains($0) && $0 > 0x20 }
        guard !isPlain else { return path }
        return "'\(path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#))'"
    }
}
