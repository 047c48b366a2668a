import Address
import Configuration
import DNS
import Model
import Ports
import Testing

@Suite struct ProviderConfigurationTests {
    private let rfc2136 = [
        "RFC2136_SERVER": "192.0.2.53:5353", "RFC2136_ZONES": "example.org, example.net",
        "RFC2136_KEY_NAME": "Landfall_Key.", "RFC2136_KEY_SECRET": "c2VjcmV0LW9mLXRoZS1rZXk=",
    ]

    private func read(_ environment: [String: String]) throws -> Configuration {
        try Configuration(environment: environment, files: MemoryFiles(contents: [:]))
    }

    private func problems(_ changes: [String: String?]) -> [String] {
        let environment = changes.reduce(into: rfc2136) { $0[$1.key] = $1.value }
        do {
            _ = try read(environment)
            return []
        } catch let error as ConfigurationError {
            return error.problems
        } catch {
            return ["\(error)"]
        }
    }

    @Test func `a name server with its key and zones`() throws {
        let found = try #require(try read(rfc2136).rfc2136)
        #expect(found.peer.server.description == "192.0.2.53:5353")
        #expect(found.zones.map(\.text) == ["example.org", "example.net"])
        #expect(found.peer.key.name == "landfall_key." && found.peer.key.algorithm == .sha256)
        #expect(found.peer.key.secret.revealed == "c2VjcmV0LW9mLXRoZS1rZXk=")
        let other = try read(rfc2136.merging(["RFC2136_KEY_ALGORITHM": "HMAC-SHA512"]) { $1 })
        #expect(other.rfc2136?.peer.key.algorithm == .sha512)
    }

    @Test(arguments: [
        ("RFC2136_SERVER", "ns1.example.org", "RFC2136_SERVER takes ADDRESS or ADDRESS:PORT; got `ns1.example.org`"),
        ("RFC2136_ZONES", "a b", "RFC2136_ZONES takes domain names, comma separated; got `a b`"),
        ("RFC2136_KEY_NAME", "a..b", "RFC2136_KEY_NAME takes a key's name; got `a..b`"),
        ("RFC2136_KEY_NAME", "a\"b", "RFC2136_KEY_NAME takes a key's name; got `a\"b`"),
        ("RFC2136_KEY_SECRET", "hunter2!", "RFC2136_KEY_SECRET takes base64; its value is not valid"),
        (
            "RFC2136_KEY_ALGORITHM", "hmac-md5",
            "RFC2136_KEY_ALGORITHM takes hmac-sha256 or hmac-sha512; got `hmac-md5`"
        ),
        (
            "RFC2136_KEY_SECRET", nil,
            "RFC2136_SERVER, RFC2136_ZONES, RFC2136_KEY_NAME without RFC2136_KEY_SECRET: set all or none"
        ),
    ])
    func `a wrong value is one line`(name: String, value: String?, line: String) {
        #expect(problems([name: value]) == [line])
    }

