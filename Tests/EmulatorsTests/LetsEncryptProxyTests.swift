import Emulators
import FoundationEssentials
import HTTPServer
import Model
import Ports
import TestSupport
import Testing

/// Let's Encrypt's rules before a server that takes everything.
@Suite struct LetsEncryptProxyTests {
    private let proxy = LetsEncryptProxy(before: "https://ca.test", transport: AnsweringTransport(Self.answer))

    /// An ACME server that takes everything.
    private static func answer(_ request: HTTPRequest) throws(TransportError) -> HTTPResponse {
        let body: String =
            switch String(request.url.dropFirst("https://ca.test".count)) {
            case "/dir":
                #"{"newNonce":"https://ca.test/nonce","newAccount":"https://ca.test/account","newOrder":"https://ca.test/order"}"#
            case "/order":
                #"{"status":"ready","finalize":"https://ca.test/finish/1","identifiers":[{"type":"dns","value":"a.example.org"}]}"#
            default: "{}"
            }
        return HTTPResponse(status: 200, headers: ["replay-nonce": "bm9uY2U"], body: Array(body.utf8))
    }

    private func send(_ path: String, _ payload: String = "", account: String? = "https://ca.test/account/1") async
        -> (status: Int, kind: String, body: JSONValue)
    {
        if path != "/dir" { _ = await proxy.handler(ServerRequest(method: "GET", path: "/dir")) }
        func part(_ text: String) -> String {
            Data(text.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
                .replacing("=", with: "")
        }
        let header = account.map { #"{"alg":"ES256","kid":"\#($0)"}"# } ?? #"{"alg":"ES256","jwk":{}}"#
        let message = #"{"protected":"\#(part(header))","payload":"\#(part(payload))","signature":"x"}"#
        let request = ServerRequest(method: "POST", path: path, headers: ["host": "ca.test"], body: Array(message.utf8))
        let response = await proxy.handler(request)
        let body: JSONValue = (try? decodeJSON(from: response.body)) ?? .null
        if response.status >= 400 {
            #expect(response.headers["Content-Type"] == "application/problem+json")
            #expect(response.headers["Replay-Nonce"] == "bm9uY2U")
        }
        let kind = body["type"]?.text?.split(separator: ":").last.map { String($0) } ?? ""
        return (response.status, kind, body)
    }

    private func order(_ names: String..., profile: String? = nil) async -> String {
        let items = names.map { #"{"type":"dns","value":"\#($0)"}"# }.joined(separator: ",")
        let further = profile.map { #","profile":"\#($0)""# } ?? ""
        let answer = await send("/order", #"{"identifiers":[\#(items)]\#(further)}"#)
        return answer.status == 200 ? "taken" : "\(answer.kind): \(answer.body["detail"]?.text ?? "")"
    }

    @Test(
        arguments: [
            (
                ["www.example.org", "*.example.org"], "malformed",
                "\"www.example.org\" is redundant with a wildcard domain"
            ),
            (["ab--cd.example.org"], "rejectedIdentifier", "(R-LDH: '??--')"),
            (["a.b.c.d.e.f.g.h.i.example.org"], "malformed", "more than 10 labels"),
            (["web.lan"], "malformed", "does not end with a valid public suffix"), (["co.uk"], "malformed", "is a TLD"),
        ] as [([String], String, String)]
    )
    func `it refuses what Let's Encrypt never certifies`(names: [String], kind: String, detail: String) async {
        let items = names.map { #"{"type":"dns","value":"\#($0)"}"# }.joined(separator: ",")
        let answer = await send("/order", #"{"identifiers":[\#(items)]}"#)
        #expect(answer.kind == kind && answer.body["detail"]?.text?.contains(detail) == true, "\(answer)")
        #expect(proxy.orders == [names])
    }

    @Test func `it takes what Let's Encrypt takes`() async {
        #expect(await order("example.org", "*.example.org", "a.www.example.org") == "taken")
        #expect(await order("xn--bcher-kva.example.org", "*.b.c.d.e.f.g.h.i.example.org") == "taken")
    }

    @Test func `a certificate holds 100 names, of some profiles 25, and other profiles are unknown`() async {
        func order(_ count: Int, profile: String?) async -> Int {
            let items = (0..<count).map { #"{"type":"dns","value":"h\#($0).example.org"}"# }.joined(separator: ",")
            let further = profile.map { #","profile":"\#($0)""# } ?? ""
            return await send("/order", #"{"identifiers":[\#(items)]\#(further)}"#).status
        }
        #expect(await order(100, profile: nil) == 200)
        #expect(await order(101, profile: nil) == 400)
        for profile in ["tlsserver", "shortlived"] {
            #expect(await order(25, profile: profile) == 200)
            #expect(await order(26, profile: profile) == 400)
        }
        let unknown = await self.order("a.example.org", profile: "old")
        #expect(unknown == "invalidProfile: profile name \"old\" not recognized")
    }

    @Test func `several names that are refused are subproblems`() async {
        let names = ["ab--cd.example.org", "web.lan"].map { #"{"type":"dns","value":"\#($0)"}"# }
        let answer = await send("/order", #"{"identifiers":[\#(names.joined(separator: ","))]}"#)
        let subjects = answer.body["subproblems"]?.items?.compactMap { $0["identifier"]?["value"]?.text }
        #expect(subjects == ["ab--cd.example.org", "web.lan"])
        #expect(answer.body["detail"]?.text?.contains("and 1 more problems") == true)
    }

    @Test func `must-staple and CAA are refused at the end of an order`() async {
        #expect(await order("a.example.org") == "taken")
        // The extension's object identifier, as it is in a request.
        let staple = await send("/finish/1", #"{"csr":"MAAGCCsGAQUFBwEYBQA"}"#)
        #expect(staple.kind == "unauthorized" && staple.body["detail"]?.text?.contains("must-staple") == true)
        #expect(await send("/finish/1", #"{"csr":"MAA"}"#).status == 200)
        proxy.rules.forbidden = ["a.example.org": "CAA record for example.org prevents issuance"]
        let caa = await send("/finish/1", #"{"csr":"MAA"}"#)
        #expect(caa.kind == "caa" && caa.body["subproblems"]?.items?.count == 1)
    }

    @Test func `it pauses names with a link, forgets accounts, and registers none`() async {
        proxy.rules.pauses = ["a.example.org": "https://portal.example.org/unpause?jwt=x"]
        let paused = await order("a.example.org", "b.example.org")
        #expect(
            paused.hasPrefix("rateLimited: Your account is temporarily prevented from requesting certificates for a.")
        )
        #expect(paused.hasSuffix("Please visit: https://portal.example.org/unpause?jwt=x"))
        #expect(await order("b.example.org") == "taken")
        proxy.forgetAccounts()
        #expect(await order("b.example.org").hasPrefix("accountDoesNotExist: "))
        #expect(await send("/account", account: nil).status == 200)
        proxy.rules.registrationRefusal = "The external account binding key has already been used"
        #expect(await send("/account", account: nil).kind == "unauthorized")
    }

    @Test func `its directory names the profiles and whose CAA it reads`() async throws {
        let answer = await proxy.handler(ServerRequest(method: "GET", path: "/dir"))
        let meta = try decodeJSON(JSONValue.self, from: answer.body)["meta"]
        #expect(meta?["caaIdentities"]?.items?.compactMap(\.text) == ["letsencrypt.org"])
        #expect(meta?["profiles"]?["shortlived"] != nil)
    }
}
