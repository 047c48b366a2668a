@testable import Address
import Model
import Ports
import TestSupport
import Testing

/// What address services answer.
extension FuzzTests {
    private func fuzzAddress(_ service: AddressService, _ kind: String, _ seeds: [[UInt8]]) async throws {
        try await fuzz(kind, seeds) { input in
            var chance = input.chance
            let status = input.isSeed ? 200 : chance.one(of: [200, 200, 200, 204, 301, 403, 502])
            let response = HTTPResponse(status: status, body: input.bytes)
            var isAccepted = false
            for family in [IPAddress.Family.v4, .v6] {
                switch service.read(response, family) {
                case .known(let address):
                    try require(address.isPublic && address.family == family, "\(address) is taken for ours")
                    try require(IPAddress(address.description) == address, "\(address) is another one as text")
                    isAccepted = true
                case .unavailable(let reason): try requireLine(reason, limit: 500, "the reason")
                }
            }
            return isAccepted
        }
    }

    @Test func `whatever an address service answers, only a public address alone is taken for ours`() async throws {
        let seeds =
            Corpus.answers("GET") { $0.hasSuffix("/icanhazip") }
            + Corpus.bytes("85.214.132.117", "2a01:238:4000::117\n")
        try await fuzzAddress(AddressService("https://ip.example.org"), "address", seeds)
    }

    @Test func `whatever a trace holds, only a public address in exactly one line is taken for ours`() async throws {
        let seeds =
            Corpus.answers("GET") { $0.hasSuffix("/cdn-cgi/trace") }
            + Corpus.bytes("fl=1f1\nh=www.example.org\nip=2a01:238:4000::117\nts=1795485783.5\nloc=DE\ntls=TLSv1.3\n")
        try await fuzzAddress(AddressService("https://www.example.org/cdn-cgi/trace"), "address trace", seeds)
    }
}
