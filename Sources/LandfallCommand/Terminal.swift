import Glibc
import Model
import System

/// Standard output and standard error.
enum Terminal {
    static func print(_ text: String) { writeLine(text, to: STDOUT_FILENO) }

    static func error(_ text: String) { writeLine(text, to: STDERR_FILENO) }

    static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
    static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    static var errorWidth: Int { width(of: STDERR_FILENO) }
    static var outputWidth: Int { width(of: STDOUT_FILENO) }

    /// The columns of the terminal there; 80 where they are not known.
    private static func width(of descriptor: Int32) -> Int { terminalWidth(descriptor) ?? 80 }

    /// Whether what is printed may have colours: on a terminal that knows them, and unless somebody does not want them
    /// (https://no-color.org).
    static func outputHasColours(_ environment: [String: String], isTerminal: Bool = outputIsTerminal) -> Bool {
        isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    enum Paint: String {
        case plain = "", good = "32", news = "36", warning = "33", bad = "31"
    }

    static func painted(_ text: String, _ paint: Paint, _ hasColours: Bool) -> String {
        hasColours && paint != .plain ? "\u{1B}[\(paint.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// What a person typed, fit to be shown.
    static func plain(_ text: String) -> String { sanitized(text, limit: 40) }

    /// Pads with spaces to a column.
    static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
