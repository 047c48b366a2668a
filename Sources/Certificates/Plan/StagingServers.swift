/// Directories of ACME servers whose certificates are for trying only: no browser trusts them.
enum StagingServers {
    /// Let's Encrypt's, Google Trust Services' and Buypass's.
    private static let known: Set<String> = [
        CertbotSettings.staging, "https://dv.acme-v02.test-api.pki.goog/directory",
        "https://api.test4.buypass.no/acme/directory",
    ]

    static func contains(_ server: String?) -> Bool { server.map(known.contains) ?? false }
}
