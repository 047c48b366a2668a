import Model
import Testing

@testable import DNS

/// Records that another product of Cloudflare's has made.
@Suite struct CloudflareProductTests {
    private func record(_ type: String, _ content: String, _ meta: String) throws -> DNSRecord? {
        let text = """
            {"id":"1","type":"\(type)","name":"www.example.test","content":"\(content)","ttl":1,"proxied":true\(meta)}
            """
        return try decodeJSON(CloudflareRecord.self, from: Array(text.utf8)).hostRecord
    }

    @Test(arguments: [
        ("AAAA", "100::", #","meta":{"read_only":true}"#, "a Cloudflare Worker"),
        ("CNAME", "x.cfargotunnel.com", #","meta":{"read_only":true}"#, "a Cloudflare Tunnel"),
        ("A", "192.0.2.1", #","meta":{"read_only":true,"auto_added":false}"#, "another product of Cloudflare's"),
    ])
    func `what the API says to be read-only is managed by a product`(
        type: String,
        content: String,
        meta: String,
        by: String
    )
        throws
    {
        #expect(try record(type, content, meta)?.managedBy == by)
    }

    @Test(arguments: [
        "", #","meta":{}"#, #","meta":null"#, #","meta":{"read_only":false}"#, #","meta":[1]"#,
        #","meta":{"read_only":"x"}"#,
    ])
    func `whatever else it notes, a record is a record`(meta: String) throws {
        let record = try #require(try record("A", "192.0.2.1", meta))
        #expect(record.managedBy == nil && record.content == "192.0.2.1")
    }

    @Test(arguments: [("AAAA", "0100:0::0"), ("CNAME", "ID.CFARGOTUNNEL.COM."), ("CNAME", "id.cfargotunnel.com")])
    func `contents show a product, however they are written`(type: String, content: String) throws {
        let kind = try #require(DNSRecord.Kind(rawValue: type))
        #expect(CloudflareProduct(kind, content) != nil)
    }

    @Test(arguments: [
        ("AAAA", "100::1"), ("A", "100::"), ("CNAME", "cfargotunnel.com.example.test"), ("CNAME", "xcfargotunnel.com"),
    ])
    func `others do not`(type: String, content: String) throws {
        let kind = try #require(DNSRecord.Kind(rawValue: type))
        #expect(CloudflareProduct(kind, content) == nil)
    }
}
