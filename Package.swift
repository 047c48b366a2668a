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

/// A Swift module and the modules below it that it may import.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func command(_ name: String, _ dependencies: [Target.Dependency], path: String? = nil) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: path, swiftSettings: strict)
}

/// A part of what demo, tests and bench run on; no part of the product.
func harness(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: "Tests/Harness/\(name)", swiftSettings: strict)
}

/// A C library from Debian behind a module map or a thin shim; exactly one module imports it.
func shim(_ name: String, links library: String...) -> Target {
    .target(name: name, path: "Sources/C/\(name)", linkerSettings: library.map { .linkedLibrary($0) })
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
    name: "landfall",
    products: [
        .executable(name: "landfall", targets: ["LandfallCommand"])
    ],
    targets: [
        // C libraries
        shim("CCurl", links: "curl"),
        shim("CCrypto", links: "crypto"),
        shim("CMicroHTTPD", links: "microhttpd"),
        shim("CLDNS", links: "ldns"),
        shim("CSQLite", links: "sqlite3"),
        shim("CIDN2", links: "idn2"),
        shim("CPSL", links: "psl"),
        shim("CSimdJSON", links: "simdjson"),
        shim("CSystem"),

        // The vocabulary
        module("Model", ["CIDN2", "CPSL"]),

        // Ports and what serves everybody
        module("Log", ["Model"]),
        module("Timing", ["Model"]),
        module("Report", ["Model", "Timing"]),
        module("Threads", ["CSystem"]),
        module("Files", ["Model", "CSystem"]),
        module("Transport", ["Model", "Timing", "Threads", "CCurl"]),
        module("Processes", ["Model", "Timing", "Threads", "CSystem"]),
        module("State", ["Model", "CSQLite"]),
        module("HTTPServer", ["Model", "Timing", "CMicroHTTPD"]),
        module("Docker", ["Model", "Transport", "State", "Timing"]),
        module("DNS", ["Model", "Files", "Transport", "Processes", "Timing", "Threads", "CLDNS"]),

        // Stages
        module("EventStream", ["Model", "Docker", "Transport", "State", "Timing", "Log", "CSimdJSON"]),
        module("Discovery", ["Model", "Docker", "State", "Timing"]),
        module("Address", ["Model", "Transport", "State", "Timing", "Log"]),
        module("Records", ["Model", "Report", "Threads", "DNS", "State", "Timing"]),
        module(
            "Certificates",
            [
                "Model", "DNS", "Files", "Transport", "Processes", "State", "Timing", "Threads", "Log", "CCrypto",
                "CSystem",
            ]
        ),
        module("Signals", ["Model", "Report", "Docker", "Files", "Transport", "State", "Timing", "Threads", "Log"]),
        module("Notices", ["Model", "Transport", "Processes", "State", "Timing", "Log", "CCrypto"]),

        // The run, and the program around it
        module(
            "Pipeline",
            [
                "Model", "Report", "Log", "Timing", "State", "Discovery", "Address", "Records", "Certificates",
                "Signals",
                "Notices",
            ]
        ),
        // What happened, written down
        module(
            "Recording",
            [
                "Model", "Log", "Timing", "Threads", "Files", "Transport", "Processes", "State", "Docker", "DNS",
                "EventStream", "Discovery", "Address", "Records", "Certificates", "Report",
            ]
        ),
        // What people and programs see of it
        .target(
            name: "Status",
            dependencies: [
                "Model", "Report", "Timing", "Files", "Transport", "State", "HTTPServer", "Docker", "EventStream",
            ],
            resources: [.embedInCode("Page/page.html")],
            swiftSettings: strict
        ),
        module(
            "Configuration",
            [
                "Model", "Log", "Files", "Docker", "DNS", "Discovery", "Address", "Records", "Certificates", "Signals",
                "Notices",
            ]
        ),
        module(
            "Daemon",
            [
                "Model", "Log", "Timing", "Files", "Transport", "Processes", "State", "HTTPServer", "Docker", "DNS",
                "EventStream", "Discovery", "Address", "Records", "Certificates", "Signals", "Notices", "Report",
                "Pipeline",
                "Configuration", "Recording", "Status", "Threads", "CSystem",
            ]
        ),
        command(
            "LandfallCommand",
            [
                "Daemon", "Status", "Recording", "Configuration", "Report", "Pipeline", "Discovery", "Records",
                "Certificates",
                "Signals", "Model", "Log", "Timing", "Files", "Transport",
            ]
        ),

        // The embedded world for demo, tests and bench
        harness("Polling", ["Timing"]),
        harness("Emulators", ["Model", "HTTPServer", "Transport", "Timing"]),
        harness(
            "Sandbox",
            [
                "Model", "Polling", "Emulators", "HTTPServer", "Transport", "Processes", "Timing", "Files", "Log",
                "Threads", "CSystem",
            ]
        ),
        command(
            "landfall-sandbox",
            ["Sandbox", "Model", "Log", "CSystem"],
            path: "Tests/Harness/SandboxCommand"
        ),

        command(
            "landfall-bench",
            [
                "Sandbox", "Polling", "Emulators", "EventStream", "Records", "DNS", "Docker", "Transport", "Processes",
                "Files", "State", "Threads", "Timing", "Log", "Model", "Recording", "Report", "Status", "HTTPServer",
                "CSystem",
            ],
            path: "Tests/Harness/Bench"
        ),

        .target(
            name: "TestSupport",
            dependencies: ["Model", "Timing", "Transport", "Threads", "Processes", "Polling", "CSystem"],
            path: "Tests/TestSupport",
            swiftSettings: strict
        ),
        tests("ModelTests", ["Model"]),
        tests("TimingTests", ["Timing", "Model", "TestSupport"]),
        tests("ThreadsTests", ["Threads", "TestSupport"]),
        tests("ProcessesTests", ["Processes", "Model", "TestSupport"]),
        tests("TransportTests", ["Transport", "Model", "Threads"]),
        tests("HTTPServerTests", ["HTTPServer", "Transport", "Model", "TestSupport"]),
        tests("DockerTests", ["Docker", "Model", "Transport", "State", "Timing", "HTTPServer", "TestSupport"]),
        tests(
            "DNSTests",
            [
                "DNS", "Emulators", "HTTPServer", "Transport", "Processes", "Threads", "Timing", "Model", "TestSupport",
            ]
        ),
        tests(
            "EventStreamTests",
            ["EventStream", "Docker", "HTTPServer", "Transport", "State", "Timing", "Log", "Model", "TestSupport"]
        ),
        tests("DiscoveryTests", ["Discovery", "Docker", "Model", "Transport", "State", "Timing", "TestSupport"]),
        tests(
            "AddressTests",
            ["Address", "Emulators", "HTTPServer", "Transport", "State", "Timing", "Log", "Model", "TestSupport"]
        ),
        tests(
            "RecordsTests",
            [
                "Records", "Report", "DNS", "State", "Emulators", "HTTPServer", "Transport", "Timing", "Model",
                "TestSupport",
            ]
        ),
        tests(
            "CertificatesTests",
            [
                "Certificates", "DNS", "Emulators", "Files", "HTTPServer", "Transport", "Processes", "State", "Timing",
                "Log", "Model", "TestSupport", "HookProgram",
            ]
        ),
        // certbot calls a program; this one is the hook alone.
        .executableTarget(
            name: "HookProgram",
            dependencies: ["Certificates", "Transport"],
            path: "Tests/HookProgram",
            swiftSettings: strict
        ),
        tests(
            "SignalsTests",
            ["Signals", "Docker", "Files", "State", "Timing", "Log", "Model", "HTTPServer", "Transport", "TestSupport"]
        ),
        tests(
            "NoticesTests",
            [
                "Notices", "Recording", "Emulators", "HTTPServer", "Transport", "Processes", "State", "Timing", "Log",
                "Model", "TestSupport",
            ]
        ),
        tests("FilesTests", ["Files", "Model", "TestSupport"]),
        tests("LogTests", ["Log", "Model", "TestSupport"]),
        tests("StateTests", ["State", "Files", "Model", "TestSupport"]),
        tests(
            "ConfigurationTests",
            [
                "Configuration", "Files", "Docker", "DNS", "Discovery", "Address", "Records", "Certificates", "Notices",
                "Log", "Model", "TestSupport",
            ]
        ),
        tests(
            "RecordingTests",
            [
                "Recording", "Configuration", "Certificates", "DNS", "Discovery", "Files", "Log", "Report",
                "Processes", "Threads", "Timing", "Transport", "Model", "TestSupport",
            ]
        ),
        tests(
            "PipelineTests",
            [
                "Pipeline", "Report", "Address", "Certificates", "Discovery", "Notices", "Records", "Signals", "DNS",
                "Docker",
                "Emulators", "Files", "HTTPServer", "Log", "Processes", "State", "Timing", "Transport", "Model",
                "TestSupport",
            ]
        ),
        tests(
            "StatusTests",
            [
                "Status", "Report", "Certificates", "EventStream", "Docker", "HTTPServer", "Processes", "State",
                "Timing", "Transport", "Model", "TestSupport",
            ]
        ),
        tests(
            "DaemonTests",
            [
                "Daemon", "Configuration", "Report", "Pipeline", "Certificates", "DNS", "Files", "Log", "Processes",
                "State",
                "Transport", "Timing", "Model", "TestSupport",
            ]
        ),
        tests(
            "ReplayTests",
            ["Daemon", "Recording", "Files", "Processes", "Pipeline", "Timing", "Model", "TestSupport"]
        ),
        tests(
            "EmulatorsTests",
            ["Emulators", "HTTPServer", "Transport", "Processes", "Timing", "Model", "TestSupport"]
        ),
        tests(
            "SandboxTests",
            ["Sandbox", "Polling", "TestSupport", "Emulators", "Processes", "Files", "Timing", "Model"]
        ),
        tests(
            "IntegrationTests",
            [
                "Sandbox", "Emulators", "HTTPServer", "Certificates", "Report", "Pipeline", "Status", "DNS", "Files",
                "Processes",
                "Timing", "Transport", "Model", "State", "CSystem", "TestSupport",
            ]
        ),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
