import Model
import Notices
import Report

extension CertificateReport {
    private static let day: Int64 = 86_400

    /// That a certificate runs out, which renewing it in time would have kept it from; said anew every day.
    ///
    /// It is due at a third of its lifetime (a half for short-lived ones), so with a quarter left several tries have failed.
    func alarm(at now: Timestamp) -> Condition? {
        guard let notBefore, let notAfter, !outcome.isChange, !hosts.isEmpty else { return nil }
        let lifetime = notAfter.seconds - notBefore.seconds
        let left = notAfter.seconds - now.seconds
        guard lifetime > 0, left < lifetime / 4 else { return nil }
        let subject = named(hosts.map(\.text))
        return Condition(
            key: "expiry/\(lineage)",
            // Another one every day, at the hour at which it runs out.
            value: "\(left >= 0 ? left / Self.day : (left + 1) / Self.day - 1) days",
            line: "\(subject): the certificate \(Self.words(left, notAfter)), and could not be renewed",
            level: .error,
            isProblem: true,
            recovery: "\(subject): the certificate no longer runs out",
            hosts: hosts
        )
    }

    private static func words(_ left: Int64, _ notAfter: Timestamp) -> String {
        let days = abs(left) / day
        let time = days == 0 ? "less than a day" : days == 1 ? "1 day" : "\(days) days"
        return left > 0 ? "runs out in \(time), on \(notAfter.day)" : "ran out on \(notAfter.day)"
    }
}
