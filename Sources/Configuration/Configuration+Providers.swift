import Address
import DNS
import FoundationEssentials
import Model
import Ports

extension Configuration {
    /// Needs a token, or both parts of the global key.
    static func cloudflare(_ reader: inout Reader) -> Cloudflare? {
        let url = reader.value("CLOUDFLARE_API_URL", standard: CloudflareProvider.defaultURL, webURL)
        let (token, key) = (reader.secret("CLOUDFLARE_API_TOKEN"), reader.secret("CLOUDFLARE_TOKEN"))
        let mistaken =
            CloudflareSecret.rejectionReason(of: token, as: .token)
            ?? CloudflareSecret.rejectionReason(of: key, as: .globalKey)
        if let mistaken {
            reader.reject(mistaken)
            return nil
        }
        if let token {
            if key != nil {
                reader.warn(
                    "Cloudflare: CLOUDFLARE_API_TOKEN is used; the global API key in CLOUDFLARE_TOKEN is set as well, "
                        + "and is not used"
                )
            }
            return Cloudflare(credentials: .token(token), url: url)
        }
        switch (reader.optional("CLOUDFLARE_EMAIL", emailAddress), key) {
        case (let email?, let key?): return Cloudflare(credentials: .globalKey(email: email, key: key), url: url)
        case (.some, nil): reader.reject("CLOUDFLARE_EMAIL is set, but CLOUDFLARE_TOKEN, its global API key, is not")
        case (nil, .some):
            reader.reject(
                "CLOUDFLARE_TOKEN is the global API key and needs CLOUDFLARE_EMAIL; a token goes in CLOUDFLARE_API_TOKEN"
            )
        case (nil, nil): break
        }
        return nil
    }

    private static let rfc2136Names = ["RFC2136_SERVER", "RFC2136_ZONES", "RFC2136_KEY_NAME", "RFC2136_KEY_SECRET"]

    /// Needs all of its variables or none.
    static func rfc2136(_ reader: inout Reader) -> RFC2136? {
        let missing = rfc2136Names.filter { reader.text($0) == nil }
        guard missing.count < rfc2136Names.count else { return nil }
        guard missing.isEmpty else {
            let set = rfc2136Names.filter { !missing.contains($0) }
            reader.reject("\(set.joined(separator: ", ")) without \(missing.joined(separator: ", ")): set all or none")
            return nil
        }
        let algorithm = reader.value("RFC2136_KEY_ALGORITHM", standard: .sha256) {
            TSIGKey.Algorithm(rawValue: $0.lowercased())
        }
        let zones = reader.list("RFC2136_ZONES", domainName)
        guard let server = reader.optional("RFC2136_SERVER", { DNSServer($0) }),
            let name = reader.optional("RFC2136_KEY_NAME", keyName),
            let secret = reader.optional("RFC2136_KEY_SECRET", base64)
        else { return nil }
        let key = TSIGKey(name: name, algorithm: algorithm, secret: Secret(secret))
        return RFC2136(peer: DNSPeer(server: server, key: key), zones: zones)
    }

    /// One for each provider in `LANDFALL_LEXICON`. lexicon gets the variables of that provider, and none of Landfall's.
    static func lexicon(
        _ reader: inout Reader,
        _ variables: [String: String],
        _ environment: [String: String]
    ) -> [LexiconProvider.Settings] {
        let path = reader.value("LEXICON_PROGRAM", standard: "lexicon", program)
        let items = reader.list("LANDFALL_LEXICON", lexiconZone)
        let usualTTL = reader.value("LEXICON_TTL", standard: 300, number(in: 1...604_800))
        var common = ["LANG": "C.UTF-8", "TLDEXTRACT_CACHE_TIMEOUT": "5"].merging(
            ProxyEnvironment(environment).variables
        ) {
            $1
        }
        // Not LANDFALL_CA_FILE: Python trusts a bundle instead of the authorities that providers have their certificates from.
        for name in ["PATH", "HOME", "PYTHONDONTWRITEBYTECODE", "REQUESTS_CA_BUNDLE"] {
            common[name] = environment[name]
        }
        return Set(items.map(\.provider)).sorted().map { provider in
            let own = variables.filter { $0.key.hasPrefix("LEXICON_\(provider.uppercased())_") }
            return LexiconProvider.Settings(
                program: path,
                provider: provider,
                zones: items.filter { $0.provider == provider }.map(\.zone),
                environment: common.merging(own) { $1 },
                secrets: HiddenValue.likelySecrets(in: own, ofLength: 4).map(\.value),
                usualTTL: usualTTL
            )
        }
    }

