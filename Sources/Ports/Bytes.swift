import FoundationEssentials

/// Bytes as JSON holds them: text where they are UTF-8, base64 otherwise, or the number of a blob that is stored elsewhere.
@propertyWrapper
package struct Bytes: Hashable, Sendable {
    package var wrappedValue: [UInt8]

    package init(wrappedValue: [UInt8]) { self.wrappedValue = wrappedValue }

    package init(_ bytes: [UInt8]) { wrappedValue = bytes }
}

/// Stores the bytes that an encoder or a decoder meets. It is passed in their `userInfo`.
package protocol BlobStore: Sendable {
    /// What to write in the place of bytes.
    func stored(_ bytes: [UInt8]) -> StoredBytes
    func bytes(ofBlob number: Int) -> [UInt8]?
}

package enum StoredBytes: Hashable, Sendable {
    case inline([UInt8])
    case blob(Int)
}

extension [CodingUserInfoKey: any Sendable] {
    /// The `userInfo` of an encoder or decoder that uses a store for `Bytes`.
    package init(blobs: any BlobStore) {
        self = [:]
        if let key = blobsKey { self[key] = blobs }
    }
}

extension [CodingUserInfoKey: Any] {
    fileprivate var blobs: (any BlobStore)? { blobsKey.flatMap { self[$0] as? any BlobStore } }
}

private let blobsKey = CodingUserInfoKey(rawValue: "blobs")

extension Bytes: Codable {
    private enum CodingKeys: CodingKey { case text, base64, blob }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let number = try container.decodeIfPresent(Int.self, forKey: .blob) {
            wrappedValue = decoder.userInfo.blobs?.bytes(ofBlob: number) ?? []
        } else if let text = try container.decodeIfPresent(String.self, forKey: .text) {
            wrappedValue = Array(text.utf8)
        } else {
            wrappedValue = [UInt8](try container.decode(Data.self, forKey: .base64))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch encoder.userInfo.blobs?.stored(wrappedValue) ?? .inline(wrappedValue) {
        case .blob(let number): try container.encode(number, forKey: .blob)
        case .inline(let bytes):
            if let text = String(validating: bytes, as: UTF8.self) {
                try container.encode(text, forKey: .text)
            } else {
                try container.encode(Data(bytes), forKey: .base64)
            }
        }
    }
}
