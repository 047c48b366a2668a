import FoundationEssentials
import Sandbox

/// What was typed, checked.
struct Arguments {
    var command: String
    var folder: SandboxFolder?
    var options = SandboxOptions()
    var owner: Int32?
    /// What follows `--`.
    var program: [String] = []

    init(_ words: [String]) throws {
        var words = words[...]
        command = words.popFirst() ?? "help"
        while let word = words.popFirst() {
            if word == "--" {
                program = Array(words)
                return
            }
            guard let value = words.popFirst() else { throw UsageError("\(word) takes a value") }
            try set(word, to: value)
        }
    }

    private mutating func set(_ name: String, to value: String) throws {
        switch name {
        case "--folder": folder = try SandboxFolder(absolute(value))
        case "--zones": options.zones = value.split(separator: ",").map(String.init)
        case "--public-address": options.publicAddress = value
        case "--nonce-rejections": options.nonceRejections = try number(value, for: name)
        case "--owner": owner = Int32(try number(value, for: name))
        default: throw UsageError("unknown option \(name); see `landfall-sandbox help`")
        }
    }

    private func number(_ text: String, for name: String) throws -> Int {
        guard let number = Int(text), (0...Int(Int32.max)).contains(number) else {
            throw UsageError("\(name) takes a number, not `\(text)`")
        }
        return number
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
    }
}

struct UsageError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
