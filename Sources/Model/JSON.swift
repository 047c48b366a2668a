import FoundationEssentials

/// A value as JSON in one form: sorted keys, so that equal values have equal texts and a replay finds a request by its body.
package func encodeJSON(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return [UInt8](try encoder.encode(value))
}

/// Decodes JSON, wherever it comes from.
///
/// - Throws: also where `isExact` and the text would have to be changed for it, as a value that is sent back must not be.
package func decodeJSON<Value: Decodable>(
    _ type: Value.Type = Value.self,
    from bytes: [UInt8],
    userInfo: [CodingUserInfoKey: any Sendable] = [:],
    isExact: Bool = false
) throws -> Value {
    let decoder = JSONDecoder()
    decoder.userInfo = userInfo
    let json = OutsideJSON(bytes).bytes
    guard !isExact || json.count == bytes.count else {
        throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "combining marks in excess"))
    }
    return try decoder.decode(type, from: Data(json))
}
