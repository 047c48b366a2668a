extension Variable {
    /// All variables as a file of NAME=VALUE lines, each commented out with what stands when it is unset.
    public static var environmentFile: String {
        let head = """
            # Everything that configures Landfall, as `landfall variables env` prints it. Each NAME may be given as NAME_FILE
            # instead, the path of a file that holds the value: the right way for secrets.
            """
        let blocks = groups.map { group in
            (["# == \(group.title) =="] + group.variables.map(\.environmentEntry)).joined(separator: "\n\n")
        }
        return ([head] + blocks).joined(separator: "\n\n") + "\n"
    }

    /// All variables as a page of documentation.
    public static var page: String {
        let head = """
            # Configuration

            Environment variables; each `NAME` may be given as `NAME_FILE`, the path of a file that holds the value, or as a line
            `NAME=VALUE` in `\(RawConfiguration.secretsFile)`, behind the environment. A wrong value is one clear error at the start, with exit
            status 2. This page is made by `landfall variables markdown`; `deploy/env.example` is made by `landfall variables env`.
            The files and keys of the app that Landfall grew out of are in [migrating.md](migrating.md).
            """
        let tables = groups.map { group in
            "## \(group.title)\n\n| variable | meaning | takes | when unset |\n|---|---|---|---|\n"
                + group.variables.map(\.row).joined(separator: "\n")
        }
        return ([head] + tables).joined(separator: "\n\n") + "\n"
    }

    private var environmentEntry: String {
        // Some stand for a sentence rather than a value.
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