    @Test func `each provider serves one view, the public one unless it is said`() throws {
        let internals = [
            "LANDFALL_INTERNAL_PROVIDERS": "rfc2136, lexicon:ovh", "LANDFALL_INTERNAL_ADDRESS": "10.0.0.1",
        ]
        let lexicon = ["LANDFALL_LEXICON": "hetzner:example.org,ovh:example.net"]
        let environment = rfc2136.merging(internals) { $1 }.merging(lexicon) { $1 }
        let found = try read(environment)
        #expect(found.internal?.providers == ["rfc2136", "lexicon:ovh"] && found.warnings.isEmpty)
        #expect(found.internal?.address == .fixed([try #require(IPAddress("10.0.0.1"))]))
        #expect(try Configuration(recorded: found.recordable).internal?.providers == found.internal?.providers)
        #expect(try read(rfc2136).internal == nil)
        let local = try read(environment.merging(["LANDFALL_INTERNAL_ADDRESS": "127.0.0.1"]) { $1 })
        #expect(
            local.warnings.contains { $0.hasPrefix("LANDFALL_INTERNAL_ADDRESS: 127.0.0.1 is no address that other") }
        )
    }

    @Test(
        arguments: [
            (
                nil, "10.0.0.1",
                "LANDFALL_INTERNAL_ADDRESS is set, but LANDFALL_INTERNAL_PROVIDERS, which names the "
            ),
            (
                "rfc2136", nil,
                "LANDFALL_INTERNAL_PROVIDERS is set, but LANDFALL_INTERNAL_ADDRESS, the address that hosts have "
            ),
            (
                "exec", "10.0.0.1",
                "LANDFALL_INTERNAL_PROVIDERS names `exec`, which is not configured; configured: rfc2136"
            ),
            ("rfc2136", "auto", "LANDFALL_INTERNAL_ADDRESS: `auto` is none of these: an address, one of each family "),
            ("rfc2136", "10.0.0.1,10.0.0.2", "LANDFALL_INTERNAL_ADDRESS: `10.0.0.1,10.0.0.2` is none of these: "),
        ] as [(String?, String?, String)]
    )
    func `half an internal view, or one without its provider, is one line`(
        names: String?,
        address: String?,
        line: String
    ) {
        let found = problems(["LANDFALL_INTERNAL_PROVIDERS": names, "LANDFALL_INTERNAL_ADDRESS": address])
        #expect(found.count == 1 && found[0].hasPrefix(line), "\(found)")
    }

    @Test func `lexicon has zones at several providers, each with its own variables alone`() throws {
        let files = MemoryFiles(contents: ["/run/secrets/ovh": "ovh-secret-0123\n"])
        let environment = [
            "LANDFALL_LEXICON": "hetzner:example.org, ovh:example.net,hetzner:lab.example.com", "LEXICON_TTL": "600",
            "LEXICON_HETZNER_AUTH_TOKEN": "hetzner-token-0123", "LEXICON_OVH_AUTH_ENTRYPOINT": "ovh-eu",
            "LEXICON_OVH_AUTH_APPLICATION_SECRET_FILE": "/run/secrets/ovh", "CLOUDFLARE_API_TOKEN": "t-0123456789",
            "PATH": "/bin", "OTHER": "x", "REQUESTS_CA_BUNDLE": "/etc/ssl/own.pem",
        ]
        let configuration = try Configuration(environment: environment, files: files)
        #expect(configuration.lexicon.map(\.provider) == ["hetzner", "ovh"])
        let (hetzner, ovh) = (configuration.lexicon[0], configuration.lexicon[1])
        #expect(hetzner.zones.map(\.text) == ["example.org", "lab.example.com"] && hetzner.usualTTL == 600)
        #expect(
            hetzner.program == "lexicon" && hetzner.environment["LEXICON_HETZNER_AUTH_TOKEN"] == "hetzner-token-0123"
        )
        #expect(hetzner.environment["LEXICON_OVH_AUTH_ENTRYPOINT"] == nil && hetzner.environment["OTHER"] == nil)
        #expect(hetzner.environment["REQUESTS_CA_BUNDLE"] == "/etc/ssl/own.pem")
        #expect(hetzner.environment["CLOUDFLARE_API_TOKEN"] == nil && hetzner.environment["PATH"] == "/bin")
        #expect(ovh.environment["LEXICON_OVH_AUTH_APPLICATION_SECRET"] == "ovh-secret-0123")
        #expect(ovh.secrets.map(\.revealed).contains("ovh-secret-0123"))
        let hidden = configuration.programSecrets.map(\.value.revealed)
        #expect(hidden.contains("hetzner-token-0123") && hidden.contains("ovh-secret-0123"))
        #expect(
            try Configuration(recorded: configuration.recordable).lexicon.map(\.zones) == [hetzner.zones, ovh.zones]
        )
    }

    @Test(arguments: [
        ("hetzner", "LANDFALL_LEXICON takes PROVIDER:ZONE, comma separated; got `hetzner`"),
        ("--help:example.org", "LANDFALL_LEXICON takes PROVIDER:ZONE, comma separated; got `--help:example.org`"),
    ])
    func `what is no zone of a provider is one line`(value: String, problem: String) {
        let error = #expect(throws: ConfigurationError.self) { try read(["LANDFALL_LEXICON": value]) }
        #expect(error?.problems == [problem])
    }

    @Test func `a program gets the environment without Landfall's variables`() throws {
        let configuration = try read(
            [
                "LANDFALL_EXEC_PROVIDER": "/usr/local/bin/zones", "PATH": "/bin", "HOSTER_TOKEN": "0123456789",
                "CLOUDFLARE_API_TOKEN": "secret", "SLACK_TOKEN_FILE": "/no", "LANDFALL_HOOK_TOKEN": "x",
            ].filter { $0.key != "SLACK_TOKEN_FILE" }
        )
        #expect(configuration.exec?.program == "/usr/local/bin/zones")
        #expect(configuration.exec?.environment == ["PATH": "/bin", "HOSTER_TOKEN": "0123456789"])
        #expect(configuration.programSecrets.map(\.value.revealed) == ["0123456789"])
    }

    @Test func `a recorded configuration has the same providers, and no secret`() throws {
        let configuration = try read(rfc2136.merging(["LANDFALL_EXEC_PROVIDER": "/zones"]) { $1 })
        #expect(!configuration.recordable.values.contains { $0.contains("c2VjcmV0") })
        #expect(configuration.secrets.map(\.value.revealed) == ["c2VjcmV0LW9mLXRoZS1rZXk="])
        let replayed = try Configuration(recorded: configuration.recordable)
        #expect(replayed.rfc2136?.zones.count == 2 && replayed.exec?.program == "/zones")
    }
}
