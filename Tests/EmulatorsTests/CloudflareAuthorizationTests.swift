import Emulators
import Ports
import Testing

@Suite struct CloudflareAuthorizationTests {
    private let account: CloudflareAccount

    init() throws { account = try CloudflareAccount() }

    @Test(arguments: [CloudflareAccount.As.owner, .key])
    func `both forms of credentials see all zones`(caller: CloudflareAccount.As) async throws {
        let answer = try await account.call(.get, "/zones", as: caller, giving: [ZoneAnswer].self)
        #expect(answer.result?.map(\.name) == ["example.org", "example.test"])
        #expect(answer.result?.allSatisfy { $0.status == "active" && $0.id.count == 32 } == true)
    }

    @Test func `a token sees and changes its own zones alone`() async throws {
        let zones = try await account.call(.get, "/zones", as: .oneZone, giving: [ZoneAnswer].self)
        #expect(zones.result?.map(\.name) == ["example.org"])
        let body = #"{"type":"A","name":"a","content":"85.214.132.117"}"#
        #expect(try await account.call(.post, account.records("example.org"), body, as: .oneZone).success)
        #expect(try await account.failure(.post, account.records("example.test"), body, as: .oneZone) == [403, 10000])
        #expect(try await account.failure(.get, account.records("example.test"), as: .oneZone) == [403, 10000])
        #expect(try await account.failure(.get, "/zones/\(account.zoneID())", as: .oneZone) == [403, 9109])
    }

    @Test func `a token that may only read cannot write`() async throws {
        let record = try await account.create("A", "a", "85.214.132.117")
        let path = try account.records()
        #expect(try await account.call(.get, path, as: .reader, giving: [CloudflareRecord].self).result == [record])
        let body = #"{"type":"A","name":"b","content":"85.214.132.117"}"#
        #expect(try await account.failure(.post, path, body, as: .reader) == [403, 10000])
        #expect(try await account.failure(.post, path + "/batch", "{}", as: .reader) == [403, 10000])
        #expect(try await account.failure(.put, path + "/" + record.id, body, as: .reader) == [403, 10000])
        #expect(try await account.failure(.patch, path + "/" + record.id, "{}", as: .reader) == [403, 10000])
        #expect(try await account.failure(.delete, path + "/" + record.id, as: .reader) == [403, 10000])
        #expect(account.emulator.records(in: "example.test") == [record])
    }

    @Test func `wrong credentials have the same codes as at the real API`() async throws {
        let records = try account.records()
        let unknown = CloudflareAccount.As.header(["Authorization": "Bearer unknown"])
        #expect(try await account.failure(.get, "/zones", as: unknown) == [403, 9109])
        #expect(try await account.failure(.get, records, as: unknown) == [403, 10000])
        #expect(try await account.failure(.get, "/user/tokens/verify", as: unknown) == [401, 1000])
        let malformed = CloudflareAccount.As.header(["Authorization": "Bearer <your token>"])
        #expect(try await account.failure(.get, "/zones", as: malformed) == [400, 6003, 6111])
        let wrongKey = CloudflareAccount.As.header(["X-Auth-Email": "me@example.test", "X-Auth-Key": "beef"])
        #expect(try await account.failure(.get, "/zones", as: wrongKey) == [403, 9103])
        let malformedKey = CloudflareAccount.As.header(["X-Auth-Email": "me@example.test", "X-Auth-Key": "zz"])
        #expect(try await account.failure(.get, "/zones", as: malformedKey) == [400, 6003, 6103])
        let malformedEmail = CloudflareAccount.As.header(["X-Auth-Email": "me", "X-Auth-Key": "c0ffee"])
        #expect(try await account.failure(.get, "/zones", as: malformedEmail) == [400, 6003, 6102])
        #expect(try await account.failure(.get, "/zones", as: .nobody) == [400, 9106])
    }

    @Test func `a token can be verified, a key's owner be read`() async throws {
        let verified = try await account.call(.get, "/user/tokens/verify", giving: [String: String].self)
        #expect(verified.result?["status"] == "active")
        #expect(verified.messages.map(\.message) == ["This API Token is valid and active"])
        #expect(try await account.call(.get, "/user", as: .key, giving: [String: String].self).result?["email"] != nil)
        #expect(try await account.failure(.get, "/user") == [403, 9109])
        #expect(try await account.failure(.get, "/user/tokens/verify", as: .key) == [401, 1000])
    }

    @Test func `unknown zones, identifiers and routes have their own errors`() async throws {
        let nowhere = String(repeating: "0", count: 32)
        #expect(try await account.failure(.get, "/zones/\(nowhere)/dns_records") == [403, 10000])
        #expect(try await account.failure(.get, "/zones/\(nowhere)/dns_records", as: .key) == [404, 1001])
        #expect(try await account.failure(.get, "/zones/example.test/dns_records") == [404, 7003])
        #expect(try await account.failure(.get, account.records() + "/x") == [404, 7003])
        #expect(try await account.failure(.get, account.records() + "/" + nowhere) == [404, 81044])
        #expect(try await account.failure(.get, "/accounts") == [404, 7000])
        #expect(try await account.failure(.post, "/zones", "{}") == [405, 10405])
    }

    @Test func `the log shows the form of credentials and never the credentials`() async throws {
        _ = try await account.send(.get, "/zones?name=example.test")
        _ = try await account.send(.get, "/zones", as: .key)
        _ = try await account.send(.get, "/zones", as: .nobody)
        let requests = account.emulator.log.requests
        #expect(requests.map(\.authorization) == [.bearer, .key, .none])
        #expect(requests.map(\.status) == [200, 200, 400])
        #expect(requests.map(\.method) == ["GET", "GET", "GET"])
        #expect(requests.map(\.path) == Array(repeating: "/client/v4/zones", count: 3))
        #expect(requests[0].query == ["name": "example.test"])
        #expect(!"\(requests)".contains("owner-token") && !"\(requests)".contains("c0ffee"))
    }
}
