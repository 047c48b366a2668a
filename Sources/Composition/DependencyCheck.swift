package import Configuration
import Ports
import Transport

/// Checks whether everything that Landfall depends on answers, without changing anything.
package struct DependencyCheck: Sendable {
    package struct Finding: Sendable {
        package let subject: String
        package let result: Result
        package let text: String
        /// What to do about it; nil if nothing is wrong or the text already says it.
        package let fix: String?

        package enum Result: Sendable {
            case ok, failed
            /// What cannot be tried without changing something, or without what failed before.
            case notTried
        }

        init(_ subject: String, _ result: Result, _ text: String, fix: String? = nil) {
            (self.subject, self.result, self.text) = (subject, result, text)
            self.fix = result == .ok ? nil : fix
        }
    }

    let configuration: Configuration
    let transport: any HTTPTransport

    package init(_ configuration: Configuration) {
        self.configuration = configuration
        transport = ReadOnlyTransport(CurlTransport.landfall(configuration))
    }

    package func all() async -> [Finding] {
        async let engine = checkEngine()
        async let sources = checkSources()
        async let dns = checkDNS()
        async let resolvers = checkResolvers()
        async let address = checkAddress()
        async let authority = checkAuthority()
        async let certbot = checkCertbot()
        async let plugin = checkPlugin()
        async let writing = checkWriting()
        async let probe = checkProbe()
        async let notices = checkNotices()
        async let page = checkStatusPage()
        let certificates = await [address, authority, certbot, plugin].compactMap { $0 }
        let delivery = await [checkKeyGroup(), probe].compactMap { $0 }
        return await engine + sources + dns + writing + resolvers + certificates + checkFolders() + delivery + notices
            + [page].compactMap { $0 }
    }

    func finding(_ subject: String, fix: String? = nil, _ ask: () async throws -> String) async -> Finding {
        do {
            return Finding(subject, .ok, try await ask())
        } catch {
            return Finding(subject, .failed, "\(error)", fix: fix)
        }
    }
}
