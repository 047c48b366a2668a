import Delivery
import Model
import Report
import State
import TestSupport
import Testing

@Suite(.limited(minutes: 1)) struct SecretStageTests {
    private let vault: Vault

    init() throws { vault = try Vault() }

    private static let update = "POST services/s1/update?version=7"

    private func deliver(_ number: Int) async -> [Outcome]? { await vault.deliver(number)?.map(\.outcome) }

    @Test func `a certificate becomes two secrets, and the service is updated at the version that was read`() async {
        vault.set { $0.services = [Vault.service()] }
        #expect(await deliver(2) == [.changed("given web as secrets")])
        #expect(vault.secrets == [Vault.name(2, "crt"), Vault.name(2, "key")])
        #expect(vault.acts == ["POST secrets/create", "POST secrets/create", Self.update])
        let spec = vault.bodies.last ?? ""
        // What Landfall knows nothing of goes back as it came.
        #expect(spec.contains(#""Unknown":{"a":[1]}"#))
        #expect(spec.contains(#""SecretName":"\#(Vault.name(2, "key"))""#))
    }

    @Test func `a secret that others created first is not given to a service, whatever its name`() async throws {
        vault.set {
            $0.services = [Vault.service()]
            $0.secrets = [Vault.name(2, "key"): "foreign"]
        }
        #expect(await deliver(2) == [.changed("given web as secrets")])
        let own = "landfall-\(Vault.fingerprint(2))-2.key"
        #expect(vault.secrets.contains(own))
        let spec = vault.bodies.last ?? ""
        #expect(spec.contains(#""SecretName":"\#(own)""#) && spec.contains(#""SecretID":"id-\#(own)""#))
        #expect(!spec.contains("foreign"))
        // It is known again in the next run, and only the foreign one goes.
        let given = [("crt", Vault.name(2, "crt")), ("key", own)].map { kind, name in
            #"{"File":{"Name":"tls.\#(kind)"},"SecretID":"id-\#(name)","SecretName":"\#(name)"}"#
        }
        vault.set {
            $0.services = [
                Vault.service(update: "completed").replacing(
                    #""Secrets":[]"#,
                    with: #""Secrets":[\#(given.joined(separator: ","))]"#
                )
            ]
        }
        #expect(await deliver(2) == [.unchanged])
        #expect(vault.secrets == [Vault.name(2, "crt"), own].sorted())
    }

    @Test func `without state, a service keeps the secrets that it has`() async throws {
        vault.set {
            $0.services = [Vault.service(number: 2, update: "completed")]
            $0.secrets = [Vault.name(2, "crt"): "a", Vault.name(2, "key"): "b"]
        }
        #expect(await deliver(2) == [.unchanged])
        #expect(vault.acts.isEmpty)
    }

    @Test func `a plan tells what would be delivered, and delivers nothing`() async throws {
        vault.set { $0.services = [Vault.service(number: 1, update: "completed")] }
        let plan = await vault.stage.deliver(
            [try certificate("web", Vault.fingerprint(2))],
            rights: Vault.rights,
            read: nil
        ).value
        #expect(plan?.map(\.outcome) == [.changed("give web as secrets")])
        #expect(vault.acts.isEmpty)
    }

    @Test func `a service that changes between two looks is left alone, and nothing counts as tried`() async throws {
        vault.set {
            $0.services = [Vault.service()]
            $0.meanwhile = { $0.services = [Vault.service(version: 8, update: "updating")] }
        }
        #expect(await deliver(2) == [.unchanged])
        #expect(vault.acts.allSatisfy { !$0.contains("update") })
        vault.set {
            $0.services = [Vault.service(version: 9, update: "rollback_completed")]
            $0.meanwhile = nil
        }
        // It was somebody else's update that was rolled back.
        #expect(await deliver(2) == [.changed("given web as secrets")])
        #expect(vault.acts.last == "POST services/s1/update?version=9")
    }

    @Test(arguments: [
        (1, "completed", true), (1, "updating", true), (2, "updating", true), (2, "completed", false),
        (2, "paused", false),
    ])
    func `what was given is under way until the update is over`(number: Int, state: String, isInProgress: Bool) async {
        vault.set { $0.services = [Vault.service(number: number, update: state)] }
        #expect(await vault.deliver(2)?.map(\.isInProgress) == [isInProgress])
    }

    @Test(arguments: ["updating", "rollback_started", "paused", "rollback_paused"])
    func `no update is made while another one is not over`(state: String) async {
        vault.set { $0.services = [Vault.service(number: 1, update: state)] }
        _ = await deliver(2)
        #expect(vault.acts.isEmpty)
    }

    @Test func `after a rollback it stops until the certificate changes`() async throws {
        vault.set { $0.services = [Vault.service()] }
        _ = await deliver(2)
        vault.set { $0.services = [Vault.service(version: 9, update: "rollback_completed")] }
        for _ in 0..<2 {
            guard case .failed(let reason)? = await deliver(2)?.first else {
                Issue.record("it is tried again")
                return
            }
            #expect(reason.contains("rolled back"))
        }
        #expect(vault.acts.count { $0.contains("update") } == 1)
        #expect(await deliver(3) == [.changed("given web as secrets")])
    }

    @Test func `old versions are removed as soon as no service uses them, whatever happens to other services`() async {
        let old = [Vault.name(1, "crt"): "old1", Vault.name(1, "key"): "old2"]
        vault.set {
            $0.services = [Vault.service(number: 2, update: "completed"), Vault.service("s2", secret: "../tls")]
            $0.secrets = old.merging([Vault.name(2, "crt"): "new1", Vault.name(2, "key"): "new2"]) { $1 }
        }
        let outcomes = await deliver(2)
        #expect(outcomes?.first == .unchanged)
        #expect(outcomes?.last != .unchanged)
        #expect(vault.secrets == [Vault.name(2, "crt"), Vault.name(2, "key")])
    }

    @Test func `what a service asks for no more goes once its update is over`() async throws {
        vault.set { $0.services = [Vault.service()] }
        _ = await deliver(2)
        vault.set { $0.services = [Vault.service(version: 9, secret: nil, update: "updating")] }
        #expect(await deliver(2) == [])
        #expect(vault.secrets.count == 2)
        vault.set { $0.services = [Vault.service(version: 10, secret: nil, update: "completed")] }
        #expect(await deliver(2) == [])
        #expect(vault.secrets.isEmpty)
        let before = vault.acts.count
        #expect(await deliver(2) == [])
        #expect(vault.acts.count == before)
        #expect(try vault.state.texts(in: "secrets").isEmpty)
    }
}
