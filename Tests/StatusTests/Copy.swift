import FoundationEssentials

/// The value as it comes out of its JSON.
func copy<Value: Codable>(of value: Value) throws -> Value {
    try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
}
