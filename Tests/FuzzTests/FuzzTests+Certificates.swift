@testable import Certificates
import Crypto
import DNS
import FoundationEssentials
import Log
import Model
import Ports
import Processes
import State
import TestSupport
import Testing

/// What authorities and certbot say, and what lies in certbot's folders.
extension FuzzTests {
    private static let now = Timestamp(seconds: 1_795_485_783)
    private static let directory = "https://acme.example.org/directory"

    private static func certificate() throws -> CertificateOnDisk {
        CertificateOnDisk(
            lineage: "www.example.test",
            names: [try DomainName("www.example.test")],
            fingerprint: Fingerprint(hex: String(repeating: "5a", count: 32)),
            notBefore: now - .seconds(30 * 86_400),
            notAfter: now + .seconds(60 * 86_400),
            changed: now - .seconds(30 * 86_400),
            renewalID: "a.b",
            server: directory
        )
    }

    private static func renewalInformation(
        _ transport: some HTTPTransport,
        _ store: RenewalInformationStore
    ) -> RenewalInformation {
        let clock = LeapingClock(now: now)
        return RenewalInformation(server: directory, transport: transport, store: store, clock: clock)
    }

    @Test func `wherever an authority's directory leads, Landfall goes no further than the authority's own domain`()
        async throws
    {
        let seeds =
            Corpus.answers("GET") { $0.hasSuffix("/dir") }
            + Corpus.bytes(
                #"{"newNonce": "https://acme.example.org/nonce", "renewalInfo": "https://ari.example.org/info"}"#
            )
        let certificate = try Self.certificate()
        let store = RenewalInformationStore(state: try .inMemory())
        try await fuzz("ACME directory", seeds) { input in
            let asked = AsyncCollector<String>()
            let transport = AnsweringTransport { request in
                asked.add(request.url)
                return HTTPResponse(status: 200, body: request.url == Self.directory ? input.bytes : [])
            }
            try store.authorities.remove(Self.directory)
            try store.suggestions.remove("a.b")
            await Self.renewalInformation(transport, store).update(for: [certificate])
            try require(asked.all.count <= 2, "\(asked.all.count) requests")
            for url in asked.all {
                let components = URLComponents(string: url)
                // A final dot is part of no name.
                let host = try DomainName(components?.host ?? "").text
                let isOwn = host == "example.org" || host.hasSuffix(".example.org")
                try require(isOwn && components?.scheme?.lowercased() == "https", "it asks \(url)")
                try requireLine(url, limit: 4096, "a URL")
            }
            return try store.authorities.load(Self.directory) != nil
        }
    }

    @Test func `whatever a CAA record holds, what is said of it is one line`() async throws {
        let seeds = Corpus.bytes(
            "0 issue ca.test; validationmethods=dns-01; accounturi=https://ca.test/1; policy=ev",
            "128 tbs unknown",
            "0 issuewild ;"
        )
        let name = try DomainName("*.example.test")
        let policy = CAAPolicy(identities: ["ca.test"], account: .registered(uri: "https://ca.test/2"))
        try await fuzz("CAA record", seeds) { input in
            guard let record = CAARecord(content: input.text) else { return false }
            let verdict = policy.verdict(on: name, CAASet(name: "example.test", records: [record]))
            for sentence in [verdict.refusal].compactMap(\.self) + verdict.warnings {
                try requireLine(sentence, limit: 1000, "a sentence about CAA")
            }
            return true
        }
    }

