import FoundationEssentials
package import HTTPServer
import Model
package import Ports
import Synchronization

/// Let's Encrypt's rules before another ACME server (RFC 8555) that takes what Let's Encrypt refuses, such as Pebble.
///
/// What it refuses gets a problem document with a nonce of that server; everything else passes as it came. Requests are
/// read without their signatures being checked, which the server behind it does.
package final class LetsEncryptProxy: Sendable {
    /// What may be changed while it serves.
    package struct Rules: Sendable {
        /// What names have to end in, below which they have to be.
        package var suffixes: Set<String> = ["com", "net", "org", "co.uk"]
        /// How many names a certificate holds, by profile.
        package var profiles = ["classic": 100, "tlsserver": 25, "shortlived": 25]
        /// Names that are paused, and the link that ends it.
        package var pauses: [String: String] = [:]
        /// What forbids a certificate at the end of an order, by name.
        package var forbidden: [String: String] = [:]
        /// The address of the account that is refused from now on.
        package var forgotten: Set<String> = []
        /// Why no account is registered.
        package var registrationRefusal: String?

        package init() {}
    }

    private struct State {
        var rules: Rules
        var paths: [String: String] = [:]
        var accounts: Set<String> = []
        var orders: [[String]] = []
        var names: [String: [String]] = [:]
    }

    private let upstream: String
    private let transport: any HTTPTransport
    private let state: Mutex<State>

    /// - Parameter upstream: where the server behind it is reached: `https://localhost:14000`.
    package init(before upstream: String, transport: any HTTPTransport, rules: Rules = Rules()) {
        (self.upstream, self.transport) = (upstream, transport)
        state = Mutex(State(rules: rules))
    }

    package var rules: Rules {
        get { state.withLock(\.rules) }
        set { state.withLock { $0.rules = newValue } }
    }

    /// The names of every order that it was asked for, also of those that it refused.
    package var orders: [[String]] { state.withLock(\.orders) }

    /// Lets the server forget all accounts that it has seen.
    package func forgetAccounts() { state.withLock { $0.rules.forgotten.formUnion($0.accounts) } }

    package var handler: HTTPServer.Handler { { request in await self.answer(request) } }

    private func answer(_ request: ServerRequest) async -> ServerResponse {
        if let refusal = refusal(of: request) { return await problem(refusal, request) }
        var response = await pass(request)
        learn(from: &response, to: request)
        return response
    }

    /// Passes a request on. The host stays, because the server's answers and the signatures hold it.
    private func pass(_ request: ServerRequest, path: String? = nil) async -> ServerResponse {
        let names = ["accept", "content-type", "host", "user-agent"]
        let headers = names.compactMap { name in request.headers[name].map { HTTPHeader(name, $0) } }
        let isPost = request.method == "POST" && path == nil
        let url = upstream + (path ?? request.path)
        let message = HTTPRequest(isPost ? .post : .get, url, headers: headers, body: isPost ? request.body : nil)
        do throws(TransportError) {
            let answer = try await transport.send(message, for: .run)
            let ofConnection: Set = ["connection", "content-length", "transfer-encoding"]
            let kept = answer.headers.filter { !ofConnection.contains($0.key) }
            return ServerResponse(status: answer.status, headers: kept, body: answer.body)
        } catch {
            return .text("\(error)", status: 502)
        }
    }

    private func learn(from response: inout ServerResponse, to request: ServerRequest) {
        guard let body: JSONValue = try? decodeJSON(from: response.body) else { return }
        if body["newOrder"] != nil {
            let paths = ["newNonce", "newAccount", "newOrder"].compactMap { kind in
                body[kind]?.text.map { (kind, Self.path(of: $0)) }
            }
            let rules = state.withLock { state in
                state.paths = Dictionary(paths) { first, _ in first }
                return state.rules
            }
            var (directory, meta) = (body, body["meta"] ?? [:])
            meta["caaIdentities"] = ["letsencrypt.org"]
            meta["profiles"] = .strings(rules.profiles.mapValues { "\($0) names" })
            directory["meta"] = meta
            response.body = directory.bytes
        } else if let finalize = body["finalize"]?.text, let items = body["identifiers"]?.items {
            state.withLock { $0.names[Self.path(of: finalize)] = items.compactMap { $0["value"]?.text } }
        }
    }

    private static func path(of url: String) -> String {
        guard let host = url.firstRange(of: "://")?.upperBound, let slash = url[host...].firstIndex(of: "/") else {
            return url
        }
        return String(url[slash...])
    }
}

/// What it refuses, in Let's Encrypt's words (its server is https://github.com/letsencrypt/boulder).
extension LetsEncryptProxy {
    struct Refusal {
        let status: Int
        let kind: String
        let detail: String
        var subproblems: [(name: String, kind: String, detail: String)] = []
    }

    private func problem(_ refusal: Refusal, _ request: ServerRequest) async -> ServerResponse {
        var body: JSONValue = [
            "type": .string("urn:ietf:params:acme:error:\(refusal.kind)"), "detail": .string(refusal.detail),
            "status": .integer(Int64(refusal.status)),
        ]
        if !refusal.subproblems.isEmpty {
            body["subproblems"] = .array(
                refusal.subproblems.map { problem in
                    [
                        "type": .string("urn:ietf:params:acme:error:\(problem.kind)"),
                        "detail": .string(problem.detail),
                        "identifier": ["type": "dns", "value": .string(problem.name)],
                    ]
                }
            )
        }
        let path = state.withLock { $0.paths["newNonce"] } ?? ""
        let nonce = await pass(request, path: path).headers["replay-nonce"] ?? ""
        return ServerResponse(
            status: refusal.status,
            headers: ["Content-Type": "application/problem+json", "Replay-Nonce": nonce],
            body: body.bytes
        )
    }

