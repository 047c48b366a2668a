@testable import Declarations
import Model
import TestSupport
import Testing

/// Site addresses made by chance, as Landfall reads them and as the real Caddy does.
@Suite(.limited(minutes: 2)) struct CaddyPropertyTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `a site's hosts are those that Caddy serves, and it is refused if Caddy refuses it`() async throws {
        let program = try ProxyPrograms.caddy()
        let seed = UInt64.random(in: .min ... .max)
        var chance = SeededRandom(seed: seed)
        try await CaddyProgram.use(program, folder.path) { caddy in
            for _ in 0..<300 {
                let address = Self.address(&chance)
                let comment: Comment = "`\(address)`, of seed \(seed)"
                let labels = ["caddy": address, "caddy.respond": "ok"]
                let found = CaddySource().read([DeclaringObject(kind: .container, name: "app", labels: labels)], [])
                let served = try await caddy.hosts(of: "\(address) {\n\trespond ok\n}\n")
                #expect(found.unused.contains { $0.kind == .rejection } == (served == nil), comment)
                let names = (served ?? []).map(\.asciiLowercased).filter { reasonAgainstHost($0) == nil }
                #expect(Set(found.hosts.map(\.name)) == Set(names), comment)
            }
        }
    }

    private static func address(_ chance: inout SeededRandom) -> String {
        let addresses = (0..<chance.one(of: [1, 1, 1, 2, 2, 3])).map { _ in
            chance.one(of: ["", "", "", "http://", "https://", "HTTPS://", "ftp://"])
                + chance.one(of: [
                    "a.example.test", "b.example.test", "App.Example.TEST", "*.example.test", "app-*.example.test",
                    "app",
                    "x_y.example.test", "*.*.example.test", "a.*.test", "localhost", "192.0.2.7",
                    "xn--bcher-kva.example.test",
                ])
                + chance.one(of: ["", "", "", "", ":80", ":443", ":8443", ":x", ":99999", ":"])
                + chance.one(of: ["", "", "", "", "/", "/x", "/x/*"])
        }
        return addresses.joined(separator: chance.one(of: [" ", ", ", ", ", ","]))
            + chance.one(of: ["", "", "", "", "", ","])
    }
}
