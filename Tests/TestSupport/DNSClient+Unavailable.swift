package import Model
package import Ports

/// A test's client implements what the test needs; for everything else no server can be reached.
extension DNSClient {
    package func query(
        _ question: DNSQuestion,
        at server: DNSServer,
        for scope: Scope
    ) async throws(DNSQueryError) -> DNSAnswer {
        throw .unreachable(server)
    }

    package func transfer(
        _ zone: DomainName,
        textsBelow label: String,
        from peer: DNSPeer,
        for scope: Scope
    ) async throws(DNSUpdateError) -> [ZoneRecord] {
        throw .unreachable(reason: "this test has no such server")
    }

    package func update(_ update: DNSUpdate, at peer: DNSPeer, for scope: Scope) async throws(DNSUpdateError) {
        throw .unreachable(reason: "this test has no such server")
    }
}