    private func refusal(of request: ServerRequest) -> Refusal? {
        guard request.method == "POST", let message: JSONValue = try? decodeJSON(from: request.body),
            let header = Self.part("protected", of: message)
        else { return nil }
        let payload = Self.part("payload", of: message) ?? [:]
        return state.withLock { state in
            if let account = header["kid"]?.text {
                if request.path == state.paths["newOrder"] {
                    state.orders.append((payload["identifiers"]?.items ?? []).compactMap { $0["value"]?.text })
                }
                if state.rules.forgotten.contains(account) {
                    return Refusal(status: 400, kind: "accountDoesNotExist", detail: "Account \"\(account)\" not found")
                }
                state.accounts.insert(account)
            }
            if request.path == state.paths["newAccount"] {
                return state.rules.registrationRefusal.map { Refusal(status: 403, kind: "unauthorized", detail: $0) }
            }
            if request.path == state.paths["newOrder"], let names = state.orders.last {
                return state.rules.refusal(of: names, profile: payload["profile"]?.text)
            }
            guard let names = state.names[request.path] else { return nil }
            return state.rules.refusal(of: payload["csr"]?.text ?? "", for: names)
        }
    }

    private static func part(_ name: String, of message: JSONValue) -> JSONValue? {
        message[name]?.text.flatMap(decoded).flatMap { try? decodeJSON(from: $0) }
    }

    /// RFC 4648 §5.
    fileprivate static func decoded(_ text: String) -> [UInt8]? {
        let base64 = text.replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        return Data(base64Encoded: base64 + padding).map { Array($0) }
    }
}

extension LetsEncryptProxy.Rules {
    typealias Refusal = LetsEncryptProxy.Refusal

    private static let prefix = "Error creating new order :: "

    fileprivate func refusal(of names: [String], profile: String?) -> Refusal? {
        if let profile, profiles[profile] == nil {
            return Refusal(status: 400, kind: "invalidProfile", detail: "profile name \"\(profile)\" not recognized")
        }
        let paused = names.filter { pauses[$0] != nil }
        if let link = paused.first.flatMap({ pauses[$0] }) {
            let detail =
                "Your account is temporarily prevented from requesting certificates for \(paused.joined(separator: ", ")) "
                + "and possibly others. Please visit: \(link)"
            return Refusal(status: 429, kind: "rateLimited", detail: detail)
        }
        let limit = profiles[profile ?? "classic"] ?? 100
        if names.count > limit {
            let detail = "\(Self.prefix)Order cannot contain more than \(limit) identifiers"
            return Refusal(status: 400, kind: "malformed", detail: detail)
        }
        let refused = names.compactMap { name in reason(against: name).map { (name: name, kind: $0, detail: $1) } }
        if let first = refused.first {
            let more =
                refused.count > 1
                ? " (and \(refused.count - 1) more problems. Refer to sub-problems for more information.)" : ""
            let detail = "\(Self.prefix)Cannot issue for \"\(first.name)\": \(first.detail)\(more)"
            return Refusal(status: 400, kind: first.kind, detail: detail, subproblems: refused.count > 1 ? refused : [])
        }
        guard let redundant = names.first(where: { isCovered($0, by: names) }) else { return nil }
        let detail =
            "\(Self.prefix)Domain name \"\(redundant)\" is redundant with a wildcard domain in the same request. Remove one "
            + "or the other from the certificate request."
        return Refusal(status: 400, kind: "malformed", detail: detail)
    }

    private func isCovered(_ name: String, by names: [String]) -> Bool {
        guard !name.hasPrefix("*."), let dot = name.firstIndex(of: ".") else { return false }
        return names.contains("*" + name[dot...])
    }

    private func reason(against name: String) -> (kind: String, detail: String)? {
        let bare = name.hasPrefix("*.") ? name.dropFirst(2) : name[...]
        let labels = bare.split(separator: ".")
        if labels.count > 10 { return ("malformed", "Domain name has more than 10 labels (parts)") }
        if labels.contains(where: { $0.dropFirst(2).hasPrefix("--") && !$0.hasPrefix("xn--") }) {
            let detail = "Domain name contains an invalid label in a reserved format (R-LDH: '??--')"
            return ("rejectedIdentifier", detail)
        }
        if suffixes.contains(String(bare)) { return ("malformed", "Domain name is a TLD") }
        guard suffixes.contains(where: { bare.hasSuffix(".\($0)") }) else {
            return ("malformed", "Domain name does not end with a valid public suffix (TLD)")
        }
        return nil
    }

    /// The extension of RFC 7633 in a request's DER: the object identifier 1.3.6.1.5.5.7.1.24.
    private static let mustStaple: [UInt8] = [0x06, 0x08, 0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x18]

    /// - Parameter request: a certificate signing request in base64url.
    fileprivate func refusal(of request: String, for names: [String]) -> Refusal? {
        let prefix = "Error finalizing order :: "
        if LetsEncryptProxy.decoded(request)?.firstRange(of: Self.mustStaple) != nil {
            let detail =
                "\(prefix)OCSP must-staple extension is no longer available: see "
                + "https://letsencrypt.org/2024/12/05/ending-ocsp"
            return Refusal(status: 403, kind: "unauthorized", detail: detail)
        }
        let refused = names.compactMap { name in forbidden[name].map { (name: name, kind: "caa", detail: $0) } }
        guard let first = refused.first else { return nil }
        let more = refused.count > 1 ? " and \(refused.count - 1) more identifiers" : ""
        let detail =
            "\(prefix)Rechecking CAA for \"\(first.name)\"\(more) failed. Refer to sub-problems for more information"
        return Refusal(status: 403, kind: "caa", detail: detail, subproblems: refused)
    }
}
