import Model

/// What was heard in one round of asking services, and whether more must be heard. Pure.
///
/// One service that confirms what is believed is enough. Anything else needs two witnesses: services of two operators, or,
/// where there is only one operator and nothing is believed yet, one that says the same when it is asked again.
struct AddressQuorum {
    enum Verdict: Equatable {
        /// What is believed is so.
        case confirmed
        /// It is this, as two witnesses say, or one that need not be doubted.
        case agreed(IPAddress, by: [String])
        /// It is this, says the only operator there is; it will have to say so again.
        case alone(IPAddress, by: String)
        /// What each of them said.
        case unsettled(reason: String)
    }

    private let believed: IPAddress?
    private let isSingle: Bool
    /// Who is asked, in this order.
    private var services: [AddressService]
    private var asked = 0
    private var answers: [Int: Observation<IPAddress>] = [:]

    init(_ services: [AddressService], believed: IPAddress?) {
        self.services = services
        self.believed = believed
        isSingle = Set(services.map(\.operatorName)).count == 1
    }

    /// Who is to be asked now; nil when all were.
    mutating func next() -> (place: Int, service: AddressService)? {
        guard asked < services.count else { return nil }
        defer { asked += 1 }
        return (asked, services[asked])
    }

    /// Whether it was the last to be asked so far.
    func isLast(_ place: Int) -> Bool { place == asked - 1 }

    mutating func take(_ answer: Observation<IPAddress>, from place: Int) {
        answers[place] = answer
        if isSingle, believed == nil, answer.value != nil, testimonies.count == 1 {
            services.insert(services[place], at: asked)
        }
    }

    /// Nil while more must be heard.
    var verdict: Verdict? {
        let testimonies = testimonies
        if testimonies.contains(where: { $0.address == believed }) { return .confirmed }
        if let agreed = Self.agreement(testimonies) { return agreed }
        if isSingle, believed != nil, let only = testimonies.first { return .alone(only.address, by: only.name) }
        return answers.count == services.count ? .unsettled(reason: words) : nil
    }

    private struct Testimony {
        let address: IPAddress
        let name: String
        /// Nobody confirms himself.
        let witness: String
    }

    /// In the order of the services, whatever the order of their answers: the same trouble is the same text.
    private var testimonies: [Testimony] {
        services.indices.compactMap { place in
            answers[place]?.value.map { address in
                let service = services[place]
                return Testimony(
                    address: address,
                    name: service.name,
                    witness: isSingle ? "\(place)" : service.operatorName
                )
            }
        }
    }

    private static func agreement(_ testimonies: [Testimony]) -> Verdict? {
        for first in testimonies {
            let second = testimonies.first { $0.address == first.address && $0.witness != first.witness }
            guard let second else { continue }
            let names = first.name == second.name ? [first.name] : [first.name, second.name]
            return .agreed(first.address, by: names)
        }
        return nil
    }

    private var words: String {
        var words: [String] = []
        for place in services.indices {
            guard let answer = answers[place] else { continue }
            let text = "\(services[place].name) \(answer.value.map { "says \($0)" } ?? answer.reason ?? "")"
            if !words.contains(text) { words.append(text) }
        }
        let isContested = !isSingle && !testimonies.isEmpty
        return (isContested ? "no two operators agree: " : "") + words.joined(separator: "; ")
    }
}
