// swift-tools-version: 6.3
import PackageDescription

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

/// A Swift room and the rooms below it that it may import.
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func command(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// A C library from Debian behind a module map or a thin shim; exactly one room imports it.
func shim(_ name: String, links library: String...) -> Target {
    .target(name: name, path: "Sources/C/\(name)", linkerSettings: library.map { .linkedLibrary($0) })
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
    name: "landfall",
    products: [
        .executable(name: "landfall", targets: ["LandfallCommand"]),
        .executable(name: "landfall-sandbox", targets: ["SandboxCommand"]),
    ],
    targets: [
        // C libraries
        shim("CCurl", links: "curl"),
        shim("CCrypto", links: "crypto"),
        shim("CMicroHTTPD", links: "microhttpd"),
        shim("CLDNS", links: "ldns"),
        shim("CSQLite", links: "sqlite3"),
        shim("CIDN2", links: "idn2"),
        shim("CSystem"),

        // The vocabulary
        room("Model", ["CIDN2"]),

        // Ports and what serves everybody
        room("Log", ["Model"]),
        room("Timing", ["Model"]),
        room("Threads", ["CSystem"]),
        room("Files", ["Model", "CSystem"]),
        room("Transport", ["Model", "Threads", "CCurl"]),
        room("Processes", ["Model", "Threads", "CSystem"]),
        room("State", ["Model", "CSQLite"]),
        room("HTTPServer", ["CMicroHTTPD", "CSystem"]),
        room("Docker", ["Model", "Transport", "Timing"]),
        room("DNS", ["Model", "Transport", "Timing", "Threads", "CLDNS"]),

        // Stages
        room("EventStream", ["Model", "Docker", "Timing", "Log"]),
        room("Discovery", ["Model", "Docker"]),
        room("Address", ["Model", "Transport"]),
        room("Records", ["Model", "DNS"]),
        room("Certificates", ["Model", "DNS", "Files", "Processes", "Timing", "Log", "CCrypto"]),
        room("Signals", ["Model", "Docker", "State"]),
        room("Notices", ["Model", "Transport", "State", "Timing", "Log"]),

        // The run, and the program around it
        room(
            "Pipeline",
            [
                "Model", "Log", "Timing", "State", "Discovery", "Address", "Records", "Certificates", "Signals",
                "Notices",
            ]
        ),
        room("Configuration", ["Model"]),
        room(
            "Daemon",
            [
                "Model", "Log", "Timing", "Files", "Transport", "Processes", "State", "HTTPServer", "Docker", "DNS",
                "EventStream", "Discovery", "Address", "Records", "Certificates", "Signals", "Notices", "Pipeline",
                "Configuration", "CSystem",
            ]
        ),
        command("LandfallCommand", ["Daemon", "Configuration", "Model", "Log"]),

        // The embedded world for demo, tests and bench
        room("Emulators", ["HTTPServer", "Timing", "Processes"]),
        room("Sandbox", ["Model", "Emulators", "HTTPServer", "Transport", "Processes", "Timing"]),
        command("SandboxCommand", ["Sandbox"]),

        tests("ModelTests", ["Model"]),
        tests("ProcessesTests", ["Processes", "Model"]),
        tests("TransportTests", ["Transport", "Model", "Threads"]),
    ],
    swiftLanguageModes: [.v6]
)
