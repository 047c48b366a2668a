import Ports
/// Where the bytes of one exchange go. All calls come from the loop's thread.
protocol ResponseBody: AnyObject {
    /// The final status and headers are known.
    func begin(status: Int, headers: [String: String])
    /// False ends the transfer.
    func append(_ bytes: UnsafeRawBufferPointer) -> Bool
    /// Called exactly once, whatever happened; nil is a complete body.
    func finish(_ error: TransportError?)
    /// Whether the exchange's time limit ends with its headers.
    var isOpenEnded: Bool { get }
}

/// Collects a body up to a limit and answers once.
final class WholeBody: ResponseBody {
    private let limit: Int
    private let isCut: Bool
    private let completion: (Result<HTTPResponse, TransportError>) -> Void
    private var head: (status: Int, headers: [String: String])?
    private var body: [UInt8] = []
    private var isTooLarge = false

    let isOpenEnded = false

    /// - Parameter isCut: whether what is longer than the limit is dropped.
    init(limit: Int, isCut: Bool, completion: @escaping (Result<HTTPResponse, TransportError>) -> Void) {
        (self.limit, self.isCut, self.completion) = (limit, isCut, completion)
    }

    func begin(status: Int, headers: [String: String]) { head = (status, headers) }

    func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard isCut || bytes.count <= limit - body.count else {
            isTooLarge = true
            return false
        }
        unsafe body.append(contentsOf: bytes.prefix(limit - body.count))
        return true
    }

    func finish(_ error: TransportError?) {
        if isTooLarge {
            completion(.failure(.tooLarge(limit: limit)))
        } else if let error {
            completion(.failure(error))
        } else if let head {
            completion(.success(HTTPResponse(status: head.status, headers: head.headers, body: body)))
        } else {
            completion(.failure(.broken("the answer has no status")))
        }
    }
}

/// Passes chunks to an asynchronous reader. If the reader falls `backlog` chunks behind, the stream ends with an error:
/// memory stays bounded, and no single chunk is lost.
final class StreamedBody: ResponseBody {
    private static let backlog = 1024

    private let onHead: (Result<HTTPStream, TransportError>) -> Void
    private let onDropped: @Sendable () -> Void
    private var continuation: AsyncThrowingStream<[UInt8], any Error>.Continuation?
    private var isTooSlow = false

    var isOpenEnded: Bool { true }

    init(onHead: @escaping (Result<HTTPStream, TransportError>) -> Void, onDropped: @escaping @Sendable () -> Void) {
        (self.onHead, self.onDropped) = (onHead, onDropped)
    }

    func begin(status: Int, headers: [String: String]) {
        let (chunks, continuation) = AsyncThrowingStream.makeStream(
            of: [UInt8].self,
            bufferingPolicy: .bufferingOldest(Self.backlog)
        )
        continuation.onTermination = { [onDropped] termination in
            if case .cancelled = termination { onDropped() }
        }
        self.continuation = continuation
        onHead(.success(HTTPStream(status: status, headers: headers, chunks: chunks)))
    }

    func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        switch unsafe continuation?.yield([UInt8](bytes)) {
        case .enqueued: return true
        case .dropped: isTooSlow = true
        default: break
        }
        return false
    }

    func finish(_ error: TransportError?) {
        guard let continuation else {
            onHead(.failure(error ?? .broken("the answer has no status")))
            return
        }
        if isTooSlow {
            continuation.finish(throwing: TransportError.broken("the reader fell behind"))
        } else if let error {
            continuation.finish(throwing: error)
        } else {
            continuation.finish()
        }
    }
}
