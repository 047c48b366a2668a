import Model
import Ports

/// Reads and rewrites certbot's `renewal/NAME.conf`.
enum RenewalConfiguration {
    static func server(in text: String) -> String? { value(of: "server", in: text) }

    /// The text with every path through a private directory changed to one through the real directory, and without the
    /// settings that name the private directories: a plain `certbot renew` would use them when they are gone.
    static func repoint(_ text: String, from directory: CertbotDirectories.Private, to real: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !namesDirectory($0, of: directory) }
            .map { repoint(line: $0, from: directory.config, to: real) }
            .joined(separator: "\n")
    }

    static func lineage(ofFile name: String) -> String? {
        name.hasSuffix(".conf") ? String(name.dropLast(".conf".count)) : nil
    }

    /// The value of `key` in any section.
    static func value(of key: String, in text: String) -> String? {
        text.split(separator: "\n").lazy.compactMap(setting).first { $0.key == key }?.value
    }

    private static func namesDirectory(_ line: Substring, of directory: CertbotDirectories.Private) -> Bool {
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
        return (String(line[..<separator.lowerBound]), String(line[separator.upperBound...]).unquoted)
    }
}

/// Checks whether certbot will recognize a lineage. If it does not understand `renewal/NAME.conf`, or a file that this
/// names is missing, it orders all the same, and stores the certificate as `NAME-0001` or not at all (measured with 2.1).
struct RenewalCheck {
    let directory: String
    let files: any Files

    /// Why nothing may be ordered before a person has repaired a lineage that is on the disk; nil where nothing is wrong.
    func reason(against lineage: String) -> String? {
        let path = "\(directory)/renewal/\(lineage).conf"
        guard let problem = problem(with: lineage, at: path) else { return nil }
        return "\(problem); certbot would not recognize the lineage and store the next certificate elsewhere. "
            + "Restore it, or remove \(lineage) from live, archive and renewal"
    }

    private func problem(with lineage: String, at path: String) -> String? {
        let scope = Scope.certificate(lineage)
        do throws(FileError) {
            let text = try files.text(of: path, for: scope)
            let settings: [String: String]
            do throws(Damage) {
                settings = try Self.settings(in: text)
            } catch {
                return "\(path) is damaged: \(error.reason)"
            }
            for file in ["cert", "privkey", "chain", "fullchain"] {
                guard let target = settings[file] else { return "\(path) is damaged: it does not name \(file)" }
                _ = try files.information(target, for: scope)
            }
            if let archive = settings["archive_dir"] { _ = try files.information(archive, for: scope) }
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Why the text is not a configuration; a clause.
    private struct Damage: Error {
        let reason: String
    }

    /// The settings before the first section. The rules are ConfigObj's, as far as certbot uses them.
    private static func settings(in text: String) throws(Damage) -> [String: String] {
        var (settings, keys): ([String: String], Set<String>) = ([:], [])
        var sections = 0
        for (number, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = raw.trimmed
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            if line.hasPrefix("[") {
                guard line.isSection else { throw Damage(reason: "line \(number + 1) is not a section") }
                (sections, keys) = (sections + 1, [])
                continue
            }
            let sides = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(\.trimmed)
            guard sides.count == 2, keys.insert(sides[0]).inserted else {
                throw Damage(reason: "line \(number + 1) is not a setting, or repeats one")
            }
            if sections == 0 { settings[sides[0]] = sides[1].unquoted }
        }
        guard sections > 0 else { throw Damage(reason: "it ends before its section renewalparams") }
        return settings
    }
}

extension String {
    /// `[name]`, `[[name]]` and so on.
    fileprivate var isSection: Bool {
        let (opening, closing) = (prefix { $0 == "[" }, reversed().prefix { $0 == "]" })
        let name = dropFirst(opening.count).dropLast(closing.count)
        return opening.count == closing.count && !name.isEmpty && !name.contains { "[]".contains($0) }
    }

    fileprivate var unquoted: String {
        guard count > 1, let quote = first, "\"'".contains(quote), last == quote else { return self }
        return String(dropFirst().dropLast())
    }
}
