// swift-tools-version: 6.3
import PackageDescription

// The product, from the bottom up. A module names the modules it stands on, and may import those and everything below them.
// What it names is in a lower layer, or above it in its own. Of C libraries, each has one module that imports it.
// Tests/ArchitectureTests checks all this, and that the picture in docs/architecture.md is this graph.

let vocabulary = [
    Module("Model", imports: ["CIDN2", "CPSL"]),
    Module("Ports", on: ["Model"]),
]

let foundation = [
    Module("Log", on: ["Model"]),
    Module("Crypto", on: ["Model"], imports: ["CCrypto"]),
    Module("System", on: ["Ports"], imports: ["CSystem"]),
    Module("Timing", on: ["Ports"]),
    Module("Threads", on: ["System"]),
    Module("State", on: ["Model"], imports: ["CSQLite"]),
    Module("Report", on: ["Timing"]),
    Module("Declarations", on: ["Model"], imports: ["CDocuments"]),
]

let adapters = [
    Module("Files", on: ["System", "Crypto"]),
    Module("Transport", on: ["Timing", "Threads"], imports: ["CCurl"]),
    Module("Processes", on: ["Timing", "Threads"]),
    Module("HTTPServer", on: ["Timing"], imports: ["CMicroHTTPD"]),
]

let clients = [
    Module("Docker", on: ["Timing", "State"]),
    Module("DNS", on: ["Timing", "Threads"], imports: ["CLDNS"]),
]

let stages = [
    Module("EventStream", on: ["Docker", "Log"], imports: ["CSimdJSON"]),
    Module("Discovery", on: ["Docker", "Declarations"]),
    Module("Address", on: ["Report", "State", "Log"]),
    Module("Records", on: ["DNS", "State", "Report"]),
    Module("Certificates", on: ["DNS", "Files", "State", "Report", "Log"]),
    Module("Delivery", on: ["Docker", "Report", "Threads", "Log"]),
    Module("Notices", on: ["Timing", "State", "Log", "Crypto"]),
]

let run = [
    Module("Pipeline", on: ["Discovery", "Address", "Records", "Certificates", "Delivery", "Notices"]),
    Module("Recording", on: ["Files", "Threads", "State", "Report", "Log"]),
    Module("Status", on: ["EventStream", "Files", "HTTPServer", "Report"], embeds: "Page/page.html"),
]

let program = [
    Module("Configuration", on: ["Discovery", "Address", "Records", "Certificates", "Delivery", "Notices"]),
    Module("Composition", on: ["Configuration", "Pipeline", "EventStream", "Transport", "Processes", "HTTPServer"]),
    Module("Daemon", on: ["Composition", "Recording", "Status"]),
    Module("LandfallCommand", on: ["Daemon"], isProgram: true),
]

// What demo, tests and bench run on, and the tests. No part of the product.

let harness = [
    Module("Polling", on: ["Timing"], at: "Tests/Harness/Polling"),
    Module("Emulators", on: ["HTTPServer"], at: "Tests/Harness/Emulators"),
    Module(
        "Sandbox",
        on: ["Polling", "Emulators", "Transport", "Processes", "Files", "Log"],
        at: "Tests/Harness/Sandbox"
    ),
    Module(
        "landfall-sandbox",
        on: ["Sandbox"],
        at: "Tests/Harness/SandboxCommand",
        isProgram: true
    ),
    Module(
        "landfall-bench",
        on: ["Sandbox", "Recording", "Records", "Status", "Declarations"],
        at: "Tests/Harness/Bench",
        isProgram: true
    ),
    Module("TestSupport", on: ["Processes", "Files", "State", "Polling"], at: "Tests/TestSupport"),
    // certbot calls a program; this one is the hook alone.
    Module("HookProgram", on: ["Certificates", "Transport"], at: "Tests/HookProgram", isProgram: true),
]

let modules = vocabulary + foundation + adapters + clients + stages + run + program + harness

