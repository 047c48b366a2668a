import FoundationEssentials
import Testing

/// What Package.swift and docs/architecture.md say about the modules, checked against the sources.
@Suite struct ArchitectureTests {
    private let manifest: Manifest

    /// Modules that make system calls themselves. They may use `unsafe`, as may those that import a C library.
    private static let systemCallers: Set = ["Files", "Processes", "Threads", "Timing"]

    init() throws { manifest = try Manifest() }

    @Test func `every folder of Sources is a module of the package`() throws {
        let folders = Set(try Checkout.folders(in: "Sources")).subtracting(["C"])
        #expect(folders == Set(manifest.modules.map(\.name)))
    }

    @Test func `arrows go down`() {
        for (index, module) in manifest.modules.enumerated() {
            let above = Set(manifest.modules[index...].map(\.name))
            #expect(above.isDisjoint(with: module.uses), "\(module.name)")
        }
    }

    @Test func `no module names what is below another one that it names`() {
        for module in manifest.modules {
            for name in module.uses {
                let others = module.uses.filter { $0 != name }.compactMap { manifest[$0] }
                #expect(!others.contains { manifest.below($0).contains(name) }, "\(module.name) names \(name)")
            }
        }
    }

    @Test func `a module imports only what is below it`() throws {
        let names = Set(manifest.modules.map(\.name))
        for module in manifest.modules {
            for file in try Checkout.sources(in: "Sources/\(module.name)") {
                let imports = Checkout.imports(of: try Checkout.text(file)).intersection(names)
                #expect(imports.subtracting(manifest.below(module)).isEmpty, "\(file)")
            }
        }
    }

    @Test func `one module imports each C library`() throws {
        for library in try Checkout.folders(in: "Sources/C") {
            #expect(manifest.modules.count { $0.libraries.contains(library) } == 1, "\(library)")
        }
        for module in manifest.modules {
            let files = try Checkout.sources(in: "Sources/\(module.name)")
            let imports = try files.reduce(into: Set<String>()) {
                $0.formUnion(Checkout.imports(of: try Checkout.text($1)))
            }
            let libraries = imports.intersection(try Checkout.folders(in: "Sources/C"))
            #expect(libraries == Set(module.libraries), "\(module.name)")
        }
    }

    @Test func `only modules that wrap C or system calls are unsafe`() throws {
        for module in manifest.modules where module.libraries.isEmpty && !Self.systemCallers.contains(module.name) {
            for file in try Checkout.sources(in: "Sources/\(module.name)") {
                let code = try Checkout.text(file).split(separator: "\n").filter { !$0.contains("//") }
                #expect(!code.contains { $0.contains(#/\bunsafe\b/#) }, "\(file)")
            }
        }
    }

    /// `make documents` writes it.
    @Test func `the picture in the documentation is the graph`() throws {
        let page = try Checkout.text("docs/architecture.md")
        let (start, end) = (
            "<!-- modules: made from Package.swift by `make documents` -->\n", "\n<!-- end of modules -->"
        )
        let from = try #require(page.firstRange(of: start)).upperBound
        let to = try #require(page[from...].firstRange(of: end)).lowerBound
        if ProcessInfo.processInfo.environment["LANDFALL_WRITE_PICTURE"] != nil {
            try Checkout.write("\(page[..<from])\(manifest.picture)\(page[to...])", to: "docs/architecture.md")
        } else {
            #expect(page[from..<to] == manifest.picture, "run `make documents`")
        }
    }
}
