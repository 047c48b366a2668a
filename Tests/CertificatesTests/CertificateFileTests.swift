import Crypto
import Certificates
import Model
import Testing

@Suite struct CertificateFileTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func `names, dates and fingerprint are what openssl says`() async throws {
        try await scratch.makeCertificate("a", names: ["b.example.test", "*.example.test", "A.example.test"], days: 90)
        let certificate = try CertificateFile(pem: scratch.read("a.pem"))
        #expect(certificate.names.map(\.text) == ["b.example.test", "*.example.test", "a.example.test"])
        #expect(certificate.notAfter - certificate.notBefore == .seconds(90 * 86_400))
        #expect(try await certificate.fingerprint.hex == scratch.fingerprint("a"))
        let start = try await scratch.run(
            "openssl",
            "x509",
            "-in",
            "a.pem",
            "-noout",
            "-startdate",
            "-dateopt",
            "iso_8601"
        )
        let expected = start.dropFirst("notBefore=".count).prefix(19)
        #expect(certificate.notBefore.description.prefix(19).split(separator: "T").joined(separator: " ") == expected)
    }

    @Test func `the common name does not count, and names that are not host names are left out`() async throws {
        try await scratch.makeCertificate("cn", names: [], commonName: "a.example.test")
        #expect(try CertificateFile(pem: scratch.read("cn.pem")).names.isEmpty)
        try await scratch.makeCertificate("odd", names: ["under_score.test", "good.test"])
        #expect(try CertificateFile(pem: scratch.read("odd.pem")).names.map(\.text) == ["good.test"])
    }

    @Test func `a certificate without an end ends in 2262`() async throws {
        try await scratch.makeCertificate("a", names: ["a.test"], days: 2_900_000)
        let certificate = try CertificateFile(pem: scratch.read("a.pem"))
        #expect(certificate.notAfter.day == "2262-04-11")
        #expect(certificate.notAfter - certificate.notBefore > .zero)
    }

    @Test func `a chain's first certificate counts`() async throws {
        try await scratch.makeCertificate("leaf", names: ["leaf.test"])
        try await scratch.makeCertificate("issuer", names: ["issuer.test"])
        let chain = try scratch.read("leaf.pem") + scratch.read("issuer.pem")
        #expect(try CertificateFile(pem: chain).names.map(\.text) == ["leaf.test"])
    }

    @Test func `kinds of bad text are distinguished`() async throws {
        try await scratch.makeCertificate("a", names: ["a.test"])
        let key = try scratch.read("a.key")
        for empty in [[], Array("hello\n".utf8), key] {
            #expect(throws: CertificateFileError.noCertificate) { try CertificateFile(pem: empty) }
        }
        let garbled = Array("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8)
        #expect(throws: CertificateFileError.brokenCertificate) { try CertificateFile(pem: garbled) }
    }

    @Test(arguments: [0.3, 0.6, 0.9]) func `a file cut short is broken, in its chain too`(share: Double) async throws {
        try await scratch.makeCertificate("a", names: ["a.test"])
        let pem = try scratch.read("a.pem")
        let part = Array(pem.prefix(Int(Double(pem.count) * share)))
        #expect(throws: CertificateFileError.brokenCertificate) { try CertificateFile(pem: part) }
        #expect(throws: CertificateFileError.brokenCertificate) { try CertificateFile(pem: pem + part) }
    }

    /// The certificate of RFC 9773, appendix A, and its identifier of §4.1.
    @Test func `the renewal ID is the authority's key identifier and the serial number`() async throws {
        let pem = """
            -----BEGIN CERTIFICATE-----
            MIIBQzCB66ADAgECAgUAh2VDITAKBggqhkjOPQQDAjAVMRMwEQYDVQQDEwpFeGFt
            cGxlIENBMCIYDzAwMDEwMTAxMDAwMDAwWhgPMDAwMTAxMDEwMDAwMDBaMBYxFDAS
            BgNVBAMTC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeBZu
            7cbpAYNXZLbbh8rNIzuOoqOOtmxA1v7cRm//AwyMwWxyHz4zfwmBhcSrf47NUAFf
            qzLQ2PPQxdTXREYEnKMjMCEwHwYDVR0jBBgwFoAUaYhba4dGQEHhs3uEe6CuLN4B
            yNQwCgYIKoZIzj0EAwIDRwAwRAIge09+S5TZAlw5tgtiVvuERV6cT4mfutXIlwTb
            +FYN/8oCIClDsqBklhB9KAelFiYt9+6FDj3z4KGVelYM5MdsO3pK
            -----END CERTIFICATE-----

            """
        #expect(try CertificateFile(pem: Array(pem.utf8)).renewalID == "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE")
        // Signed by itself, and without a word on whose key that was.
        try await scratch.makeCertificate("a", names: ["a.test"])
        let own = try CertificateFile(pem: scratch.read("a.pem"))
        let shown = try await scratch.run("openssl", "x509", "-in", "a.pem", "-noout", "-ext", "authorityKeyIdentifier")
        #expect((own.renewalID == nil) == !shown.contains(":"))
    }
}
