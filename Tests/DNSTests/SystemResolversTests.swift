import DNS
import Ports
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
        #expect(SystemResolvers.parse(text).map(\.description) == servers)
    }
}
