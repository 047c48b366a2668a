import Certificates
import Configuration
import Model
import Ports
import Testing

@Suite struct CertbotConfigurationTests {
    private func read(_ environment: [String: String]) throws -> Configuration {
        try Configuration(
            environment: environment,
            files: MemoryFiles(contents: ["/c.ini": "dns_x_key = s3cret-key\n"])
        )
    }

    @Test func `certbot's options are read`() throws {
        let certificates = try read([
            "CERTBOT_PROGRAM": "/opt/certbot/bin/certbot", "CERTBOT_KEY_TYPE": "ECDSA", "CERTBOT_KEY_SIZE": "384",
            "CERTBOT_EAB_KID": "kid-1", "CERTBOT_EAB_HMAC_KEY": "c2Vj-cmV0_w==", "CERTBOT_PROFILE": "shortlived",
            "CERTBOT_ARGUMENTS": "--preferred-chain 'ISRG Root X1'", "CERTBOT_DEPLOY_HOOK": "systemctl reload nginx",
            "LANDFALL_KEY_GROUP": "ssl-cert",
        ]).certificates
        #expect(certificates.program == "/opt/certbot/bin/certbot")
        #expect(certificates.options.key == .ecdsa(bits: 384))
        #expect(certificates.options.binding?.kid == "kid-1")
        #expect(certificates.options.binding?.key.revealed == "c2Vj-cmV0_w==")
        #expect(certificates.options.profile == "shortlived")
        #expect(certificates.options.arguments == ["--preferred-chain", "ISRG Root X1"])
        #expect(certificates.options.deployHook == "systemctl reload nginx")
        #expect(certificates.options.keyGroup == "ssl-cert")
    }

    @Test func `the values in a plugin's credentials are secrets`() throws {
        let configuration = try read(["CERTBOT_AUTHENTICATOR": "dns-x", "CERTBOT_CREDENTIALS_FILE": "/c.ini"])
        guard case .plugin(let plugin) = configuration.certificates.authenticator else {
            Issue.record("no plugin")
            return
        }
        #expect(plugin.name == "dns-x")
        #expect(plugin.credentials?.revealed == "dns_x_key = s3cret-key")
        let hidden = (configuration.secrets + configuration.programSecrets).map(\.value.revealed)
        #expect(hidden == ["dns_x_key = s3cret-key", "s3cret-key"])
        // A recording has a configuration that can be read again.
        let again = try Configuration(recorded: configuration.recordable)
        guard case .plugin(let redacted) = again.certificates.authenticator else {
            Issue.record("no plugin in the recording")
            return
        }
        #expect(redacted.credentials?.revealed.contains("s3cret") == false)
    }

    @Test func `what stands in commands and arguments is a secret, and a recording has the same forms`() throws {
        let hook = "curl -u robot:hook-pass-1 -H 'X-Key: s3cret-key-0123456789' https://www.example.test/x && /bin/true"
        let arguments =
            "--dns-x-token 'it is \"secret\"' --dns-x-key=s3cret-key --dns-x-zone example.test --reuse-key"
        let configuration = try read(["CERTBOT_DEPLOY_HOOK": hook, "CERTBOT_ARGUMENTS": arguments])
        let hidden = configuration.programSecrets.map(\.value.revealed)
        for word in [
            hook, "robot:hook-pass-1", "hook-pass-1", "s3cret-key-0123456789", "it is \"secret\"", "s3cret-key",
        ] {
            #expect(hidden.contains(word), "\(word)")
        }
        for word in ["example.test", "/bin/true", "--reuse-key"] { #expect(!hidden.contains(word), "\(word)") }

        let recorded = configuration.recordable
        #expect(recorded["CERTBOT_DEPLOY_HOOK"] == "redacted-CERTBOT_DEPLOY_HOOK")
        let again = try Configuration(recorded: recorded).certificates.options
        #expect(
            again.arguments == [
                "--dns-x-token", "redacted-CERTBOT_ARGUMENTS", "--dns-x-key=redacted-CERTBOT_ARGUMENTS", "--dns-x-zone",
                "example.test", "--reuse-key",
            ]
        )
    }

    @Test func `a key in the URL of an address service is a secret`() throws {
        let url = "https://ip.example.test/v4?format=text&key=s3cret-key"
        let configuration = try read(["LANDFALL_IP": "\(url),https://ip.example.org"])
        #expect(configuration.programSecrets.map(\.value.revealed) == ["s3cret-key"])
    }

    @Test func `a command that is too short for a secret does not prevent a recording`() throws {
        let configuration = try read(["CERTBOT_DEPLOY_HOOK": "/r.sh"])
        #expect(configuration.recordable["CERTBOT_DEPLOY_HOOK"] == "/r.sh")
        #expect(configuration.secrets.isEmpty)
    }

    @Test func `the sizes depend on the type of key`() {
        #expect(throws: ConfigurationError.self) { try read(["CERTBOT_KEY_TYPE": "rsa", "CERTBOT_KEY_SIZE": "384"]) }
        #expect(throws: ConfigurationError.self) { try read(["CERTBOT_KEY_TYPE": "ecdsa", "CERTBOT_KEY_SIZE": "521"]) }
        #expect(throws: Never.self) { try read(["CERTBOT_KEY_TYPE": "rsa"]) }
    }

    @Test func `must-staple is rejected for Let's Encrypt, which refuses it at the end of an order`() throws {
        let variables = ["CERTBOT_ARGUMENTS": "--must-staple"]
        let reason = "CERTBOT_ARGUMENTS has `--must-staple`, which Let's Encrypt refuses since it ended OCSP; remove it"
        for server in ["", CertbotSettings.staging] {
            let changes = server.isEmpty ? [:] : ["CERTBOT_SERVER": server]
            let error = try #require(throws: ConfigurationError.self) { try read(variables.merging(changes) { $1 }) }
            #expect(error.problems == [reason])
        }
        let ours = ["CERTBOT_SERVER": "https://ca.example.test/acme"]
        #expect(try read(variables.merging(ours) { $1 }).certificates.options.arguments == ["--must-staple"])
        #expect(throws: ConfigurationError.self) {
            try read(variables.merging(ours) { $1 }.merging(["CERTBOT_RULES": "letsencrypt"]) { $1 })
        }
    }
}
