import Emulators
import Ports
import Testing

@Suite struct CloudflareBatchTests {
    private struct Result: Decodable, Sendable {
        let deletes: [CloudflareRecord]
        let patches: [CloudflareRecord]
        let puts: [CloudflareRecord]
        let posts: [CloudflareRecord]
    }

    private let account: CloudflareAccount

    init() throws { account = try CloudflareAccount() }

    private var records: [CloudflareRecord] { account.emulator.records(in: "example.test") }

    @Test func `deletes come first, then patches, puts and posts`() async throws {
        let old = try await account.create("A", "a", "85.214.132.117")
        let patched = try await account.create("A", "b", "85.214.132.117", #","comment":"kept""#)
        let put = try await account.create("A", "c", "85.214.132.117", #","comment":"lost""#)
        let body = """
            {"posts":[{"type":"CNAME","name":"a","content":"b.example.test"}],
             "puts":[{"id":"\(put.id)","type":"A","name":"c","content":"85.214.132.118"}],
             "patches":[{"id":"\(patched.id)","content":"85.214.132.118"}],
             "deletes":[{"id":"\(old.id)"}]}
            """
        let answer = try await account.call(.post, account.records() + "/batch", body, giving: Result.self)
        let result = try #require(answer.result)
        #expect(result.deletes == [old])
        #expect(result.patches.map(\.comment) == ["kept"])
        #expect(result.puts.map(\.comment) == [nil])
        #expect(result.posts.map(\.name) == ["a.example.test"])
        #expect(records.map(\.content) == ["85.214.132.118", "85.214.132.118", "b.example.test"])
    }

    @Test func `one bad record, and nothing is applied`() async throws {
        let old = try await account.create("A", "a", "85.214.132.117")
        let path = try account.records() + "/batch"
        let bad = """
            {"deletes":[{"id":"\(old.id)"}],
             "posts":[{"type":"A","name":"b","content":"85.214.132.117"},{"type":"A","name":"c","content":"no"}]}
            """
        #expect(try await account.failure(.post, path, bad) == [400, 1004, 9005])
        #expect(records == [old])
        let gone = #"{"deletes":[{"id":"\#(String(repeating: "0", count: 32))"},{"id":"\#(old.id)"}]}"#
        #expect(try await account.failure(.post, path, gone) == [404, 81044])
        #expect(records == [old])
    }

    @Test func `two hundred at once are taken, one more is not`() async throws {
        func batch(_ count: Int) -> String {
            let posts = (0..<count).map { #"{"type":"A","name":"h\#($0)","content":"85.214.132.117"}"# }
            return #"{"posts":[\#(posts.joined(separator: ","))]}"#
        }
        let path = try account.records() + "/batch"
        #expect(try await account.failure(.post, path, batch(201)) == [400, 9207])
        #expect(records.isEmpty)
        #expect(try await account.call(.post, path, batch(200), giving: Result.self).success)
        #expect(records.count == 200)
    }
}
