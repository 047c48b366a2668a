import FoundationEssentials
package import Model

/// A secret, and the placeholder that a recording has instead of it.
package struct HiddenValue: Sendable {
    /// The variable that it comes from.
    package let name: String
    package let value: Secret
    package let placeholder: String
    /// Whether it is hidden only where all of it stands: its beginning may be any text.
    package let isWhole: Bool

    /// The value of a secret variable. The placeholder has the same form, so that it is a valid value too.
    init(_ name: String, _ text: String, placeholder: String? = nil, isWhole: Bool = false) {
        let isAddress = text.contains("://") && !isWhole
        (self.name, self.isWhole) = (name, isWhole)
        value = Secret(isAddress && text.hasSuffix("/") ? String(text.dropLast()) : text)
        self.placeholder = placeholder ?? (isAddress ? "https://redacted.invalid/\(name)" : "redacted-\(name)")
    }

    /// Values in the environment of a program whose names suggest a secret, of eight bytes or more (see `Redactor`).
    static func likelySecrets(in environment: [String: String], ofLength shortest: Int = 8) -> [HiddenValue] {
        environment.sorted { $0.key < $1.key }
            .filter { name, value in
                value.utf8.count >= shortest
                    && ["TOKEN", "SECRET", "PASS", "KEY", "CREDENTIAL", "_AUTH_"].contains(
                        where: name.uppercased().contains
                    )
            }
            .map { HiddenValue($0.key, $0.value) }
    }

    /// The values of a file of `name = value` lines, because a program's error may quote one of them.
    static func lines(of name: String, _ text: String?) -> [HiddenValue] {
        (text ?? "").split(whereSeparator: \.isNewline)
            .compactMap { line in line.firstIndex(of: "=").map { line[line.index(after: $0)...].trimmed } }
            .filter { $0.utf8.count >= 8 }
            .map { HiddenValue(name, $0, placeholder: "redacted-\(name)") }
    }

    /// The login of a proxy URL: `scheme://NAME:PASSWORD@host`, with or without its scheme.
    static func login(of proxy: String, in name: String) -> [HiddenValue] {
        let start = proxy.firstRange(of: "://")?.upperBound ?? proxy.startIndex
        let authority = proxy[start...].prefix { $0 != "/" }
        guard let at = authority.lastIndex(of: "@") else { return [] }
        let login = String(authority[..<at])
        let password = login.firstIndex(of: ":").map { String(login[login.index(after: $0)...]) }
        // The form in the header Proxy-Authorization (RFC 7617).
        let basic = Data(percentDecoded(login).utf8).base64EncodedString()
        return [HiddenValue(name, login + "@", placeholder: "redacted@")]
            + Set([password, password.map(percentDecoded), basic].compactMap { $0 }).sorted()
            .map { HiddenValue(name, $0, placeholder: "redacted-\(name)") }
    }

    /// The password of `NAME:PASSWORD`.
    static func password(of login: String?, in name: String) -> [HiddenValue] {
        guard let login, let colon = login.firstIndex(of: ":") else { return [] }
        return [HiddenValue(name, String(login[login.index(after: colon)...]))]
    }

    private static func percentDecoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard byte == UInt8(ascii: "%"), digits.utf8.count == 2, let value = UInt8(digits, radix: 16) else {
                bytes.append(byte)
                continue
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
