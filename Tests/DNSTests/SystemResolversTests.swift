import DNS
import Model
import Ports
import TestSupport
import Testing

@Suite struct SystemResolversTests {
    @Test(arguments: [
        ("nameserver 192.0.2.1\nnameserver 2001:db8::1\n", ["192.0.2.1:53", "[2001:db8::1]:53"]),
        ("# nameserver 192.0.2.1\n; nameserver 192.0.2.2\n nameserver 192.0.2.3\n", []),
        ("search example.test\noptions ndots:1\nnameserver\t192.0.2.1 # home\r\n", ["192.0.2.1:53"]),
        ("nameserver fe80::1%eth0\nnameserver dns.example.test\nnameservers 192.0.2.1\nnameserver\n", []),
        (
            "nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n",
            ["192.0.2.1:53", "192.0.2.2:53", "192.0.2.3:53"]
        ), ("", []),
    ])
    func `the name servers of a resolv.conf`(text: String, servers: [String]) {
        #expect(SystemResolvers(text).servers.map(\.description) == servers)
    }

    @Test func `of a line that is not used it is said why`() {
        let text =
            "nameserver fe80::1%eth0\nnameserver dns.example.test\n" + "nameserver 192.0.2.1\nnameserver 192.0.2.2\n"
            + "nameserver 192.0.2.3\nnameserver 192.0.2.4\n"
        #expect(
            SystemResolvers(text).passedOver == [
                "fe80::1%eth0 has a zone identifier", "dns.example.test is no address",
                "192.0.2.4 comes after the first three",
            ]
        )
    }

    @Test func `a file that changes, in place or by another, is read again, and one that is gone changes nothing`()
        throws
    {
        let folder = try TemporaryFolder()
        let files = MovedFile(path: "\(folder.path)/resolv.conf")
        func write(_ address: String, to name: String = "resolv.conf") throws {
            try files.write(Array("nameserver \(address)\n".utf8), to: "\(folder.path)/\(name)", mode: 0o644, for: .run)
        }
        try write("192.0.2.1")
        let list = ResolverList([], files: files)
        #expect(list.servers.map(\.description) == ["192.0.2.1:53"])
        try write("192.0.2.2")
        #expect(list.servers.map(\.description) == ["192.0.2.2:53"])
        try files.remove("\(folder.path)/resolv.conf", for: .run)
        #expect(list.servers.map(\.description) == ["192.0.2.2:53"])
        try write("192.0.2.3")
        #expect(list.servers.map(\.description) == ["192.0.2.3:53"])
        let configured = ResolverList([try #require(DNSServer("192.0.2.9"))], files: files)
        #expect(configured.servers.map(\.description) == ["192.0.2.9:53"] && configured.system == nil)
    }

    @Test func `a wait that begins after the change goes by the new resolver`() async throws {
        let folder = try TemporaryFolder()
        let files = MovedFile(path: "\(folder.path)/resolv.conf")
        try files.write(Array("nameserver 192.0.2.54\n".utf8), to: files.path, mode: 0o644, for: .run)
        let name = "_acme-challenge.www.example.test"
        let views = Views([
            Views.resolver: [
                .answer("example.test", .ns, ["ns1.example.test"]), .answer("ns1.example.test", .a, ["192.0.2.1"]),
            ], "192.0.2.1:53": [.answer(name, .txt, ["one"])],
        ])
        let list = ResolverList([], files: files)
        let propagation = Propagation(resolver: views, recursive: list, clock: LeapingClock())
        let zone = Zone(name: try DomainName("example.test"), id: "1")
        func wait() async -> PropagationResult {
            await propagation.wait(for: ["one"], at: name, zones: [zone], limit: .seconds(20), scope: .run)
        }
        #expect(await wait() == .unreachable)
        try files.write(Array("nameserver 192.0.2.53\n".utf8), to: files.path, mode: 0o644, for: .run)
        #expect(await wait() == .visible)
    }
}

/// The disk, with `/etc/resolv.conf` elsewhere.
private struct MovedFile: DiskFiles {
    let path: String

    func read(_ path: String, limit: Int, for scope: Scope) throws(FileError) -> [UInt8] {
        try PlainFiles().read(path == ResolverList.file ? self.path : path, limit: limit, for: scope)
    }
}

private struct PlainFiles: DiskFiles {}
