@testable import Certificates
import Files
import Glibc
import Model
import Ports
import Synchronization
import TestSupport
import Testing
import Timing

/// A disk of which one path may not be seen. Tests run as root, from whom no mode hides anything.
private struct FilesWithout: DiskFiles {
    let hidden: String
    let disk = SystemFiles()

    private func check(_ path: String) throws(FileError) {
        guard !path.hasSuffix(hidden) else { throw .failed(path, reason: systemErrorText(EACCES)) }
    }

    func read(_ path: String, limit: Int, for scope: Scope) throws(FileError) -> [UInt8] {
        try check(path)
        return try disk.read(path, limit: limit, for: scope)
    }

    func list(_ path: String, for scope: Scope) throws(FileError) -> [String] {
        try check(path)
        return try disk.list(path, for: scope)
    }

    func information(_ path: String, for scope: Scope) throws(FileError) -> FileInformation {
        try disk.information(path, for: scope)
    }
}

/// Keys that may not be read.
private struct NoKeys: DiskFiles {
    func publicKeyFingerprint(at path: String, for scope: Scope) throws(FileError) -> Fingerprint {
        throw .failed(path, reason: systemErrorText(EACCES))
    }

    func privateKey(at path: String, for scope: Scope) throws(FileError) -> Secret {
        throw .failed(path, reason: systemErrorText(EACCES))
    }
}

@Suite struct CertificateStoreTests {
    private let scratch: Scratch
    private let store: CertificateStore

    init() throws {
        scratch = try Scratch()
        store = CertificateStore(directory: scratch.path, files: scratch.files, clock: SystemClock())
    }

