import Testing

@testable import Certificates

@Suite struct RenewalInformationURLTests {
    private static let directory = "https://acme-v02.api.letsencrypt.org/directory"

    @Test(arguments: [
        "https://acme-v02.api.letsencrypt.org/acme/renewal-info", "https://ari.letsencrypt.org:8443/x",
        "https://LetsEncrypt.ORG/",
    ])
    func `https on the directory's registrable domain is asked`(url: String) {
        #expect(RenewalInformationURL.checked(url, directory: Self.directory) == url)
    }

    @Test(arguments: [
        "http://acme-v02.api.letsencrypt.org/x", "https://letsencrypt.org.example.test/", "https://example.org/",
        "https://169.254.169.254/latest/meta-data", "https://localhost/", "https://[::1]/", "file:///etc/passwd",
        "letsencrypt.org",
        "https://user@letsencrypt.org/", "https://letsencrypt.org@example.org/", "https://letsencrypt.org/?a=b",
        "https://letsencrypt.org/#x", "//letsencrypt.org/", "https://letsencrypt.org/\n", "",
        "https://letsencrypt.org/" + String(repeating: "a", count: 3000),
    ])
    func `anything else is not`(url: String) {
        #expect(RenewalInformationURL.checked(url, directory: Self.directory) == nil)
    }

    @Test func `two customers of one public suffix are not the same domain`() {
        let directory = "https://ca-one.github.io/directory"
        #expect(RenewalInformationURL.checked("https://other.github.io/", directory: directory) == nil)
        #expect(RenewalInformationURL.checked("https://ari.ca-one.github.io/", directory: directory) != nil)
    }

    @Test(arguments: ["192.0.2.1", "ca", "[2001:db8::1]"])
    func `an authority without a registrable domain has its own host only`(host: String) {
        let directory = "https://\(host):9000/directory"
        #expect(RenewalInformationURL.checked("https://\(host)/renewal", directory: directory) != nil)
        #expect(RenewalInformationURL.checked("https://192.0.2.2/", directory: directory) == nil)
        #expect(RenewalInformationURL.checked("https://other/", directory: directory) == nil)
    }
}
