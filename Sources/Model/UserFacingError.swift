/// An error whose text is a sentence for the person who started Landfall.
package struct UserFacingError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// Runs `body` and turns its error into a user-facing one.
package func userFacing<Value, Failure: Error & CustomStringConvertible>(
    _ body: () throws(Failure) -> Value
) throws(UserFacingError) -> Value {
    do throws(Failure) { return try body() } catch { throw UserFacingError(error.description) }
}