    @Test func `a store that does not exist yet is empty`() throws {
        #expect(store.read() == .known([:]))
        #expect(
            CertificateStore(directory: scratch.path + "/none/at/all", files: scratch.files, clock: SystemClock())
                .read() == .known([:])
        )
    }

    @Test func `a pair is usable, and another certificate's key is detected`() async throws {
        try await scratch.makeCertificate("a", names: ["a.example.test"])
        try await scratch.makeCertificate("b", names: ["b.example.test"])
        try await scratch.store("a", key: "a", as: "a.example.test")
        try await scratch.store("b", key: "a", as: "b.example.test")
        try scratch.write("how certbot explains itself", to: "live/README")
        let lineages = try #require(store.read().value)
        #expect(lineages.keys.sorted() == ["a.example.test", "b.example.test"])
        #expect(lineages["a.example.test"]?.usable?.names.map(\.text) == ["a.example.test"])
        #expect(try await lineages["a.example.test"]?.usable?.fingerprint.hex == scratch.fingerprint("a"))
        guard case .keyMismatch = lineages["b.example.test"] else {
            Issue.record("\(String(describing: lineages["b.example.test"]))")
            return
        }
    }

    @Test func `a dangling link is unreadable`() async throws {
        try await scratch.makeCertificate("a", names: ["a.example.test"])
        try await scratch.store("a", key: "a", as: "a.example.test")
        try await scratch.run("rm", "archive/a.example.test/privkey1.pem")
        let path = "\(scratch.path)/live/a.example.test/privkey.pem"
        #expect(store.read("a.example.test") == .unreadable("\(path) does not exist"))
    }

    @Test func `a volume that was not mounted makes the store unavailable`() async throws {
        try await scratch.run("ln", "-s", "/nowhere/letsencrypt", "config")
        let path = "\(scratch.path)/config"
        let store = CertificateStore(directory: path, files: scratch.files, clock: SystemClock())
        #expect(store.read() == .unavailable(reason: "\(path): is a dangling link"))
        try await scratch.run("ln", "-s", "/nowhere/live", "live")
        #expect(self.store.read() == .unavailable(reason: "\(scratch.path)/live: is a dangling link"))
    }

    @Test func `missing permission never counts as a missing file`() async throws {
        try await scratch.makeCertificate("a", names: ["a.example.test"])
        try await scratch.store("a", key: "a", as: "a.example.test")
        let closed = CertificateStore(
            directory: scratch.path,
            files: FilesWithout(hidden: "/live"),
            clock: SystemClock()
        )
        #expect(closed.read() == .unavailable(reason: "\(scratch.path)/live: Permission denied"))
        let lockedKey = CertificateStore(directory: scratch.path, files: NoKeys(), clock: SystemClock())
        let key = "\(scratch.path)/live/a.example.test/privkey.pem"
        #expect(lockedKey.read() == .known(["a.example.test": .unreadable("\(key): Permission denied")]))
    }

    @Test func `a bad or huge file is named`() async throws {
        try await scratch.makeCertificate("a", names: ["a.example.test"])
        try await scratch.store("a", key: "a", as: "a.example.test")
        let path = "\(scratch.path)/live/a.example.test/fullchain.pem"
        try scratch.write("no PEM", to: "archive/a.example.test/fullchain1.pem")
        #expect(store.read("a.example.test") == .unreadable("\(path): holds no certificate in PEM form"))
        try scratch.write(String(repeating: "x", count: 300 << 10), to: "archive/a.example.test/fullchain1.pem")
        #expect(store.read("a.example.test") == .unreadable("\(path): is larger than 262144 bytes"))
    }

    @Test func `what an interrupted certbot left is detected`() async throws {
        try await scratch.run("mkdir", "-p", "live", "renewal", "archive/b.example.test", "archive/c.example.test")
        try scratch.write("", to: "renewal/a.example.test.conf")
        try scratch.write("x", to: "archive/b.example.test/cert1.pem")
        let lineages = try #require(store.read().value)
        #expect(
            lineages["a.example.test"] == .halfWritten("\(scratch.path)/renewal/a.example.test.conf", isBlank: true)
        )
        #expect(lineages["b.example.test"] == .halfWritten("\(scratch.path)/archive/b.example.test"))
        #expect(lineages["c.example.test"] == .absent)
    }

    @Test func `dangling links beside an empty configuration are an interrupted certbot's`() async throws {
        try await scratch.makeCertificate("a", names: ["a.example.test"])
        try await scratch.store("a", key: "a", as: "a.example.test")
        try await scratch.run("rm", "-r", "archive/a.example.test")
        guard case .unreadable = store.read("a.example.test") else {
            Issue.record("the configuration says that there was a certificate")
            return
        }
        try scratch.write("", to: "renewal/a.example.test.conf")
        let remains = LineageOnDisk.halfWritten("\(scratch.path)/renewal/a.example.test.conf", isBlank: true)
        #expect(store.read("a.example.test") == remains)
        #expect(store.read() == .known(["a.example.test": remains]))
    }

    @Test func `the authority is read from the renewal configuration, and changes with it`() async throws {
        try await scratch.makeCertificate("a", names: ["a.example.test"])
        try await scratch.store("a", key: "a", as: "a.example.test")
        #expect(store.read("a.example.test").usable?.server == nil)
        let note = "version = 2.1.0\n[renewalparams]\nauthenticator = manual\nserver = https://ca.example.net/dir\n"
        try scratch.write(note, to: "renewal/a.example.test.conf")
        #expect(store.read("a.example.test").usable?.server == "https://ca.example.net/dir")
    }

    @Test func `unchanged files are not opened again, and a replaced one is`() async throws {
        try await scratch.makeCertificate("a", names: ["a.example.test"])
        try await scratch.store("a", key: "a", as: "a.example.test")
        // Long enough ago for every later change to show.
        try await scratch.run("sh", "-c", "touch --date '2020-01-01' archive/*/* renewal/*")
        let keys = CountedKeys()
        let store = CertificateStore(directory: scratch.path, files: keys, clock: SystemClock())
        let first = try #require(store.read().value?["a.example.test"]?.usable)
        for _ in 0..<3 { #expect(store.read().value?["a.example.test"]?.usable == first) }
        #expect(keys.count.withLock(\.self) == 1)
        try await scratch.makeCertificate("b", names: ["a.example.test"])
        try await scratch.store("b", key: "b", as: "a.example.test")
        let second = try #require(store.read().value?["a.example.test"]?.usable)
        #expect(second.fingerprint != first.fingerprint)
        #expect(store.read().value?["a.example.test"]?.usable == second)
        #expect(keys.count.withLock(\.self) == 3, "what was written just now may be written again in the same moment")
    }

    @Test func `keys of any kind are matched`() async throws {
        try await scratch.makeCertificate("a", names: ["a.example.test"], key: ["-newkey", "rsa:2048"])
        try await scratch.store("a", key: "a", as: "a.example.test-0001")
        #expect(store.read("a.example.test-0001").usable?.names.map(\.text) == ["a.example.test"])
    }
}

/// Counts how often a key is opened.
private final class CountedKeys: DiskFiles {
    let count = Mutex(0)

    func publicKeyFingerprint(at path: String, for scope: Scope) throws(FileError) -> Fingerprint {
        count.withLock { $0 += 1 }
        return try SystemFiles().publicKeyFingerprint(at: path, for: scope)
    }
}
