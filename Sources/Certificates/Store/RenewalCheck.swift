import Model
import Ports

/// Whether certbot will know a lineage for its own. Where it does not understand `renewal/NAME.conf`, or misses a file that
/// is named there, it orders all the same, and stores the certificate as `NAME-0001` or not at all (measured with 2.1).
struct RenewalCheck {
    private static let limit = 64 << 10

    let directory: String
    let files: any Files

    /// What a person must mend before anything is ordered; nil where nothing is wrong.
    ///
    /// - Parameter lineage: one of which something is on the disk.
    func problem(with lineage: String) -> String? {
        let path = "\(directory)/renewal/\(lineage).conf"
        guard let problem = problem(with: lineage, at: path) else { return nil }
        return "\(problem); certbot would take the name for another's and store the next certificate elsewhere. "
            + "Put it back, or remove \(lineage) from live, archive and renewal"
    }

    private func problem(with lineage: String, at path: String) -> String? {
        let scope = Scope.certificate(lineage)
        do throws(FileError) {
            let text = String(decoding: try files.read(path, limit: Self.limit, for: scope), as: UTF8.self)
            let settings: [String: String]
            do throws(Damage) {
                settings = try Self.settings(in: text)
            } catch {
                return "\(path) is damaged: \(error.reason)"
            }
            for file in ["cert", "privkey", "chain", "fullchain"] {
                guard let place = settings[file] else { return "\(path) is damaged: it names no \(file)" }
                _ = try files.information(place, for: scope)
            }
            if let archive = settings["archive_dir"] { _ = try files.information(archive, for: scope) }
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// A line that is none; a clause.
    private struct Damage: Error {
        let reason: String
    }

    /// Those before the first section. The rules are ConfigObj's, as far as certbot uses them.
    private static func settings(in text: String) throws(Damage) -> [String: String] {
        var (settings, keys): ([String: String], Set<String>) = ([:], [])
        var sections = 0
        for (number, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = raw.trimmed
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            if line.hasPrefix("[") {
                guard line.isSection else { throw Damage(reason: "line \(number + 1) is no section") }
                (sections, keys) = (sections + 1, [])
                continue
            }
            let sides = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(\.trimmed)
            guard sides.count == 2, keys.insert(sides[0]).inserted else {
                throw Damage(reason: "line \(number + 1) is no setting, or one that was there before")
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
