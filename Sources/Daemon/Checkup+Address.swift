import Address
import Configuration
import Log
import Model
import Ports
import State
import Timing

extension Checkup {
    /// Asks as a first run would, as if nothing were believed yet. Nil where no record is to be written.
    func checkAddress() async -> Finding? {
        guard configuration.records.isOn, let nothing = try? StateStore.inMemory() else { return nil }
        let stage = AddressStage(
            v4: configuration.records.addressV4,
            v6: configuration.records.addressV6,
            transport: transport,
            interfaces: SystemInterfaces(),
            state: nothing,
            clock: SystemClock(),
            log: .silent
        )
        let families = await stage.find().families
        let texts = families.map { finding in
            let witnesses = stage.believed.first { $0.family == finding.family }?.witnesses ?? []
            let source = witnesses.isEmpty ? "as configured" : "by \(witnesses.joined(separator: " and "))"
            return finding.trouble ?? "\(finding.address.value?.description ?? ""), \(source)"
        }
        return Finding(
            "public address",
            isGood: families.allSatisfy { $0.trouble == nil },
            texts.joined(separator: "; "),
            fix: "let Landfall reach the services that tell it, or set LANDFALL_IP to an address or to interface:NAME"
        )
    }
}
