/// A variable that a user may set. The help and the documents are made from it.
package struct Variable: Sendable {
    package let name: String
    /// One sentence.
    package let meaning: String
    /// The form of its values, as the second half of an error about it.
    package let takes: String
    /// The default; nil if there is none.
    package let standard: String?
    let traits: Set<Trait>

    package var isSecret: Bool { traits.contains(.secret) }

    /// What is particular about its values; any other is one line of plain text.
    enum Trait: String {
        case secret
        /// Several lines.
        case lines
        /// Words, with white space and quotation marks of their own.
        case words
        /// A command line, in which a shell replaces `${…}`.
        case shell
        /// A path, or a program.
        case path
        /// Random characters, which may begin with a slash.
        case random
    }

    init(name: String, meaning: String = "", takes: String, standard: String? = nil, traits: Set<Trait>) {
        (self.name, self.meaning, self.takes, self.standard) = (name, meaning, takes, standard)
        self.traits = traits
    }
}

/// A heading of the help and the variables under it.
package struct VariableGroup: Sendable {
    package let title: String
    package let variables: [Variable]

    /// - Parameter table: two lines for each variable.
    init(_ title: String, _ table: String) {
        let lines = table.split(separator: "\n")
        self.title = title
        variables = stride(from: 0, to: lines.count - 1, by: 2).map { Variable(lines[$0], lines[$0 + 1]) }
    }
}

extension Variable {
    /// The help of all variables, for a terminal.
    package static var help: String {
        groups.map { "\($0.title):\n" + $0.variables.map(\.helpEntry).joined(separator: "\n") }.joined(
            separator: "\n\n"
        )
    }

    private var helpEntry: String {
        let standard = standard.map { "; \($0) when unset" } ?? ""
        return "  \(name)\n      \(meaning) Takes \(takes)\(standard)."
    }

    /// All variables as a file of NAME=VALUE lines, each commented out and with its default.
    package static var environmentFile: String {
        let head = """
            # All variables of Landfall, as `landfall variables env` prints them. Each NAME may be given as NAME_FILE instead, the
            # path of a file with the value, which is best for secrets.
            """
        let blocks = groups.map { group in
            (["# == \(group.title) =="] + group.variables.map(\.environmentEntry)).joined(separator: "\n\n")
        }
        return ([head] + blocks).joined(separator: "\n\n") + "\n"
    }

    /// All variables as a page of documentation.
    package static var page: String {
        let head = """
            # Configuration

            Environment variables; each `NAME` may be given as `NAME_FILE`, the path of a file that holds the value, or as a line
            `NAME=VALUE` in `\(RawConfiguration.secretsFile)`, behind the environment. A wrong value is one clear error at the start, with exit
            status 2; so is an empty one, one in quotation marks, a placeholder that nothing replaced, or a secret with white space. This
            page is made by `landfall variables markdown`; `deploy/env.example` is made by `landfall variables env`. The files and keys of
            the app that Landfall grew out of are in [migrating.md](migrating.md).
            """
        let tables = groups.map { group in
            "## \(group.title)\n\n| variable | meaning | takes | when unset |\n|---|---|---|---|\n"
                + group.variables.map(\.row).joined(separator: "\n")
        }
        return ([head] + tables).joined(separator: "\n\n") + "\n"
    }

    private var environmentEntry: String {
        // Some defaults are described by a sentence.
        let value = standard.map { $0.contains(" ") ? "" : $0 } ?? ""
        let unset = standard.map { $0.contains(" ") ? " When unset: \($0)." : "" } ?? ""
        return "# \(meaning) Takes \(takes).\(unset)\n#\(name)=\(value)"
    }

    private var row: String {
        let cells = [
            "`\(name)`", meaning + (isSecret ? " A secret." : ""), takes, standard.map { "`\($0)`" } ?? "",
        ]
        return "| " + cells.map { $0.split(separator: "|").joined(separator: "\\|") }.joined(separator: " | ") + " |"
    }
}
