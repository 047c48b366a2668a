import Model

/// Why a certbot got no certificate, in the CA's own words where it has any.
struct CertbotErrorParser: Hashable {
    /// One line.
    let text: String
    /// Likely gone at the next try: a rejected nonce, a CA that stumbled, a broken connection.
    let isTransient: Bool
    /// No connection to the CA was made, so nothing was asked of it.
    let isUnheard: Bool
    /// Without `*.`: for each authorization that failed, its name.
    let failed: [DomainName]

    /// - Parameter log: certbot's own log; 2.1 hides ACME errors there, behind an `AttributeError`.
    init(output: String, error: String, log: String) {
        let problems = Self.problems(in: output)
        let said = Self.withoutFrame(error)
        let logged = ACMEError.last(in: log)
        failed = problems.compactMap { try? DomainName($0.name).withoutWildcard }
        if let refusal = Self.usageError(in: error).map(Self.refusal(ofArguments:)) ?? Self.refusal(in: said) {
            (text, isTransient, isUnheard) = (sanitized(refusal), false, true)
            return
        }
        isUnheard = problems.isEmpty && Self.unreached.contains { said.contains($0) }
        if !problems.isEmpty {
            let texts = problems.map { "\($0.name): \($0.detail)" }
            let once = texts.enumerated().filter { texts.firstIndex(of: $1) == $0 }
            text = sanitized(once.map(\.element).joined(separator: "; "))
            isTransient = false
        } else if said.contains("can't set attribute"), let logged {
            text = sanitized(logged.detail)
            isTransient = logged.isTransient
        } else {
            text = sanitized(said.isEmpty ? "certbot ended without an error, and without a new certificate" : said)
            let isLogged = logged.map { said.contains($0.detail) && $0.isTransient } ?? false
            isTransient = isLogged || isUnheard || Self.passing.contains { said.contains($0) }
        }
    }

    /// What certbot says below its whole usage when it does not take its arguments.
    private static func usageError(in error: String) -> String? {
        error.text(after: "certbot: error: ").map { String($0.trimmed) }
    }

    private static func refusal(ofArguments wrong: String) -> String {
        guard let option = wrong.text(after: "unrecognized arguments: --dns-") else {
            return "certbot does not take its arguments: \(wrong)"
        }
        // Of a plugin that is not there nor are its options.
        let plugin = option.prefix { $0 != " " && $0 != "=" }.replacing("-credentials", with: "")
        return missing("dns-\(plugin.replacing("-propagation-seconds", with: ""))")
    }

    /// Why certbot did not even begin, in words that tell what to do about it.
    private static func refusal(in said: String) -> String? {
        if let rest = said.text(after: "The requested "), rest.contains(" plugin does not appear to be installed") {
            return missing(String(rest.prefix { $0 != " " }))
        }
        if said.contains("Server requires external account binding") {
            return "the authority wants to know whose the account is: set CERTBOT_EAB_KID and CERTBOT_EAB_HMAC_KEY"
        }
        return nil
    }

    private static func missing(_ plugin: String) -> String {
        "certbot's plugin \(plugin) is not installed where certbot is"
    }

    /// What the CA found wrong, authorization by authorization: `Domain:` (certbot 2) or `Identifier:` (5), later
    /// `Detail:`.
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

    /// What certbot printed as its error, without what it always prints around it and without our own hook's words.
    private static func withoutFrame(_ error: String) -> String {
        error.split(whereSeparator: \.isNewline)
            .filter { line in !frame.contains { line.hasPrefix($0) } }
            .joined(separator: " ")
    }

    private static let frame = [
        "Saving debug log to", "Ask for help or search for solutions", "An unexpected error occurred:", "Hook '", " ",
    ]

    private static let passing = [
        "anti-replay nonce", "Connection reset",
        "Remote end closed connection", "timed out", "<Response [5", "Service busy",
    ]

    private static let unreached = [
        "Connection refused", "No route to host", "Network is unreachable", "Temporary failure in name resolution",
        "Name or service not known", "Another instance of Certbot is already running",
    ]
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
    fileprivate func text(after mark: String) -> String? {
        firstRange(of: mark).map { String(self[$0.upperBound...]) }
    }
}

extension Substring {
    fileprivate func value(after key: String) -> String? {
        hasPrefix(key) ? String(dropFirst(key.count).drop { $0 == " " }) : nil
    }
}
