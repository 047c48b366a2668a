@testable import Configuration
import Model
import Ports
import TestSupport
import Testing

/// What people and templates write into variables and files.
extension FuzzTests {
    /// A value for each variable that takes a form of its own.
    private static let values = [
        "DOCKER_HOST": "tcp://[2001:db8::1]:2376", "DOCKER_CERT_PATH": "/certs",
        "DOCKER_DISCOVERY_LABEL": "a.host,b.host",
        "LANDFALL_SERVICE_HOSTS": "200", "DEFAULT_DOMAIN": "example.test", "LANDFALL_QUALIFY": "dotted",
        "CLOUDFLARE_API_TOKEN": "abcdefghijklmnopqrstuvwxyz0123456789ABCD",
        "CLOUDFLARE_API_URL": "https://api.example.org/v4",
        "LANDFALL_RESOLVERS": "192.0.2.53,[2001:db8::53]:5353", "LANDFALL_ZONES": "example.test, example.net",
        "LANDFALL_DNS_GRACE": "10m", "LANDFALL_IP": "https://ip.example.org,https://ip.example.net/?key=12345678",
        "LANDFALL_IPV6": "interface:eth0", "CERTBOT_LIMITS": "account=300/3h,domain=50/7d",
        "CERTBOT_EMAIL": "ops@example.test",
        "CERTBOT_SERVER": "https://acme.example.org/directory", "CERTBOT_CONFIG_DIR": "/etc/letsencrypt",
        "CERTBOT_ARGUMENTS": "--preferred-chain 'ISRG Root X1' --key=\"a b\"", "CERTBOT_TIMEOUT": "300",
        "CERTBOT_DEPLOY_HOOK": "curl -H 'X-Key: abcdefgh12345678' https://hook.example.org/",
        "DNS_PROPAGATION_SECONDS": "60", "LANDFALL_CONCURRENCY": "4",
        "LANDFALL_SECRET_ALLOW": "web=www.example.test,other",
        "LANDFALL_PROBE": "proxy:443", "LANDFALL_HELPER_LOGIN": "name:password12", "LANDFALL_LISTEN": "[::1]:5263",
        "LANDFALL_HELPER_IMAGE": "registry.example.org:5000/landfall@sha256:0123",
        "LANDFALL_LISTEN_HOSTS": "status.example.org",
        "LANDFALL_QUIET": "500ms", "LANDFALL_INTERVAL": "1h", "LANDFALL_INSTANCE": "blue",
        "LANDFALL_LOG_LEVEL": "debug",
        "SLACK_TOKEN": "xoxb-123456789012-abcdefghijkl", "SLACK_CHANNEL": "#ops",
        "LANDFALL_WEBHOOK_URL": "https://hook.example.org/x",
        "https_proxy": "http://user:secret%20word@proxy.example.org:3128",
    ]

    @Test func `whatever a variable holds, it is taken, or rejected in lines that do not quote a secret`() async throws
    {
        let names = Self.values.keys.sorted()
        let secrets = Set(Variable.all.filter(\.isSecret).map(\.name))
        try await fuzz("variables", names.map { Array(Self.values[$0, default: ""].utf8) }) { input in
            let name = names[input.place]
            let text = String(decoding: input.bytes, as: UTF8.self)
            let configuration: Configuration
            do throws(ConfigurationError) {
                configuration = try Configuration(environment: [name: text], files: NoFiles())
            } catch {
                for problem in error.problems { try requireLine(problem, "a problem") }
                // An option's name is no secret.
                let mayBeQuoted = text.trimmed.utf8.count < 12 || text.trimmed.hasPrefix("-")
                let isQuoted = !mayBeQuoted && error.problems.contains { $0.contains(text.trimmed) }
                try require(!secrets.contains(name) || !isQuoted, "\(name) is quoted: \(error.problems)")
                // What is right by itself may need another variable.
                return input.isSeed
            }
            for warning in configuration.warnings { try requireLine(warning, "a warning") }
            do throws(ConfigurationError) {
                _ = try Configuration(recorded: configuration.recordable)
            } catch {
                throw Violation(property: "a recording of it is rejected: \(error.problems)")
            }
            return true
        }
    }

    @Test func `whatever a file of variables holds, it is read or rejected in lines`() async throws {
        let seeds = Corpus.bytes(
            "# secrets\nCLOUDFLARE_API_TOKEN=abcdefghijklmnopqrstuvwxyz0123456789ABCD\nDEFAULT_DOMAIN = example.test\n",
            "CLOUDFLARE_EMAIL=ops@example.test\nCLOUDFLARE_TOKEN=0123456789abcdef0123456789abcdef01234\nMETRICS_PORT=9100\n",
            "DISCOVERY_CLASS=app.DockerLabelsDiscovery\nSCHEDULER_CLASS=a.FiveMinutesScheduler\nDEFAULT_DOMAIN=example.test\n"
        )
        let paths = [RawConfiguration.secretsFile] + LegacyAppConfiguration.files.map(\.key)
        try await fuzz("files of variables", seeds) { input in
            var chance = input.chance
            let files = NoFiles(path: chance.one(of: paths), content: input.bytes)
            do throws(ConfigurationError) {
                _ = try Configuration(environment: [:], files: files)
                return true
            } catch {
                for problem in error.problems { try requireLine(problem, "a problem") }
                return input.isSeed
            }
        }
    }
}

/// No files, or only one.
private struct NoFiles: DiskFiles {
    var path = ""
    var content: [UInt8] = []

    func read(_ path: String, limit: Int, for scope: Scope) throws(FileError) -> [UInt8] {
        guard path == self.path else { throw .missing(path) }
        return Array(content.prefix(limit))
    }
}
