import Model
package import Ports

/// The unchecked values: from the environment, from `NAME_FILE`, from the key=value file, and from the legacy app's files.
package struct RawConfiguration: Sendable {
    /// A secret mounted at this path may hold any of the variables, as NAME=VALUE lines.
    package static let secretsFile = "/run/secrets/landfall"

    private let values: [String: String]
    /// lexicon's own variables, `LEXICON_PROVIDER_OPTION`, which no table lists.
    let lexicon: [String: String]
    /// Variables with Landfall's prefix that do not exist.
    package let unknown: [String]
    /// What follows from the configuration of the legacy app, a sentence each.
    let warnings: [String]

    /// Reads the files that the environment points to.
    package init(environment: [String: String], files: any Files) throws(ConfigurationError) {
        var problems: [String] = []
        let legacy = LegacyAppConfiguration(environment: environment, files: files, &problems)
        let own = Self.keyValueFile(files, &problems)
        var values = legacy.fallbacks.merging(own) { $1 }
        for variable in Variable.all {
            let name = variable.name
            let direct = environment[name].flatMap { legacy.countsAsUnset(name, $0) ? nil : $0 }
            switch (direct, environment[variable.file.name]) {
            case (let direct?, nil):
                if let problem = variable.problem(with: direct) { problems.append("\(name) \(problem)") }
                values[name] = direct
            case (nil, let path?): values[name] = Self.contents(of: path, variable, files, &problems)
            case (.some, .some): problems.append("\(name) and \(name)_FILE are both set; keep one")
            case (nil, nil): break
            }
        }
        lexicon = Self.lexicon(own.merging(environment) { $1 }, files, &problems)
        guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
        warnings = legacy.apply(to: &values)
        self.values = values
        unknown = Self.unknownNames(among: Set(environment.keys).union(own.keys))
    }

    /// Values that were read before.
    init(values: [String: String]) { (self.values, lexicon, unknown, warnings) = (values, [:], [], []) }

    /// The trimmed value; an empty one, as recordings may have it, counts as unset.
    func value(_ name: String) -> String? { values[name].map(\.trimmed).flatMap { $0.isEmpty ? nil : $0 } }

    /// The values of all known variables.
    var known: [String: String] {
        Variable.all.reduce(into: [:]) { $0[$1.name] = value($1.name) }
    }

    /// The secrets among them; those in commands are found in their words.
    var secrets: [HiddenValue] {
        let variables = Variable.all.filter { $0.isSecret && !Self.commands.contains($0.name) }
        return variables.compactMap { variable in
            value(variable.name).map { HiddenValue(variable.name, $0, placeholder: Self.placeholders[variable.name]) }
        }
    }

    private static let commands: Set = ["CERTBOT_ARGUMENTS", "CERTBOT_DEPLOY_HOOK"]

    /// Placeholders for secrets of a form that not every text has.
    private static let placeholders = [
        "RFC2136_KEY_SECRET": "redactedRFC2136KEYSECRET", "LANDFALL_HELPER_LOGIN": "redacted:redacted",
    ]

    private static func contents(
        of path: String,
        _ variable: Variable,
        _ files: any Files,
        _ problems: inout [String]
    ) -> String? {
        let file = variable.file
        if let problem = file.problem(with: path) {
            problems.append("\(file.name) \(problem)")
            return nil
        }
        let path = path.trimmed
        do throws(FileError) {
            let text = String(decoding: try files.read(path, limit: 64 << 10, for: .run), as: UTF8.self)
            if let problem = variable.problem(with: text) {
                problems.append("\(file.name): \(sanitized(path)) \(problem)")
            }
            return text
        } catch {
            // Where it is no path, it may be the value itself.
            let isPath = path.hasPrefix("/") || path.hasPrefix(".")
            let text = isPath ? sanitized(error.description) : "there is no such file; it takes the path of a file"
            problems.append("\(file.name): \(text)")
            return nil
        }
    }

    /// With the contents of those files that `NAME_FILE` names; some options of lexicon end in that word themselves.
    private static func lexicon(
        _ environment: [String: String],
        _ files: any Files,
        _ problems: inout [String]
    ) -> [String: String] {
        var values = environment.filter { $0.key.hasPrefix("LEXICON_") && !Variable.names.contains($0.key) }
        for (file, path) in values where file.hasSuffix("_FILE") && values[String(file.dropLast(5))] == nil {
            do throws(FileError) {
                let text = String(decoding: try files.read(path, limit: 64 << 10, for: .run), as: UTF8.self)
                values[String(file.dropLast(5))] = text.trimmed
            } catch {
                problems.append("\(file): \(sanitized(error.description))")
            }
        }
        return values
    }

    private static func keyValueFile(_ files: any Files, _ problems: inout [String]) -> [String: String] {
        var values: [String: String] = [:]
        for (index, line) in lines(of: secretsFile, files, &problems).enumerated() {
            let line = line.trimmed
            if line.isEmpty || line.hasPrefix("#") { continue }
            // The line itself may be a secret, so only its number is shown.
            guard let equals = line.firstIndex(of: "="), equals > line.startIndex,
                case let name = line[..<equals].trimmed, !name.contains(where: \.isWhitespace)
            else {
                problems.append("\(secretsFile): line \(index + 1) is not NAME=VALUE")
                continue
            }
            values[name] = line[line.index(after: equals)...].trimmed
        }
        problems += Variable.problems(with: values, in: secretsFile)
        return values
    }

    /// The lines of a file that may be missing.
    static func lines(of path: String, _ files: any Files, _ problems: inout [String]) -> [Substring] {
        do throws(FileError) {
            let bytes = try files.read(path, limit: 64 << 10, for: .run)
            guard !bytes.starts(with: "\u{FEFF}".utf8), !bytes.contains(0),
                let text = String(validating: bytes, as: UTF8.self)
            else { throw .failed(path, reason: "is not UTF-8 text without a byte order mark (BOM)") }
            return text.split(whereSeparator: \.isNewline)
        } catch {
            if case .failed = error { problems.append(sanitized(error.description)) }
            return []
        }
    }

    private static func unknownNames(among names: Set<String>) -> [String] {
        names.filter { name in
            name.hasPrefix("LANDFALL_") && !Variable.names.contains(name) && !others.contains(where: name.hasPrefix)
        }.sorted()
    }

    /// Set by Landfall itself for its hooks, and by the sandbox for tests.
    private static let others = ["LANDFALL_HOOK_", "LANDFALL_SANDBOX"]
}

/// Errors in the configuration: a line for each variable that says what it takes.
package struct ConfigurationError: Error, Hashable, Sendable {
    package let problems: [String]
}
