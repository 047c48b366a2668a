import FoundationEssentials
import Log
import Model
import Ports
import State

/// The ledger of one authority as it is kept: in the state store's room "ledger", under the authority's URL.
struct RateLimitStore: Sendable {
    private static let room = "ledger"

    let server: String
    let limits: CertificateLimits
    let history: ArchiveHistory
    let state: StateStore
    let log: Logger

    init(settings: CertbotSettings, files: any Files, state: StateStore, log: Logger) {
        (server, limits) = (settings.server, settings.effectiveLimits)
        history = ArchiveHistory(directory: settings.configDirectory, server: settings.server, files: files)
        (self.state, self.log) = (state, log)
    }

    /// What is in it; what a lost one would hold where there is none. Unavailable, and then nothing may be ordered, when it
    /// cannot be read.
    func read(now: Timestamp) -> Observation<RateLimiter> {
        pages(now: now).map { RateLimiter(limits, entries: $0.entries.map(\.value), holds: $0.holds) }
    }

    /// What is written in it, for who only wants to show it.
    func written(now: Timestamp) -> Observation<RateLimiter> {
        facts().map { pages(in: $0, now: now) }.map {
            RateLimiter(limits, entries: $0.entries.map(\.value), holds: $0.holds)
        }
    }

    /// Makes it ready for orders: a lost one is made anew of the certificates in the archive, and what counts no more is
    /// struck out.
    func open(now: Timestamp) throws(RateLimitStoreError) -> OpenRateLimiter {
        switch pages(now: now) {
        case .unavailable(let reason): throw RateLimitStoreError(reason)
        case .known(let pages):
            var changes: [String: String?] = Dictionary(uniqueKeysWithValues: pages.outdated.map { ($0, nil) })
            if pages.isLost {
                changes[key("begun")] = "\(now)"
                for (key, entry) in pages.entries { changes[key] = text(of: entry) }
                if !pages.entries.isEmpty {
                    log.warning(
                        "the stored orders were lost; rebuilt them from the certificates in the archive",
                        [.count: .int(pages.entries.count)]
                    )
                }
            }
            try commit(changes)
            let ledger = RateLimiter(limits, entries: pages.entries.map(\.value), holds: pages.holds)
            return OpenRateLimiter(ledger, book: self)
        }
    }

    func write(_ entry: OrderRecord, inPlaceOf old: OrderRecord? = nil) throws(RateLimitStoreError) {
        do throws(RateLimitStoreError) {
            try commit([key(of: entry): text(of: entry)])
        } catch {
            // The store would write it later all the same, for an order that is not placed.
            try? commit([key(of: entry): old.map(text)])
            throw error
        }
    }

    func strike(_ entry: OrderRecord) throws(RateLimitStoreError) {
        try commit([key(of: entry): nil])
    }

    func write(_ hold: RateLimitHold) throws(RateLimitStoreError) {
        try commit([key("hold \(hold.subject.kind.rawValue) \(hold.subject.text)"): text(of: hold)])
    }
}

extension RateLimitStore {
    private struct Pages {
        var isLost = true
        var entries: [(key: String, value: OrderRecord)] = []
        var holds: [RateLimitHold] = []
        /// Keys of what counts no more.
        var outdated: [String] = []
    }

    private func pages(now: Timestamp) -> Observation<Pages> {
        let facts: [String: String]
        switch self.facts() {
        case .unavailable(let reason): return .unavailable(reason: reason)
        case .known(let known): facts = known
        }
        var pages = pages(in: facts, now: now)
        guard pages.isLost, limits != .none else { return .known(pages) }
        return history.entries(since: now - limits.longestWindow).map { entries in
            pages.entries = entries.map { (key(of: $0), $0) }
            return pages
        }
    }

    private func facts() -> Observation<[String: String]> {
        do throws(StateError) {
            return .known(try state.facts(in: Self.room))
        } catch {
            return .unavailable(reason: "the state store cannot be read: \(error)")
        }
    }

    private func pages(in facts: [String: String], now: Timestamp) -> Pages {
        let prefix = key("")
        var pages = Pages()
        for (key, text) in facts.sorted(by: { $0.key < $1.key }) where key.hasPrefix(prefix) {
            read(text, of: key, kind: key.dropFirst(prefix.count).prefix { $0 != " " }, now: now, into: &pages)
        }
        return pages
    }

    private func read(_ text: String, of key: String, kind: Substring, now: Timestamp, into pages: inout Pages) {
        let data = Data(text.utf8)
        let window = limits.longestWindow
        switch kind {
        case "begun": pages.isLost = false
        case "order":
            let entry = try? JSONDecoder().decode(OrderRecord.self, from: data)
            if let entry, now < entry.placed + window, entry.placed <= now + window {
                pages.entries.append((key, entry))
            } else {
                pages.outdated.append(key)
            }
        default:
            let hold = try? JSONDecoder().decode(RateLimitHold.self, from: data)
            if let hold, hold.until > now, hold.until <= now + RateLimitHold.longest {
                pages.holds.append(hold)
            } else {
                pages.outdated.append(key)
            }
        }
    }

    /// No URL has a space in it.
    private func key(_ rest: String) -> String { "\(server) \(rest)" }

    private func key(of entry: OrderRecord) -> String { key("order \(entry.placed.nanoseconds) \(entry.lineage)") }

    private func text(of value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private func commit(_ changes: [String: String?]) throws(RateLimitStoreError) {
        do throws(StateError) {
            try state.commit(changes, in: Self.room)
        } catch {
            throw RateLimitStoreError("the state store cannot be written: \(error)")
        }
    }
}

/// Why nothing is ordered; one line.
struct RateLimitStoreError: Error, Hashable {
    let reason: String

    init(_ reason: String) {
        self.reason = sanitized(reason)
    }
}
