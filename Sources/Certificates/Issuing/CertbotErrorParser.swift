import Model

/// Reads out of certbot's output and log why it got no certificate, in the authority's own words where there are any.
struct CertbotErrorParser: Hashable {
    /// One line.
    let text: String
    /// Whether the next try may succeed: a rejected nonce, an internal error of the authority, a broken connection.
    let isTransient: Bool
    /// Whether the authority was not reached, and so not asked for anything.
    let isUnheard: Bool
    /// The names, without `*.`, whose authorizations failed.
    let failed: [DomainName]
    /// What kind of problem the authority reports (RFC 8555 §6.7); nil where it reports none.
    let kind: String?
    /// The names, without `*.`, that its subproblems are about.
    let subjects: [DomainName]
    /// Whether certbot did not even begin.
    private let isUsage: Bool

    /// - Parameters:
    ///   - log: certbot's own log; 2.1 hides ACME errors there, behind an `AttributeError`.
    ///   - proxy: the variable that names the proxy which certbot goes through. Its error does not tell whether proxy or
    ///     authority cannot be reached.
    init(output: String, error: String, log: String, proxy: String? = nil) {
        let problems = Self.problems(in: output)
        let said = Self.withoutFrame(error)
        let logged = ACMEError.last(in: log)
        let document = logged.flatMap { ProblemDocument.last($0.kind, in: log) }
        kind = logged?.kind
        subjects = (document?.subproblems ?? []).compactMap { $0.name?.withoutWildcard }
        failed = problems.compactMap { try? DomainName($0.name).withoutWildcard }
        let usageError = error.text(after: "certbot: error: ").map { String($0.trimmed) }
        if let advice = usageError.map(Self.rejection(ofArguments:)) ?? Self.advice(on: said) {
            (text, isTransient, isUnheard, isUsage) = (sanitized(advice), false, true, true)
            return
        }
        isUsage = false
        isUnheard = problems.isEmpty && Self.unreached.contains { said.contains($0) }
        if !problems.isEmpty {
            let texts = problems.map { "\($0.name): \($0.detail)" }
            let once = texts.enumerated().filter { texts.firstIndex(of: $1) == $0 }
            text = sanitized(once.map(\.element).joined(separator: "; "))
            isTransient = false
        } else if let logged, let details = document?.detailsOfSubproblems {
            text = sanitized(details)
            isTransient = logged.isTransient
        } else if said.contains("can't set attribute"), let logged {
            text = sanitized(logged.detail)
            isTransient = logged.isTransient
        } else {
            let hint = isUnheard ? proxy.map { "; certbot goes through the proxy that \($0) names" } ?? "" : ""
            text = sanitized(said.isEmpty ? "certbot reported no error, but stored no new certificate" : said + hint)
            let isLogged = logged.map { said.contains($0.detail) && $0.isTransient } ?? false
            isTransient = isLogged || isUnheard || Self.transient.contains { said.contains($0) }
        }
    }

    /// - Parameter wrong: what certbot prints below its usage.
    private static func rejection(ofArguments wrong: String) -> String {
        guard let option = wrong.text(after: "unrecognized arguments: --dns-") else {
            return "certbot rejects its arguments: \(wrong)"
        }
        // The options of a plugin that is not installed are unknown.
        let plugin = option.prefix { $0 != " " && $0 != "=" }.replacing("-credentials", with: "")
        return missing("dns-\(plugin.replacing("-propagation-seconds", with: ""))")
    }

    /// Why certbot did not even begin, with what to do about it.
    private static func advice(on said: String) -> String? {
        if let rest = said.text(after: "The requested "), rest.contains(" plugin does not appear to be installed") {
            return missing(String(rest.prefix { $0 != " " }))
        }
        if said.contains("Server requires external account binding") {
            return "the authority requires external account binding: set CERTBOT_EAB_KID and CERTBOT_EAB_HMAC_KEY"
        }
        return nil
    }

    private static func missing(_ plugin: String) -> String {
        "certbot's plugin \(plugin) is not installed beside certbot"
    }

    /// What the authority found wrong, for each authorization: `Domain:` (certbot 2) or `Identifier:` (5), then `Detail:`.
    private static func problems(in output: String) -> [(name: String, detail: String)] {
        var problems: [(name: String, detail: String)] = []
        var name = ""
        for line in output.split(whereSeparator: \.isNewline) {
            let line = line.drop { $0 == " " }
            if let value = line.value(after: "Domain:") ?? line.value(after: "Identifier:") { name = value }
            if let detail = line.value(after: "Detail:") { problems.append((name, detail)) }
        }
        return problems
    }

    /// certbot's error without the lines that it always prints, and without the output of Landfall's own hook.
    private static func withoutFrame(_ error: String) -> String {
        error.split(whereSeparator: \.isNewline)
            .filter { line in !frame.contains { line.hasPrefix($0) } }
            .joined(separator: " ")
    }

    private static let frame = [
        "Saving debug log to", "Ask for help or search for solutions", "An unexpected error occurred:", "Hook '", " ",
    ]

    private static let transient = [
        "anti-replay nonce", "Connection reset",
        "Remote end closed connection", "timed out", "<Response [5", "Service busy",
    ]

