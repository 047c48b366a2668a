/// certbot's `renewal/NAME.conf`.
enum RenewalConfiguration {
    /// The ACME directory that the certificate is from.
    static func server(in text: String) -> String? {
        text.split(separator: "\n").lazy.compactMap(setting).first { $0.key == "server" }?.value
    }

    /// The text with every path that leads through a private directory leading to the real one instead, and without the
    /// directories that certbot noted of the run: they would be used by a plain `certbot renew`, and are gone by then.
    static func repoint(_ text: String, from directory: CertbotDirectories.Private, to real: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !notesDirectory($0, of: directory) }
            .map { repoint(line: $0, from: directory.config, to: real) }
            .joined(separator: "\n")
    }

    /// What the text says of `key`, in whatever section.
    static func value(of key: String, in text: String) -> String? {
        text.split(separator: "\n").lazy.compactMap(setting).first { $0.key == key }?.value
    }

    private static func notesDirectory(_ line: Substring, of directory: CertbotDirectories.Private) -> Bool {
        guard let (key, value) = setting(line) else { return false }
        return ["config_dir", "work_dir", "logs_dir"].contains(key)
            && [directory.config, directory.work, directory.logs].contains(value)
    }

    private static func repoint(line: Substring, from prefix: String, to real: String) -> String {
        guard let (key, value) = setting(line), value.hasPrefix(prefix + "/") else { return String(line) }
        let path = real + value.dropFirst(prefix.count)
        // ConfigObj quotes a value that would not survive without.
        let quote = line.contains("\"") ? "\"" : line.contains("'") ? "'" : ""
        return "\(key) = \(quote)\(path)\(quote)"
    }

    private static func setting(_ line: Substring) -> (key: String, value: String)? {
        guard let separator = line.firstRange(of: " = "), !line.hasPrefix("#") else { return nil }
        var value = line[separator.upperBound...]
        if let quote = value.first, quote == "\"" || quote == "'", value.count > 1, value.last == quote {
            value = value.dropFirst().dropLast()
        }
        return (String(line[..<separator.lowerBound]), String(value))
    }
}