    @Test func `whenever an authority wants a certificate renewed, it is renewed within its life`() async throws {
        let seeds = Corpus.bytes(
            """
            {"suggestedWindow": {"start": "2026-12-01T00:00:00Z", "end": "2026-12-02T12:30:00.5Z"}, "explanationURL": \
            "https://acme.example.org/why"}
            """,
            #"{"suggestedWindow": {"start": "2020-12-01t00:00:00z", "end": "2099-12-02T00:00:00+01:00"}}"#
        )
        let certificate = try Self.certificate()
        let store = RenewalInformationStore(state: try .inMemory())
        try await fuzz("renewal information", seeds) { input in
            var chance = input.chance
            let pause = String(decoding: chance.one(of: Hostile.numbers), as: UTF8.self)
            let transport = AnsweringTransport { request in
                let isDirectory = request.url == Self.directory
                let body = isDirectory ? Array(#"{"renewalInfo": "https://acme.example.org/ari"}"#.utf8) : input.bytes
                return HTTPResponse(status: 200, headers: ["retry-after": pause], body: body)
            }
            try store.authorities.remove(Self.directory)
            try store.suggestions.remove("a.b")
            await Self.renewalInformation(transport, store).update(for: [certificate])
            let suggestion = try store.suggestions.load("a.b")
            let next = suggestion.map { $0.next - Self.now } ?? .seconds(3600)
            try require((.seconds(3600)...(.seconds(86_400))).contains(next), "it is asked again after \(next)")
            let time = RenewalTime(of: certificate, suggested: store.windows()["a.b"])
            try require(time.at > certificate.notBefore && time.at < certificate.notAfter, "renewed at \(time.at)")
            return suggestion?.window != nil
        }
    }

    @Test func `whatever date an authority's answer has, doubt of the clock is one line`() async throws {
        try await fuzz("authority's date", Corpus.bytes("Tue, 24 Nov 2026 03:37:00 GMT")) { input in
            let transport = AnsweringTransport { _ in HTTPResponse(status: 200, headers: ["date": input.text]) }
            let clock = LeapingClock(now: Self.now + .seconds(365 * 86_400))
            let reason = await AuthorityClock(server: Self.directory, transport: transport, clock: clock)
                .reasonForDoubt(lastRun: Self.now)
            try requireLine(reason ?? "", "the reason")
            if let date = Timestamp(httpDate: input.text) { try require(date.seconds >= 0, "\(date)") }
            return reason != nil
        }
    }
}

/// certbot's output and log.
extension FuzzTests {
    @Test func `whatever certbot writes, why it failed is one line`() async throws {
        let seeds =
            try Corpus.fixtures("certbot-outputs", ".txt") + Corpus.fixtures("certbot-outputs", ".log", limit: 4000)
        let limited = Corpus.bytes(
            """
            An unexpected error occurred:
            Error creating new order :: too many certificates (5) already issued for this exact set of domains in the last \
            168h0m0s: "www.example.test", retry after 2026-11-25 12:00:00 UTC: see https://letsencrypt.org/docs/rate-limits/
            """
        )
        let names = [try DomainName("www.example.test")]
        try await fuzz("certbot's output and log", seeds + limited) { input in
            var chance = input.chance
            var texts = ["", "", ""]
            texts[Int.random(in: 0..<3, using: &chance)] = input.text
            texts[Int.random(in: 0..<3, using: &chance)] = input.text
            let parser = CertbotErrorParser(output: texts[0], error: texts[1], log: texts[2], proxy: "https_proxy")
            try requireLine(parser.text, limit: 1300, "the reason")
            try require(parser.failed.count <= input.bytes.count / 8, "\(parser.failed.count) names failed")
            _ = CertbotErrorParser.effect(inLog: input.text)
            if let hold = RateLimitHold(answer: parser.text, to: names, now: Self.now) {
                try require(hold.until <= Self.now + .seconds(14 * 86_400), "it holds until \(hold.until)")
                try requireLine(hold.sentence, "the hold")
            }
            return true
        }
    }

