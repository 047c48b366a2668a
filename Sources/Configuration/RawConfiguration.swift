import Model
package import Ports

/// The unchecked values: from the environment, from `NAME_FILE`, from the key=value file, and from the legacy app's files.
package struct RawConfiguration: Sendable {
    /// A secret mounted at this path may hold any of the variables, as NAME=VALUE lines.
    package static let secretsFile = "/run/secrets/landfall"

    private let values: [String: String]
    /// Variables with Landfall's prefix that do not exist.
    package let unknown: [String]
    /// What follows from the configuration of the legacy app, a sentence each.
    let warnings: [String]

    /// Reads the files that the environment points to.
    package init(environment: [String: String], files: any Files) throws(ConfigurationError) {
        var problems: [String] = []
        let legacy = LegacyAppConfiguration(environment: environment, files: files, &problems)
        var values = legacy.fallbacks.merging(Self.keyValueFile(files, &problems)) { $1 }
        let given = environment.filter { !$0.value.isEmpty }
        for name in Variable.all.map(\.name) {
            switch (given[name], given[name + "_FILE"]) {
            case (let direct?, nil): values[name] = direct
            case (nil, let path?): values[name] = Self.contents(of: path, name, files, &problems)
            case (.some, .some): problems.append("\(name) and \(name)_FILE are both set; keep one")
            case (nil, nil): break
            }
        }
        guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
        warnings = legacy.apply(to: &values)
        self.values = values
        unknown = Self.unknownNames(in: environment)
    }

    /// Values that were read before.
    init(values: [String: String]) { (self.values, unknown, warnings) = (values, [], []) }

    /// The trimmed value; an empty one counts as unset.
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
        _ name: String,
        _ files: any Files,
        _ problems: inout [String]
    ) -> String? {
        do throws(FileError) {
            return String(decoding: try files.read(path, limit: 64 << 10, for: .run), as: UTF8.self)
        } catch {
            problems.append("\(name)_FILE: \(sanitized(error.description))")
            return nil
        }
    }

    private static func keyValueFile(_ files: any Files, _ problems: inout [String]) -> [String: String] {
        var values: [String: String] = [:]
        for (index, line) in lines(of: secretsFile, files, &problems).enumerated() {
            let line = line.trimmed
            if line.isEmpty || line.hasPrefix("#") { continue }
            // The line itself may be a secret, so only its number is shown.
            guard let equals = line.firstIndex(of: "="), equals > line.startIndex else {
                problems.append("\(secretsFile): line \(index + 1) is not NAME=VALUE")
                continue
            }
            values[line[..<equals].trimmed] = line[line.index(after: equals)...].trimmed
        }
        return values
    }

    /// The lines of a file that may be missing.
    static func lines(of path: String, _ files: any Files, _ problems: inout [String]) -> [Substring] {
        do throws(FileError) {
            let bytes = try files.read(path, limit: 64 << 10, for: .run)
            return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        } catch {
            if case .failed = error { problems.append(sanitized(error.description)) }
            return []
        }
    }

    private static func unknownNames(in environment: [String: String]) -> [String] {
        environment.keys.filter { name in
            name.hasPrefix("LANDFALL_") && !Variable.names.contains(name) && !others.contains(where: name.hasPrefix)
        }.sorted()
    }

    /// Set by Landfall itself for its hooks, and by the sandbox for tests.
    private static let others = ["LANDFALL_HOOK_", "LANDFALL_SANDBOX"]
}

/// Errors in the configuration: a line for each variable with its value and what it takes.
package struct ConfigurationError: Error, Hashable, Sendable {
    package let problems: [String]
}
