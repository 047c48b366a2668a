import CPSL

extension DomainName {
    /// The domain that somebody registered, by the public suffix list (https://publicsuffix.org): `example.co.uk` of
    /// `*.www.example.co.uk`. Nil of a public suffix itself.
    public var registrableDomain: DomainName? {
        let domain = unsafe withoutWildcard.text.withCString { text in
            // It points into `text`.
            unsafe landfall_psl_registrable_domain(text).map { unsafe String(cString: $0) }
        }
        return domain.flatMap { try? DomainName($0) }
    }
}
