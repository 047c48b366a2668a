import CSQLite
package import Model

extension StateStore {
    /// One namespace of the state store, whose values are all of one type; they are kept as JSON.
    ///
    /// An `XStore` is a thin type over one or two of these. A value that cannot be decoded counts as missing, and the next
    /// `save` replaces it: one damaged entry must not stop everything else.
    package struct Namespace<Value: Codable & Sendable>: Sendable {
        package let name: String
        private let store: StateStore

        package init(_ name: String, in store: StateStore) { (self.name, self.store) = (name, store) }

        package func load(_ key: String) throws(StateError) -> Value? {
            try store.text(of: key, in: name).flatMap(StateCoding.value)
        }

        package func all() throws(StateError) -> [String: Value] {
            try store.texts(in: name).compactMapValues(StateCoding.value)
        }

        /// All values; none when the store cannot be read. For what costs only repeated work when it is lost.
        package func allIfReadable() -> [String: Value] { (try? all()) ?? [:] }

        /// All values; unavailable when the store cannot be read.
        package func observation() -> Observation<[String: Value]> {
            do throws(StateError) {
                return .known(try all())
            } catch {
                return .unavailable(reason: "the state store cannot be read: \(error)")
            }
        }

        package func save(_ value: Value, for key: String) throws(StateError) { try commit([key: value]) }

        package func remove(_ key: String) throws(StateError) { try commit([key: nil]) }

        /// Writes all `changes` or none; a nil value removes the entry.
        package func commit(_ changes: [String: Value?]) throws(StateError) {
            var all = Changes()
            all.add(changes, in: self)
            try store.commit(all)
        }
    }

    /// Changes to several namespaces that are written together or not at all.
    package struct Changes: Sendable {
        fileprivate var texts: Texts = [:]
        fileprivate var error: StateError?

        package init() {}

        package mutating func save<Value>(_ value: Value, for key: String, in namespace: Namespace<Value>) {
            add([key: value], in: namespace)
        }

        package mutating func remove<Value>(_ key: String, in namespace: Namespace<Value>) {
            add([key: nil], in: namespace)
        }

        /// A nil value removes the entry.
        package mutating func add<Value>(_ changes: [String: Value?], in namespace: Namespace<Value>) {
            for (key, value) in changes {
                do {
                    let text = try value.map(StateCoding.text)
                    texts[namespace.name, default: [:]].updateValue(text, forKey: key)
                } catch {
                    self.error = StateError(code: SQLITE_MISMATCH, description: "\(namespace.name) \(key): \(error)")
                }
            }
        }
    }

    /// Writes all `changes` or none.
    package func commit(_ changes: Changes) throws(StateError) {
        if let error = changes.error { throw error }
        try commit(changes.texts)
    }
}

/// The one form in which values are kept: JSON with sorted keys, so that equal values have equal texts.
enum StateCoding {
    static func text(_ value: some Encodable) throws -> String {
        String(decoding: try encodeJSON(value), as: UTF8.self)
    }

    static func value<Value: Decodable>(_ text: String) -> Value? {
        try? decodeJSON(from: Array(text.utf8))
    }
}
