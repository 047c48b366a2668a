import Log
import Model
package import Ports

/// What is wrong with certbot's links in `live`: told long before a certificate is due, and mended where that is safe.
extension CertificateStage {
    private var repair: LinkRepair {
        LinkRepair(directory: settings.configDirectory, files: issuer.context.ports.files)
    }

    /// Refuses an order that certbot would store elsewhere.
    func checkStorage(_ step: CertificateStep, _ onDisk: [String: LineageOnDisk]?) -> CertificateStep {
        guard step.isOrder, onDisk?[step.lineage]?.certificate != nil else { return step }
        if let links = store.links(of: step.lineage), links.hasPlainFiles, repair.generation(of: links) == nil {
            return step.with(.refuse(links.unrestorableText))
        }
        return renewalCheck.reason(against: step.lineage).map { step.with(.refuse($0)) } ?? step
    }

    /// A sentence for each lineage of these steps whose links are not as certbot needs them, unless a step says it.
    func linkWarnings(_ steps: [CertificateStep]) -> [String: String] {
        Set(steps.compactMap(\.usedLineage)).reduce(into: [:]) { warnings, lineage in
            guard let text = store.links(of: lineage).flatMap(repair.warning) else { return }
            if !steps.contains(where: { $0.action == .refuse(text) }) { warnings[lineage] = text }
        }
    }

    private func readLinks(of lineage: String) -> LineageLinks? {
        _ = store.read(lineage)
        return store.links(of: lineage)
    }

    /// Makes links of plain files again, where a generation has the same content. Returns the warnings that are left.
    func restoreLinks(_ warnings: [String: String]) -> [String: String] {
        let (files, lock) = (issuer.context.ports.files, issuer.context.directories.lock)
        var restorable: [(links: LineageLinks, generation: Int)] = []
        for links in warnings.keys.sorted().compactMap(readLinks) where links.hasPlainFiles {
            if let generation = repair.generation(of: links) { restorable.append((links, generation)) }
        }
        guard !restorable.isEmpty, (try? files.lock(lock, for: .run)) == true else { return warnings }
        defer { files.unlock(lock, for: .run) }
        var left = warnings
        for (links, generation) in restorable {
            do throws(FileError) {
                try repair.link(links, to: generation)
                left[links.lineage] = nil
                issuer.log.info("made links of plain files again", [.certificate: .string(links.lineage)])
            } catch {
                left[links.lineage] = "\(links.restorableText): \(error)"
            }
        }
        return left
    }
}

/// The faults of certbot's folder, for `landfall check`.
package enum CertificateFolder {
    /// A sentence for each lineage whose links are not as certbot needs them.
    package static func faults(in directory: String, files: any Files, clock: any Clock) -> [String] {
        let store = CertificateStore(directory: directory, files: files, clock: clock)
        let repair = LinkRepair(directory: directory, files: files)
        return (store.read().value ?? [:]).keys.sorted().compactMap { store.links(of: $0).flatMap(repair.warning) }
    }
}

extension LinkRepair {
    /// What a person should know of the links; a sentence, or nil.
    fileprivate func warning(about links: LineageLinks) -> String? {
        if links.hasPlainFiles {
            return generation(of: links) == nil ? links.unrestorableText : links.restorableText
        }
        return links.unusedNewest.map(links.unusedText)
    }
}
