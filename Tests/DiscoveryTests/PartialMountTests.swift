import Discovery
import Docker
import TestSupport
import Testing

/// Mounts of a part of the folder with the certificates.
@Suite struct PartialMountTests {
    private static let live = "/etc/letsencrypt/live"

    private func texts(_ mounts: (String, String)...) -> [String] {
        let mounts = mounts.map { Mount(source: $0.0, target: $0.1) }
        let service = Service(id: "s1", name: "proxy", labels: [:], mounts: mounts)
        let container = Container(id: "c1", name: "proxy", labels: [:], mounts: mounts)
        let ofService = Discovery.read([service], rules: DiscoveryRules()).mounts
        #expect(Discovery.read([container], rules: DiscoveryRules()).mounts.count == ofService.count)
        return ofService.map(\.text)
    }

    @Test(arguments: [
        "/etc/letsencrypt/live/www.example.test/fullchain.pem",
        "/etc/letsencrypt/archive/www.example.test/privkey1.pem",
    ])
    func `a single file stays what it was, and the hint says what to mount`(source: String) throws {
        let text = try #require(texts((source, "/certs/www.pem")).first)
        #expect(text.hasPrefix("service proxy: /certs/www.pem is the single file \(source), which stays what it was"))
        #expect(text.hasSuffix("; mount all of /etc/letsencrypt instead"))
    }

    @Test(arguments: [
        ("/etc/letsencrypt/live/www.example.test", "/certs"), ("/etc/letsencrypt/live", "/certs/live"),
        ("certificates/live/www.example.test", "/certs"),
    ])
    func `links that lead to nothing are told of`(source: String, target: String) throws {
        #expect(texts((source, target)).first?.contains("links lead to ../archive, which is not mounted") == true)
    }

    @Test(.limited(minutes: 1)) func `any number of mounts takes time that grows with their number, and few hints`() {
        let mounts = (0..<20_000).map { Mount(source: "/etc/letsencrypt/live/h\($0)", target: "/certs/h\($0)") }
        let service = Service(id: "s1", name: "proxy", labels: [:], mounts: mounts)
        #expect(Discovery.read([service], rules: DiscoveryRules()).mounts.count == 10)
    }

    @Test func `what sees renewed certificates has no hint`() {
        #expect(texts(("/etc/letsencrypt", "/etc/letsencrypt")).isEmpty)
        #expect(texts((Self.live, "/certs/live"), ("/etc/letsencrypt/archive", "/certs/archive")).isEmpty)
        #expect(texts(("\(Self.live)/a", "/x/live/a"), ("/etc/letsencrypt/archive/a", "/x/archive/a")).isEmpty)
        #expect(texts(("/etc/letsencrypt/archive", "/archive")).isEmpty)
        #expect(texts(("/etc/nginx/conf.d/site.conf", "/etc/nginx/conf.d/site.conf")).isEmpty)
        #expect(texts(("\(Self.live)/a", "/x/live/a"), ("/etc/letsencrypt/archive/a", "/y/archive/a")).count == 1)
        #expect(texts(("\(Self.live)/a", "/x/live/a"), ("/etc/letsencrypt/archive/b", "/x/archive/b")).count == 1)
    }
}
