import FoundationEssentials
import Glibc
import Model
import System

/// Standard output and standard error.
enum Terminal {
    /// Writes lines, in which everything but the line feeds may come from outside.
    static func print(_ text: String) { writeLine(safe(text), to: STDOUT_FILENO) }

    static func error(_ text: String) { writeLine(safe(text), to: STDERR_FILENO) }

    /// Writes lines that `painted` has made safe, and to which only Landfall's own escape sequences were added.
    static func print(painted text: String) { writeLine(text, to: STDOUT_FILENO) }

    private static func safe(_ text: String) -> String {
        printedLines(text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) })
    }

    static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
    static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// The columns of the terminal; 80 if they are not known.
    static var errorWidth: Int { terminalWidth(STDERR_FILENO) ?? 80 }
    static var outputWidth: Int { terminalWidth(STDOUT_FILENO) ?? 80 }

    /// Whether the output may have colours: on a terminal that has them, unless the user declines them
    /// (https://no-color.org).
    static var outputHasColours: Bool {
        let environment = ProcessInfo.processInfo.environment
        return outputIsTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    enum Paint: String {
        case plain = "", good = "32", news = "36", warning = "33", bad = "31"
    }

    /// A line that may hold outside text, in a colour.
    static func painted(_ text: String, _ paint: Paint, _ hasColours: Bool) -> String {
        let text = sanitized(text, limit: .max)
        return hasColours && paint != .plain ? "\u{1B}[\(paint.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// A user's text, fit to be shown.
    static func plain(_ text: String) -> String { sanitized(text, limit: 40) }

    /// Pads with spaces to a column.
    static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

/// A value as JSON, with sorted keys: indented, or on one line.
func json(_ value: some Encodable, isIndented: Bool = true) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if isIndented { encoder.outputFormatting.insert(.prettyPrinted) }
    let text = (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
    guard text.utf8.contains(where: { $0 >= 0x7F }) else { return text }
    // The encoder escapes only the control characters of ASCII.
    return text.unicodeScalars.reduce(into: "") { result, scalar in
        if scalar.isPrintable || scalar == "\n" {
            result.unicodeScalars.append(scalar)
        } else {
            result += #"\u"# + (scalar.value < 0x1000 ? "00" : "") + String(scalar.value, radix: 16)
        }
    }
}
