extension Variable {
    /// All variables with what they mean, what they take and what stands when they are unset, for a terminal.
    public static var help: String {
        groups.map { group in
            "\(group.title):\n" + group.variables.map(\.helpEntry).joined(separator: "\n")
        }.joined(separator: "\n\n")
    }

    private var helpEntry: String {
        let standard = standard.map { "; \($0) when unset" } ?? ""
        return "  \(name)\n      \(meaning) Takes \(takes)\(standard)."
    }
}
