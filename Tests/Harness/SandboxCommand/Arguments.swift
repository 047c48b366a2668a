import FoundationEssentials
import Model
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
        guard options.nodes == 1 || options.isSwarm else { throw UsageError("--nodes is for a Swarm") }
    }

    private mutating func set(_ name: String, to value: String) throws {
        switch name {
        case "--folder": folder = try SandboxFolder(absolute(value))
        case "--zones": options.zones = try zones(value)
        case "--public-address":
            guard let address = IPAddress(value), address.family == .v4 else {
                throw UsageError("--public-address takes an IPv4 address, not `\(value)`")
            }
            options.publicAddress = address.description
        case "--nonce-rejections": options.nonceRejections = try number(value, for: name)
        case "--certificate-validity": options.certificateValidity = .seconds(try number(value, for: name))
        case "--engine":
            guard ["swarm", "plain"].contains(value) else {
                throw UsageError("--engine takes swarm or plain, not `\(value)`")
            }
            options.isSwarm = value == "swarm"
        case "--nodes":
            guard let number = Int(value), SandboxOptions.possibleNodes.contains(number) else {
                throw UsageError("--nodes takes a number from 1 to 9, not `\(value)`")
            }
            options.nodes = number
        case "--owner": owner = Int32(try number(value, for: name))
        default: throw UsageError("unknown option \(name); see `landfall-sandbox help`")
        }
    }

    private func zones(_ text: String) throws -> [String] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { zone in
            guard let name = try? DomainName(String(zone)) else {
                throw UsageError("--zones takes names separated by commas, and `\(zone)` is none")
            }
            return name.description
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

    init(_ description: String) { self.description = description }
}
