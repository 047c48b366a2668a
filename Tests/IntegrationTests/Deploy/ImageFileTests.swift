import Model
import Testing

/// The image's files agree with each other, and with what the project is built with; building it takes `make test-all`.
@Suite struct ImageFileTests {
    private let dockerfile: String
    private let setup: String
    private let pins: String

    init() throws {
        func text(_ name: String) throws -> String { try #require(Disk.text("\(Checkout.top)/deploy/\(name)")) }
        (dockerfile, setup, pins) = (try text("Dockerfile"), try text("setup.sh"), try text("certbot.txt"))
    }

    @Test func `it is built with the libraries that everybody builds with`() throws {
        let own = try #require(setup.firstRange(of: "libraries=\""))
        let libraries = setup[own.upperBound...].prefix { $0 != "\"" }.split(whereSeparator: \.isWhitespace)
        let stage = try #require(dockerfile.firstRange(of: "AS build"))
        let words = Set(dockerfile[stage.upperBound...].split(whereSeparator: \.isWhitespace))
        #expect(!libraries.isEmpty)
        #expect(libraries.allSatisfy(words.contains))
    }

    @Test func `it runs as a number, checks itself, and ends by SIGTERM`() {
        for line in ["USER 5263:5263", "STOPSIGNAL SIGTERM", #"CMD ["landfall", "health"]"#, "ARG ARCH=amd64"] {
            #expect(dockerfile.contains(line))
        }
    }

    @Test func `it carries lexicon only if that is asked for, pinned as certbot is`() throws {
        #expect(dockerfile.contains("ARG LEXICON=no") && dockerfile.contains(#"if [ "$LEXICON" = yes ]"#))
        let pins = try #require(Disk.text("\(Checkout.top)/deploy/lexicon.txt")).split(separator: "\n")
        let modules = pins.filter { !$0.hasPrefix("#") && !$0.hasPrefix(" ") }
        #expect(modules.contains { $0.hasPrefix("dns-lexicon==3.") } && modules.allSatisfy { $0.hasSuffix(#" \"#) })
    }

    @Test func `every module is pinned, with the hash of each file that may come`() {
        let entries = pins.split(separator: "\n").filter { !$0.hasPrefix("#") }
        let modules = entries.filter { !$0.hasPrefix(" ") }
        #expect(modules.contains { $0.hasPrefix("certbot==5.") })
        #expect(modules.contains { $0.hasPrefix("certbot-dns-cloudflare==5.") })
        #expect(modules.allSatisfy { $0.contains("==") && $0.hasSuffix(#" \"#) })
        #expect(entries.allSatisfy { !$0.hasPrefix(" ") || $0.trimmed.hasPrefix("--hash=sha256:") })
    }
}
