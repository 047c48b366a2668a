import Testing

@testable import Sandbox

@Suite struct SandboxFolderTests {
    @Test func `an absolute path is a folder, with or without its last slash`() throws {
        #expect(try SandboxFolder("/srv/one/") == SandboxFolder("/srv/one"))
        #expect(try SandboxFolder("/srv/one").engineSocket == "/srv/one/docker.sock")
    }

    @Test(arguments: [
        "relative", "/", "", "/srv/with space", "/srv/quo\"te", "/srv/\u{FC}ber", "/run/x", "/var/run/x", "/proc",
        "/dev/shm/x",
        "/" + String(repeating: "a", count: 69),
    ])
    func `a path that would not work is refused, and named`(path: String) throws {
        let error = #expect(throws: SandboxError.self) { try SandboxFolder(path) }
        #expect(error?.description.hasPrefix(path) == true)
    }

    @Test func `the longest path still leaves room for the engine's longest socket`() throws {
        let folder = try SandboxFolder("/" + String(repeating: "a", count: 68))
        #expect("\(folder)/x3/containerd/containerd.sock.ttrpc".utf8.count <= 107)
    }

    @Test func `the mark is short, and another one for another folder`() throws {
        let marks = try ["/srv/a", "/srv/b", "/srv/a/b"].map { try SandboxFolder($0).mark }
        #expect(Set(marks).count == 3)
        #expect(marks.allSatisfy { $0.count == 8 && $0.allSatisfy(\.isHexDigit) })
    }
}
