import Address
import Model
import Ports
import TestSupport
import Testing
@testable import Recording

@Suite struct InterfaceTests {
    private struct Wires: Interfaces {
        func addresses(of name: String, for scope: Scope) throws(InterfaceError) -> [InterfaceAddress] {
            switch name {
            case "eth0":
                ["85.214.132.117", "2a01:238::1"].compactMap(IPAddress.init).map {
                    InterfaceAddress($0, isTemporary: $0.family == .v6)
                }
            case "eth1": throw .failed(name, reason: "no descriptor is left")
            default: throw .missing(name)
            }
        }
    }

    @Test func `a replay finds the recorded addresses of interfaces`() async throws {
        let fixture = try RecordingFixture()
        let recording = fixture.recorded { $0.interfaces = Wires() }.interfaces
        let names = ["eth0", "eth0", "eth1", "eth2"]
        let seen = names.map { look($0, at: recording) }
        // The same as before is not told again.
        #expect(try await fixture.exchanges().count == 3)

        let replay = try await fixture.replayed()
        #expect(names.map { look($0, at: replay.ports.interfaces) } == seen)
        #expect(replay.deviations.isEmpty)
        #expect(replay.unused.isEmpty)
        let unknown = look("eth3", at: replay.ports.interfaces)
        #expect(unknown == .failure(.failed("eth3", reason: "it is not in the recording")))
        #expect(replay.deviations == ["asked now and not then: interface eth3 (address)"])
    }

    private func look(_ name: String, at interfaces: any Interfaces) -> Result<[InterfaceAddress], InterfaceError> {
        Result { () throws(InterfaceError) in try interfaces.addresses(of: name, for: .address) }
    }
}
