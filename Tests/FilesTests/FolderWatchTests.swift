import Files
import Model
import TestSupport
import Testing
import Threads

@Suite(.limited(minutes: 1)) struct FolderWatchTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func write(_ text: String, to name: String) throws {
        try SystemFiles().write(Array(text.utf8), to: "\(folder.path)/\(name)", mode: 0o600, for: .run)
    }

    @Test func `a file that comes or changes is noticed, also in a folder that comes later`() async throws {
        let watch = try #require(FolderWatch([folder.path]))
        try write("a", to: "a.yml")
        #expect(try await blocking(named: "watch") { watch.wait() })
        try write("b", to: "a.yml")
        #expect(try await blocking(named: "watch") { watch.wait() })
        try SystemFiles().makeDirectory("\(folder.path)/later", mode: 0o700, for: .run)
        #expect(try await blocking(named: "watch") { watch.wait() })
        try write("c", to: "later/c.yml")
        #expect(try await blocking(named: "watch") { watch.wait() })
        watch.stop()
        #expect(try await !blocking(named: "watch") { watch.wait() })
    }

    @Test func `a folder that is not there yet is noticed when it comes`() async throws {
        let watch = try #require(FolderWatch(["\(folder.path)/later"]))
        try SystemFiles().makeDirectory("\(folder.path)/later", mode: 0o700, for: .run)
        #expect(try await blocking(named: "watch") { watch.wait() })
    }
}
