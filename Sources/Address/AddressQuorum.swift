import Model

/// The answers of address services in one run, and whether another service must be asked. Pure.
///
/// One service that reports the confirmed address is enough. A new address needs two independent reports: from services of
/// two operators, or, where there is only one operator and no address is confirmed yet, from one that is asked twice.
struct AddressQuorum {
    enum Verdict: Equatable {
        /// The confirmed address still holds.
        case confirmed
        /// Two independent services report this address, or an interface has it.
        case agreed(IPAddress, by: [String])
        /// The only operator reports this address, and has to report it again.
        case alone(IPAddress, by: String)
        /// There is no agreement; the reason holds every answer.
        case unsettled(reason: String)
    }

    private let confirmed: IPAddress?
    private let isSingle: Bool
    /// Asked in this order.
    private var services: [AddressService]
    private var asked = 0
    private var answers: [Int: Observation<IPAddress>] = [:]

    init(_ services: [AddressService], confirmed: IPAddress?) {
        (self.services, self.confirmed) = (services, confirmed)
        isSingle = Set(services.map(\.operatorName)).count == 1
    }

    /// The service to ask now; nil when all were asked.
    mutating func next() -> (place: Int, service: AddressService)? {
        guard asked < services.count else { return nil }
        defer { asked += 1 }
        return (asked, services[asked])
    }

    /// Whether the service at `place` is the last one asked so far.
    func isLast(_ place: Int) -> Bool { place == asked - 1 }

    mutating func record(_ answer: Observation<IPAddress>, from place: Int) {
        answers[place] = answer
        if isSingle, confirmed == nil, answer.value != nil, reports.count == 1 {
            services.insert(services[place], at: asked)
        }
    }

    /// Nil while another answer is needed.
    var verdict: Verdict? {
        let reports = reports
        if reports.contains(where: { $0.address == confirmed }) { return .confirmed }
        for first in reports {
            let second = reports.first { $0.address == first.address && $0.origin != first.origin }
            guard let second else { continue }
            return .agreed(first.address, by: first.name == second.name ? [first.name] : [first.name, second.name])
        }
        if isSingle, confirmed != nil, let only = reports.first { return .alone(only.address, by: only.name) }
        return answers.count == services.count ? .unsettled(reason: summary) : nil
    }

    /// In the order of the services, so that the order of the answers does not change a reason's text. Two reports confirm
    /// each other only if their origins differ.
    private var reports: [(address: IPAddress, name: String, origin: String)] {
        services.enumerated().compactMap { place, service in
            answers[place]?.value.map { ($0, service.name, isSingle ? "\(place)" : service.operatorName) }
        }
    }

    private var summary: String {
        var texts: [String] = []
        for (place, service) in services.enumerated() {
            guard let answer = answers[place] else { continue }
            let text = "\(service.name) \(answer.value.map { "reports \($0)" } ?? answer.reason ?? "")"
            if !texts.contains(text) { texts.append(text) }
        }
        let isDisputed = !isSingle && !reports.isEmpty
        return (isDisputed ? "no two operators agree: " : "") + texts.joined(separator: "; ")
    }
}
