import Configuration
import Testing

@Suite struct ListenTests {
    private func place(_ text: String?) throws -> ListenPlace {
        let environment = text.map { ["LANDFALL_LISTEN": $0] } ?? [:]
        return try Configuration(environment: environment, files: MemoryFiles()).listen
    }

    @Test func `the default is loopback, which need not be free`() throws {
        let place = try place(nil)
        #expect(place.kind == .tcp(address: "127.0.0.1", port: 5263))
        #expect(place.isStandard)
        #expect(try self.place("127.0.0.1:5263").isStandard == false)
    }

    @Test(arguments: [
        ("0.0.0.0:80", ListenPlace.Kind.tcp(address: "0.0.0.0", port: 80), "0.0.0.0:80"),
        ("[::1]:9000", .tcp(address: "::1", port: 9000), "[::1]:9000"),
        ("localhost:0", .tcp(address: "127.0.0.1", port: 0), "127.0.0.1:0"),
        ("unix:/run/page.sock", .unix(path: "/run/page.sock"), "unix:/run/page.sock"),
        ("unix:///run/page.sock", .unix(path: "/run/page.sock"), "unix:/run/page.sock"), ("off", .off, "off"),
        ("No", .off, "off"),
    ])
    func `an address, a Unix socket, or nothing`(text: String, kind: ListenPlace.Kind, shown: String) throws {
        let place = try place(text)
        #expect(place.kind == kind)
        #expect(place.description == shown)
        #expect(!place.isStandard)
    }

    @Test(arguments: [
        "on", "5263", ":5263", "example.org:80", "127.0.0.1", "127.0.0.1:65536", "::1:80", "[127.0.0.1]:80", "unix:",
        "unix:page.sock", "unix:/run/../etc/x", "http://127.0.0.1:80",
    ])
    func `anything else is an error that says what it takes`(text: String) {
        let error = #expect(throws: ConfigurationError.self) { try place(text) }
        #expect(
            error?.problems == ["LANDFALL_LISTEN takes ADDRESS:PORT, unix:/PATH, or off; got `\(text)`"]
        )
    }
}
