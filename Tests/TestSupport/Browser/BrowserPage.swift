import FoundationEssentials
package import Model
import Ports

/// How a page is looked at.
package struct Viewport: Sendable, Hashable, CustomStringConvertible {
    package let width: Int
    package let height: Int
    package let isPhone: Bool
    package let isDark: Bool

    package static let desktop = Viewport(width: 1280, height: 900, isPhone: false, isDark: false)
    package static let phone = Viewport(width: 360, height: 740, isPhone: true, isDark: false)

    package var inTheDark: Viewport { Viewport(width: width, height: height, isPhone: isPhone, isDark: true) }

    package var description: String { "\(width)×\(height)\(isDark ? ", dark" : "")" }
}

/// A tab.
package struct BrowserPage: Sendable {
    private let pipe: DevToolsPipe
    private let session: String

    fileprivate init(_ pipe: DevToolsPipe, _ session: String) { (self.pipe, self.session) = (pipe, session) }

    private func send(_ method: String, _ parameters: JSONValue = [:]) async throws -> JSONValue {
        try await pipe.send(method, parameters, session: session)
    }

    package func go(to url: String) async throws {
        let answer = try await send("Page.navigate", ["url": .string(url)])
        if let error = answer["errorText"]?.text { throw BrowserError("\(url): \(error)") }
    }

    /// What an expression of JavaScript comes to; of a promise what it promises.
    package func value(_ expression: String) async throws -> JSONValue {
        let answer = try await send(
            "Runtime.evaluate",
            ["expression": .string(expression), "awaitPromise": true, "returnByValue": true]
        )
        if let details = answer["exceptionDetails"] {
            throw BrowserError("\(expression): \(details["exception"]?["description"]?.text ?? "it failed")")
        }
        return answer["result"]?["value"] ?? .null
    }

    package func text(_ expression: String) async throws -> String { try await value(expression).text ?? "" }
    package func number(_ expression: String) async throws -> Double { try await value(expression).number ?? .nan }
    package func holds(_ expression: String) async throws -> Bool { try await value("Boolean(\(expression))") == true }

    /// Returns as soon as an expression is true. A page that has just been navigated away from answers with an error.
    package func eventually(_ condition: String, within limit: Duration = .seconds(30)) async throws {
        try await TestSupport.eventually(condition, within: limit) { try await holds(condition) }
    }

    /// A PNG of all that can be scrolled to.
    package func screenshot() async throws -> [UInt8] {
        let answer = try await send("Page.captureScreenshot", ["format": "png", "captureBeyondViewport": true])
        guard let data = answer["data"]?.text.flatMap({ Data(base64Encoded: $0) }) else {
            throw BrowserError("no screenshot")
        }
        return Array(data)
    }

    /// What the page complained of: exceptions, and what its policy kept it from.
    package var complaints: [String] {
        pipe.events.all.filter { $0["sessionId"]?.text == session }.compactMap { event in
            switch event["method"]?.text {
            case "Runtime.exceptionThrown":
                event["params"]?["exceptionDetails"]?["exception"]?["description"]?.text ?? "an exception"
            case "Log.entryAdded" where event["params"]?["entry"]?["level"]?.text == "error":
                event["params"]?["entry"]?["text"]?.text ?? "an error"
            default: nil
            }
        }
    }
}

extension Browser {
    package func page(_ viewport: Viewport = .desktop) async throws -> BrowserPage {
        let target = try await pipe.send("Target.createTarget", ["url": "about:blank"])["targetId"]?.text ?? ""
        let attachment = try await pipe.send("Target.attachToTarget", ["targetId": .string(target), "flatten": true])
        guard let session = attachment["sessionId"]?.text else { throw BrowserError("no session") }
        for domain in ["Page", "Runtime", "Log"] { _ = try await pipe.send("\(domain).enable", session: session) }
        _ = try await pipe.send(
            "Emulation.setDeviceMetricsOverride",
            [
                "width": .integer(Int64(viewport.width)), "height": .integer(Int64(viewport.height)),
                "deviceScaleFactor": 1, "mobile": .bool(viewport.isPhone),
            ],
            session: session
        )
        let scheme: JSONValue = ["name": "prefers-color-scheme", "value": .string(viewport.isDark ? "dark" : "light")]
        _ = try await pipe.send("Emulation.setEmulatedMedia", ["features": [scheme]], session: session)
        return BrowserPage(pipe, session)
    }
}

extension JSONValue {
    package var number: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }
}
