import DNS
import Model
import Threads

/// Where the challenges of ordered names would be published, and which of them could not be answered there. An order that cannot
/// succeed is not placed, so this is found out before.
struct ChallengePlaces {
    /// Why a challenge cannot be answered.
    enum Rejection: Error, Hashable {
        /// Until somebody changes the zone; a clause.
        case refused(String)
        /// For now; a clause.
        case waits(String)

        var reason: String {
            switch self {
            case .refused(let reason), .waits(let reason): reason
            }
        }
    }

    /// Zones that are read at a time.
    private static let width = 8

    private(set) var rejections: [DomainName: Rejection] = [:]
    /// The zone in which each name's challenge is published.
    private(set) var zones: [DomainName: DomainName] = [:]
    private let directory: ZoneDirectory
    /// Whether aliases are followed, as Landfall does and certbot's plugins do not.
    private let followsAliases: Bool
    /// By the zones' names; nil for one that cannot be read.
    private var cuts: [DomainName: ZoneCuts?]

    /// - Parameter known: the cuts of the zones that the run has read.
    init(of names: Set<DomainName>, in directory: ZoneDirectory, known: [DomainName: ZoneCuts], followsAliases: Bool)
        async
    {
        (self.directory, self.followsAliases, cuts) = (directory, followsAliases, known)
        var open = names.sorted().compactMap { name -> (DomainName, ChallengeLocation)? in
            guard case .found(let entry) = directory.find(name.withoutWildcard) else { return nil }
            return (name, ChallengeLocation(name: "_acme-challenge.\(name.withoutWildcard)", entry: entry))
        }
        for _ in 0..<ChallengeLocation.longestChain where !open.isEmpty {
            await read(open.map(\.1.entry))
            open = open.compactMap { name, location in settle(name, at: location).map { (name, $0) } }
        }
        for (name, location) in open {
            rejections[name] = .refused("the aliases at \(location.name) lead nowhere")
        }
    }

    private mutating func read(_ entries: [ZoneDirectory.Entry]) async {
        var new: [DomainName: ZoneDirectory.Entry] = [:]
        for entry in entries where cuts[entry.zone.name] == nil { new[entry.zone.name] = entry }
        let entries = new.sorted { $0.key < $1.key }.map(\.value)
        let read = await concurrentMap(entries, atMost: Self.width) { [directory] in
            await directory.read($0).value?.cuts
        }
        for (entry, cuts) in zip(entries, read) { self.cuts[entry.zone.name] = .some(cuts) }
    }

    /// Decides about a name whose challenge would be published at `location`; returns where its alias leads, if it is one.
    private mutating func settle(_ name: DomainName, at location: ChallengeLocation) -> ChallengeLocation? {
        let cuts = cuts[location.entry.zone.name] ?? nil
        if let delegation = cuts?.delegation(of: location.name) {
            let zone = location.entry.zone.name
            rejections[name] = .refused(
                "\(delegation), so a challenge at \(location.name) in the zone \(zone) is not served; give Landfall the "
                    + "provider of \(delegation.name), or remove its NS records from \(zone)"
            )
            return nil
        }
        guard followsAliases, let target = cuts?.alias(of: location.name) else {
            zones[name] = location.entry.zone.name
            return nil
        }
        switch location.following(target, in: directory) {
        case .success(let next): return next
        case .failure(let rejection):
            rejections[name] = rejection
            return nil
        }
    }
}

extension CertificateStep {
    /// Waits if a zone of its challenges holds no more records.
    func holding(_ full: FullZones) -> CertificateStep {
        guard isOrder, let reason = challengeZones.sorted().lazy.compactMap(full.reason).first else { return self }
        return with(.wait(reason))
    }
}
