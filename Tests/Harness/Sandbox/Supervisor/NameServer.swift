import Model
import Polling

/// BIND: authoritative for the zones, and the recursive server of everybody in the sandbox. It holds the root zone too, so
/// that a name from the real world is answered at once, with "no such name".
struct NameServer: Sendable {
    let folder: SandboxFolder
    let address: String
    let zones: [String]
    let programs: ProgramRunner
    let poller: Poller

    /// The server's own name, in a zone of its own as a provider's are.
    static let name = "ns.nameserver.test"
    /// A zone that no emulated provider holds: it is changed by dynamic updates, with a key of its own.
    static let updatedZone = "dynamic.test"
    private static let updater = "landfall"

    var home: String { "\(folder)/dns" }
    var keyFile: String { folder.updateKey }
    private var secretFile: String { "\(home)/landfall.secret" }

    /// What points Landfall at the zone that it updates itself.
    var variables: [String: String] {
        [
            "RFC2136_SERVER": address, "RFC2136_ZONES": Self.updatedZone, "RFC2136_KEY_NAME": Self.updater,
            "RFC2136_KEY_SECRET": TextFile.read(secretFile) ?? "",
        ]
    }

    /// Debian's AppArmor profile confines /usr/sbin/named to /etc/bind; a copy elsewhere has no profile.
    func prepare() async throws(SandboxError) {
        try TextFile.makeDirectory(home)
        try await programs.run(["cp", "/usr/sbin/named", "\(home)/named"])
        try TextFile.write(key("sandbox", try await secret()), to: keyFile, mode: 0o600)
        let secret = try await secret()
        try TextFile.write(secret, to: secretFile, mode: 0o600)
        try TextFile.write(key(Self.updater, secret), to: "\(home)/landfall.key", mode: 0o600)
        try TextFile.write(configuration, to: "\(home)/named.conf")
        try TextFile.write(root, to: "\(home)/root.zone")
        for zone in ["nameserver.test", Self.updatedZone] + zones {
            let own = zone == "nameserver.test" ? "\(Self.name). A \(address)\n" : ""
            try TextFile.write(head + own, to: "\(home)/\(zone).zone")
        }
    }

    private func secret() async throws(SandboxError) -> String {
        try await programs.run(["openssl", "rand", "-base64", "32"]).trimmed
    }

    private func key(_ name: String, _ secret: String) -> String {
        "key \"\(name)\" { algorithm hmac-sha256; secret \"\(secret)\"; };\n"
    }

    var service: Service {
        Service(
            name: "name server",
            arguments: ["\(home)/named", "-g", "-n", "1", "-c", "\(home)/named.conf"],
            log: folder.log("dns")
        )
    }

    func awaitReady() async throws(SandboxError) {
        try await poller.wait(for: "the name server's first answer", within: .seconds(30)) { await isReady }
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
        include "\(home)/landfall.key";
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
        zone "\(Self.updatedZone)" {
            type primary;
            file "\(Self.updatedZone).zone";
            update-policy { grant \(Self.updater) zonesub A AAAA CNAME TXT; };
            allow-transfer { key \(Self.updater); };
        };

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
        let delegations = (["nameserver.test", Self.updatedZone] + zones).map { "\($0). NS \(Self.name).\n" }.joined()
        return head + delegations + "\(Self.name). A \(address)\n" + DelegatedZone.records(beside: address)
    }
}
