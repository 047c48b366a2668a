import FoundationEssentials
import Testing

/// The product's modules as `Package.swift` declares them.
struct Manifest {
    struct Module {
        let name: String
        let layer: String
        /// The modules that it names.
        let uses: [String]
        /// The C libraries that it imports.
        let libraries: [String]
    }

    /// From the bottom up.
    let layers: [String]
    let modules: [Module]

    init() throws {
        let text = try Checkout.text("Package.swift")
        let sum = try #require(text.firstMatch(of: #/let modules = (\w+(?: \+ \w+)*)\n/#)?.1)
        layers = sum.split(separator: " + ").map(String.init).filter { $0 != "harness" }
        modules = try layers.flatMap { layer in
            let list = try #require(text.firstRange(of: "let \(layer) = [\n").map { text[$0.upperBound...] })
            let end = try #require(list.firstRange(of: "\n]\n")).lowerBound
            return list[..<end].matches(of: #/Module\(([^)]*)\)/#).map { Module(String($0.1), layer) }
        }
    }

    subscript(name: String) -> Module? { modules.first { $0.name == name } }

    /// Everything below a module.
    func below(_ module: Module) -> Set<String> {
        module.uses.reduce(into: []) { all, name in
            all.insert(name)
            if let used = self[name] { all.formUnion(below(used)) }
        }
    }

    /// The graph with one line per module, as docs/architecture.md shows it.
    var picture: String {
        let width = layers.map(\.count).max() ?? 0
        let nameWidth = modules.map(\.name.count).max() ?? 0
        let lines = layers.reversed().flatMap { layer in
            modules.filter { $0.layer == layer }.reversed().enumerated().map { index, module in
                let title = (index == 0 ? layer : "").padding(to: width)
                let line = "\(title)  \(module.name.padding(to: nameWidth))  \(module.uses.joined(separator: ", "))"
                return String(line.reversed().drop { $0 == " " }.reversed())
            }
        }
        return (["```"] + lines + ["```"]).joined(separator: "\n")
    }
}

extension Manifest.Module {
    fileprivate init(_ arguments: String, _ layer: String) {
        func list(_ label: String) -> [String] {
            guard let start = arguments.firstRange(of: "\(label): [")?.upperBound else { return [] }
            return arguments[start...].prefix { $0 != "]" }.matches(of: #/"(\w+)"/#).map { String($0.1) }
        }
        let name = arguments.firstMatch(of: #/"(\w+)"/#).map { String($0.1) } ?? ""
        self.init(name: name, layer: layer, uses: list("on"), libraries: list("imports"))
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}

/// The files of this checkout.
enum Checkout {
    static let top = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()

    static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: "\(top)/\(path)")), as: UTF8.self)
    }

    static func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(top)/\(path)"))
    }

    /// The names of the folders in a folder.
    static func folders(in path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(top)/\(path)").filter { !$0.hasPrefix(".") }
    }

    /// The Swift files below a folder.
    static func sources(in path: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: "\(top)/\(path)")
            .filter { $0.hasSuffix(".swift") }.map { "\(path)/\($0)" }
    }

    /// The modules that a file imports.
    static func imports(of text: String) -> Set<String> {
        Set(text.matches(of: #/(?m)^(?:@testable )?(?:public |package )?import (\w+)$/#).map { String($0.1) })
    }
}