let tests = [
    Tests(of: "Architecture"),
    Tests(of: "Model"), Tests(of: "Timing"), Tests(of: "Threads"), Tests(of: "Log"), Tests(of: "Files"),
    Tests(of: "State", with: ["Files"], imports: ["CSQLite"]),
    Tests(of: "Processes", with: ["Sandbox"]), Tests(of: "Transport"), Tests(of: "HTTPServer", with: ["Transport"]),
    Tests(of: "Docker", with: ["Transport"]),
    Tests(of: "DNS", with: ["Emulators", "Transport"]),
    Tests(of: "EventStream", with: ["Transport"]),
    Tests(of: "Declarations", with: ["Files", "Processes", "Transport"]),
    Tests(of: "Discovery", with: ["Files", "Transport"]),
    Tests(of: "Address", with: ["Emulators", "Transport"]),
    Tests(of: "Records", with: ["Emulators", "Transport"]),
    Tests(of: "Certificates", with: ["Emulators", "Transport", "HookProgram"]),
    Tests(of: "Delivery", with: ["Files", "Transport"]),
    Tests(of: "Notices", with: ["Emulators", "Recording", "Transport"]),
    Tests(of: "Pipeline", with: ["Emulators", "Transport"]),
    Tests(of: "Recording", with: ["Configuration", "EventStream"]),
    Tests(of: "Status", with: ["Certificates", "Records", "Transport"]),
    Tests(of: "Configuration"), Tests(of: "Daemon"),
    Tests(of: "Replay", with: ["Daemon"]),
    Tests(of: "Fuzz", with: ["Daemon"], imports: ["CLDNS"]),
    Tests(of: "Emulators", with: ["Transport"]),
    Tests(of: "Sandbox"),
    Tests(of: "Hostile", with: ["Configuration", "Emulators", "Status", "Transport"]),
    Tests(of: "Integration", with: ["Sandbox", "Pipeline", "Status"]),
]

/// A Swift module.
struct Module {
    let name: String
    let uses: [String]
    let imports: [String]
    let path: String?
    let page: String?
    let isProgram: Bool

    init(
        _ name: String,
        on uses: [String] = [],
        imports: [String] = [],
        at path: String? = nil,
        embeds page: String? = nil,
        isProgram: Bool = false
    ) {
        (self.name, self.uses, self.imports) = (name, uses, imports)
        (self.path, self.page, self.isProgram) = (path, page, isProgram)
    }
}

/// The tests of a module, or of several, with what else they need.
struct Tests {
    let name: String
    let uses: [String]
    let imports: [String]

    init(of subject: String, with others: [String] = [], imports: [String] = []) {
        name = "\(subject)Tests"
        uses = (modules.contains { $0.name == subject } ? [subject] : []) + others + ["TestSupport"]
        self.imports = imports
    }
}

/// The modules with these names and everything below them.
func closure(of names: [String]) -> Set<String> {
    names.reduce(into: []) { all, name in
        guard let module = modules.first(where: { $0.name == name }) else { fatalError("there is no module \(name)") }
        all.formUnion(closure(of: module.uses).union([name]))
    }
}

func dependencies(_ names: [String], _ libraries: [String]) -> [Target.Dependency] {
    (closure(of: names).sorted() + libraries).map { .byName(name: $0) }
}

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

func target(_ module: Module) -> Target {
    let below = dependencies(module.uses, module.imports)
    if module.isProgram {
        return .executableTarget(name: module.name, dependencies: below, path: module.path, swiftSettings: strict)
    }
    return .target(
        name: module.name,
        dependencies: below,
        path: module.path,
        resources: module.page.map { [.embedInCode($0)] },
        swiftSettings: strict
    )
}

/// A C library of Debian's behind a module map or a thin shim.
func shim(_ name: String, links library: String...) -> Target {
    .target(name: name, path: "Sources/C/\(name)", linkerSettings: library.map { .linkedLibrary($0) })
}

let package = Package(
    name: "landfall",
    products: [
        .executable(name: "landfall", targets: ["LandfallCommand"])
    ],
    targets: [
        shim("CCurl", links: "curl"), shim("CCrypto", links: "crypto"), shim("CMicroHTTPD", links: "microhttpd"),
        shim("CLDNS", links: "ldns"), shim("CSQLite", links: "sqlite3"), shim("CIDN2", links: "idn2"),
        shim("CPSL", links: "psl"), shim("CSimdJSON", links: "simdjson"), shim("CSystem"),
        shim("CDocuments", links: "yaml"),
    ] + modules.map(target)
        + tests.map {
            .testTarget(name: $0.name, dependencies: dependencies($0.uses, $0.imports), swiftSettings: strict)
        },
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