    @Test func `whatever certbot's hook is told, only a name of the certificate gets a challenge`() async throws {
        let validation = String(repeating: "a", count: 43)
        let seeds = Corpus.bytes(
            """
            {"action": "auth", "token": "t", "domain": "www.example.test", "validation": "\(validation)", "remaining": 0}
            """
        )
        let zone = Zone(name: try DomainName("example.test"), id: "z")
        let provider = ExecProvider("/program", environment: [:], processes: AnsweringProcesses())
        let zones = ZoneDirectory(entries: [.init(zone: zone, provider: provider)])
        let allowed = try DomainName("www.example.test")
        try await fuzz("hook", seeds) { input in
            let request = try decodeJSON(HookRequest.self, from: input.bytes)
            let challenge: Challenge
            do throws(ChallengeError) {
                challenge = try Challenge(request, allowed: [allowed], zones: zones)
            } catch {
                try requireLine(error.reason, "the reason")
                return false
            }
            try require(challenge.location.name == "_acme-challenge.www.example.test", "\(challenge.location.name)")
            try require(challenge.value.utf8.count == 43, "a value of \(challenge.value.utf8.count) bytes")
            return true
        }
    }
}

/// certbot's folders.
extension FuzzTests {
    @Test func `whatever a renewal configuration holds, it is read, and no path into a private folder is left`()
        async throws
    {
        let folder = CertbotDirectories.Private(config: "/state/run/a", logs: "/state/logs/a")
        let seeds =
            Corpus.files(".conf")
            + Corpus.bytes(
                """
                # renew_before_expiry = 30 days
                version = 5.8.0
                archive_dir = /state/run/a/archive/www.example.test
                cert = "/state/run/a/live/www.example.test/cert.pem"
                privkey = /state/run/a/live/www.example.test/privkey.pem
                chain = /state/run/a/live/www.example.test/chain.pem
                fullchain = /state/run/a/live/www.example.test/fullchain.pem

                # Options used in the renewal process
                [renewalparams]
                account = 0123456789abcdef
                server = https://acme.example.org/directory
                config_dir = /state/run/a
                [[webroot_map]]

                """
            )
        try await fuzz("renewal configuration", seeds) { input in
            let text = String(outside: input.bytes)
            let server = RenewalConfiguration.server(in: text)
            let repointed = RenewalConfiguration.repoint(text, from: folder, to: "/etc/letsencrypt")
            let again = RenewalConfiguration.repoint(repointed, from: folder, to: "/etc/letsencrypt")
            try require(again == repointed, "a second pass changes it again")
            for key in ["archive_dir", "cert", "privkey", "chain", "fullchain", "config_dir"] {
                let value = RenewalConfiguration.value(of: key, in: repointed) ?? ""
                try require(!value.hasPrefix("/state/run/a/"), "\(key) is \(value)")
            }
            let files = FolderFiles(contents: ["/c/renewal/a.conf": input.bytes])
            _ = RenewalCheck(directory: "/c", files: files).reason(against: "a")
            return server != nil
        }
    }

    @Test func `whatever names the files of an archive have, its generations are numbered`() async throws {
        let seeds = Corpus.bytes(
            LineageLinks.kinds.flatMap { ["\($0)1.pem", "\($0)2.pem"] }.joined(separator: "\n"),
            LineageLinks.kinds.map { "\($0)3.pem" }.joined(separator: "\n") + "\ncert4.pem\nREADME"
        )
        try await fuzz("names in an archive", seeds) { input in
            var chance = input.chance
            let names = input.text.split(separator: "\n").map(String.init)
            let generation = chance.one(of: names + ["cert1.pem"]).drop { !$0.isNumber }.prefix { $0 != "." }
            let files = FolderFiles(names: names, generation: String(generation))
            guard let links = LineageLinks(of: "a", in: "/c", files, examined: [:]) else { return false }
            try require(links.generations.count <= names.count, "\(links.generations.count) generations")
            let repair = LinkRepair(directory: "/c", files: files)
            _ = repair.generation(of: links)
            if let number = try repair.promote(links) {
                try require(number > links.highest, "\(number) is not above \(links.highest)")
                try repair.demote(number, of: links)
            }
            _ = ArchiveHistory(directory: "/c", server: Self.directory, files: files).orders(since: Self.now)
            return !links.generations.isEmpty
        }
    }

