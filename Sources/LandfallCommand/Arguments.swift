/// The arguments of a command, parsed: options, their values, and operands.
struct Arguments {
    /// Everything that is not an option. A single hyphen is an operand.
    let operands: [String]
    private var values: [String: String] = [:]

    /// - Parameters:
    ///   - flags: the options without a value, such as `--json`.
    ///   - options: the options that take a value.
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
    static func options(_ arguments: [String], flags: Set<String> = []) throws(UsageError) -> Arguments {
        let parsed = try Arguments(arguments, flags: flags)
        guard parsed.operands.isEmpty else { throw UsageError("it takes no operands") }
        return parsed
    }

    func has(_ flag: String) -> Bool { values[flag] != nil }

    /// The only operand.
    ///
    /// - Parameter what: what it is, for the error: "a file".
    func operand(_ what: String) throws(UsageError) -> String {
        guard let operand = operands.first else { throw UsageError("it needs \(what)") }
        guard operands.count == 1 else { throw UsageError("it takes one operand: \(what)") }
        return operand
    }

    /// The parsed value of an option; nil if it is not given.
    ///
    /// - Parameter what: what it takes, for the error: "a duration: 500ms, 5s, 2m".
    func value<Value>(_ option: String, takes what: String, _ parse: (String) -> Value?) throws(UsageError) -> Value? {
        guard let text = values[option] else { return nil }
        guard let value = parse(text) else { throw UsageError("\(option) takes \(what)") }
        return value
    }
}
