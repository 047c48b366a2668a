import Certificates
import Model

/// Variables that hold no secret by themselves, but in which one may stand: commands and arguments.
extension HiddenValue {
    /// Shorter ones could not be kept out of a recording (see `Redactor`), and are no secrets worth the name.
    private static let shortest = 8

    /// A command line for the shell: all of it, and each word that may be a secret, because an error may quote it.
    static func command(_ name: String, _ text: String?) -> [HiddenValue] {
        guard let text, text.utf8.count >= shortest else { return [] }
        let words = text.split { $0.isWhitespace || "'\"`;|()<>,".contains($0) }.flatMap { word in
            word.contains("://") ? [word] : [word] + word.split { "=&:@".contains($0) }
        }
        return [HiddenValue(name, text, placeholder: "redacted-\(name)", isWhole: true)]
            + words.map(String.init).compactMap { value(name, $0) }
    }

    /// Arguments that a line was split into: the values of options.
    static func arguments(_ name: String, _ words: [String]) -> [HiddenValue] {
        words.compactMap { value(name, parts(of: $0).value) }
    }

    /// A line of the same arguments with placeholders instead of what `arguments` hides.
    static func recordable(_ name: String, _ words: [String]) -> String {
        words.map { word in
            let parts = parts(of: word)
            let text = parts.option + (value(name, parts.value)?.placeholder ?? parts.value)
            return text.contains("'") ? "\"\(text)\"" : "'\(text)'"
        }.joined(separator: " ")
    }

    /// The values in the queries of URLs, which may be a service's keys.
    static func queries(_ name: String, _ text: String?) -> [HiddenValue] {
        (text ?? "").split(separator: ",").flatMap { url in
            url.drop { $0 != "?" }.split { "?&".contains($0) }.compactMap { pair in
                pair.firstIndex(of: "=").flatMap { value(name, pair[pair.index(after: $0)...].trimmed) }
            }
        }
    }

    /// `--option=`, or nothing, and the value.
    private static func parts(of word: String) -> (option: String, value: String) {
        guard word.hasPrefix("-") else { return ("", word) }
        let end = word.firstIndex(of: "=").map { word.index(after: $0) } ?? word.endIndex
        return (String(word[..<end]), String(word[end...]))
    }

    /// Nil for what is certainly none: an option, a path, or a host, which stands in a recording in many places.
    private static func value(_ name: String, _ text: String) -> HiddenValue? {
        guard text.utf8.count >= shortest, !text.hasPrefix("-"), !text.hasPrefix("/"), !isHost(text) else { return nil }
        return HiddenValue(name, text, placeholder: "redacted-\(name)", isWhole: !isLikelyKey(text))
    }

    private static func isHost(_ text: String) -> Bool {
        guard let name = try? DomainName(text), name.text == text, let last = text.split(separator: ".").last else {
            return false
        }
        return last.utf8.count < text.utf8.count && (2...24).contains(last.utf8.count) && last.allSatisfy(\.isLetter)
    }

    /// Whether already the beginning gives it away: letters and digits, and long; or a URL.
    private static func isLikelyKey(_ text: String) -> Bool {
        text.contains("://")
            || text.utf8.count >= 16 && text.contains(where: \.isNumber) && text.contains(where: \.isLetter)
                && !text.contains(where: \.isWhitespace)
    }
}
