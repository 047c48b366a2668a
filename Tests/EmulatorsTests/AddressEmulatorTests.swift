import Emulators
import Ports
import Testing

@Suite struct AddressEmulatorTests {
    private let emulator = AddressEmulator()
    private let served: Served

    init() throws { served = try Served(emulator) }

    @Test(arguments: [
        ("/", "85.214.132.117"), ("/?format=json", #"{"ip":"85.214.132.117"}"#), ("/icanhazip", "85.214.132.117\n"),
        ("/v6", "2a01:238:4000::117"), ("/v6/icanhazip", "2a01:238:4000::117\n"),
    ])
    func `each service tells the address in its own form`(path: String, answer: String) async throws {
        let response = try await served.send(.get, path)
        #expect(response.status == 200)
        #expect(response.text == answer)
    }

    @Test func `the trace has the address on a line of its own`() async throws {
        let lines = try await served.send(.get, "/cdn-cgi/trace").text.split(separator: "\n")
        #expect(lines.contains("ip=85.214.132.117"))
    }

    @Test func `the address can change`() async throws {
        emulator.settings.ipv4 = "85.214.132.118"
        #expect(try await served.send(.get, "/").text == "85.214.132.118")
    }

    @Test func `it goes wrong in the ways that such services do`() async throws {
        emulator.faults.add(Fault(.captivePortal, times: 1))
        let portal = try await served.send(.get, "/")
        #expect((portal.status, portal.headers["content-type"]) == (200, "text/html"))
        #expect(portal.text.contains("log in"))
        emulator.faults.add(Fault(.text("10.0.0.1"), times: 1))
        #expect(try await served.send(.get, "/").text == "10.0.0.1")
        emulator.faults.add(Fault(.redirect(to: "https://login.example.test/"), times: 1))
        let redirect = try await served.send(.get, "/")
        #expect((redirect.status, redirect.headers["location"]) == (302, "https://login.example.test/"))
        emulator.faults.add(Fault(.error(status: 500, code: 0, message: "oops"), path: "/icanhazip", times: 1))
        #expect(try await served.send(.get, "/").status == 200)
        #expect(try await served.send(.get, "/icanhazip").status == 500)
        emulator.faults.add(Fault(.hang, times: 1))
        let hung = Task { try await served.send(.get, "/") }
        await emulator.log.wait { $0.count == 6 }
        hung.cancel()
        await #expect(throws: TransportError.cancelled) { try await hung.value }
        #expect(emulator.log.requests.map(\.status) == [200, 200, 302, 200, 500, nil])
    }
}
