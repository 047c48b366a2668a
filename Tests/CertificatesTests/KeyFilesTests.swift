import Files
import Crypto
import Certificates
import Model
import Ports
import TestSupport
import Testing

@Suite struct KeyFilesTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func fingerprint(_ name: String) throws -> Fingerprint {
        try SystemFiles().publicKeyFingerprint(at: path(name), for: .run)
    }

    private func path(_ name: String) -> String { "\(scratch.path)/\(name)" }

    private func failure(of name: String) -> FileError? {
        #expect(throws: FileError.self) { try fingerprint(name) }
    }

    @Test func `a key has the fingerprint of its own certificate alone, which is what openssl says`() async throws {
        try await scratch.makeCertificate("a", names: ["a.test"])
        try await scratch.makeCertificate("b", names: ["b.test"])
        let certificate = try CertificateFile(pem: scratch.read("a.pem"))
        #expect(try fingerprint("a.key") == certificate.publicKey)
        #expect(try fingerprint("b.key") != certificate.publicKey)
        try await scratch.run("openssl", "pkey", "-in", "a.key", "-pubout", "-outform", "DER", "-out", "a.der")
        let digest = try await scratch.run("openssl", "dgst", "-sha256", "-r", "a.der").prefix(64)
        #expect(try fingerprint("a.key").hex == digest)
    }

    @Test(.limited(minutes: 1)) func `a locked key is an error and never a prompt`() async throws {
        try await scratch.makeCertificate("a", names: ["a.test"])
        try await scratch.run("openssl", "ec", "-in", "a.key", "-aes256", "-passout", "pass:x", "-out", "old.key")
        try await scratch.run("openssl", "pkcs8", "-topk8", "-in", "a.key", "-passout", "pass:x", "-out", "new.key")
        for name in ["old.key", "new.key"] {
            let reason = "holds a private key that is encrypted with a password"
            #expect(failure(of: name) == .failed(path(name), reason: reason))
        }
    }

    @Test func `no key, a damaged key and no file are distinguished`() async throws {
        try await scratch.makeCertificate("a", names: ["a.test"])
        #expect(failure(of: "a.pem") == .failed(path("a.pem"), reason: "holds no private key in PEM form"))
        try scratch.write("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", to: "bad.key")
        let reason = "holds a private key that is damaged or cut short"
        #expect(failure(of: "bad.key") == .failed(path("bad.key"), reason: reason))
        #expect(failure(of: "none.key") == .missing(path("none.key")))
    }
}
