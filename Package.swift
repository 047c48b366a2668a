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
        module("Ports", ["Model"]),
        module("Log", ["Model"]),
        module("Timing", ["Model", "Ports"]),
        module("Report", ["Model", "Ports", "Timing"]),
        module("Threads", ["CSystem"]),
        module("Files", ["Model", "Ports", "CSystem"]),
        module("Transport", ["Model", "Ports", "Timing", "Threads", "CCurl"]),
        module("Processes", ["Model", "Ports", "Timing", "Threads", "CSystem"]),
        module("State", ["Model", "CSQLite"]),
        module("HTTPServer", ["Model", "Ports", "Timing", "CMicroHTTPD"]),
        module("Docker", ["Model", "Ports", "State"]),
        module("DNS", ["Model", "Ports", "Timing", "Threads", "CLDNS"]),

        // Stages
        module("EventStream", ["Model", "Ports", "Docker", "State", "Timing", "Log", "CSimdJSON"]),
        module("Discovery", ["Model", "Ports", "Docker", "State"]),
        module("Address", ["Model", "Ports", "State", "Log"]),
        module("Records", ["Model", "Ports", "Report", "Threads", "DNS", "State"]),
        module(
            "Certificates",
            ["Model", "Ports", "DNS", "Files", "State", "Timing", "Threads", "Log", "CCrypto", "CSystem"]
        ),
        module("Signals", ["Model", "Ports", "Report", "Docker", "State", "Threads", "Log"]),
        module("Notices", ["Model", "Ports", "State", "Timing", "Log", "CCrypto"]),

        // The run, and the program around it
        module(
            "Pipeline",
            [
                "Model", "Ports", "Report", "Timing", "State", "Discovery", "Address", "Records", "Certificates",
                "Signals", "Notices", "DNS",
            ]
        ),
        // What happened, written down
        module(
            "Recording",
            [
                "Model", "Ports", "Log", "Timing", "Threads", "Files", "Docker", "DNS", "EventStream", "Discovery",
                "Address", "Records", "Certificates", "Report",
            ]
        ),
        // What people and programs see of it
        .target(
            name: "Status",
            dependencies: [
                "Model", "Ports", "Report", "Timing", "Files", "State", "HTTPServer", "Docker", "EventStream",
            ],
            resources: [.embedInCode("Page/page.html")],
            swiftSettings: strict
        ),
        module(
            "Configuration",
            [
                "Model", "Ports", "Log", "Docker", "DNS", "Discovery", "Address", "Records", "Certificates", "Signals",
                "Notices",
            ]
        ),
        module(
            "Daemon",
            [
                "Model", "Ports", "Log", "Timing", "Files", "Transport", "Processes", "State", "HTTPServer", "Docker",
                "DNS", "EventStream", "Discovery", "Address", "Records", "Certificates", "Signals", "Notices", "Report",
                "Pipeline", "Configuration", "Recording", "Status", "Threads", "CSystem",
            ]
        ),
        command(
            "LandfallCommand",
            [
                "Daemon", "Status", "Recording", "Configuration", "Report", "Pipeline", "Discovery", "Records",
                "Certificates", "Signals", "Model", "Ports", "Log", "Timing", "Files", "Transport", "DNS",
            ]
        ),

        // The embedded world for demo, tests and bench
        harness("Polling", ["Ports", "Timing"]),
        harness("Emulators", ["Model", "Ports", "HTTPServer", "Timing"]),
        harness(
            "Sandbox",
            [
                "Model", "Ports", "Polling", "Emulators", "HTTPServer", "Transport", "Processes", "Timing", "Files",
                "Log", "Threads", "CSystem",
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
                "Files", "State", "Threads", "Timing", "Log", "Model", "Ports", "Recording", "Report", "Status",
                "HTTPServer",
                "CSystem",
            ],
            path: "Tests/Harness/Bench"
        ),

        .target(
            name: "TestSupport",
            dependencies: ["Model", "Ports", "Timing", "Threads", "Processes", "State", "Polling", "CSystem"],
            path: "Tests/TestSupport",
            swiftSettings: strict
        ),
        tests("ModelTests", ["Model"]),
        tests("TimingTests", ["Timing", "Model", "Ports", "TestSupport"]),
        tests("ThreadsTests", ["Threads", "TestSupport"]),
        tests("ProcessesTests", ["Processes", "Model", "Ports", "TestSupport"]),
        tests("TransportTests", ["Transport", "Model", "Ports", "Threads"]),
        tests("HTTPServerTests", ["HTTPServer", "Transport", "Model", "Ports", "TestSupport"]),
        tests("DockerTests", ["Docker", "Model", "Ports", "Transport", "State", "TestSupport"]),
        tests(
            "DNSTests",
            [
                "DNS", "Emulators", "HTTPServer", "Transport", "Processes", "Threads", "Timing", "Model", "Ports",
                "TestSupport",
            ]
        ),
        tests(
            "EventStreamTests",
            ["EventStream", "Docker", "Transport", "State", "Timing", "Log", "Model", "Ports", "TestSupport"]
        ),
        tests("DiscoveryTests", ["Discovery", "Docker", "Model", "Ports", "Transport", "State", "TestSupport"]),
        tests(
            "AddressTests",
            ["Address", "Emulators", "HTTPServer", "Transport", "State", "Log", "Model", "Ports", "TestSupport"]
        ),
        tests(
            "RecordsTests",
            [
                "Records", "Report", "DNS", "State", "Emulators", "HTTPServer", "Transport", "Model", "Ports",
                "TestSupport",
            ]
        ),
        tests(
            "CertificatesTests",
            [
                "Certificates", "DNS", "Emulators", "Files", "HTTPServer", "Transport", "Processes", "State", "Timing",
                "Log", "Model", "Ports", "TestSupport", "HookProgram",
            ]
        ),
        // certbot calls a program; this one is the hook alone.
        .executableTarget(
            name: "HookProgram",
            dependencies: ["Ports", "Certificates", "Transport"],
            path: "Tests/HookProgram",
            swiftSettings: strict
        ),
        tests(
            "SignalsTests",
            ["Signals", "Docker", "Files", "State", "Timing", "Log", "Model", "Ports", "Transport", "TestSupport"]
        ),
        tests(
            "NoticesTests",
            [
                "Notices", "Recording", "Emulators", "HTTPServer", "Transport", "Processes", "State", "Log", "Model",
                "Ports", "TestSupport",
            ]
        ),
        tests("FilesTests", ["Files", "Model", "Ports", "TestSupport"]),
        tests("LogTests", ["Log", "Model", "TestSupport"]),
        tests("StateTests", ["State", "Files", "Model", "Ports", "TestSupport", "CSQLite"]),
        tests(
            "ConfigurationTests",
            [
                "Configuration", "Docker", "DNS", "Discovery", "Address", "Records", "Certificates", "Notices", "Log",
                "Model", "Ports", "TestSupport",
            ]
        ),
        tests(
            "RecordingTests",
            [
                "Recording", "Configuration", "Certificates", "DNS", "Discovery", "Files", "Log", "Report", "Processes",
                "Threads", "Timing", "Transport", "Model", "Ports", "TestSupport", "Address",
            ]
        ),
        tests(
            "PipelineTests",
            [
                "Pipeline", "Report", "Address", "Certificates", "Discovery", "Notices", "Records", "Signals", "DNS",
                "Docker", "Emulators", "Files", "HTTPServer", "Log", "Processes", "State", "Timing", "Transport",
                "Model", "Ports", "TestSupport",
            ]
        ),
        tests(
            "StatusTests",
            [
                "Status", "Report", "Certificates", "EventStream", "Docker", "HTTPServer", "Processes", "State",
                "Timing", "Transport", "Model", "Ports", "TestSupport", "DNS", "Records",
            ]
        ),
        tests(
            "DaemonTests",
            [
                "Daemon", "Configuration", "Report", "Pipeline", "Certificates", "DNS", "Files", "Log", "Processes",
                "State", "Transport", "Timing", "Model", "Ports", "TestSupport", "Address",
            ]
        ),
        tests(
            "ReplayTests",
            ["Daemon", "Recording", "Files", "Processes", "Model", "Ports", "TestSupport"]
        ),
        tests(
            "EmulatorsTests",
            ["Emulators", "HTTPServer", "Transport", "Processes", "Timing", "Model", "Ports", "TestSupport"]
        ),
        tests(
            "SandboxTests",
            ["Sandbox", "TestSupport", "Emulators", "Processes", "Files", "Timing", "Model", "Ports", "CSystem"]
        ),
        tests(
            "IntegrationTests",
            [
                "Sandbox", "Emulators", "HTTPServer", "Certificates", "Report", "Pipeline", "Status", "DNS", "Files",
                "Processes", "Timing", "Transport", "Model", "Ports", "State", "CSystem", "TestSupport",
            ]
        ),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
