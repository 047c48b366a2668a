import Glibc
import HTTPServer
import Model
import Ports
import Processes
import TestSupport
import Testing
import Transport

@Suite final class UnixSocketTests {
    private let transport = CurlTransport(.init(userAgent: "landfall-tests"))
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private var path: String { folder.path + "/s" }

    private func server(mode: UInt32 = 0o600) throws -> HTTPServer {
        try HTTPServer(listening: .unix(path: path, mode: mode)) { request in
            .text(request.path)
        }
    }

    private func mode() -> mode_t? {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? status.st_mode : nil
    }

    private func ask() async throws -> String {
        let request = HTTPRequest(.get, "http://landfall/status", peer: .unixSocket(path: path))
        return try await transport.send(request, for: .run).text
    }

    @Test(arguments: [0o600, 0o660, 0o666] as [UInt32])
    func `a socket has exactly the mode asked for, answers, and is gone after stop`(mode: UInt32) async throws {
        let server = try server(mode: mode)
        #expect(self.mode() == S_IFSOCK | mode)
        #expect(try await ask() == "/status")
        server.stop()
        #expect(self.mode() == nil)
    }

    @Test func `a stale socket file is replaced`() async throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &name.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        let bound = unsafe withUnsafePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
        close(descriptor)
        let server = try server()
        defer { server.stop() }
        #expect(try await ask() == "/status")
    }

    @Test func `a socket in use is left alone`() async throws {
        let first = try server()
        defer { first.stop() }
        #expect(throws: HTTPServerError.inUse(path)) { try server() }
        #expect(try await ask() == "/status")
    }

    @Test func `a file that is not a socket is left alone`() throws {
        close(unsafe open(path, O_CREAT | O_WRONLY, 0o600))
        #expect(throws: HTTPServerError.notASocket(path)) { try server() }
        #expect(mode() == S_IFREG | 0o600)
    }

    @Test func `a path that cannot be a socket's is an error that says why`() throws {
        let long = folder.path + "/" + String(repeating: "s", count: 108)
        #expect(throws: HTTPServerError.pathTooLong(long, limit: 107)) {
            try HTTPServer(listening: .unix(path: long, mode: 0o600)) { _ in .text("") }
        }
        let nowhere = folder.path + "/none/s"
        #expect(throws: HTTPServerError.refused(nowhere, reason: "No such file or directory")) {
            try HTTPServer(listening: .unix(path: nowhere, mode: 0o600)) { _ in .text("") }
        }
    }

    @Test func `a socket outside of the file system answers this user, and makes no file`() async throws {
        let name = "@\(path)"
        let server = try HTTPServer(listening: .unix(path: name, mode: 0o600)) { .text($0.path) }
        let request = HTTPRequest(.get, "http://landfall/status", peer: .unixSocket(path: name))
        #expect(try await transport.send(request, for: .run).text == "/status")
        #expect(mode() == nil)
        #expect(throws: HTTPServerError.inUse(name)) {
            try HTTPServer(listening: .unix(path: name, mode: 0o600)) { _ in .text("") }
        }
        server.stop()
        await #expect(throws: TransportError.unreachable("nothing listens on the socket \(name)", socket: .missing)) {
            try await transport.send(request, for: .run)
        }
    }

    @Test(.enabled(if: geteuid() == 0, "needs root, to be another user"))
    func `another user gets no answer from it`() async throws {
        let name = "@\(path)"
        let server = try HTTPServer(listening: .unix(path: name, mode: 0o600)) { .text($0.path) }
        defer { server.stop() }
        let client = ["curl", "--silent", "--abstract-unix-socket", String(name.dropFirst()), "http://landfall/x"]
        let request = ProcessRequest(
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] + client,
            environment: ["PATH": "/usr/bin:/bin"],
            timeLimit: .seconds(20).scaledToLoad
        )
        let result = try await SpawnRunner().run(request, for: .run)
        #expect(result.outputText == "only the user that Landfall runs as is answered\n")
    }
}
