import Ports
import Testing
@testable import Docker

@Suite struct EngineEndpointTests {
    @Test(arguments: [
        ("tcp://10.0.0.1:4000", "http://10.0.0.1:4000"),
        ("tcp://engine.example.test", "http://engine.example.test:2375"),
        ("tcp://[::1]:2375/", "http://[::1]:2375"), ("tcp://[::1]", "http://[::1]:2375"),
        ("https://engine.example.test", "https://engine.example.test:2376"),
    ])
    func `an address becomes a base URL, with Docker's own port where none is given`(host: String, base: String) throws
    {
        #expect(try EngineEndpoint(host: host).base == base)
    }

    @Test func `a folder of certificates asks for TLS, verified only on request`() throws {
        let endpoint = try EngineEndpoint(host: "tcp://engine.example.test:2376", certificates: "/certs")
        #expect(endpoint.base == "https://engine.example.test:2376")
        #expect(
            endpoint.peer
                == .mutualTLS(
                    authority: "/certs/ca.pem",
                    certificate: "/certs/cert.pem",
                    key: "/certs/key.pem",
                    verify: false
                )
        )
    }

    @Test(
        arguments: [
            ("https://192.0.2.1", false, nil, true), ("tcp://192.0.2.1", false, "/certs", true),
            ("https://192.0.2.1", true, "/certs", false), ("tcp://proxy:2375", false, nil, false),
            ("unix:///var/run/docker.sock", false, "/certs", false),
        ] as [(String, Bool, String?, Bool)]
    )
    func `TLS that accepts any certificate is warned of`(host: String, verify: Bool, folder: String?, isWarned: Bool)
        throws
    {
        let endpoint = try EngineEndpoint(host: host, verify: verify, certificates: folder)
        #expect((endpoint.warning != nil) == isWarned)
    }

    @Test(arguments: [
        "", "unix://", "unix://relative.sock", "/var/run/docker.sock", "tcp://", "tcp://host:0", "tcp://host:99999",
        "tcp://host:x", "tcp://user@host:1", "tcp://host/path", "npipe:////./pipe/docker_engine",
        "unix:///" + String(repeating: "a", count: 107),
    ])
    func `what names no engine is refused`(host: String) {
        #expect(throws: EngineEndpointError.malformed(host)) { try EngineEndpoint(host: host) }
    }

    @Test func `ssh is refused with what to do instead`() {
        #expect(throws: EngineEndpointError.ssh) { try EngineEndpoint(host: "ssh://host") }
    }
}
