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

    @Test func `the sizes depend on the type of key`() {
        #expect(throws: ConfigurationError.self) { try read(["CERTBOT_KEY_TYPE": "rsa", "CERTBOT_KEY_SIZE": "384"]) }
        #expect(throws: ConfigurationError.self) { try read(["CERTBOT_KEY_TYPE": "ecdsa", "CERTBOT_KEY_SIZE": "521"]) }
        #expect(throws: Never.self) { try read(["CERTBOT_KEY_TYPE": "rsa"]) }
    }
}
