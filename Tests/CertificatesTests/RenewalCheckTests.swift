@testable import Certificates
import Model
import Testing

@Suite struct RenewalCheckTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private var check: RenewalCheck { RenewalCheck(directory: scratch.path, files: scratch.files) }
    private var path: String { "\(scratch.path)/renewal/a.test.conf" }

    private func store(_ change: (String) -> String) async throws {
        try await scratch.run("mkdir", "-p", "live/a.test", "archive/a.test", "renewal")
        var text = "# renew_before_expiry = 30 days\nversion = 2.1.0\narchive_dir = \(scratch.path)/archive/a.test\n"
        for file in ["cert", "privkey", "chain", "fullchain"] {
            try scratch.write("x", to: "live/a.test/\(file).pem")
            text += "\(file) = \"\(scratch.path)/live/a.test/\(file).pem\"\n"
        }
        text += "\n[renewalparams]\naccount = 1\npref_challs = dns-01,\n[[webroot_map]]\na.test = /var/www\n"
        try scratch.write(change(text), to: "renewal/a.test.conf")
    }

    @Test func `certbot's own configuration passes`() async throws {
        try await store { $0 }
        #expect(check.reason(against: "a.test") == nil)
    }

    @Test(arguments: [
        ("", "it ends before"), ("garbage [[[\n", "line 1 is not a setting"),
        ("[[renewalparams]\n", "line 1 is not a section"),
        ("version = 1\nversion = 2\n", "line 2 is not a setting, or repeats"),
        ("[renewalparams]\n", "it does not name cert"),
    ])
    func `a line that certbot cannot read is named`(text: String, problem: String) async throws {
        try await store { _ in text }
        let said = try #require(check.reason(against: "a.test"))
        #expect(said.hasPrefix("\(path) is damaged: \(problem)"), "\(said)")
    }

    @Test func `a configuration cut short is damaged wherever it ends`() async throws {
        try await store { $0 }
        let whole = try scratch.text("renewal/a.test.conf")
        let head =
            whole.utf8.count - "account = 1\npref_challs = dns-01,\n[[webroot_map]]\na.test = /var/www\n".utf8.count
        for count in stride(from: 0, to: head - 1, by: 7) {
            try scratch.write(String(whole.prefix(count)), to: "renewal/a.test.conf")
            #expect(check.reason(against: "a.test") != nil, "\(count)")
        }
    }

    @Test func `a missing file that it names is reported`() async throws {
        try await store { $0 }
        try await scratch.run("rm", "live/a.test/chain.pem")
        #expect(
            check.reason(against: "a.test")?.hasPrefix("\(scratch.path)/live/a.test/chain.pem does not exist; ") == true
        )
        try await store { $0.replacing("/archive/a.test", with: "/nowhere") }
        #expect(check.reason(against: "a.test")?.hasPrefix("\(scratch.path)/nowhere does not exist; ") == true)
        try await scratch.run("rm", "renewal/a.test.conf")
        #expect(check.reason(against: "a.test")?.hasPrefix("\(path) does not exist; ") == true)
    }
}
