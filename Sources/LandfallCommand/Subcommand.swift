import Model

/// A command: the first word after `landfall`.
protocol Subcommand: SendableMetatype {
    static var name: String { get }
    /// One line for the list of commands.
    static var summary: String { get }
    /// All of `landfall NAME --help`.
    static var help: String { get }

    /// Whether the command handles SIGHUP, SIGINT and SIGTERM itself.
    static var awaitsSignals: Bool { get }

    init(arguments: [String]) throws(UsageError)
    /// Runs the command and returns its exit status.
    func run() async throws -> Int32
}

extension Subcommand {
    static var awaitsSignals: Bool { false }
}

/// An error in the arguments, in one line.
struct UsageError: Error {
    let text: String

    init(_ text: String) { self.text = text }
}

/// The exit statuses, which scripts rely on.
enum ExitStatus {
    static let success: Int32 = 0
    static let failure: Int32 = 1
    /// Wrong arguments or configuration; nothing was touched.
    static let misuse: Int32 = 2
    /// A replay decided otherwise than its recording.
    static let difference: Int32 = 3
}

/// The arguments of a command, parsed: options, their values, and operands.
struct Arguments {
    /// Everything that is not an option. A single hyphen is an operand.
    let operands: [String]
    private var values: [String: String] = [:]

    /// - Parameter flags: the options without a value, such as `--json`.
    init(_ arguments: [String], flags: Set<String> = [], options: Set<String> = []) throws(UsageError) {
        var operands: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if !argument.hasPrefix("-") || argument == "-" {
                operands.append(argument)
            } else if flags.contains(argument) {
                values[argument] = ""
            } else if options.contains(argument) {
                guard let value = rest.popFirst() else { throw UsageError("\(argument) needs a value") }
                values[argument] = value
            } else {
                throw UsageError("there is no option `\(Terminal.plain(argument))`")
            }
        }
        self.operands = operands
    }

    /// The arguments of a command that takes no operands.
    static func options(
        _ arguments: [String],
        flags: Set<String> = [],
        options: Set<String> = []
    ) throws(UsageError) -> Arguments {
        let parsed = try Arguments(arguments, flags: flags, options: options)
        guard parsed.operands.isEmpty else { throw UsageError("it takes no operands") }
        return parsed
    }

    func has(_ flag: String) -> Bool { values[flag] != nil }

    /// The only operand; `what` names it in the error: "a file".
    func operand(_ what: String) throws(UsageError) -> String {
        guard let operand = operands.first else { throw UsageError("it needs \(what)") }
        guard operands.count == 1 else { throw UsageError("it takes one operand: \(what)") }
        return operand
    }

    /// The parsed value of an option; nil if it is not given. An error says `what` it takes: "a duration: 500ms, 5s, 2m".
    func value<Value>(_ option: String, takes what: String, _ parse: (String) -> Value?) throws(UsageError) -> Value? {
        guard let text = values[option] else { return nil }
        guard let value = parse(text) else { throw UsageError("\(option) takes \(what)") }
        return value
    }
}

/// The name in an argument; a short one means what it means in a label.
func fullName(_ text: String, below domain: DomainName?) throws(UsageError) -> DomainName {
    do throws(DomainNameError) {
        let name = try DomainName(served: text)
        guard name.labels.count == 1, let domain else { return name }
        return try name.below(domain)
    } catch {
        throw UsageError("`\(Terminal.plain(text))` is not a valid name: \(error)")
    }
}
