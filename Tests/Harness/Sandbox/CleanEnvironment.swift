import FoundationEssentials

/// What of a user's environment a program may see beside the sandbox's variables: nothing that could lead it to the user's
/// engine, provider or chat.
package enum CleanEnvironment {
    private static let names: Set<String> = [
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "COLORTERM", "NO_COLOR", "LANG", "LC_ALL", "TZ", "TMPDIR",
        "CI",
    ]

    package static var current: [String: String] { harmless(ProcessInfo.processInfo.environment) }

    static func harmless(_ environment: [String: String]) -> [String: String] {
        environment.filter { names.contains($0.key) }
    }
}
