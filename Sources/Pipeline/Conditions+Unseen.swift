import Model
public import Notices
public import Report

extension Report {
    /// What the problems hide, stage by stage, so that one that stays does not hide the end of all others.
    public var unseen: Unobserved {
        let stages = Set(problems.map(\.stage))
        guard !stages.contains(Progress.Stage.discover.rawValue) else { return .everything }
        var prefixes: Set<String> = []
        for stage in stages { prefixes.formUnion(Self.hidden(by: stage)) }
        return Unobserved(prefixes: prefixes, keys: Set(keysLeftToProblems))
    }

    /// The beginnings of keys. A state store that cannot be written hides nothing.
    private static func hidden(by stage: String) -> [String] {
        let delivered = ["signal/", "secret/", "serving/", "label/"]
        return switch stage {
        case Progress.Stage.record.rawValue, IPAddress.Family.v4.stage, IPAddress.Family.v6.stage:
            ["record/", "deletions", "address/"]
        case Progress.Stage.certificate.rawValue: ["certificate/", "expiry/"] + delivered
        case Progress.Stage.signal.rawValue: delivered
        default: []
        }
    }
}
