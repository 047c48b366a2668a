import Emulators
import Ports
import Testing

@Suite struct CloudflareRecordTests {
    private let account: CloudflareAccount

    init() throws { account = try CloudflareAccount() }

    private func list(_ query: String = "") async throws -> Answer<[CloudflareRecord]> {
        try await account.call(.get, account.records() + query, giving: [CloudflareRecord].self)
    }

    @Test func `a record is made with defaults, and its name is made full and lower case`() async throws {
        let record = try await account.create("A", "WWW", "85.214.132.117")
        #expect(record.name == "www.example.test")
        #expect((record.ttl, record.proxied, record.comment) == (1, false, nil))
        #expect(record.id.count == 32)
        #expect(try await account.create("A", "@", "85.214.132.117").name == "example.test")
        #expect(try await account.create("A", "a.example.org", "85.214.132.117").name == "a.example.org.example.test")
        #expect(try await account.call(.get, account.records() + "/" + record.id).result == record)
    }

    @Test func `PUT lets what is left out fall to its default, PATCH leaves it alone`() async throws {
        let more = #", "ttl":300, "comment":"landfall", "proxied":false"#
        let record = try await account.create("A", "a", "85.214.132.117", more)
        let path = try account.records() + "/" + record.id
        let patched = try #require(try await account.call(.patch, path, #"{"content":"85.214.132.118"}"#).result)
        #expect((patched.content, patched.ttl, patched.comment) == ("85.214.132.118", 300, "landfall"))
        #expect(try await account.call(.patch, path, #"{"comment":null}"#).result?.comment == nil)
        let body = #"{"type":"A","name":"a.example.test","content":"85.214.132.119"}"#
        let replaced = try #require(try await account.call(.put, path, body).result)
        #expect((replaced.content, replaced.ttl, replaced.comment) == ("85.214.132.119", 1, nil))
        #expect(replaced.created == record.created)
        #expect(try await account.failure(.put, path, #"{"content":"85.214.132.119"}"#) == [400, 9207])
        #expect(try await list().result == [replaced])
    }

    @Test func `a deleted record is gone, and says so the second time`() async throws {
        let record = try await account.create("A", "a", "85.214.132.117")
        let path = try account.records() + "/" + record.id
        #expect(try await account.call(.delete, path, giving: [String: String].self).result == ["id": record.id])
        #expect(try await account.failure(.delete, path) == [404, 81044])
        #expect(try await account.failure(.patch, path, "{}") == [404, 81044])
        #expect(try await list().result == [])
    }

    @Test func `a record of another product says so, and cannot be changed`() async throws {
        let draft = RecordDraft(name: "worker", type: "AAAA", content: "100::", proxied: true)
        let record = try account.emulator.put(draft, in: "example.test", isReadOnly: true)
        let path = try account.records() + "/" + record.id
        #expect(try await account.call(.get, path).result?.isReadOnly == true)
        #expect(try await account.failure(.patch, path, #"{"content":"2001:db8::1"}"#) == [400, 1043])
        #expect(try await account.failure(.delete, path) == [400, 1043])
        #expect(try await list().result == [record])
    }

    @Test func `a page holds 100 records unless asked otherwise, and says how many there are`() async throws {
        for index in 0..<205 {
            try account.emulator.put(
                RecordDraft(name: "h\(index)", type: "A", content: "85.214.132.117"),
                in: "example.test"
            )
        }
        let first = try await list()
        #expect(first.result?.map(\.name) == (0..<100).map { "h\($0).example.test" })
        #expect(first.page == .init(page: 1, perPage: 100, count: 100, totalCount: 205, totalPages: 3))
        let last = try await list("?page=3")
        #expect(last.result?.map(\.name) == (200..<205).map { "h\($0).example.test" })
        #expect(last.page == .init(page: 3, perPage: 100, count: 5, totalCount: 205, totalPages: 3))
        let beyond = try await list("?page=4&per_page=100")
        #expect(beyond.result == [])
        #expect(beyond.page == .init(page: 4, perPage: 100, count: 0, totalCount: 205, totalPages: 3))
        #expect(try await list("?per_page=500").result?.count == 205)
    }

    @Test func `zones come fifty at most to a page`() async throws {
        let answer = try await account.call(.get, "/zones?per_page=1000", giving: [ZoneAnswer].self)
        #expect(answer.page == .init(page: 1, perPage: 50, count: 2, totalCount: 2, totalPages: 1))
        let second = try await account.call(.get, "/zones?per_page=1&page=2", giving: [ZoneAnswer].self)
        #expect(second.result?.map(\.name) == ["example.test"])
        let named = try await account.call(.get, "/zones?name=example.org", giving: [ZoneAnswer].self)
        #expect(named.result?.map(\.name) == ["example.org"])
    }