    /// The providers that are configured, as `LANDFALL_INTERNAL_PROVIDERS` names them.
    static func names(
        _ cloudflare: Cloudflare?,
        _ rfc2136: RFC2136?,
        _ exec: Exec?,
        _ lexicon: [LexiconProvider.Settings]
    ) -> Set<String> {
        let own = [cloudflare.map { _ in "cloudflare" }, rfc2136.map { _ in "rfc2136" }, exec.map { _ in "exec" }]
        return Set(own.compactMap(\.self) + lexicon.map { "lexicon:\($0.provider)" })
    }

    /// Needs both of its variables or none: with one of them alone, hosts would be missing inside without a word.
    static func `internal`(_ reader: inout Reader, among configured: Set<String>) -> Internal? {
        let (providersName, addressName) = ("LANDFALL_INTERNAL_PROVIDERS", "LANDFALL_INTERNAL_ADDRESS")
        let providers = Set(reader.list(providersName) { $0.lowercased() })
        guard reader.text(providersName) != nil else {
            if reader.text(addressName) != nil {
                reader.reject(
                    "\(addressName) is set, but \(providersName), which names the providers of the internal view, is not"
                )
            }
            return nil
        }
        for name in providers.subtracting(configured).sorted() {
            let known = configured.isEmpty ? "none" : configured.sorted().joined(separator: ", ")
            reader.reject(
                "\(providersName) names `\(sanitized(name, limit: 60))`, which is not configured; configured: \(known)"
            )
        }
        guard let text = reader.text(addressName) else {
            reader.reject("\(providersName) is set, but \(addressName), the address that hosts have inside, is not")
            return nil
        }
        do throws(InternalAddressError) {
            let address = try InternalAddress(text)
            for doubt in address.doubts { reader.warn("\(addressName): \(doubt)") }
            return Internal(providers: providers, address: address, isAlone: providers == configured)
        } catch {
            reader.reject("\(addressName): \(error)")
            return nil
        }
    }

    /// The program gets Landfall's environment without Landfall's own variables, above all without its secrets.
    static func exec(_ reader: inout Reader, _ environment: [String: String]) -> Exec? {
        guard let program = reader.optional("LANDFALL_EXEC_PROVIDER", path) else { return nil }
        return Exec(program: program, environment: passedOn(from: environment))
    }

    /// The part of Landfall's environment that a user's program gets.
    static func passedOn(from environment: [String: String]) -> [String: String] {
        environment.filter { !Variable.names.contains($0.key) && !$0.key.hasPrefix("LANDFALL_") }
    }
}

/// The kinds of Cloudflare's credentials, by their forms
/// (https://developers.cloudflare.com/fundamentals/api/get-started/token-formats/).
private enum CloudflareSecret {
    case token, globalKey
    /// For certificates of an origin server.
    case originKey

    /// Nil where it looks like neither.
    private init?(_ text: String) {
        let bytes = text.utf8
        if text.hasPrefix("cfk_") || bytes.count == 37 && bytes.allSatisfy("0123456789abcdef".utf8.contains) {
            self = .globalKey
        } else if text.hasPrefix("cfut_") || text.hasPrefix("cfat_") || bytes.count == 40 && isPlain(text) {
            self = .token
        } else if text.hasPrefix("v1.0-") {
            self = .originKey
        } else {
            return nil
        }
    }

    /// Why a secret is not of the kind that its variable takes; nil where it may be.
    static func rejectionReason(of secret: Secret?, as expected: CloudflareSecret) -> String? {
        guard let secret, let kind = CloudflareSecret(secret.revealed), kind != expected else { return nil }
        let name = expected == .token ? "CLOUDFLARE_API_TOKEN" : "CLOUDFLARE_TOKEN"
        return switch kind {
        case .token: "\(name) holds an API token, which goes in CLOUDFLARE_API_TOKEN, without CLOUDFLARE_EMAIL"
        case .globalKey:
            "\(name) holds the global API key; make an API token, or put the key in CLOUDFLARE_TOKEN and its account in "
                + "CLOUDFLARE_EMAIL"
        case .originKey: "\(name) holds an Origin CA key, which cannot change DNS; make an API token"
        }
    }
}

/// `PROVIDER:ZONE`.
private func lexiconZone(_ text: String) -> (provider: String, zone: DomainName)? {
    let parts = text.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, isPlain(String(parts[0])), !parts[0].hasPrefix("-") else { return nil }
    return domainName(String(parts[1])).map { (parts[0].lowercased(), $0) }
}

/// The name of a TSIG key: letters, digits, hyphens, underscores and dots.
private func keyName(_ text: String) -> String? {
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    let isName = labels.dropLast().allSatisfy { !$0.isEmpty } && labels.allSatisfy { $0.utf8.count <= 63 }
    return isPlain(text) && isName && text != "." && text.utf8.count <= 253 ? text.lowercased() : nil
}

private func base64(_ text: String) -> String? {
    guard let data = Data(base64Encoded: text), !data.isEmpty else { return nil }
    return text
}
