import Polling

/// Pebble, the ACME test server, with an authority and a certificate made on the spot. It validates for real: it asks the
/// sandbox's name server for the challenge's TXT record, for every order anew.
struct CertificateAuthority: Sendable {
    let folder: SandboxFolder
    let address: String
    /// How many of a hundred requests are refused for their nonce, as servers do now and then.
    let nonceRejections: Int
    let validity: Duration
    let programs: ProgramRunner
    let poller: Poller

    private var home: String { "\(folder)/acme" }
    var directory: String { "https://\(address):14000/dir" }
    private var issuer: String { "https://\(address):15000/roots/0" }

    func prepare() async throws(SandboxError) {
        try TextFile.makeDirectory(home, mode: 0o700)
        let key = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        let days = ["-config", "/dev/null", "-days", "3650"]
        try await programs.run(
            key + days + ["-subj", "/CN=Landfall sandbox", "-keyout", "\(home)/ca.key", "-out", folder.serverAuthority]
                + ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"]
        )
        try await programs.run(
            key + days + ["-subj", "/CN=\(address)", "-keyout", "\(home)/server.key", "-out", "\(home)/server.pem"]
                + ["-CA", folder.serverAuthority, "-CAkey", "\(home)/ca.key", "-addext", "basicConstraints=CA:FALSE"]
                + ["-addext", "subjectAltName=IP:\(address)"]
        )
        try TextFile.write(configuration, to: "\(home)/pebble.json")
    }

    var service: Service {
        Service(
            name: "ACME server",
            arguments: ["/usr/bin/pebble", "-strict", "-config", "\(home)/pebble.json", "-dnsserver", "\(address):53"],
            environment: [
                "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_AUTHZREUSE": "0", "PEBBLE_WFE_NONCEREJECT": "\(nonceRejections)",
            ],
            log: folder.log("acme")
        )
    }

    /// Returns when the directory can be read, and the root that signs what is issued is on disk.
    func awaitReady() async throws(SandboxError) {
        try await poller.wait(for: "the ACME server's first answer", within: .seconds(30)) { await isReady }
        try TextFile.write(try await programs.run(curl + [issuer]), to: folder.issuingRoot)
    }

    var isReady: Bool {
        get async { await programs.succeeds(curl + [directory]) }
    }

    /// curl rather than our transport: what the server says is then known from a program that shares nothing with us.
    private var curl: [String] {
        ["curl", "--silent", "--show-error", "--fail", "--max-time", "2", "--cacert", folder.serverAuthority]
    }

    private var configuration: String {
        """
        {"pebble": {
            "listenAddress": "\(address):14000", "managementListenAddress": "\(address):15000",
            "certificate": "\(home)/server.pem", "privateKey": "\(home)/server.key",
            "httpPort": 5002, "tlsPort": 5001, "ocspResponderURL": "", "externalAccountBindingRequired": false,
            "certificateValidityPeriod": \(validity.components.seconds),
            "domainBlocklist": ["\(SandboxOptions.forbiddenDomain)"]
        }}

        """
    }
}
