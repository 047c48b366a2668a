import Certificates
import DNS
import Model

extension Configuration {
    static func authenticator(_ reader: inout Reader, _ cloudflare: CloudflareCredentials?) -> CertbotAuthenticator {
        let name = reader.text("CERTBOT_AUTHENTICATOR") ?? "landfall"
        do throws(CertbotAuthenticatorError) {
            let credentials = reader.secret("CERTBOT_CREDENTIALS")
            return try CertbotAuthenticator(named: name, credentials: credentials, cloudflare: cloudflare)
        } catch {
            reader.reject("CERTBOT_AUTHENTICATOR \(error)")
            return .landfall
        }
    }

    static func certbotOptions(_ reader: inout Reader) -> CertbotOptions {
        var options = CertbotOptions()
        options.binding = binding(&reader)
        options.key = key(&reader)
        options.profile = reader.optional("CERTBOT_PROFILE", plainWord)
        options.deployHook = reader.text("CERTBOT_DEPLOY_HOOK")
        options.keyGroup = reader.optional("LANDFALL_KEY_GROUP", plainWord)
        if let line = reader.text("CERTBOT_ARGUMENTS") {
            do throws(CertbotArgumentsError) {
                options.arguments = try CertbotArguments.parse(line)
            } catch {
                reader.reject("CERTBOT_ARGUMENTS \(error)")
            }
        }
        return options
    }

    private static func binding(_ reader: inout Reader) -> AccountBinding? {
        let kid = reader.optional("CERTBOT_EAB_KID", oneWord)
        let key = reader.optional("CERTBOT_EAB_HMAC_KEY", base64URL).map(Secret.init)
        switch (kid, key) {
        case (let kid?, let key?): return AccountBinding(kid: kid, key: key)
        case (nil, nil): return nil
        default:
            if (reader.text("CERTBOT_EAB_KID") == nil) != (reader.text("CERTBOT_EAB_HMAC_KEY") == nil) {
                reader.reject("CERTBOT_EAB_KID and CERTBOT_EAB_HMAC_KEY need each other: set both or neither")
            }
            return nil
        }
    }

    private static func key(_ reader: inout Reader) -> CertbotKey? {
        let bits = reader.text("CERTBOT_KEY_SIZE")
        guard let type = reader.text("CERTBOT_KEY_TYPE") else {
            if bits != nil { reader.reject("CERTBOT_KEY_SIZE needs CERTBOT_KEY_TYPE, which is not set") }
            return nil
        }
        switch type.lowercased() {
        case "ecdsa": return .ecdsa(bits: reader.optional("CERTBOT_KEY_SIZE", one(of: CertbotKey.curves)))
        case "rsa": return .rsa(bits: reader.optional("CERTBOT_KEY_SIZE", one(of: CertbotKey.lengths)))
        default: return reader.optional("CERTBOT_KEY_TYPE") { _ in nil }
        }
    }
}

/// An absolute path, or a name without a slash.
func program(_ text: String) -> String? { text.contains("/") ? path(text) : oneWord(text) }

private func one(of numbers: [Int]) -> (String) -> Int? {
    { Int($0).flatMap { numbers.contains($0) ? $0 : nil } }
}

/// A word that is one argument and does not start an option.
private func oneWord(_ text: String) -> String? {
    let isPrintable = text.unicodeScalars.allSatisfy { $0.isASCII && $0.value > 0x20 && $0.value < 0x7F }
    return isPrintable && !text.hasPrefix("-") ? text : nil
}

/// Letters, digits, dots, hyphens and underscores.
private func plainWord(_ text: String) -> String? { isPlain(text) ? oneWord(text) : nil }

/// RFC 4648 §5, with or without padding.
private func base64URL(_ text: String) -> String? {
    let digits = text.prefix { $0 != "=" }
    let padding = text.dropFirst(digits.count)
    guard isPlain(String(digits)), !digits.isEmpty, !digits.contains(".") else { return nil }
    return padding.allSatisfy { $0 == "=" } && padding.count < 3 ? text : nil
}
