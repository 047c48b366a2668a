import Discovery
import Model
import Signals

extension Configuration {
    static func signals(_ reader: inout Reader, _ discovery: DiscoveryRules, instance: String) -> Signals {
        Signals(
            areOn: reader.value("LANDFALL_SIGNALS", standard: true, flag),
            rules: SignalRules(
                labels: discovery.signalLabels,
                defaultDomain: discovery.defaultDomain,
                instance: instance,
                isCrossNode: reader.value("LANDFALL_CROSS_NODE", standard: true, flag),
                helperImage: reader.optional("LANDFALL_HELPER_IMAGE", imageReference)
            ),
            probe: reader.optional("LANDFALL_PROBE", ProbeEndpoint.init)
        )
    }
}

/// `registry:5000/name:tag`, `name@sha256:…` or `sha256:…`; whether there is such an image the engine knows.
private func imageReference(_ text: String) -> String? {
    guard text.utf8.count <= 512, text.first.map({ $0.isLetter || $0.isNumber }) ?? false else { return nil }
    return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-/:@".contains($0)) } ? text : nil
}
