import Address
import Model
import Testing

@Suite struct AddressSourceTests {
    @Test(arguments: [
        ("auto", AddressSource.automatic), (" auto ", .automatic), ("on", .automatic), ("off", .off), ("OFF", .off),
        ("interface:eth0", .interface("eth0")), ("interface:br-0123456789ab", .interface("br-0123456789ab")),
        ("https://ip.example.test/", .services(["https://ip.example.test/"])),
        (
            "https://a.example.test, https://b.example.test:8443/ip?x=1 ,",
            .services(["https://a.example.test", "https://b.example.test:8443/ip?x=1"])
        ),
        ("http://127.0.0.2:8080/v4", .services(["http://127.0.0.2:8080/v4"])),
        ("http://[::1]:8080/", .services(["http://[::1]:8080/"])),
        ("http://localhost/ip", .services(["http://localhost/ip"])),
    ])
    func `what LANDFALL_IP may say`(text: String, source: AddressSource) throws {
        #expect(try AddressSource.parse(text, for: .v4) == source)
    }

    @Test(arguments: ["93.184.216.34", "192.168.1.10", "2606:2800:220:1::"])
    func `an address is taken as it is`(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(try AddressSource.parse(text, for: address.family) == .fixed(address))
        let other: IPAddress.Family = address.family == .v4 ? .v6 : .v4
        #expect(throws: AddressSourceError.otherFamily(address, wanted: other)) {
            try AddressSource.parse(text, for: other)
        }
    }

    @Test(arguments: [
        ("", AddressSourceError.empty), (" , ", .empty), ("automatic", .unknown("automatic")),
        ("1.2.3", .unknown("1.2.3")), ("auto,https://a.example.test", .unknown("auto")),
        ("93.184.216.34,93.184.216.35", .unknown("93.184.216.34")),
        ("ftp://a.example.test", .unknown("ftp://a.example.test")),
        ("https://", .unknown("https://")), ("https://a b.example.test", .unknown("https://a b.example.test")),
        ("https://a.example.test/\u{7}", .unknown("https://a.example.test/\u{7}")),
        ("http://ip.example.test", .notSecure("http://ip.example.test")),
        ("http://127.0.0.1.example.test", .notSecure("http://127.0.0.1.example.test")),
        ("interface:", .interface("")), ("interface:a/b", .interface("a/b")), ("interface:..", .interface("..")),
        ("interface:a-name-that-is-too-long", .interface("a-name-that-is-too-long")),
        ("interface:eth0:1", .interface("eth0:1")), ("interface:eth\u{7}", .interface("eth\u{7}")),
        ("interface:eth0,auto", .unknown("interface:eth0")),
        ("https://me:secret@ip.example.test", .credentials("ip.example.test")),
    ])
    func `what it may not say`(text: String, error: AddressSourceError) {
        #expect(throws: error) { try AddressSource.parse(text, for: .v4) }
        #expect(!error.description.contains("secret") && !error.description.contains("\u{7}"))
    }
}
