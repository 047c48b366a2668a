import Docker
import Model
import Ports

/// What a helper service is called, and by what it is known again.
struct HelperName {
    private static let nonceLabel = "landfall.helper.nonce"

    private let instance: String
    private let nonce: String

    /// One that no other has. It is no secret, so a recording may hold what it is made of.
    init(instance: String, randomness: any Randomness) {
        self.instance = instance
        nonce = String(UInt64(randomness.fraction(for: .engine) * 0x1p52), radix: 36)
    }

    var text: String { Service.helperPrefix + nonce }
    var labels: [String: String] { [Service.helperLabel: instance, Self.nonceLabel: nonce] }

    /// The helpers of an instance. A user's stack may well be called `landfall`, so neither a name nor a label is enough.
    static func strays(among services: [Service], of instance: String) -> [String] {
        services.filter { service in
            guard service.labels[Service.helperLabel] == instance, let nonce = service.labels[nonceLabel] else {
                return false
            }
            return service.name == Service.helperPrefix + nonce
        }
        .map(\.id).sorted()
    }
}
