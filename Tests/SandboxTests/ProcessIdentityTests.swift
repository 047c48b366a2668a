import Glibc
import Testing

@testable import Sandbox

@Suite struct ProcessIdentityTests {
    private func record(name: String = "sh", state: String = "S", started: Int = 4711) -> String {
        let rest = (4...21).map(String.init).joined(separator: " ")
        return "some-boot\n123 (\(name)) \(state) \(rest) \(started) 23 24\n"
    }

    @Test func `number, start and boot are read`() throws {
        let identity = try #require(ProcessIdentity(record()))
        #expect((identity.pid, identity.started, identity.boot) == (123, 4711, "some-boot"))
    }

    @Test func `a program's name may look like the rest of the line`() {
        #expect(ProcessIdentity(record(name: "a) Z (b")) == ProcessIdentity(record()))
    }

    @Test func `a later process of the same number is another one`() {
        #expect(ProcessIdentity(record(started: 4712)) != ProcessIdentity(record()))
    }

    @Test func `a zombie is no process`() {
        #expect(ProcessIdentity(record(state: "Z")) == nil)
    }

    @Test(arguments: ["", "boot", "boot\n", "boot\n12 (sh", "boot\n12 (sh) S 1 2", "boot\nx (sh) S"])
    func `half a record is none`(text: String) { #expect(ProcessIdentity(text) == nil) }

    @Test func `this process is alive, and is not ended by a record that only shares its number`() async throws {
        let own = try #require(ProcessIdentity.current(getpid()))
        #expect(own.isAlive())
        let stat =
            "\(own.boot)\n\(own.pid) (x) S \((4...21).map(String.init).joined(separator: " ")) \(own.started + 1)"
        let earlier = try #require(ProcessIdentity(stat))
        #expect(!earlier.isAlive())
        await earlier.end()
        #expect(own.isAlive())
    }
}