    private static func checkCertificate(_ pem: [UInt8]) throws {
        let certificate = try CertificateFile(pem: pem)
        for time in [certificate.notBefore, certificate.notAfter] {
            try require(time.nanoseconds >= 0 && time.day.utf8.count == 10, "\(time)")
        }
        try require(certificate.fingerprint.hex.utf8.count == 64, "a fingerprint of \(certificate.fingerprint.hex)")
        try requireLine(certificate.renewalID ?? "", limit: 200, "the identifier")
        let onDisk = CertificateOnDisk(
            lineage: "a",
            names: certificate.names,
            fingerprint: certificate.fingerprint,
            notBefore: certificate.notBefore,
            notAfter: certificate.notAfter,
            changed: now,
            renewalID: certificate.renewalID
        )
        _ = RenewalTime(of: onDisk)
        try require(
            decodeJSON(CertificateOnDisk.self, from: encodeJSON(onDisk)) == onDisk,
            "it is stored as another one"
        )
    }

    @Test func `whatever a certificate's file holds, it is read or rejected`() async throws {
        try await fuzz("PEM of certificates", Corpus.files("/fullchain.pem")) { input in
            try Self.checkCertificate(input.bytes)
            return true
        }
    }

    @Test func `whatever a certificate's fields hold, they are read or rejected`() async throws {
        let seeds = Corpus.files("/fullchain.pem").compactMap { pem -> [UInt8]? in
            let lines = String(decoding: pem, as: UTF8.self).split(separator: "\n").dropFirst()
            return Data(base64Encoded: lines.prefix { !$0.hasPrefix("-") }.joined()).map { [UInt8]($0) }
        }
        try await fuzz("DER of certificates", seeds) { input in
            let text = Data(input.bytes).base64EncodedString(options: .lineLength64Characters)
            try Self.checkCertificate(Array("-----BEGIN CERTIFICATE-----\n\(text)\n-----END CERTIFICATE-----\n".utf8))
            return true
        }
    }

    @Test func `whatever a private key's file holds, it is read or rejected`() async throws {
        let seeds = [try await Self.key("prime256v1"), try await Self.key("secp384r1")]
        try await fuzz("PEM of keys", seeds) { input in
            let fingerprint = try Fingerprint(ofKeyIn: input.bytes)
            try require(fingerprint.hex.utf8.count == 64, "a fingerprint of \(fingerprint.hex)")
            return true
        }
    }

    /// A new private key on a curve.
    private static func key(_ curve: String) async throws -> [UInt8] {
        let arguments = ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:\(curve)"]
        let environment = ["PATH": "/usr/bin:/bin"]
        let request = ProcessRequest(arguments, environment: environment, timeLimit: .seconds(60).scaledToLoad)
        return try await SpawnRunner().run(request, for: .run).output
    }
}

/// A folder that holds what a test says, and takes whatever is written.
private struct FolderFiles: DiskFiles {
    var contents: [String: [UInt8]] = [:]
    /// The names in every folder.
    var names: [String] = []
    /// Of the files that every link leads to.
    var generation = ""

    func read(_ path: String, limit: Int, for scope: Scope) throws(FileError) -> [UInt8] {
        guard let bytes = contents[path] else { throw .missing(path) }
        return bytes
    }

    func list(_ path: String, for scope: Scope) throws(FileError) -> [String] { names }

    func information(_ path: String, for scope: Scope) throws(FileError) -> FileInformation {
        let kind = path.split(separator: "/").last?.prefix { $0 != "." } ?? ""
        let link = "../../archive/a/\(kind)\(generation).pem"
        return FileInformation(kind: .file, size: 1, modified: Timestamp(seconds: 0), link: link)
    }

    func link(_ path: String, to target: String, for scope: Scope) throws(FileError) {}
    func remove(_ path: String, for scope: Scope) throws(FileError) {}

    func publicKeyFingerprint(at path: String, for scope: Scope) throws(FileError) -> Fingerprint {
        throw .missing(path)
    }
}
