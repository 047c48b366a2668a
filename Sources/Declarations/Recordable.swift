import Model

/// What recordings and messages may hold of what proxies are told. Beside hosts these are told passwords, tokens and keys; nothing
/// is kept but what decides which hosts there are. The rest is masked and keeps its form, so that a replay reads the same.
package enum RecordableDeclaration {
    /// The value of a label of Traefik's.
    package static func traefik(_ key: String, _ value: String) -> String {
        let path = key.asciiLowercased.parts(at: ".").map { $0.parts(at: "[")[0] }
        let last = path[path.count - 1]
        let isOfProvider =
            path.count <= 3
            && (["enable", "domain", "lbswarm", "allownonrunning"].contains(last) || last.ends(with: "port"))
        let isOfV1 = path.suffix(2) == ["frontend", "rule"]
        return isOfProvider || isOfV1 ? rule(value) : traefik(path.dropFirst(), value)
    }

    /// A value at a path of Traefik's configuration, in lower case: `http`, `routers`, `app`, `rule`.
    private static func traefik(_ path: ArraySlice<String>, _ value: String) -> String {
        guard let kind = path.dropFirst().first, let last = path.last else { return masked(value) }
        let links: Set = ["service", "fallback", "name", "middlewares", "serverstransport", "port"]
        let harmless: Set = [
            "chain", "errors", "ipallowlist", "ipwhitelist", "redirectregex", "redirectscheme", "replacepathregex",
            "stripprefixregex", "addprefix",
        ]
        switch kind {
        case "routers": return rule(value)
        case "services" where links.contains(last) && !path.contains("headers"): return value
        case "middlewares" where path.dropFirst(3).first.map(harmless.contains) ?? false: return value
        default: return masked(value)
        }
    }

    /// The value of a label of caddy-docker-proxy's.
    package static func caddy(_ key: String, _ value: String) -> String {
        let parts = key.parts(at: ".")
        guard parts.count > 1 else { return value }
        let name = CaddyLabels.name(parts[parts.count - 1])
        let isMatcher = name.begins(with: "@") && value.withoutSpaces.begins(with: "host")
        let decisive: Set = [
            "address", "auto_https", "handle", "handle_path", "host", "import", "invoke", "reverse_proxy", "route",
            "tls",
        ]
        if decisive.contains(name) || isMatcher { return value }
        // A word such as `@blog` names a matcher, which has to be there.
        let words = value.parts(at: " ")
        return words[0].begins(with: "@")
            ? ([words[0]] + words.dropFirst().map(masked)).joined(separator: " ") : masked(value)
    }

    /// A dynamic file of Traefik's: its routers, and how whatever else it holds is called.
    ///
    /// - Parameter environment: of Traefik itself.
    package static func file(_ path: String, _ bytes: [UInt8], environment: [String: String]) -> [UInt8] {
        let (source, file) = (TraefikSource(environment: environment), DeclaringFile(path: path, bytes: bytes))
        guard let document = try? source.document(of: file) else {
            return Array(masked(String(decoding: bytes, as: UTF8.self)).utf8)
        }
        let isTOML = file.path.asciiLowercased.ends(with: ".toml")
        let kept = document.redacted(at: [], traefik)
        guard kept.kind == .map else { return Array(kept.text(isTOML: isTOML).utf8) }
        let lines = kept.fields.map {
            "\(JSONValue.string($0.key)) \(isTOML ? "=" : ":") \($0.value.text(isTOML: isTOML))\n"
        }
        return Array(lines.joined().utf8)
    }

    /// A rule without the values that a header or a parameter of a request has to have.
    static func rule(_ text: String) -> String {
        var (result, name, quote): ([UInt8], [UInt8], UInt8?) = ([], [], nil)
        // ``Header(`X-Token`, `secret`)``, and `Headers:X-Token,secret` in v1.
        var (isSecret, isEscaped) = (false, false)
        for byte in text.utf8 {
            if let open = quote {
                if isEscaped {
                    // The whole escape is one letter of the secret.
                    result.append(isSecret ? UInt8(ascii: "x") : byte)
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\"), open == UInt8(ascii: "\"") {
                    isEscaped = true
                    if !isSecret { result.append(byte) }
                } else {
                    if byte == open { quote = nil }
                    result.append(isSecret && byte != open ? mask(byte) : byte)
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "`"), UInt8(ascii: "\""), UInt8(ascii: "'"): quote = byte
            case UInt8(ascii: "("), UInt8(ascii: ":"):
                let lower = String(decoding: name, as: UTF8.self).asciiLowercased
                if !name.isEmpty { isSecret = lower.begins(with: "header") || lower.begins(with: "query") }
            case UInt8(ascii: ")"), UInt8(ascii: ";"): isSecret = false
            default: break
            }
            result.append(isSecret && isWord(byte) ? mask(byte) : byte)
            if isWord(byte) { name.append(byte) } else { name = [] }
        }
        return String(outside: result)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private static func mask(_ byte: UInt8) -> UInt8 { isWord(byte) || byte >= 0x80 ? UInt8(ascii: "x") : byte }

    /// A text of the same form. Numbers, durations and truth values are no secrets, and what stands in a template decides what it is.
    static func masked(_ text: String) -> String {
        if text.utf8.count < 20, isGoDuration(text) || goFlag(text) != nil { return text }
        // `{{template}}` and `{$NAME}`, but not `{a: b}`.
        var (result, last, isTemplate): ([UInt8], UInt8, Bool) = ([], 0, false)
        for byte in text.utf8 {
            if last == UInt8(ascii: "{"), byte == last || byte == UInt8(ascii: "$") { isTemplate = true }
            if byte == UInt8(ascii: "}") { isTemplate = false }
            result.append(isTemplate ? byte : mask(byte))
            last = byte
        }
        return String(decoding: result, as: UTF8.self)
    }
}

extension Node {
    /// - Parameter change: from where a text is and what it is to what is kept of it.
    fileprivate func redacted(at path: [String], _ change: (ArraySlice<String>, String) -> String) -> Node {
        var node = self
        node.text = text.map { change(path[...], $0) }
        node.items = items.map { $0.redacted(at: path, change) }
        node.fields = fields.map { field in
            Field(key: field.key, value: field.value.redacted(at: path + [field.key.asciiLowercased], change))
        }
        return node
    }

    /// In one line: YAML that is JSON, or an inline value of TOML.
    fileprivate func text(isTOML: Bool) -> String {
        switch kind {
        case .empty: isTOML ? "\"\"" : "null"
        case .text: "\(JSONValue.string(text ?? ""))"
        case .list: "[\(items.map { $0.text(isTOML: isTOML) }.joined(separator: ", "))]"
        case .map:
            "{\(fields.map { "\(JSONValue.string($0.key))\(isTOML ? " =" : ":") \($0.value.text(isTOML: isTOML))" }.joined(separator: ", "))}"
        }
    }
}