    @Test func `records are found by name, type and content`() async throws {
        let a = try await account.create("A", "a", "85.214.132.117")
        let text = try await account.create("TXT", "a", "x y")
        let other = try await account.create("TXT", "b", "x y")
        #expect(try await list("?name=a.example.test").result == [a, text])
        #expect(try await list("?name=A.example.test&type=TXT").result == [text])
        #expect(try await list("?type=TXT&content=x%20y").result == [text, other])
        #expect(try await list("?type=TXT&content=%22x%20y%22&name=b.example.test").result == [other])
        #expect(try await list("?name=example.test").result == [])
    }

    @Test func `an alias exists beside no address, and no record exists twice`() async throws {
        _ = try await account.create("A", "a", "85.214.132.117")
        _ = try await account.create("CNAME", "c", "a.example.test")
        let path = try account.records()
        func post(_ type: String, _ name: String, _ content: String, _ more: String = "") async throws -> [Int] {
            let body = #"{"type":"\#(type)","name":"\#(name)","content":"\#(content)"\#(more)}"#
            return try await account.failure(.post, path, body)
        }
        #expect(try await post("CNAME", "a", "b.example.test") == [400, 81053])
        #expect(try await post("CNAME", "c", "b.example.test") == [400, 81053])
        #expect(try await post("A", "c", "85.214.132.117") == [400, 81054])
        #expect(try await post("AAAA", "c", "2001:db8::1") == [400, 81054])
        #expect(try await post("A", "a", "85.214.132.117") == [400, 81058])
        #expect(try await post("A", "a", "85.214.132.117", #","ttl":300"#) == [400, 81057])
        _ = try await account.create("A", "a", "85.214.132.118")
        _ = try await account.create("TXT", "c", "beside an alias")
        _ = try await account.create("TXT", "c", "and a second value")
    }

    @Test(arguments: [
        (#""type":"A","name":"a","content":"1.2.3""#, 9005), (#""type":"A","name":"a","content":"2001:db8::1""#, 9005),
        (#""type":"AAAA","name":"a","content":"1.2.3.4""#, 9006), (#""type":"CNAME","name":"a","content":"a b""#, 9007),
        (#""type":"CNAME","name":"a","content":"a.example.test""#, 9039),
        (#""type":"TXT","name":"a","content":"""#, 9015),
        (#""type":"A","name":"a b","content":"1.2.3.4""#, 9000),
        (#""type":"A","name":"a..b","content":"1.2.3.4""#, 9000),
        (#""type":"A","name":"a.*","content":"1.2.3.4""#, 9000), (#""type":"B","name":"a","content":"x""#, 9001),
        (#""type":"TXT","name":"a","content":"x","proxied":true"#, 9004),
        (#""type":"A","name":"a","content":"1.2.3.4","ttl":59"#, 9021),
        (#""type":"A","name":"a","content":"1.2.3.4","ttl":86401"#, 9021),
        (#""type":"A","name":"a","content":"1.2.3.4","ttl":0"#, 9021),
        (#""type":"A","name":"a","content":"1.2.3.4","comment":"two\nlines""#, 9314),
        (#""type":"A","name":"a","content":"1.2.3.4","comment":"\#(String(repeating: "c", count: 101))""#, 9313),
        (#""type":"A","name":"a","content":"1.2.3.4","tags":["a:b"]"#, 9302),
    ])
    func `a record that breaks a rule is refused, with the reason in the chain`(body: String, code: Int) async throws {
        #expect(try await account.failure(.post, account.records(), "{\(body)}") == [400, 1004, code])
        #expect(account.emulator.records(in: "example.test").isEmpty)
    }

    @Test func `what is just within the rules is taken`() async throws {
        #expect(try await account.create("A", "a", "1.2.3.4", #","ttl":60"#).ttl == 60)
        #expect(try await account.create("A", "b", "1.2.3.4", #","ttl":86400"#).ttl == 86_400)
        #expect(try await account.create("A", "c", "1.2.3.4", #","ttl":300,"proxied":true"#).ttl == 1)
        let comment = String(repeating: "c", count: 100)
        #expect(try await account.create("A", "d", "1.2.3.4", #","comment":"\#(comment)""#).comment == comment)
        #expect(try await account.create("A", "*.e", "1.2.3.4").name == "*.e.example.test")
        #expect(try await account.create("TXT", "_acme-challenge.a", "v").name == "_acme-challenge.a.example.test")
    }

    @Test func `a body that is none is refused, and so is one without its content type`() async throws {
        let path = try account.records()
        #expect(try await account.failure(.post, path, "{") == [400, 9207])
        #expect(try await account.failure(.post, path, #"{"type":"A","name":"a"}"#) == [400, 9207])
        #expect(try await account.failure(.post, path, #"{"type":"A","name":"a","content":7}"#) == [400, 9207])
        #expect(try await account.failure(.post, path) == [400, 6003, 6105])
    }
}
