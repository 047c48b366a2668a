import Model

/// BIND: authoritative for the zones, and the recursive server of everybody in the sandbox. It holds the root zone too, so
/// that a name from the real world is answered at once, with "no such name".
struct NameServer: Sendable {
    let folder: SandboxFolder
    let address: String
    let zones: [String]
    let programs: Programs
    let patience: Patience

    /// The server's own name, in a zone of its own as a provider's are.
    static let name = "ns.nameserver.test"

    var home: String { "\(folder)/dns" }
    var keyFile: String { folder.updateKey }

    /// Debian's AppArmor profile confines /usr/sbin/named to /etc/bind; a copy elsewhere has no profile.
    func prepare() async throws(SandboxError) {
        try TextFile.makeDirectory(home)
        try await programs.run(["cp", "/usr/sbin/named", "\(home)/named"])
        let secret = try await programs.run(["openssl", "rand", "-base64", "32"]).trimmed
        let key = "key \"sandbox\" { algorithm hmac-sha256; secret \"\(secret)\"; };\n"
        try TextFile.write(key, to: keyFile, mode: 0o600)
        try TextFile.write(configuration, to: "\(home)/named.conf")
        try TextFile.write(root, to: "\(home)/root.zone")
        for zone in ["nameserver.test"] + zones {
            let own = zone == "nameserver.test" ? "\(Self.name). A \(address)\n" : ""
            try TextFile.write(head + own, to: "\(home)/\(zone).zone")
        }
    }

    var service: Service {
        Service(
            name: "name server",
            arguments: ["\(home)/named", "-g", "-n", "1", "-c", "\(home)/named.conf"],
            log: folder.log("dns")
        )
    }

    func awaitReady() async throws(SandboxError) {
        try await patience.until("the name server's first answer", limit: .seconds(30)) { await isReady }
    }

    var isReady: Bool {
        get async {
            let answer = try? await programs.run(
                ["dig", "+short", "+time=1", "+tries=1", "@\(address)", Self.name, "A"],
                limit: .seconds(5)
            )
            return answer?.trimmed == address
        }
    }

    private var configuration: String {
        """
        include "\(keyFile)";
        options {
            directory "\(home)";
            listen-on port 53 { \(address); };
            listen-on-v6 { none; };
            pid-file none;
            session-keyfile none;
            recursion yes;
            allow-query { 127.0.0.0/8; };
            dnssec-validation no;
            empty-zones-enable no;
            notify no;
            max-cache-size 16M;
        };
        controls {};
        zone "." { type primary; file "root.zone"; };
        zone "nameserver.test" { type primary; file "nameserver.test.zone"; };

        """
            + zones.map {
                "zone \"\($0)\" { type primary; file \"\($0).zone\"; allow-update { key \"sandbox\"; }; };\n"
            }
            .joined()
    }

    /// A minimum of five seconds: a "no such name" must not be remembered past the record's appearance.
    private var head: String {
        """
        $TTL 60
        @ SOA \(Self.name). hostmaster.nameserver.test. 1 3600 600 86400 5
        @ NS \(Self.name).

        """
    }

    private var root: String {
        let delegations = (["nameserver.test"] + zones).map { "\($0). NS \(Self.name).\n" }.joined()
        return head + delegations + "\(Self.name). A \(address)\n"
    }
}