    private static let unreached = [
        "Connection refused", "No route to host", "Network is unreachable", "Temporary failure in name resolution",
        "Name or service not known", "Another instance of Certbot is already running",
    ]
}

extension CertbotErrorParser {
    /// What the authority was asked for at least, as certbot's own log shows. Only an order needs a POST (RFC 8555 §6.3).
    ///
    /// - Parameter log: nil where it cannot be read.
    static func effect(inLog log: String?) -> OrderRecord.Effect {
        guard let log else { return .unknown }
        let requests = log.split(whereSeparator: \.isNewline).filter { $0.contains("Sending POST request to ") }
        guard !requests.isEmpty else { return .none }
        return requests.contains { $0.contains("finalize") } ? .unknown : .order(failed: [])
    }
}

extension CertbotErrorParser {
    /// Problems that lie in the account or in what certbot is called with, and not in a name.
    private static let common: Set = [
        "badPublicKey", "badSignatureAlgorithm", "externalAccountRequired", "invalidContact", "unsupportedContact",
        "userActionRequired",
    ]

    /// What an authority answers to an order with names that it never certifies.
    private static let refusals: Set = ["malformed", "rejectedIdentifier", "unsupportedIdentifier"]

    /// What the failure of an order for these names is about.
    func cause(for names: [DomainName]) -> IssuanceError.Cause {
        if isUsage { return .common }
        let bare = Set(names.map(\.withoutWildcard))
        let culprits = Set(failed + subjects).intersection(bare)
        let isRefusal = kind.map(Self.refusals.contains) ?? false
        guard culprits.isEmpty else { return isRefusal ? .refused(culprits.sorted()) : .names(culprits.sorted()) }
        let mentioned = Self.names(in: text).filter(bare.contains)
        switch kind {
        case "accountDoesNotExist": return .account
        case "invalidProfile": return .profile
        case "rateLimited" where asksForPerson: return .person(mentioned)
        // Without a name it is about the account or about what is ordered, such as an extension.
        case "unauthorized" where mentioned.isEmpty: return .common
        case let kind? where Self.common.contains(kind): return .common
        // An authority names first what it refuses, and then perhaps what is above it.
        default: return mentioned.first.map { isRefusal ? .refused([$0]) : .names([$0]) } ?? .unknown
        }
    }

    /// Whether the authority gives a link that a person has to open, and no time after which it would be different.
    private var asksForPerson: Bool {
        !text.contains("retry after") && text.contains("://") && !text.contains("see https://")
    }

    private static func names(in text: String) -> [DomainName] {
        text.split { !($0.isASCII && ($0.isLetter || $0.isNumber || "-.".contains($0))) }
            .compactMap { word in try? DomainName(word.drop { $0 == "." }) }
    }
}

/// The body of an answer that refuses something (RFC 8555 §6.7), as certbot's log holds it.
private struct ProblemDocument: Decodable {
    struct Subproblem: Decodable {
        struct Identifier: Decodable { let value: String }

        let detail: String?
        let identifier: Identifier?

        var name: DomainName? { identifier.flatMap { try? DomainName($0.value) } }
    }

    let type: String?
    let subproblems: [Subproblem]?

    /// Which name, and why; nil where it has no subproblems.
    var detailsOfSubproblems: String? {
        let details = (subproblems ?? []).map { problem in
            "\(problem.identifier.map { "\($0.value): " } ?? "")\(problem.detail ?? "")"
        }
        return details.isEmpty ? nil : details.joined(separator: "; ")
    }

    /// The last of a kind. A body follows an empty line, and ends before the next line that begins with a date.
    static func last(_ kind: String, in log: String) -> ProblemDocument? {
        for part in log.split(separator: "Received response:\n").reversed() {
            guard let start = part.firstRange(of: "\n\n{")?.upperBound else { continue }
            let lines = part[part.index(before: start)...].split(separator: "\n").prefix { !$0.hasPrefix("20") }
            let document = try? decodeJSON(Self.self, from: Array(lines.joined(separator: "\n").utf8))
            if document?.type == "urn:ietf:params:acme:error:\(kind)" { return document }
        }
        return nil
    }
}

/// An ACME problem document (RFC 8555 §6.7) as the `acme` library writes it: `urn:…:KIND :: title :: detail`.
private struct ACMEError {
    let kind: String
    let detail: String

    var isTransient: Bool { kind == "badNonce" || kind == "serverInternal" }

    static func last(in log: String) -> ACMEError? {
        let marker = "acme.messages.Error: urn:ietf:params:acme:error:"
        guard let line = log.split(whereSeparator: \.isNewline).last(where: { $0.hasPrefix(marker) }) else {
            return nil
        }
        let parts = line.dropFirst(marker.count).split(separator: " :: ", maxSplits: 2)
        guard let kind = parts.first, let detail = parts.last else { return nil }
        return ACMEError(kind: String(kind), detail: String(detail))
    }
}

extension String {
    func text(after mark: String) -> String? { firstRange(of: mark).map { String(self[$0.upperBound...]) } }
}

extension Substring {
    fileprivate func value(after key: String) -> String? {
        hasPrefix(key) ? String(dropFirst(key.count).drop { $0 == " " }) : nil
    }
}
