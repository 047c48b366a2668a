package import State

/// The state store that Landfall 0.1.0 wrote, from `Fixtures/state/0.1.0.sql`: every namespace, and every form of a value.
package enum OldState {
    package static func sql() throws -> String { try FixtureFile("state/0.1.0.sql").text() }

    /// Namespace → key → text, as 0.1.0 wrote it.
    package static func snapshot() throws -> [String: [String: String]] {
        let rows = try sql().split(separator: "INSERT INTO fact VALUES ('").dropFirst()
        return rows.reduce(into: [:]) { snapshot, row in
            let fields = row.split(separator: "');\n")[0].split(separator: "', '", maxSplits: 2).map {
                $0.split(separator: "''", omittingEmptySubsequences: false).joined(separator: "'")
            }
            // `''` at the end of a row is an empty text.
            snapshot[fields[0], default: [:]][fields[1]] = fields.count > 2 ? fields[2] : ""
        }
    }

    /// A store in memory that was migrated from it.
    package static func migrated() throws -> StateStore { try StateStore.inMemory(snapshot(), version: 0) }
}
